"""The days the program is closed, and what that does to its groups."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, func, select
from werkzeug.exceptions import NotFound

from portal import program
from portal.db import db
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule import changes
from portal.schedule.models import Session, Track
from portal.schedule.tracks import give_topics

CLOSED = "The program is closed that day."


def set_days(coordinator: Person, days: Collection[date], facts: ProgramFacts, now: datetime) -> int:
    """Let the program be closed on `days`; how many sessions that cancels.

    Those are the sessions to come, on a day that is new among them, of each group that keeps the program's holidays.
    A day that is taken back restores nothing.
    """
    if coordinator.role != "coordinator":
        raise NotFound
    program.close_on(coordinator, days)
    off = _planned_on(_new(days, facts), now).join(Track, Track.id == Session.track_id)
    sessions = list(db.session.scalars(off.where(Track.skips_holidays).order_by(Session.id)))
    for session in sessions:
        session.status = "cancelled"
        session.touch(now)
    told = [{"session_id": session.id, "kind": "cancelled", "old_at": session.starts_at} for session in sessions]
    changes.keep(told, CLOSED, coordinator, now)
    db.session.flush()
    for track in db.session.scalars(select(Track).where(Track.id.in_({session.track_id for session in sessions}))):
        give_topics(track, now)
    return len(sessions)


def staying(days: Collection[date], facts: ProgramFacts, now: datetime) -> int:
    """How many sessions to come stay planned on those of `days` that are new."""
    on_them = _planned_on(_new(days, facts), now).subquery()
    return db.session.scalar(select(func.count()).select_from(on_them)) or 0


def _new(days: Collection[date], facts: ProgramFacts) -> set[date]:
    return {day for day in days if day.isoformat() not in facts.holidays}


def _planned_on(days: Collection[date], now: datetime) -> Select:
    return select(Session).where(Session.status == "planned", Session.starts_at > now, Session.local_day.in_(days))
