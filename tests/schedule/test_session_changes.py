"""Moves, cancellations and attendance: what was said stays, and what cannot be is refused."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.audit.models import AuditEvent
from portal.db import db
from portal.fields import Refused
from portal.schedule import sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.models import Attendance, Session, SessionChange


@pytest.fixture(autouse=True)
def context(app):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def row(timetable, cast, name: str) -> staff_meetings.StaffMeeting:
    return staff_meetings.called(cast.cho, getattr(timetable, name))


def stored(key: str) -> Session:
    db.session.expire_all()
    return db.session.scalar(select(Session).where(Session.key == key))


def audited() -> list[str]:
    db.session.commit()
    return list(db.session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)))


def test_a_move_keeps_the_session_and_tells_what_was(timetable, cast):
    before = row(timetable, cast, "wednesday")
    sessions.move(cast.kit, before, datetime(2026, 3, 14, 9), " The room floods. ", clock.now())
    after = stored(timetable.wednesday)
    assert (after.status, after.wall_at, after.local_day) == ("planned", datetime(2026, 3, 14, 9), date(2026, 3, 14))
    assert after.starts_at == datetime(2026, 3, 14, 13, tzinfo=UTC)
    assert after.occurrence == datetime(2026, 3, 11, 13)
    change = db.session.scalars(select(SessionChange).where(SessionChange.session_id == after.id)).one()
    assert (change.kind, change.old_at, change.new_at) == ("moved", before.time.start, after.starts_at)
    assert (change.reason, change.by_id, change.at) == ("The room floods.", cast.kit.id, clock.now())
    assert audited()[-1] == "session.move"


def test_a_second_move_is_a_second_row(timetable, cast):
    sessions.move(cast.cho, row(timetable, cast, "family"), datetime(2026, 3, 13, 9), "Again.", clock.now())
    moves = db.session.scalars(select(SessionChange).join(Session).where(Session.key == timetable.family)).all()
    assert [move.reason for move in moves] == ["Jo works late on Tuesday.", "Again."]
    assert moves[1].old_at == moves[0].new_at


def test_a_moved_session_can_be_held(timetable, cast, at):
    at("2026-03-12T18:00")
    assert roster.take_attendance(row(timetable, cast, "family"), cast.ada, "present", None, cast.cho, clock.now())
    assert stored(timetable.family).status == "held"


def test_a_move_into_the_skipped_hour_is_refused_by_its_date(timetable, cast):
    with pytest.raises(Refused, match="March 14, 2027"):
        sessions.move(cast.cho, row(timetable, cast, "wednesday"), datetime(2027, 3, 14, 2, 30), "x", clock.now())


def test_a_move_to_the_same_time_is_refused(timetable, cast):
    with pytest.raises(ValueError, match="already at this time"):
        sessions.move(cast.cho, row(timetable, cast, "wednesday"), datetime(2026, 3, 11, 13), "x", clock.now())


@pytest.mark.asvs("2.3.1")
@pytest.mark.parametrize("name", ["monday", "friday"])
def test_what_was_held_or_cancelled_cannot_be_moved_or_cancelled(timetable, cast, name):
    with pytest.raises(ValueError, match="in the meantime"):
        sessions.move(cast.cho, row(timetable, cast, name), datetime(2026, 3, 20, 9), "x", clock.now())
    with pytest.raises(ValueError, match="in the meantime"):
        sessions.cancel(cast.cho, row(timetable, cast, name), "x", clock.now())


@pytest.mark.asvs("2.3.4", "15.4.2")
def test_a_move_of_what_someone_else_just_moved_is_refused(timetable, cast):
    seen = row(timetable, cast, "wednesday")
    sessions.move(cast.cho, seen, datetime(2026, 3, 14, 9), "First.", clock.now())
    with pytest.raises(ValueError, match="in the meantime"):
        sessions.move(cast.kit, seen, datetime(2026, 3, 15, 9), "Second.", clock.now())


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_says_why(timetable, cast, reason):
    with pytest.raises(ValueError, match="Say why"):
        sessions.cancel(cast.cho, row(timetable, cast, "wednesday"), reason, clock.now())
    assert stored(timetable.wednesday).status == "planned"


def test_a_cancellation_keeps_when_the_session_would_have_been(timetable, cast):
    friday = stored(timetable.friday)
    change = db.session.scalars(select(SessionChange).where(SessionChange.session_id == friday.id)).one()
    assert (friday.status, friday.wall_at) == ("cancelled", datetime(2026, 3, 13, 13))
    assert (change.kind, change.old_at, change.new_at) == ("cancelled", friday.starts_at, None)
    assert "session.cancel" in audited()


def test_taking_attendance_holds_the_session(timetable, cast, at):
    at("2026-03-11T13:05")
    assert roster.take_attendance(row(timetable, cast, "wednesday"), cast.ada, "late", 175, cast.cho, clock.now())
    assert stored(timetable.wednesday).status == "held"
    assert audited()[-1] == "attendance.take"


def test_a_correction_is_a_new_version_and_the_old_one_stays(timetable, cast):
    monday = row(timetable, cast, "monday")
    assert roster.take_attendance(monday, cast.ada, "late", 100, cast.kit, clock.now())
    versions = db.session.execute(
        select(Attendance.version, Attendance.status, Attendance.minutes, Attendance.by_id).order_by(Attendance.version)
    ).all()
    assert [tuple(version) for version in versions] == [
        (1, "present", None, cast.cho.id),
        (2, "late", 100, cast.kit.id),
    ]
    assert audited()[-1] == "attendance.correct"


def test_saying_the_same_again_adds_nothing(timetable, cast):
    monday = row(timetable, cast, "monday")
    before = len(audited())
    assert not roster.take_attendance(monday, cast.ada, "present", None, cast.kit, clock.now())
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 1
    assert len(audited()) == before


@pytest.mark.asvs("2.3.1")
@pytest.mark.parametrize("name", ["friday", "wednesday"])
def test_attendance_of_a_cancelled_or_future_session_is_refused(timetable, cast, name, at):
    at("2026-03-11T12:59" if name == "wednesday" else "2026-03-13T14:00")
    with pytest.raises(ValueError, match="once a session has begun"):
        roster.take_attendance(row(timetable, cast, name), cast.ada, "present", None, cast.cho, clock.now())
    assert stored(getattr(timetable, name)).status != "held"


@pytest.mark.asvs("2.2.3")
@pytest.mark.parametrize(
    ("status", "minutes"),
    [
        ("late", None),
        ("left_early", None),
        ("present", 100),
        ("missed", 0),
        ("asleep", None),
        ("late", -1),
        ("late", 181),
    ],
)
def test_minutes_that_cannot_be_are_refused(timetable, cast, status, minutes):
    with pytest.raises(ValueError):
        roster.take_attendance(row(timetable, cast, "monday"), cast.ben, status, minutes, cast.cho, clock.now())
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 1
