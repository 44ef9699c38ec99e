"""The timetable of the schedule's tests: a group with its people, and sessions for one."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.people import Person
from portal.schedule import sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.groups import recurrence
from portal.schedule.models import Seat, Session, Track, TrackEnrollment
from tests.furnished import Furnished

ZONE = "America/New_York"
BEGAN = date(2026, 2, 2)


def track(therapist: Person, *people: Person, **other) -> Track:
    """A skills group on Monday, Wednesday and Friday, 1 to 4 pm, with its sessions; needs an app context."""
    made = Track(
        **{
            "title": "Skills group",
            "facilitator_id": therapist.id,
            "room": "Room 204",
            "video_url": "https://video.example.org/skills",
            "bring": "Your workbook and some water",
            "first_at": datetime(2026, 2, 2, 13),
            "zone": ZONE,
            "minutes": 180,
            "rule": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        }
        | other
    )
    db.session.add(made)
    db.session.flush()
    db.session.add_all(TrackEnrollment(track_id=made.id, participant_id=p.id, starts_on=BEGAN) for p in people)
    recurrence.materialize(made, date(2026, 3, 11))
    db.session.flush()
    return made


def session(kind: str, wall_at: str, minutes: int, therapist: Person, *people: Person, **other) -> Session:
    """A session for those named, at a wall time of the clinic; needs an app context."""
    wall = datetime.fromisoformat(wall_at)
    made = Session(
        **{
            "kind": kind,
            "title": {"one_to_one": "One-to-one", "family": "Family session"}.get(kind, kind.capitalize()),
            "facilitator_id": therapist.id,
            "wall_at": wall,
            "zone": ZONE,
            "minutes": minutes,
            "starts_at": clock.at_wall(wall, ZONE),
            "local_day": wall.date(),
            "status": "planned",
        }
        | other
    )
    db.session.add(made)
    db.session.flush()
    db.session.add_all(Seat(session_id=made.id, participant_id=person.id) for person in people)
    db.session.flush()
    return made


def at(track: Track, wall_at: str, by: Person) -> staff_meetings.StaffMeeting:
    """The session of `track` that its rule put at `wall_at`."""
    key = db.session.scalar(
        select(Session.key).where(Session.track_id == track.id, Session.occurrence == datetime.fromisoformat(wall_at))
    )
    return staff_meetings.called(by, key)


def fill(cast: SimpleNamespace) -> SimpleNamespace:
    """The week of March 9, 2026: Ada and Ben in the group; sessions for one; a move and a cancellation.

    On Wednesday morning Ada has come on Monday. Her family session moved from Tuesday to Thursday, and
    Friday's group is cancelled. Cleo has a one-to-one with Dr Dee.
    """
    group = track(cast.cho, cast.ada, cast.ben)
    family = session("family", "2026-03-10T17:00", 60, cast.cho, cast.ada, video_url="https://video.example.org/f")
    alone = session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ada, room="Room 110")
    session("medication", "2026-03-12T11:00", 20, cast.oduya, cast.ada, title="Medicine check")
    session("one_to_one", "2026-03-12T11:00", 50, cast.cho, cast.ben, room="Room 110", title="Ben's hour")
    cleos = session("one_to_one", "2026-03-11T12:00", 50, cast.dee, cast.cleo, title="Cleo's hour")
    now = clock.now()
    monday = at(group, "2026-03-09T13:00", cast.cho)
    roster.take_attendance(monday, cast.ada, "present", None, cast.cho, now)
    moved = staff_meetings.called(cast.cho, family.key)
    sessions.move(cast.cho, moved, datetime(2026, 3, 12, 17, 30), "Jo works late on Tuesday.", now)
    friday = at(group, "2026-03-13T13:00", cast.cho)
    sessions.cancel(cast.cho, friday, "Dr Cho is away.", now)
    today = at(group, "2026-03-11T13:00", cast.cho)
    db.session.commit()
    return SimpleNamespace(
        track_id=group.id,
        monday=monday.key,
        wednesday=today.key,
        friday=friday.key,
        family=family.key,
        alone=alone.key,
        cleos=cleos.key,
    )


@pytest.fixture
def timetable(app: Flask, furnished: Furnished, cast: SimpleNamespace) -> SimpleNamespace:
    """`fill`, in the database of the test."""
    if held := furnished.held(app.config["DATABASE_URL"]).get("timetable"):
        return held
    with app.app_context():
        return fill(cast)
