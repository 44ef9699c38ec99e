"""The schedule of the demo clinic: the sessions of groups and of one person alone, and what changed of them."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from portal import clock
from portal.db import db
from portal.demo import groups, texts
from portal.demo.attendance import RECENT, attendance_of
from portal.demo.cast import CAST, STAFF, ZONE, CastMember, Clinic, open_on
from portal.demo.groups import WEEKS_BACK
from portal.schedule.models import Attendance, Seat, Session, SessionChange

WEEKS_AHEAD = 3
TAKEN_AFTER = timedelta(minutes=30)  # after its end, a session's attendance has been taken

ONE_TO_ONE_AT = ("13:00", "14:00", "08:30")
REASONS = texts.read("reasons", list)


def fill(clinic: Clinic) -> None:
    """Add tracks, sessions, seats, changes and attendance, from eight weeks ago on.

    Groups are materialized as far ahead as the schedule does it, sessions for one three weeks.
    """
    in_groups = {name: groups.add(clinic, name) for name in groups.GROUPS}
    alone = {member: sorted(_alone(clinic, member), key=lambda s: s.starts_at) for member in CAST}
    ada = CAST[0]
    own = in_groups[ada.track] + alone[ada]
    if not any(s.starts_at > clinic.now and s.local_day <= clinic.day(-1) for s in own):
        made_up = _session(clinic, ada, "one_to_one", "Make-up hour", clinic.day(-1), "11:00", 50, "haddad", video=True)
        alone[ada].append(made_up)
    db.session.add_all(session for sessions in alone.values() for session in sessions)
    db.session.flush()
    taken = [(clinic.id(member.sign_in), session.id) for member, sessions in alone.items() for session in sessions]
    db.session.execute(insert(Seat), [{"participant_id": person, "session_id": session} for person, session in taken])
    changes = [change for name, sessions in in_groups.items() for change in _changes(clinic, name, sessions)]
    if later := [s for s in alone[ada] if s.kind == "one_to_one" and s.starts_at > clinic.now + timedelta(hours=30)]:
        changes.append(_change(clinic, later[0], REASONS["elsewhere"][0], "cho", timedelta(minutes=150)))
    db.session.execute(insert(SessionChange), changes)
    _hold(clinic, itertools.chain(*in_groups.values(), *alone.values()))
    db.session.flush()
    rows = [row for member in CAST for row in attendance_of(clinic, member, in_groups[member.track], alone[member])]
    db.session.execute(insert(Attendance), rows)


def _hold(clinic: Clinic, sessions: Iterable[Session]) -> None:
    """Mark those that were not cancelled as held, once their attendance has been taken."""
    for session in sessions:
        taken_at = session.starts_at + timedelta(minutes=session.minutes) + TAKEN_AFTER
        if session.status == "planned" and taken_at <= clinic.now:
            session.status = "held"


def _session(
    clinic: Clinic,
    member: CastMember,
    kind: str,
    title: str,
    day: date,
    starts: str,
    minutes: int,
    facilitator: str | None = None,
    *,
    video: bool = False,
) -> Session:
    """A session for one participant alone, with their therapist unless somebody else is named."""
    wall, leads = datetime.combine(day, time.fromisoformat(starts)), facilitator or member.therapist
    return Session(
        key=clinic.key("session", member.name, kind, wall),
        kind=kind,
        title=title,
        facilitator_id=clinic.id(leads),
        room="" if video else STAFF[leads].office,
        video_url=groups.video_of(leads) if video else "",
        wall_at=wall,
        zone=ZONE,
        minutes=minutes,
        starts_at=clock.at_wall(wall, ZONE),
        local_day=day,
        changed_at=clinic.now - timedelta(weeks=WEEKS_BACK),
    )


def _alone(clinic: Clinic, member: CastMember) -> Iterator[Session]:
    """One-to-ones every week, and for some a family session, a medicine check or an assessment."""
    place = [p for p in CAST if p.therapist == member.therapist].index(member)
    number, began = CAST.index(member), clinic.day(member.started)
    week = clock.monday_of(clinic.today) + timedelta(days=4 - place % 5)
    for weeks in range(-WEEKS_BACK, WEEKS_AHEAD + 1):
        day = week + timedelta(weeks=weeks)
        if day >= began and open_on(day):
            starts, video = ONE_TO_ONE_AT[place // 5], place % 3 == 1
            yield _session(clinic, member, "one_to_one", "One-to-one", day, starts, 50, video=video)
    beside: list[tuple[str, str, int, str, int, str | None]] = []
    if number % 3 == 0:
        steps = (-6 - number // 3, 3 + number // 3)
        beside += [("family", "Family session", days, "17:00", 50, None) for days in steps]
    if member.takes_medicine:
        steps = (-2 - number, 2 + number)
        beside += [("medication", "Medicine check", days, "12:40", 20, "vale") for days in steps]
    for kind, title, days, starts, minutes, leads in beside:
        day = _workday(clinic.today, days)
        if began <= day <= clinic.today + timedelta(weeks=WEEKS_AHEAD):
            yield _session(clinic, member, kind, title, day, starts, minutes, leads)
    if member.started < 7:
        yield _session(clinic, member, "assessment", "First meeting", _workday(began, -1), "11:00", 90)


def _workday(day: date, steps: int) -> date:
    """The day `steps` open days after `day` (before it, when negative)."""
    step = timedelta(days=1 if steps > 0 else -1)
    for _ in range(abs(steps)):
        day += step
        while not open_on(day):
            day += step
    return day


def _changes(clinic: Clinic, name: str, sessions: list[Session]) -> Iterator[dict[str, Any]]:
    """Close on holidays; move and cancel a few of the group's other sessions, past and to come."""
    rng = clinic.rng("changes", name)
    by = groups.GROUPS[name].facilitator
    for session in sessions:
        if not open_on(session.local_day):
            yield _change(clinic, session, REASONS["holiday"][0], "kit")
    open_ = [session for session in sessions if session.status == "planned"]
    past = [session for session in open_ if session.starts_at < clinic.now - RECENT]
    ahead = [session for session in open_ if session.starts_at > clinic.now + timedelta(hours=36)]
    moved_1, moved_2, cancelled_1, cancelled_2 = rng.sample(past, 4)
    reasons, causes = rng.sample(REASONS["moves"], 3), rng.sample(REASONS["cancellations"], 2)
    yield _change(clinic, moved_1, reasons[0], by, timedelta(minutes=30))
    yield _change(clinic, moved_2, reasons[1], by, timedelta(minutes=60))
    yield _change(clinic, ahead[1], reasons[2], by, timedelta(minutes=30))
    yield _change(clinic, cancelled_1, causes[0], by)
    yield _change(clinic, cancelled_2, causes[1], "kit")
    yield _change(clinic, ahead[4], REASONS["training"][0], "kit")


def _change(clinic: Clinic, session: Session, reason: str, by: str, later: timedelta | None = None) -> dict[str, Any]:
    """Move `session` so much later, or else cancel it."""
    old, kind = session.starts_at, "moved" if later else "cancelled"
    if later:
        session.wall_at += later
        session.starts_at = clock.at_wall(session.wall_at, ZONE)
        session.local_day = session.wall_at.date()
    else:
        session.status = "cancelled"
    session.sequence += 1
    return {
        "key": clinic.key("change", session.key, kind, old),
        "session_id": session.id,
        "kind": kind,
        "old_at": old,
        "new_at": session.starts_at if later else None,
        "reason": reason,
        "by_id": clinic.id(by),
        "at": min(old - timedelta(days=2, hours=3), clinic.now - timedelta(hours=5)),
    }
