"""Planning: what coordinators, and who leads a session, see of it before they change it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule import RosterRow, SessionRow, roster, unseen
from portal.schedule.models import Session, SessionChange, Track
from portal.schedule.places import sessions


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change that a session has been through: the kind, times or words before and after, why, who and when."""

    kind: str
    old_at: datetime
    new_at: datetime | None
    was: str | None
    becomes: str | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """One session as the page that plans it shows it.

    `not_seen` names who has not seen its latest change, `leaders` are (key, name) of who could lead it instead, the
    cover of its track first.
    """

    session: SessionRow
    people: list[RosterRow]
    history: list[PastChange]
    not_seen: list[str]
    leaders: list[tuple[str, str]]
    clash_reason: str

    @property
    def cannot_come(self) -> list[str]:
        return [person.name for person in self.people if person.absent]

    @property
    def free(self) -> int | None:
        """Seats that are left, below 0 when there are too few; None where seats are not counted."""
        seats = self.session.capacity
        return None if seats is None else seats - self.session.expected


def of(staff: Person, session: SessionRow, now: datetime) -> Planned:
    """Everything about `session`, which is one that `staff` may plan."""
    by_coordinator = staff.role == "coordinator"
    history = past_changes(session)
    return Planned(
        session,
        roster(session),
        history,
        [one.name for one in unseen(now, [session.id])] if history else [],
        substitutes(session) if by_coordinator else [],
        _clash_reason(session),
    )


def past_changes(session: SessionRow) -> list[PastChange]:
    """What `session` has been through, the newest first."""
    rows = db.session.execute(
        select(
            SessionChange.kind,
            SessionChange.old_at,
            SessionChange.new_at,
            SessionChange.was,
            SessionChange.becomes,
            SessionChange.reason,
            Account.name,
            SessionChange.at,
        )
        .join(Account, Account.id == SessionChange.by_id)
        .where(SessionChange.session_id == session.id)
        .order_by(SessionChange.id.desc())
    )
    return [PastChange(*row) for row in rows]


def substitutes(session: SessionRow) -> list[tuple[str, str]]:
    """(key, name) of who could lead `session` instead, the cover of its track first."""
    cover = select(Track.cover_id).where(Track.key == session.track_key).scalar_subquery()
    rows = db.session.execute(
        select(Account.key, Account.name)
        .where(Account.role == "therapist", Account.disabled_at.is_(None), Account.key != session.facilitator_key)
        .order_by(case((Account.id == cover, 0), else_=1), Account.name)
    )
    return [(row.key, row.name) for row in rows]


def therapist(session: SessionRow, key: str) -> Person | None:
    """The therapist called `key`, if they could lead `session` instead of who does."""
    columns = (Account.id, Account.key, Account.role, Account.name, Account.called, Account.zone)
    open_ = (Account.role == "therapist", Account.disabled_at.is_(None), Account.key == key)
    row = db.session.execute(select(*columns).where(*open_)).first()
    return Person(*row) if row else None


def changed_between(start: datetime, end: datetime) -> dict[int, datetime | None]:
    """The sessions from `start` to before `end` that were ever changed: when each was to begin before its latest move.

    None for those that never moved.
    """
    acts = SessionChange.__table__
    rows = db.session.execute(
        select(acts.c.session_id, acts.c.kind, acts.c.old_at)
        .join(sessions, sessions.c.id == acts.c.session_id)
        .where(sessions.c.starts_at >= start, sessions.c.starts_at < end)
        .order_by(acts.c.id)
    )
    before: dict[int, datetime | None] = {}
    for row in rows:
        before[row.session_id] = row.old_at if row.kind == "moved" else before.get(row.session_id)
    return before


def _clash_reason(session: SessionRow) -> str:
    return db.session.scalar(select(Session.clash_reason).where(Session.id == session.id)) or ""
