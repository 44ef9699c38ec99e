"""Reviews of broken glass by coordinators: why it was, what was done in that hour, and what they found of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, seal
from portal.audit.models import AuditEvent
from portal.db import db, reader, write
from portal.fields import Refused
from portal.people import Person, coordinators_only
from portal.people.models import Account, BreakGlass

WITHIN = timedelta(hours=72)
PAST = timedelta(days=30)
FINDINGS = {"justified": "There was good reason", "follow_up": "It needs a follow-up"}


@dataclass(frozen=True, slots=True)
class GlassReview:
    """One hour in which `therapist` had the record of `participant` open, and why; and what the review of it found.

    `did` counts what is on record of the hour, by the name of the event. What tells of the review is None before it.
    """

    key: str
    therapist: str
    participant: str
    sealed_reason: bytes = field(repr=False)
    starts_at: datetime
    ends_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None
    finding: str | None
    did: tuple[tuple[str, int], ...] = ()

    @property
    def reason(self) -> str:
        return seal.open(BreakGlass.reason, self.sealed_reason, self.key)

    @property
    def due_at(self) -> datetime:
        return self.starts_at + WITHIN

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody reviewed it in time."""
        return self.reviewed_at is None and now > self.due_at

    @property
    def finding_words(self) -> str | None:
        return FINDINGS[self.finding] if self.finding else None


_therapist, _participant, _reviewer = aliased(Account), aliased(Account), aliased(Account)
_REVIEWS = (
    select(
        BreakGlass.key,
        _therapist.name.label("therapist"),
        _participant.name.label("participant"),
        BreakGlass.reason.label("sealed_reason"),
        BreakGlass.starts_at,
        BreakGlass.ends_at,
        BreakGlass.reviewed_at,
        _reviewer.name.label("reviewed_by"),
        BreakGlass.finding,
    )
    .join(_therapist, _therapist.id == BreakGlass.therapist_id)
    .join(_participant, _participant.id == BreakGlass.participant_id)
    .outerjoin(_reviewer, _reviewer.id == BreakGlass.reviewed_by_id)
    .order_by(BreakGlass.starts_at, BreakGlass.id)
)
_read_review = reader(GlassReview, _REVIEWS)


def queue(coordinator: Person, now: datetime) -> tuple[list[GlassReview], list[GlassReview]]:
    """The openings that wait for a review, the oldest first, and those of 30 days that had one, the latest first.

    Two reads, however many they are.
    """
    coordinators_only(coordinator)
    listed = or_(BreakGlass.reviewed_at.is_(None), BreakGlass.reviewed_at > now - PAST)
    reviews = [_read_review(row) for row in db.session.execute(_REVIEWS.where(listed))]
    did = _events(listed)
    reviews = [replace(one, did=tuple(did.get(one.key, ()))) for one in reviews]
    past = [one for one in reviews if one.reviewed_at]
    return (
        [one for one in reviews if not one.reviewed_at],
        sorted(past, key=lambda one: one.reviewed_at or now, reverse=True),
    )


def _events(listed: ColumnElement[bool]) -> dict[str, list[tuple[str, int]]]:
    """The events of each therapist while the record was open to them, with how many of each, by opening."""
    rows = db.session.execute(
        select(BreakGlass.key, AuditEvent.what, func.count().label("times"))
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
    for row in rows:
        did.setdefault(row.key, []).append((row.what, row.times))
    return did


@dataclass(frozen=True, slots=True)
class ReviewsWaiting:
    """The number of openings that wait for a review, and of those that wait too long."""

    count: int
    overdue: int


def waiting(coordinator: Person, now: datetime) -> ReviewsWaiting:
    """The queue in numbers, for the coordinator's first page."""
    coordinators_only(coordinator)
    overdue = func.count().filter(BreakGlass.starts_at < now - WITHIN)
    waiting = select(func.count().label("count"), overdue.label("overdue")).where(BreakGlass.reviewed_at.is_(None))
    return reader(ReviewsWaiting, waiting)(db.session.execute(waiting).one())


def review(coordinator: Person, key: str, finding: str, now: datetime) -> None:
    """Say what was found of the opening `key`; it is said once.

    Raises NotFound for no such opening, Refused, and ValueError for a finding that is not one of FINDINGS.
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
        raise Refused("", "Someone else reviewed this first.")
    audit.record(coordinator, "glass.review", found, key)
