"""Tracks: opened, changed from a day on and ended, while each session stays the same session."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal import clock, program
from portal.db import db
from portal.fields import Refused
from portal.schedule import sessions, staff_meetings
from portal.schedule.groups import enrollment, recurrence, tracks
from portal.schedule.groups.tracks import Topic, TrackPlan
from portal.schedule.models import Attendance, Seat, Session, SessionChange, Track
from tests.schedule.timetable import ZONE

TODAY = date(2026, 3, 11)  # a Wednesday, at 10:52
EVENING = datetime(2026, 3, 12, 18)


@pytest.fixture(autouse=True)
def context(app):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def plan(cast, **other) -> TrackPlan:
    return TrackPlan(
        **{
            "title": "Evening group",
            "facilitator_id": cast.cho.id,
            "first_at": EVENING,
            "zone": ZONE,
            "minutes": 180,
            "rule": "FREQ=WEEKLY;BYDAY=MO,TU,TH;COUNT=9",
        }
        | other
    )


def opened(cast, **other) -> Track:
    track, _ = tracks.open_track(cast.kit, plan(cast, **other), program.current(), clock.now())
    return track


def changed(cast, track: Track, reason: str = "The room is taken.", **other) -> tracks.TrackOutcome:
    said = replace(tracks.plan_of(track), **other)
    return tracks.change_track(cast.kit, track, said, reason, program.current(), clock.now())


def sessions_of(track: Track) -> list[Session]:
    db.session.expire_all()
    return list(db.session.scalars(select(Session).where(Session.track_id == track.id).order_by(Session.starts_at)))


def walls(track: Track, status: str = "planned") -> list[str]:
    return [f"{s.wall_at:%m-%d %H:%M}" for s in sessions_of(track) if s.status == status]


def told(track: Track) -> list[tuple[str, str]]:
    rows = select(SessionChange.kind, Session.wall_at).join(Session).where(Session.track_id == track.id)
    return [(kind, f"{wall:%m-%d}") for kind, wall in db.session.execute(rows.order_by(SessionChange.id))]


def test_a_track_makes_its_sessions_but_on_days_skipped_and_holidays(cast):
    db.session.execute(db.update(program.models.Program).values(holidays=["2026-03-17"]))
    track = opened(cast, skips=(date(2026, 3, 19),))
    assert walls(track) == [f"03-{day} 18:00" for day in ("12", "16", "23", "24", "26", "30", "31")]


def test_a_track_that_keeps_open_on_holidays_meets_on_them(cast):
    db.session.execute(db.update(program.models.Program).values(holidays=["2026-03-17"]))
    assert "03-17 18:00" in walls(opened(cast, skips_holidays=False))


def test_a_rule_that_makes_no_session_is_refused(cast):
    with pytest.raises(ValueError, match="makes no session"):
        opened(cast, rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260313")


def test_only_a_coordinator_opens_changes_and_ends_a_track(cast):
    track, now = opened(cast), clock.now()
    for other in (cast.cho, cast.ada):
        with pytest.raises(NotFound):
            tracks.open_track(other, plan(cast), program.current(), now)
        with pytest.raises(NotFound):
            tracks.change_track(other, track, plan(cast), "x", program.current(), now)
        with pytest.raises(NotFound):
            tracks.end_track(other, track, TODAY, "x", now)
        with pytest.raises(NotFound):
            tracks.track_for(other, track.key)


def test_another_time_moves_every_session_still_to_come_and_each_stays_the_same(cast, at):
    track = opened(cast)
    before = {s.key: s.wall_at for s in sessions_of(track)}
    at("2026-03-17T09:00")
    outcome = changed(cast, track, first_at=datetime.combine(EVENING, time(18, 30)))
    assert (outcome.moved, outcome.cancelled, outcome.added) == (7, 0, 0)
    after = {s.key: s.wall_at for s in sessions_of(track)}
    assert after.keys() == before.keys()
    past = [key for key, wall in before.items() if wall < datetime(2026, 3, 17)]
    assert [after[key] for key in past] == [before[key] for key in past]
    assert all(after[key] == before[key] + timedelta(minutes=30) for key in before if key not in past)


def test_this_and_following_leaves_what_comes_before(cast):
    track = opened(cast, rule="FREQ=WEEKLY;BYDAY=MO,TU,TH;UNTIL=20260331")
    changed(cast, track, first_at=datetime(2026, 3, 24, 17))
    assert walls(track)[:5] == ["03-12 18:00", "03-16 18:00", "03-17 18:00", "03-19 18:00", "03-23 18:00"]
    assert walls(track)[5:] == ["03-24 17:00", "03-26 17:00", "03-30 17:00", "03-31 17:00"]
    assert {kind for kind, _ in told(track)} == {"moved"}


def test_a_day_that_the_rule_leaves_is_cancelled_and_a_new_one_added(cast):
    track = opened(cast)
    outcome = changed(cast, track, rule="FREQ=WEEKLY;BYDAY=MO,WE,TH;COUNT=9")
    assert (outcome.cancelled, outcome.moved, outcome.added) == (3, 0, 3)
    assert walls(track, "cancelled") == ["03-17 18:00", "03-24 18:00", "03-31 18:00"]
    assert "03-18 18:00" in walls(track)
    assert set(told(track)) == {("cancelled", "03-17"), ("cancelled", "03-24"), ("cancelled", "03-31")}


def test_what_has_a_seat_attendance_or_a_note_stays_as_it_is_and_is_told(cast):
    track = opened(cast)
    first, second, third, *_ = sessions_of(track)
    now = clock.now()
    db.session.add(Seat(session_id=first.id, participant_id=cast.cleo.id))
    db.session.add(
        Attendance(session_id=second.id, participant_id=cast.ada.id, status="present", by_id=cast.cho.id, at=now)
    )
    third.note = "Use the side door."
    db.session.flush()
    outcome = changed(cast, track, first_at=datetime.combine(EVENING, time(17)), rule="FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6")
    kept = ["03-12 18:00", "03-16 18:00", "03-17 18:00"]
    assert [f"{wall:%m-%d %H:%M}" for wall, _ in outcome.kept] == kept
    assert [wall for wall in walls(track) if wall in kept] == kept
    assert recurrence.materialize(track, TODAY) == 0  # none of them is made a second time


def test_what_was_moved_by_hand_keeps_its_own_time_and_follows_in_all_else(cast):
    track = opened(cast)
    session = sessions_of(track)[2]
    row = next(r for r in _rows(cast) if r.key == session.key)
    sessions.move(cast.kit, row, datetime(2026, 3, 18, 9), "Once.", clock.now())
    changed(cast, track, first_at=datetime.combine(EVENING, time(19)), room="Room 9")
    assert (session.wall_at, session.room) == (datetime(2026, 3, 18, 9), "Room 9")
    assert recurrence.materialize(track, TODAY) == 0


def test_what_was_cancelled_by_hand_stays_cancelled(cast):
    track = opened(cast)
    session = sessions_of(track)[2]
    sessions.cancel(cast.kit, next(r for r in _rows(cast) if r.key == session.key), "Away.", clock.now())
    changed(cast, track, first_at=datetime.combine(EVENING, time(19)))
    assert session.status == "cancelled"
    assert recurrence.materialize(track, TODAY) == 0


def _rows(cast):

    return staff_meetings.of_program(cast.kit, clock.now(), clock.now() + timedelta(days=60))


def test_another_leader_place_and_length_are_told_in_words(cast):
    track = opened(cast, room="Room 1")
    changed(cast, track, facilitator_id=cast.dee.id, room="Room 2", minutes=120)
    first = sessions_of(track)[0]
    rows = db.session.scalars(select(SessionChange).where(SessionChange.session_id == first.id)).all()
    assert {(row.kind, row.was, row.becomes) for row in rows} == {
        ("led", "Dr Cho", "Dr Dee"),
        ("placed", "Room 1", "Room 2"),
        ("lasts", "180 minutes", "120 minutes"),
    }
    assert len({row.key for row in db.session.scalars(select(SessionChange))}) == 1


def test_a_change_that_people_must_be_told_of_wants_a_reason_and_one_they_need_not_know_does_not(cast):
    track = opened(cast)
    changed(cast, track, reason="", bring="A pen")
    assert {s.bring for s in sessions_of(track)} == {"A pen"}
    with pytest.raises(ValueError, match="Say why"):
        changed(cast, track, reason=" ", minutes=60)


def test_the_calendar_hears_of_every_change(cast):
    track = opened(cast)
    before = {s.key: s.sequence for s in sessions_of(track)}
    changed(cast, track, minutes=60)
    assert all(s.sequence == before[s.key] + 1 for s in sessions_of(track))


def test_a_skipped_hour_refuses_the_change_and_nothing_has_changed(cast):
    track = opened(cast, rule="FREQ=WEEKLY;BYDAY=SU;COUNT=60", first_at=datetime(2026, 3, 15, 9))
    db.session.commit()
    before = walls(track)
    with pytest.raises(Refused, match="March 14, 2027"):
        changed(cast, track, first_at=datetime(2026, 3, 15, 2, 30))
    db.session.rollback()
    assert walls(track) == before


def test_a_doubled_hour_is_the_first_and_is_said(cast):
    at_night = {"first_at": datetime(2026, 10, 25, 1, 30), "rule": "FREQ=WEEKLY;BYDAY=SU;COUNT=3"}
    track, outcome = tracks.open_track(cast.kit, plan(cast, **at_night), program.current(), clock.now())
    assert outcome.doubled == [datetime(2026, 11, 1, 1, 30)]
    twice = next(s for s in sessions_of(track) if s.wall_at == datetime(2026, 11, 1, 1, 30))
    assert twice.starts_at.hour == 5  # 1:30 in daylight time; an hour later it is 6:30 UTC


def test_an_ended_track_keeps_its_last_day_and_cancels_what_comes_after(cast):
    track = opened(cast)
    assert tracks.end_track(cast.kit, track, date(2026, 3, 17), "The group is over.", clock.now()) == 6
    assert walls(track) == ["03-12 18:00", "03-16 18:00", "03-17 18:00"]
    assert recurrence.materialize(track, TODAY) == 0
    with pytest.raises(ValueError, match="Say why"):
        tracks.end_track(cast.kit, track, TODAY, "", clock.now())


def test_sessions_take_the_topics_in_turn_and_a_cancelled_one_leaves_its_own_to_the_next(cast):
    topics = (Topic("One", "waves"), Topic("Two"), Topic("Three"))
    track = opened(cast, topics=topics)
    assert [s.topic for s in sessions_of(track)][:5] == ["One", "Two", "Three", "One", "Two"]
    assert sessions_of(track)[0].material == "waves"
    second = next(r for r in _rows(cast) if r.key == sessions_of(track)[1].key)
    sessions.cancel(cast.kit, second, "Snow.", clock.now())
    tracks.give_topics(track, clock.now())
    assert [s.topic for s in sessions_of(track) if s.status == "planned"][:4] == ["One", "Two", "Three", "One"]


def test_topics_go_on_after_the_last_that_was_taken(cast, at):
    track = opened(cast, topics=(Topic("One"), Topic("Two"), Topic("Three")))
    at("2026-03-16T22:00")  # One and Two are over
    changed(cast, track, topics=(Topic("One"), Topic("Two"), Topic("Extra"), Topic("Three")))
    assert [s.topic for s in sessions_of(track)][:5] == ["One", "Two", "Extra", "Three", "One"]


def test_extending_adds_each_week_once(cast, at):
    track = opened(cast, rule="FREQ=WEEKLY;BYDAY=MO")
    many = len(sessions_of(track))
    assert tracks.extend(program.current(), clock.now()) == (0, [])
    at("2026-03-19T09:00")
    assert tracks.extend(program.current(), clock.now()) == (1, [])
    assert len(sessions_of(track)) == many + 1


def test_a_second_place_in_a_track_is_refused_and_one_after_the_first_is_not(cast):
    track, now = opened(cast), clock.now()
    enrollment.enroll(cast.kit, track, cast.ada, date(2026, 3, 12), date(2026, 3, 19), now)
    with pytest.raises(ValueError, match="already"):
        enrollment.enroll(cast.kit, track, cast.ada, date(2026, 3, 19), None, now)
    with pytest.raises(ValueError, match="before the first"):
        enrollment.enroll(cast.kit, track, cast.ben, date(2026, 3, 19), date(2026, 3, 18), now)
    enrollment.enroll(cast.kit, track, cast.ada, date(2026, 3, 20), None, now)
    enrollment.leave(cast.kit, track, cast.ada, date(2026, 3, 15))
    assert [(e.starts_on.day, e.ends_on.day) for e in enrollment.enrollments_of(track, clock.now())] == [(12, 15)]


def test_a_track_knows_on_how_many_days_it_is_too_full(cast):
    track, now = opened(cast, capacity=1), clock.now()
    enrollment.enroll(cast.kit, track, cast.ada, date(2026, 3, 1), None, now)
    assert enrollment.full_days(track, now) == 0
    enrollment.enroll(cast.kit, track, cast.ben, date(2026, 3, 17), date(2026, 3, 23), now)
    assert enrollment.full_days(track, now) == 3


def test_extending_skips_a_day_whose_hour_the_clocks_jump_over_and_says_so(cast, at):
    track = opened(cast, first_at=datetime(2026, 3, 15, 2, 30), rule="FREQ=WEEKLY;BYDAY=SU")
    at("2026-10-01T09:00")
    added, skipped = tracks.extend(program.current(), clock.now())
    assert added > 20
    assert skipped == ["Evening group: Sunday, March 14, 2027 has no 02:30 in America/New_York. That day is skipped."]
    assert track.skips == ["2027-03-14"]
    assert "03-21 02:30" in walls(track)
    assert tracks.extend(program.current(), clock.now()) == (0, [])
