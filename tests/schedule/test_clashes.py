"""What is in the way of a plan: the same leader, room or person somewhere else at that time."""

from datetime import datetime

import pytest

from portal import clock
from portal.db import db
from portal.schedule import clashes
from portal.schedule.models import Session
from portal.schedule.phrases import in_the_way
from tests.schedule.timetable import session, track


@pytest.fixture(autouse=True)
def context(app):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def found(made: Session) -> set[tuple[str, str, str]]:
    return {(c.kind, c.who, c.other.title) for c in clashes.clashes_of([made.id], clock.now())}


def test_the_same_leader_room_and_person_at_one_time_are_three_clashes(cast):
    track(cast.cho, cast.ada)
    made = session("one_to_one", "2026-03-16T15:30", 50, cast.cho, cast.ada, room=" room 204 ")
    assert found(made) == {
        ("facilitator", "Dr Cho", "Skills group"),
        ("room", " room 204 ", "Skills group"),
        ("person", "Ada Moreno", "Skills group"),
    }


def test_one_that_begins_when_the_other_ends_is_no_clash(cast):
    track(cast.cho, cast.ada)
    assert found(session("one_to_one", "2026-03-16T16:00", 50, cast.cho, cast.ada)) == set()
    assert found(session("one_to_one", "2026-03-16T12:10", 50, cast.cho, cast.ada)) == set()


def test_a_session_without_a_room_takes_none(cast):
    track(cast.cho, room="")
    assert found(session("one_to_one", "2026-03-16T14:00", 50, cast.dee, cast.cleo)) == set()


def test_what_is_cancelled_is_in_nobodys_way(cast):
    group = track(cast.cho, cast.ada)
    made = session("one_to_one", "2026-03-16T14:00", 50, cast.cho, cast.ada)
    db.session.execute(db.update(Session).where(Session.track_id == group.id).values(status="cancelled"))
    assert found(made) == set()


def test_a_long_session_begun_earlier_is_seen(cast):
    session("assessment", "2026-03-16T09:00", 720, cast.dee, cast.ben, title="A long day")
    made = session("one_to_one", "2026-03-16T20:30", 50, cast.dee, cast.cleo)
    assert found(made) == {("facilitator", "Dr Dee", "A long day")}


def test_a_clash_is_said_in_words(cast):
    track(cast.cho, cast.ada)
    made = session("one_to_one", "2026-03-16T15:30", 50, cast.cho)
    [clash] = clashes.clashes_of([made.id], clock.now())
    assert in_the_way([clash], clash.meeting.time.day) == [
        "Dr Cho leads Skills group at that time (Mon, Mar 16, 1:00 pm)."
    ]
    assert clash.meeting.time.local_start.replace(tzinfo=None) == datetime(2026, 3, 16, 15, 30)


def test_two_on_one_day_are_said_with_that_day(cast):
    made = session("assessment", "2026-03-16T09:00", 240, cast.cho)
    for start in ("2026-03-16T09:30", "2026-03-16T11:30"):
        session("one_to_one", start, 50, cast.cho, title="One-to-one")
    held = clashes.clashes_of([made.id], clock.now())
    assert in_the_way(held, made.local_day) == ["Dr Cho leads One-to-one: 2 times on Monday, March 16, 2026."]
