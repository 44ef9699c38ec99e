"""Reviews of broken glass: what a coordinator has to look at, what was done in that hour, and what they found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, seal
from portal.audit.models import AuditEvent
from portal.db import db, write
from portal.people import Person
from portal.people.care import coordinators_only
from portal.people.models import Account, BreakGlass

WITHIN = timedelta(hours=72)
PAST = timedelta(days=30)
FINDINGS = {"justified": "There was good reason", "follow_up": "It needs a follow-up"}


class AlreadyReviewed(ValueError):
    """Somebody else reviewed this opening first. Their finding stands."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One hour in which `therapist` had the record of `participant` open, and why.

    `did` counts what is on record of it, by the name of the event. What tells of the review is None before it.
    """

    key: str
    therapist: str
    participant: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None
    finding: str | None
    did: tuple[tuple[str, int], ...] = ()

    @property
    def due_at(self) -> datetime:
        return self.starts_at + WITHIN

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody reviewed it in time."""
        return self.reviewed_at is None and now > self.due_at

    @property
    def finding_words(self) -> str | None:
        return FINDINGS[self.finding] if self.finding else None


def queue(coordinator: Person, now: datetime) -> tuple[list[Opening], list[Opening]]:
    """The openings that wait for a review, the oldest first, and those of 30 days that had one, the latest first.

    Two reads, however many they are.
    """
    coordinators_only(coordinator)
    therapist, participant, reviewer = aliased(Account), aliased(Account), aliased(Account)
    listed = or_(BreakGlass.reviewed_at.is_(None), BreakGlass.reviewed_at > now - PAST)
    rows = db.session.execute(
        select(
            BreakGlass.key,
            therapist.name.label("therapist"),
            participant.name.label("participant"),
            BreakGlass.reason,
            BreakGlass.starts_at,
            BreakGlass.ends_at,
            BreakGlass.reviewed_at,
            reviewer.name.label("reviewed_by"),
            BreakGlass.finding,
        )
        .join(therapist, therapist.id == BreakGlass.therapist_id)
        .join(participant, participant.id == BreakGlass.participant_id)
        .outerjoin(reviewer, reviewer.id == BreakGlass.reviewed_by_id)
        .where(listed)
        .order_by(BreakGlass.starts_at, BreakGlass.id)
    ).all()
    did = _did(listed)
    openings = [
        Opening(
            **dict(row._mapping) | {"reason": seal.open(BreakGlass.reason, row.reason, row.key)},
            did=tuple(did.get(row.key, ())),
        )
        for row in rows
    ]
    past = [one for one in openings if one.reviewed_at]
    return (
        [one for one in openings if not one.reviewed_at],
        sorted(past, key=lambda one: one.reviewed_at or now, reverse=True),
    )


def _did(listed: ColumnElement[bool]) -> dict[str, list[tuple[str, int]]]:
    """What each therapist did with the record while it was open to them: events and how many, by opening."""
    rows = db.session.execute(
        select(BreakGlass.key, AuditEvent.what, func.count())
        .join(
            AuditEvent,
            and_(
                AuditEvent.participant_id == BreakGlass.participant_id,
                AuditEvent.actor_id == BreakGlass.therapist_id,
                AuditEvent.at.between(BreakGlass.starts_at, BreakGlass.ends_at),
                AuditEvent.what != "glass.break",
            ),
        )
        .where(listed)
        .group_by(BreakGlass.key, AuditEvent.what)
        .order_by(AuditEvent.what)
    )
    did: dict[str, list[tuple[str, int]]] = {}
    for key, what, count in rows:
        did.setdefault(key, []).append((what, count))
    return did


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many openings wait for a review, and how many of them too long."""

    count: int
    overdue: int


def waiting(coordinator: Person, now: datetime) -> Waiting:
    """What the coordinator's first page says of the queue."""
    coordinators_only(coordinator)
    overdue = func.count().filter(BreakGlass.starts_at < now - WITHIN)
    row = db.session.execute(select(func.count(), overdue).where(BreakGlass.reviewed_at.is_(None))).one()
    return Waiting(*row)


def review(coordinator: Person, key: str, finding: str, now: datetime) -> None:
    """Say what was found of the opening `key`; it is said once.

    Raises NotFound for no such opening, AlreadyReviewed, and ValueError for a finding that is not one of FINDINGS.
    """
    coordinators_only(coordinator)
    if finding not in FINDINGS:
        raise ValueError(f"{finding!r} is not a finding")
    participant = select(Account.id).join(BreakGlass, BreakGlass.participant_id == Account.id)
    found = db.session.execute(participant.where(BreakGlass.key == key)).first()
    if found is None:
        raise NotFound
    done = write(
        update(BreakGlass)
        .where(BreakGlass.key == key, BreakGlass.reviewed_at.is_(None))
        .values(reviewed_at=now, reviewed_by_id=coordinator.id, finding=finding)
    )
    if not done:
        raise AlreadyReviewed
    audit.record(coordinator, "glass.review", found, key)
