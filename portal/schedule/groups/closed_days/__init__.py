"""The days the program is closed, and what that does to its groups."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, update
from werkzeug.exceptions import NotFound

from portal import audit, program
from portal.db import db
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule import changes, clashes
from portal.schedule.groups.tracks import give_topics
from portal.schedule.models import Session, SessionChange, Track

CLOSED = "The program is closed that day."
OPEN = "The program is open that day after all."


@dataclass(frozen=True, slots=True)
class OnDay:
    """A session to come on a day that is off, or was; `goes` if it is cancelled when the program closes."""

    id: int
    key: str
    title: str
    wall_at: datetime
    goes: bool


def set_days(coordinator: Person, days: Collection[date], facts: ProgramFacts, now: datetime) -> int:
    """Let the program be closed on `days`; how many sessions that cancels.

    Those are the sessions to come, on a day that is new among them, of each group that keeps the program's holidays.
    A day that is taken back restores nothing.
    """
    if coordinator.role != "coordinator":
        raise NotFound
    program.set_holidays(coordinator, days)
    off = _planned_on(_new(days, facts), now).join(Track, Track.id == Session.track_id)
    sessions = list(db.session.scalars(off.where(Track.skips_holidays).order_by(Session.id)))
    for session in sessions:
        session.status = "cancelled"
        session.touch(now)
    told = [{"session_id": session.id, "kind": "cancelled", "old_at": session.starts_at} for session in sessions]
    changes.keep(told, CLOSED, coordinator, now)
    _give_topics(sessions, now)
    return len(sessions)


def on(days: Collection[date], facts: ProgramFacts, now: datetime) -> list[OnDay]:
    """The planned sessions to come on those of `days` that are new, by time, before the program is closed then."""
    goes = func.coalesce(Track.skips_holidays, False)
    planned = _planned_on(_new(days, facts), now).outerjoin(Track, Track.id == Session.track_id)
    rows = planned.with_only_columns(Session.id, Session.key, Session.title, Session.wall_at, goes)
    return [OnDay(*row) for row in db.session.execute(rows.order_by(Session.starts_at, Session.id))]


def restorable(facts: ProgramFacts, now: datetime) -> list[OnDay]:
    """The sessions to come that a closed day cancelled, on days that are open again, by time."""
    latest = select(func.max(SessionChange.id)).group_by(SessionChange.session_id)
    rows = db.session.execute(
        select(Session.id, Session.key, Session.title, Session.wall_at, Session.local_day)
        .join(SessionChange, SessionChange.session_id == Session.id)
        .where(
            Session.status == "cancelled",
            Session.starts_at > now,
            SessionChange.id.in_(latest),
            SessionChange.kind == "cancelled",
            SessionChange.reason == CLOSED,
        )
        .order_by(Session.starts_at, Session.id)
    )
    return [OnDay(*row[:4], goes=False) for row in rows if row.local_day.isoformat() not in facts.holidays]


def restore(coordinator: Person, day: date, facts: ProgramFacts, now: datetime) -> tuple[int, int]:
    """Let the sessions take place after all that `day` cancelled when it was closed: how many do, and do not.

    Those for which somebody or the room is taken by now stay cancelled.
    """
    if coordinator.role != "coordinator":
        raise NotFound
    ids = [one.id for one in restorable(facts, now) if one.wall_at.date() == day]
    _set(ids, "planned")
    taken = {clash.session_id for clash in clashes.of(ids, now)}
    _set(taken, "cancelled")
    back = _sessions([id_ for id_ in ids if id_ not in taken])
    for session in back:
        session.touch(now)
        audit.record(coordinator, "session.restore", subject=session.key)
    told = [{"session_id": session.id, "kind": "restored", "old_at": session.starts_at} for session in back]
    changes.keep(told, OPEN, coordinator, now)
    _give_topics(back, now)
    return len(back), len(taken)


def _set(session_ids: Collection[int], status: str) -> None:
    them = update(Session).where(Session.id.in_(session_ids)).values(status=status)
    db.session.execute(them, execution_options={"synchronize_session": False})


def _sessions(session_ids: Collection[int]) -> Sequence[Session]:
    them = select(Session).where(Session.id.in_(session_ids)).order_by(Session.starts_at, Session.id)
    return db.session.scalars(them.execution_options(populate_existing=True)).all()


def _give_topics(sessions: Collection[Session], now: datetime) -> None:
    db.session.flush()
    for track in db.session.scalars(select(Track).where(Track.id.in_({session.track_id for session in sessions}))):
        give_topics(track, now)


def _new(days: Collection[date], facts: ProgramFacts) -> set[date]:
    return {day for day in days if day.isoformat() not in facts.holidays}


def _planned_on(days: Collection[date], now: datetime) -> Select:
    return select(Session).where(Session.status == "planned", Session.starts_at > now, Session.local_day.in_(days))
