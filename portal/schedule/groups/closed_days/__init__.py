"""The days the program is closed, and what that does to its groups."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import func, select

from portal import audit, program
from portal.db import db
from portal.people import Person, coordinators_only
from portal.program import ProgramFacts
from portal.schedule import clashes
from portal.schedule.groups.track_change import TopicShift
from portal.schedule.groups.tracks import give_topics
from portal.schedule.meetings import TrackMeeting, track_meetings
from portal.schedule.models import Session, SessionChange, Track
from portal.schedule.places import sessions
from portal.schedule.sessions import note_changes

CLOSED = "The program is closed that day."
OPEN = "The program is now open that day."


DayOff = tuple[date, tuple[TrackMeeting, ...]]


def held(facts: ProgramFacts) -> tuple[date, ...]:
    """The days the program is closed, in order."""
    return tuple(date.fromisoformat(day) for day in sorted(facts.holidays))


def close(
    coordinator: Person, days: Collection[date], facts: ProgramFacts, now: datetime
) -> tuple[int, list[TopicShift]]:
    """Let the program be closed on `days`; how many sessions that cancels, and the topics that shift by it.

    Those are the sessions to come, on a day that is new among them, of each group that keeps the program's holidays.
    A day that is taken back restores nothing.
    """
    coordinators_only(coordinator)
    ids = [one.id for one in on_new_days(days, facts, now) if one.skips_holidays]
    program.change_settings(coordinator, holidays=sorted(day.isoformat() for day in days))
    cancelled = _sessions(ids)
    for session in cancelled:
        session.status = "cancelled"
        session.touch(now)
    return len(cancelled), _note("cancelled", cancelled, CLOSED, coordinator, now)


def on_new_days(days: Collection[date], facts: ProgramFacts, now: datetime) -> list[TrackMeeting]:
    """The planned sessions to come on those of `days` that are new, by time, before the program is closed then."""
    new = [day for day in days if day.isoformat() not in facts.holidays]
    return track_meetings(sessions.c.status == "planned", sessions.c.starts_at > now, sessions.c.local_day.in_(new))


def restorable(facts: ProgramFacts, now: datetime) -> list[TrackMeeting]:
    """The sessions to come that a closed day cancelled, on days that are open again, by time."""
    latest = select(func.max(SessionChange.id)).group_by(SessionChange.session_id)
    closed = select(SessionChange.session_id).where(
        SessionChange.id.in_(latest), SessionChange.kind == "cancelled", SessionChange.reason == CLOSED
    )
    off = track_meetings(sessions.c.status == "cancelled", sessions.c.starts_at > now, sessions.c.id.in_(closed))
    return [one for one in off if one.time.day.isoformat() not in facts.holidays]


def reopen(coordinator: Person, day: date, facts: ProgramFacts, now: datetime) -> int:
    """Let the sessions take place after all that `day` cancelled when it was closed; how many do not.

    Those for which somebody or the room is taken by now stay cancelled.
    """
    coordinators_only(coordinator)
    on_it = _sessions([one.id for one in restorable(facts, now) if one.time.day == day])
    for session in on_it:
        session.status = "planned"
    db.session.flush()
    taken = {clash.meeting.id for clash in clashes.clashes_of([session.id for session in on_it], now)}
    back = [session for session in on_it if session.id not in taken]
    for session in on_it:
        session.status = "cancelled" if session.id in taken else "planned"
    for session in back:
        session.touch(now)
        audit.record(coordinator, "session.restore", subject=session.key)
    _note("restored", back, OPEN, coordinator, now)
    return len(taken)


def by_day(meetings: Iterable[TrackMeeting]) -> list[DayOff]:
    """Sessions by time in parts, one for each day."""
    return [(day, tuple(on_it)) for day, on_it in groupby(meetings, key=lambda one: one.time.day)]


def _note(kind: str, changed: Sequence[Session], reason: str, coordinator: Person, now: datetime) -> list[TopicShift]:
    """Tell those who come to these sessions, and let their groups take their topics anew; the topics that shift."""
    changes = [{"session_id": session.id, "kind": kind, "old_at": session.starts_at} for session in changed]
    note_changes(coordinator, changes, reason, now)
    db.session.flush()
    groups = select(Track).where(Track.id.in_({session.track_id for session in changed})).order_by(Track.id)
    return [shift for track in db.session.scalars(groups).all() for shift in give_topics(track, now)]


def _sessions(session_ids: Collection[int]) -> Sequence[Session]:
    them = select(Session).where(Session.id.in_(session_ids)).order_by(Session.starts_at, Session.id)
    return db.session.scalars(them.execution_options(populate_existing=True)).all()
