"""The status of email: whether letters leave, and which of those who see to flags have no address to write to."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Date, and_, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.db import Instant, read, reader
from portal.mail import LISTED, OVERDUE, WITHDRAWN, Mail, smtp
from portal.people import Person, contacts, holds_on, person_columns
from portal.people.models import Account, CareRelationship, OnCall
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox in numbers. `last_sent_to` is the name of one of the staff; None for a participant, or for nobody.

    `overdue_since` is when the oldest message that nobody tried to send was due, if that is too long ago. `refused_at`
    is when the server last failed us; not a letter of its own. `waiting` are due, and `given_up` those of 30 days.
    """

    last_sent_at: datetime | None
    last_sent_to: str | None
    overdue_since: datetime | None
    refused_at: datetime | None
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class EmailStatus:
    """Whether email leaves at `now`, by the settings and the outbox, and who of the flags' owners has no address."""

    has_server: bool
    outbox: Outbox
    without_address: tuple[Person, ...]
    now: datetime

    @property
    def stopped(self) -> bool:
        """Whether email should leave and does not: a message waits too long, or the server failed us last."""
        last, failed = self.outbox.last_sent_at, self.outbox.refused_at
        waits = self.outbox.overdue_since is not None and (last is None or last <= self.now - OVERDUE)
        return self.has_server and (waits or (failed is not None and (last is None or last < failed)))

    @property
    def stopped_since(self) -> datetime:
        """The moment since which nothing has left; for email that stopped."""
        known = self.outbox.last_sent_at or self.outbox.overdue_since or self.outbox.refused_at
        return known or self.now

    @property
    def leaves(self) -> bool:
        return self.has_server and not self.stopped

    def reaches(self, therapist: Person) -> bool:
        """Whether a letter to `therapist` would leave, and has an address to go to."""
        return self.leaves and therapist.id not in {one.id for one in self.without_address}


@dataclass(frozen=True, slots=True)
class _Owner:
    """A therapist who may own a flag, and what they sign in with."""

    person: Person
    sealed_contact: bytes = field(repr=False)


_recipient, _now = aliased(Account), bindparam("now", type_=Instant())
_waits = Mail.sent_at.is_(None), Mail.given_up_at.is_(None)
_last_sent = (
    select(case((_recipient.role != "participant", _recipient.name)))
    .select_from(Mail)
    .outerjoin(_recipient, _recipient.id == Mail.account_id)
    .where(Mail.sent_at.is_not(None))
    .order_by(Mail.sent_at.desc(), Mail.id.desc())
    .limit(1)
)
_overdue = *_waits, Mail.tries == 0, Mail.due_at <= bindparam("overdue", type_=Instant())
_refused = Mail.sent_at.is_(None), Mail.failed_at.is_not(None)
_server_failed = or_(*(Mail.trouble.startswith(trouble) for trouble in smtp.SERVER_TROUBLES))
_failed = or_(Mail.trouble.is_(None), Mail.trouble.not_in(WITHDRAWN))
_given_up = Mail.given_up_at > bindparam("listed", type_=Instant()), Mail.sent_at.is_(None), _failed
_count = select(func.count()).select_from(Mail)
_owns = and_(
    Account.role == "therapist",
    Account.disabled_at.is_(None),
    or_(
        exists().where(OnCall.therapist_id == Account.id),
        exists().where(CareRelationship.therapist_id == Account.id, holds_on(bindparam("today", type_=Date()), _now)),
    ),
)
_STATUS = (
    select(
        select(func.max(Mail.sent_at)).scalar_subquery().label("outbox.last_sent_at"),
        _last_sent.scalar_subquery().label("outbox.last_sent_to"),
        select(func.min(Mail.due_at)).where(*_overdue).scalar_subquery().label("outbox.overdue_since"),
        select(func.max(Mail.failed_at)).where(*_refused, _server_failed).scalar_subquery().label("outbox.refused_at"),
        _count.where(*_waits, Mail.due_at <= _now).scalar_subquery().label("outbox.waiting"),
        _count.where(*_given_up).scalar_subquery().label("outbox.given_up"),
        *person_columns("owner.person."),
        Account.contact.label("owner.sealed_contact"),
    )
    .select_from(select(literal(1).label("one")).subquery().outerjoin(Account, _owns))
    .order_by(Account.name, Account.id)
)
_read_outbox = reader(Outbox, _STATUS, within="outbox.")
_read_owner = reader(_Owner, _STATUS, within="owner.")


def email_status(facts: ProgramFacts, now: datetime) -> EmailStatus:
    """The status of email at `now`, in one read, however many messages and owners there are."""
    today = clock.day_of(now, facts.zone)
    rows = read(_STATUS, now=now, today=today, overdue=now - OVERDUE, listed=now - LISTED)
    owners = [_read_owner(row) for row in rows if getattr(row, "owner.sealed_contact")]
    unreached = (one.person for one in owners if not can_write_to(one.person, one.sealed_contact))
    return EmailStatus(smtp.is_set(), _read_outbox(rows[0]), tuple(unreached), now)


def can_write_to(therapist: Person, sealed_contact: bytes) -> bool:
    """Whether letters about flags can go to `therapist`: they sign in with an address, and not with a name."""
    return contacts.is_address(contacts.contact_of(therapist.key, sealed_contact))
