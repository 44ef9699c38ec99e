"""The demo clinic's schedule: three groups with their sessions, sessions for one, changes, and who came."""

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from portal import clock
from portal.db import db
from portal.demo import phrases
from portal.demo.cast import PARTS, ZONE, Clinic, Part, key, open_on
from portal.schedule.groups import recurrence
from portal.schedule.groups.tracks import Topic
from portal.schedule.models import Attendance, Seat, Session, SessionChange, Track, TrackEnrolment

WEEKS_BACK = 8
WEEKS_AHEAD = 3
TAKEN_AFTER = timedelta(minutes=30)  # after its end, a session's attendance has been taken
RECENT = timedelta(days=9)  # in which only those miss a session who are meant to

ONE_TO_ONE_AT = (time(13), time(14), time(8, 30))
FAMILY_AT, MEDICINE_AT, ASSESSMENT_AT = time(17), time(12, 40), time(11)
OFFICES = {"cho": "Room 3", "dee": "Room 5", "oduya": "Room 6", "vale": "Room 1", "haddad": ""}


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    discreet_title: str
    facilitator: str
    room: str
    bring: str
    starts: time
    minutes: int
    rule: str
    cover: str
    topics: tuple[Topic, ...]


GROUPS = {
    "morning": Group(
        title="Morning skills group",
        discreet_title="Morning appointment",
        facilitator="cho",
        room="Room 204",
        bring="Your workbook and some water",
        starts=time(9, 30),
        minutes=180,
        rule="FREQ=WEEKLY;BYDAY=MO,WE,FR",
        cover="dee",
        topics=(
            Topic("How thoughts, feelings and actions move each other", "the-loop"),
            Topic("Thinking traps", "shortcuts", "notice-and-weigh"),
            Topic("Being here for one thing", "one-thing", "slow-breath"),
            Topic("One problem, six steps", "sorting-it-out", "six-steps"),
        ),
    ),
    "evening": Group(
        title="Evening skills group",
        discreet_title="Evening appointment",
        facilitator="haddad",
        room="Room 112",
        bring="Your workbook; there is tea",
        starts=time(18),
        minutes=180,
        rule="FREQ=WEEKLY;BYDAY=MO,TU,TH",
        cover="cho",
        topics=(
            Topic("What sets it off", "people-and-places"),
            Topic("Riding out a craving", "waves", "the-wave"),
            Topic("One problem, six steps", "sorting-it-out", "six-steps"),
            Topic("Planning the weekend"),
        ),
    ),
    "ocd": Group(
        title="OCD and anxiety group",
        discreet_title="Afternoon appointment",
        facilitator="dee",
        room="Room 207",
        bring="Your ladder, and one step to try",
        starts=time(15),
        minutes=120,
        rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH",
        cover="oduya",
        topics=(
            Topic("False alarms", "false-alarms"),
            Topic("One step on the ladder", "step-by-step"),
            Topic("Practice together", "step-by-step", "slow-breath"),
            Topic("What the week was like"),
        ),
    ),
}


def fill(clinic: Clinic) -> None:
    """Add tracks, sessions, seats, changes and attendance, from eight weeks ago on.

    Groups are materialised as far ahead as the schedule does it, sessions for one three weeks.
    """
    groups = {name: _group(clinic, name) for name in GROUPS}
    alone = {part: sorted(_alone(clinic, part), key=lambda s: s.starts_at) for part in PARTS}
    ada = PARTS[0]
    if not _soon(clinic, groups[ada.track] + alone[ada]):
        tomorrow = clinic.today + timedelta(days=1)
        made_up = _session(clinic, ada, "one_to_one", "Make-up hour", "haddad", tomorrow, time(11), 50, video=True)
        alone[ada].append(made_up)
    db.session.add_all(session for sessions in alone.values() for session in sessions)
    db.session.flush()
    db.session.execute(
        insert(Seat),
        [
            {"session_id": session.id, "participant_id": clinic.id(part.sign_in)}
            for part, sessions in alone.items()
            for session in sessions
        ],
    )
    changes = [change for name, sessions in groups.items() for change in _changes(clinic, name, sessions)]
    if later := [s for s in alone[ada] if s.kind == "one_to_one" and s.starts_at > clinic.now + timedelta(hours=30)]:
        changes.append(_move(clinic, later[0], timedelta(minutes=150), phrases.ELSEWHERE, "cho"))
    db.session.execute(insert(SessionChange), changes)
    for session in [session for sessions in (*groups.values(), *alone.values()) for session in sessions]:
        if session.status == "planned" and _over(clinic, session):
            session.status = "held"
    db.session.flush()
    rows = [row for part in PARTS for row in _attendance(clinic, part, groups[part.track], alone[part])]
    db.session.execute(insert(Attendance), rows)


def _group(clinic: Clinic, name: str) -> list[Session]:
    """Add the track called `name`, its people, and its sessions, which are returned in order."""
    group = GROUPS[name]
    monday = clock.monday_of(clinic.today)
    first = datetime.combine(monday - timedelta(weeks=WEEKS_BACK), group.starts)
    agreed = {
        "title": group.title,
        "discreet_title": group.discreet_title,
        "facilitator_id": clinic.id(group.facilitator),
        "room": group.room,
        "video_url": _video(name),
        "bring": group.bring,
        "zone": ZONE,
        "minutes": group.minutes,
    }
    track = Track(
        key=key(clinic.rng("track", name)),
        first_at=first,
        rule=group.rule,
        cover_id=clinic.id(group.cover),
        topics=[asdict(topic) for topic in group.topics],
        **agreed,
    )
    db.session.add(track)
    db.session.flush()
    db.session.add_all(
        TrackEnrolment(
            track_id=track.id,
            participant_id=clinic.id(part.sign_in),
            starts_on=clinic.today - timedelta(days=part.started),
        )
        for part in PARTS
        if part.track == name
    )
    rng = clinic.rng("sessions", name)
    sessions = [
        Session(
            key=key(rng),
            kind="group",
            track_id=track.id,
            occurrence=wall,
            wall_at=wall,
            starts_at=instant,
            local_day=wall.date(),
            status="planned",
            topic=topic.title,
            material=topic.material,
            worksheet=topic.worksheet,
            changed_at=clinic.now - timedelta(weeks=WEEKS_BACK),
            **agreed,
        )
        for (wall, instant), topic in zip(
            recurrence.expand(first, group.rule, ZONE, clinic.today), itertools.cycle(group.topics), strict=False
        )
    ]
    db.session.add_all(sessions)
    db.session.flush()
    return sessions


def _video(room: str) -> str:
    return f"https://video.demo.example/{room}"


def _session(
    clinic: Clinic,
    part: Part,
    kind: str,
    title: str,
    facilitator: str,
    day: date,
    starts: time,
    minutes: int,
    *,
    video: bool = False,
) -> Session:
    """A session for one participant alone."""
    wall = datetime.combine(day, starts)
    return Session(
        key=key(clinic.rng("session", part.name, kind, wall)),
        kind=kind,
        title=title,
        discreet_title="Appointment",
        facilitator_id=clinic.id(facilitator),
        room="" if video else OFFICES[facilitator],
        video_url=_video(facilitator) if video else "",
        bring="",
        wall_at=wall,
        zone=ZONE,
        minutes=minutes,
        starts_at=clock.at_wall(wall, ZONE),
        local_day=day,
        status="planned",
        changed_at=clinic.now - timedelta(weeks=WEEKS_BACK),
    )


def _alone(clinic: Clinic, part: Part) -> Iterator[Session]:
    """One-to-ones every week, and for some a family session, a medicine check or an assessment."""
    number = PARTS.index(part)
    place = [p for p in PARTS if p.therapist == part.therapist].index(part)
    began = clinic.today - timedelta(days=part.started)
    week = clock.monday_of(clinic.today) + timedelta(days=4 - place % 5)
    for weeks in range(-WEEKS_BACK, WEEKS_AHEAD + 1):
        day = week + timedelta(weeks=weeks)
        if day >= began and open_on(day):
            starts, video = ONE_TO_ONE_AT[place // 5], place % 3 == 1
            yield _session(clinic, part, "one_to_one", "One-to-one", part.therapist, day, starts, 50, video=video)
    if number % 3 == 0:
        for day in (_workday(clinic.today, -6 - number // 3), _workday(clinic.today, 3 + number // 3)):
            if day >= began:
                yield _session(clinic, part, "family", "Family session", part.therapist, day, FAMILY_AT, 50)
    if part.takes_medicine:
        for day in (_workday(clinic.today, -2 - number), _workday(clinic.today, 2 + number)):
            if began <= day <= clinic.today + timedelta(weeks=WEEKS_AHEAD):
                yield _session(clinic, part, "medication", "Medicine check", "vale", day, MEDICINE_AT, 20)
    if part.started < 7:
        day = _workday(began, -1)
        yield _session(clinic, part, "assessment", "First meeting", part.therapist, day, ASSESSMENT_AT, 90)


def _workday(day: date, steps: int) -> date:
    """The day `steps` open days after `day` (before it, when negative)."""
    step = timedelta(days=1 if steps > 0 else -1)
    for _ in range(abs(steps)):
        day += step
        while not open_on(day):
            day += step
    return day


def _over(clinic: Clinic, session: Session) -> bool:
    return session.starts_at + timedelta(minutes=session.minutes) + TAKEN_AFTER <= clinic.now


def _soon(clinic: Clinic, sessions: list[Session]) -> bool:
    """Whether one of `sessions` starts later today or tomorrow."""
    tomorrow = clinic.today + timedelta(days=1)
    return any(s.starts_at > clinic.now and s.local_day <= tomorrow for s in sessions)


def _changes(clinic: Clinic, name: str, sessions: list[Session]) -> Iterator[dict[str, Any]]:
    """Close on holidays; move and cancel a few of the group's other sessions, past and to come."""
    rng = clinic.rng("changes", name)
    by = GROUPS[name].facilitator
    for session in sessions:
        if not open_on(session.local_day):
            yield _cancel(clinic, session, phrases.HOLIDAY, "kit")
    open_ = [session for session in sessions if session.status == "planned"]
    past = [session for session in open_ if session.starts_at < clinic.now - RECENT]
    ahead = [session for session in open_ if session.starts_at > clinic.now + timedelta(hours=36)]
    moved_1, moved_2, cancelled_1, cancelled_2 = rng.sample(past, 4)
    reasons, causes = rng.sample(phrases.MOVES, 3), rng.sample(phrases.CANCELLATIONS, 2)
    yield _move(clinic, moved_1, timedelta(minutes=30), reasons[0], by)
    yield _move(clinic, moved_2, timedelta(minutes=60), reasons[1], by)
    yield _move(clinic, ahead[1], timedelta(minutes=30), reasons[2], by)
    yield _cancel(clinic, cancelled_1, causes[0], by)
    yield _cancel(clinic, cancelled_2, causes[1], "kit")
    yield _cancel(clinic, ahead[4], phrases.TRAINING, "kit")


def _move(clinic: Clinic, session: Session, by_how_much: timedelta, reason: str, by: str) -> dict[str, Any]:
    old = session.starts_at
    session.wall_at += by_how_much
    session.starts_at = clock.at_wall(session.wall_at, ZONE)
    session.local_day = session.wall_at.date()
    session.sequence += 1
    return _change(clinic, "moved", session, old, session.starts_at, reason, by)


def _cancel(clinic: Clinic, session: Session, reason: str, by: str) -> dict[str, Any]:
    session.status = "cancelled"
    session.sequence += 1
    return _change(clinic, "cancelled", session, session.starts_at, None, reason, by)


def _change(
    clinic: Clinic, kind: str, session: Session, old: datetime, new: datetime | None, reason: str, by: str
) -> dict[str, Any]:
    told = min(old - timedelta(days=2, hours=3), clinic.now - timedelta(hours=5))
    return {
        "key": key(clinic.rng("change", session.key, kind, old)),
        "session_id": session.id,
        "kind": kind,
        "old_at": old,
        "new_at": new,
        "reason": reason,
        "by_id": clinic.id(by),
        "at": told,
    }


def _attendance(clinic: Clinic, part: Part, group: list[Session], alone: list[Session]) -> Iterator[dict[str, Any]]:
    """Add the attendance for every session of `part` that was held."""
    rng = clinic.rng("attendance", part.name)
    began = clinic.today - timedelta(days=part.started)
    held = [s for s in [*group, *alone] if s.status == "held" and (s.kind != "group" or s.local_day >= began)]
    groups_over = [s for s in held if s.kind == "group"]
    away = part.course.silent > 3
    silent_since = clinic.now - timedelta(days=part.course.silent)
    for session in held:
        status = _came(rng.random(), recent=session.starts_at > clinic.now - RECENT)
        if (part.missed and session is groups_over[-1]) or (away and session.starts_at > silent_since):
            status = "missed"
        yield from _taken(clinic, part, session, status, rng.randrange(10, 50, 5), rng.randrange(4, 25))


def _came(draw: float, *, recent: bool) -> str:
    for status, below in (("present", 0.84), ("late", 0.9), ("left_early", 0.93)):
        if draw < below:
            return status
    if recent:
        return "present"
    return "excused" if draw < 0.97 else "missed"


def _taken(
    clinic: Clinic, part: Part, session: Session, status: str, away: int, after: int
) -> Iterator[dict[str, Any]]:
    """The attendance row, `after` minutes after the end; now and then it was first taken wrongly."""
    ended = session.starts_at + timedelta(minutes=session.minutes)
    row: dict[str, Any] = {
        "session_id": session.id,
        "participant_id": clinic.id(part.sign_in),
        "version": 1,
        "status": status,
        "minutes": max(5, session.minutes - away) if status in ("late", "left_early") else None,
        "by_id": session.facilitator_id,
        "at": ended + timedelta(minutes=after),
    }
    if status == "late" and away > 35:
        yield row | {"status": "missed", "minutes": None}
        row |= {"version": 2, "at": ended + timedelta(minutes=after + 5), "by_id": clinic.id("kit")}
    yield row
