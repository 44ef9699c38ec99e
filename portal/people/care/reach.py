"""The reach between a participant and the program today: who is there for them, and the number they are called at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Date,
    Integer,
    LargeBinary,
    String,
    bindparam,
    cast,
    false,
    literal,
    null,
    select,
    union_all,
)

from portal import clock, seal
from portal.db import Instant, read, reader
from portal.people import Person, holds_on, is_away
from portal.people.models import Account, CareRelationship, ContactDetails, OnCall
from portal.program import ProgramFacts

LISTED, PHONE = "listed", "phone"  # rows beside those of the care roles: of the list of those on call, and the number


@dataclass(frozen=True, slots=True)
class _ReachRow:
    """A therapist whose account is open, in a care role or LISTED; or the participant's own number, as PHONE."""

    role: str
    name: str
    is_away: bool
    sealed_phone: bytes | None
    may_leave_message: bool | None


@dataclass(frozen=True, slots=True)
class Reach:
    """The people who are there for a participant today. Nobody in it is away, and the account of each is open.

    `primary` and `covering` are of the care team, `on_call` of the program's list. `away` names the primary therapist
    who is not there. `phone` is the number that they are called at, None where they gave none.
    """

    primary: tuple[str, ...]
    covering: tuple[str, ...]
    on_call: tuple[str, ...]
    away: str | None
    phone: str | None
    may_leave_message: bool | None

    @property
    def readers(self) -> tuple[str, ...]:
        """The names of those who read what this participant writes: the primary therapist, or who covers."""
        return self.primary or self.covering

    @property
    def called_first(self) -> tuple[str, ...]:
        """The names of those who have an answer about safety before anybody else: nobody where all are away."""
        return self.readers or self.on_call


_me, _today = bindparam("me", type_=Integer()), bindparam("today", type_=Date())
_no_number = cast(null(), LargeBinary()).label("sealed_phone"), cast(null(), Boolean()).label("may_leave_message")
_away = is_away(Account.id, _today).label("is_away")
_open = Account.disabled_at.is_(None)
_ROWS = union_all(
    select(CareRelationship.role, Account.name, _away, *_no_number)
    .join(Account, Account.id == CareRelationship.therapist_id)
    .where(CareRelationship.participant_id == _me, holds_on(_today, bindparam("now", type_=Instant())), _open),
    select(literal(LISTED, String()).label("role"), Account.name, _away, *_no_number)
    .join(OnCall, OnCall.therapist_id == Account.id)
    .where(_open),
    select(
        literal(PHONE, String()).label("role"),
        literal("", String()).label("name"),
        false().label("is_away"),
        ContactDetails.phone.label("sealed_phone"),
        ContactDetails.may_leave_message,
    ).where(ContactDetails.participant_id == _me),
).subquery()
_REACH = select(_ROWS).order_by(_ROWS.c.name)
_read_row = reader(_ReachRow, _REACH)


def reach_of(participant: Person, program: ProgramFacts, now: datetime) -> Reach:
    """The people who are there for `participant` at `now`, whose day is the program's, and their number. One read."""
    today = clock.day_of(now, program.zone)
    rows = [_read_row(row) for row in read(_REACH, me=participant.id, today=today, now=now)]

    def names(role: str, *, away: bool = False) -> tuple[str, ...]:
        return tuple(row.name for row in rows if row.role == role and bool(row.is_away) is away)

    number = next((row for row in rows if row.role == PHONE), None)
    sealed = number.sealed_phone if number else None
    return Reach(
        names("primary"),
        names("covering"),
        names(LISTED),
        next(iter(names("primary", away=True)), None),
        seal.open(ContactDetails.phone, sealed, participant.id) if sealed else None,
        number.may_leave_message if number else None,
    )
