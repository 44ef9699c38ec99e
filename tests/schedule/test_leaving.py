"""Somebody who was switched off or discharged: from that day they are in no roster, seat, count, report or notice."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, update

from portal import clock, program
from portal.caseload import brief
from portal.db import db
from portal.episodes.models import Episode
from portal.people.models import Account
from portal.schedule import clashes, on_reminders, own_meetings, session_changes, staff_meetings
from portal.schedule.attendance import report, roster
from portal.schedule.calendar import appointments
from portal.schedule.groups import enrollment, overview
from tests.schedule.attendance import crowd
from tests.schedule.timetable import at as session_at
from tests.schedule.timetable import session, track

LAST_DAY = date(2026, 3, 11)
TODAY_1_PM, FRIDAY_1_PM = "2026-03-11T13:00", "2026-03-13T13:00"


@pytest.fixture(autouse=True)
def context(app):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def switched_off(person) -> None:
    db.session.execute(update(Account).where(Account.id == person.id).values(disabled_at=clock.now()))


def discharged(person) -> None:
    theirs = Episode.participant_id == person.id
    db.session.execute(update(Episode).where(theirs).values(status="finished", ended_on=LAST_DAY))


def discharged_as_planned(person) -> None:
    theirs = Episode.participant_id == person.id
    db.session.execute(update(Episode).where(theirs).values(status="finished", planned_end=LAST_DAY))


def names(meeting) -> list[str]:
    return [row.name.split()[0] for row in roster.read_roster(meeting)]


@pytest.fixture
def group(cast):
    made = track(cast.cho, cast.ada, cast.ben, capacity=2)
    session("one_to_one", "2026-03-13T10:00", 50, cast.cho, cast.ada)
    return made


@pytest.mark.parametrize("leave", [switched_off, discharged, discharged_as_planned])
def test_who_has_left_is_nowhere_in_what_is_to_come(cast, group, leave):
    now, ada = clock.now(), cast.ada
    week = datetime(2026, 3, 12, tzinfo=now.tzinfo), datetime(2026, 3, 16, tzinfo=now.tzinfo)
    facts = program.current()
    friday = session_at(group, FRIDAY_1_PM, cast.cho)
    assert names(friday) == ["Ada", "Ben"] and friday.expected == 2
    leave(ada)
    friday = session_at(group, FRIDAY_1_PM, cast.cho)
    assert names(friday) == ["Ben"] and friday.expected == 1
    alone = next(one for one in staff_meetings.led_by(cast.cho, *week) if one.kind == "one_to_one")
    assert names(alone) == [] and alone.expected == 0
    assert not alone.is_to_take(alone.time.end)
    assert own_meetings.between(ada, *week) == [] and own_meetings.next_by_person([ada.id], week[0]) == {}
    assert [one for one in appointments.read_feed(ada, now) if one.time.start > week[0]] == []
    assert on_reminders.places_to_come(lambda who: who == ada.id, week[0], week[1]) == []
    assert not [clash for clash in clashes.clashes_of([friday.id, alone.id], now) if clash.kind == "person"]
    assert [one.participant_id for one in session_changes.unseen(now, [friday.id])] == []
    coming = brief.brief_of(cast.cho, friday, friday.time.start, facts)
    assert [line.person.name for line in coming.lines] == ["Ben Whitaker"]


@pytest.mark.parametrize("leave", [switched_off, discharged])
def test_what_was_stays(cast, group, leave):
    """Their last day still has them, and so has a session at which they were marked."""
    monday = session_at(group, "2026-03-09T13:00", cast.cho)
    roster.take_attendance(monday, cast.ada, "present", None, cast.cho, clock.now())
    leave(cast.ada)
    assert names(monday) == ["Ada", "Ben"]
    assert "Ada" in names(session_at(group, "2026-03-06T13:00", cast.cho))
    today = session_at(group, TODAY_1_PM, cast.cho)
    assert ("Ada" in names(today)) == (leave is discharged)


def test_a_seat_of_who_has_left_is_free(cast, group):
    from portal.schedule.places import sessions
    from portal.schedule.seats import capacity

    def free() -> int:
        tracks = capacity.tracks
        found = select(capacity.free()).select_from(sessions.join(tracks, tracks.c.id == sessions.c.track_id))
        friday = session_at(group, FRIDAY_1_PM, cast.cho)
        return db.session.scalar(found.where(sessions.c.id == friday.id), {"me": cast.cleo.id, "now": clock.now()})

    assert free() == 0
    discharged(cast.ada)
    assert free() == 1


@pytest.mark.parametrize("leave", [switched_off, discharged])
def test_a_track_counts_them_no_more_and_says_so_beside_their_name(cast, group, at, leave):
    leave(cast.ada)
    at("2026-03-12T10:00")
    enrolled = enrollment.enrollments_of(group, clock.now())
    assert [(one.name, one.has_left) for one in enrolled] == [("Ada Moreno", True), ("Ben Whitaker", False)]
    assert enrollment.places(enrolled, date(2026, 3, 12)) == 1
    assert [line.people for line in overview.track_lines(cast.kit, clock.now())] == [1]
    group.capacity = 1
    assert enrollment.full_days(group, clock.now()) == 0


def test_a_later_stay_brings_them_back_from_its_first_day(cast, group):
    discharged(cast.ada)
    account = db.session.get(Account, cast.ada.id)
    crowd.stay(account, starts_on=date(2026, 3, 16))
    assert names(session_at(group, FRIDAY_1_PM, cast.cho)) == ["Ben"]
    assert names(session_at(group, "2026-03-16T13:00", cast.cho)) == ["Ada", "Ben"]


def test_who_is_switched_on_again_is_back(cast, group):
    switched_off(cast.ada)
    db.session.execute(update(Account).where(Account.id == cast.ada.id).values(disabled_at=None))
    assert names(session_at(group, FRIDAY_1_PM, cast.cho)) == ["Ada", "Ben"]


def test_a_report_has_no_line_for_who_left_before_its_week(cast, group, at):
    at("2026-03-20T10:00")
    discharged(cast.ada)
    week = report.report_week(cast.kit, date(2026, 3, 16), program.current(), clock.now())
    assert [line.name for line in week.lines if line.name.startswith(("Ada", "Ben"))] == ["Ben Whitaker"]
