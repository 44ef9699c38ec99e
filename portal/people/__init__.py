"""People: who they are, and who may see whom. Nothing outside this folder decides that."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    String,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    null,
    or_,
    select,
    table,
    union_all,
    update,
)
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, program
from portal.db import Instant, db, read, reader, spelled_out
from portal.people import contact_details
from portal.people.contact_details import KeptContactDetails
from portal.people.models import CARE_ROLES, Account, BreakGlass, CareRelationship, ContactDetails, TimeAway


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the rest of the portal knows it. Domain functions take one as their first argument."""

    id: int
    key: str
    role: str
    name: str
    called: str
    zone: str

    @property
    def as_participant(self) -> "Person | None":
        """The person for whom an event goes on record: participants see what was done to their account."""
        return self if self.role == "participant" else None


@dataclass(frozen=True, slots=True)
class FoundParticipant(Person):
    """A participant as a therapist finds them.

    `contact_details` are how they are reached. `looked_at` is when this therapist opened the record last, if lately.
    `opened_until` is when the record closes again for one who does not treat them and broke the glass; None for their
    own care team. `is_off` says that their account is switched off: the record stays open for a safety flag alone.
    """

    contact_details: KeptContactDetails
    looked_at: datetime | None
    opened_until: datetime | None
    is_off: bool


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A participant whose record a therapist has broken the glass for, and when it closes again."""

    person: Person
    until: datetime


PERSON = (Account.id, Account.key, Account.role, Account.name, Account.called, Account.zone)
person_in = reader(Person, select(*PERSON))  # of a row that begins with these columns


def person_columns(within: str, account: Any = Account) -> list[Any]:
    """The columns of PERSON for a shape in which the person is a field: labeled with their names after `within`."""
    return [getattr(account, column.key).label(within + column.key) for column in PERSON]


OPEN_PARTICIPANT = and_(Account.role == "participant", Account.disabled_at.is_(None))
FLAG_STAYS = timedelta(hours=72)  # how long a safety flag that was closed still matters to those who see to it
_flags = table("flags", column("participant_id", Integer()), column("closed_at", Instant()))  # flags stand above people
_flag_waits = exists().where(
    _flags.c.participant_id == Account.id,
    or_(_flags.c.closed_at.is_(None), _flags.c.closed_at > bindparam("flags_since", type_=Instant())),
)
# Whoever a flag is with can open it, whether or not the participant can still sign in.
IN_CARE = and_(Account.role == "participant", or_(Account.disabled_at.is_(None), _flag_waits))


def holds(now: datetime, zone: str) -> ColumnElement[bool]:
    """The condition that a CareRelationship holds at `now`: it has begun, by the day of `zone`, and is not over.

    The zone is the program's, whoever asks and wherever they are: it begins for all at the same moment.
    """
    return holds_on(clock.day_of(now, zone), now)


def holds_on(day: Any, now: Any) -> ColumnElement[bool]:
    """The condition that a CareRelationship holds at `now`, on the program's `day`; or at what is bound to them."""
    over = or_(CareRelationship.ended_at.is_(None), CareRelationship.ended_at > now)
    return and_(CareRelationship.starts_on <= day, over)


def is_away(therapist_id: Any, day: Any) -> ColumnElement[bool]:
    """The condition that this therapist is away on `day`, a date of the program."""
    return exists().where(
        TimeAway.therapist_id == therapist_id,
        TimeAway.first_day <= day,
        TimeAway.last_day >= day,
        TimeAway.cancelled_at.is_(None),
    )


# Statements are made once, since putting one together takes longer than the database does: see bound_to.
_therapist_id, _now = bindparam("therapist_id", type_=Integer()), bindparam("now", type_=Instant())
_TREATED = and_(
    CareRelationship.therapist_id == _therapist_id,
    CareRelationship.participant_id == Account.id,
    holds_on(bindparam("today", type_=Date()), _now),
)
_OPENED = and_(
    BreakGlass.therapist_id == _therapist_id,
    BreakGlass.participant_id == Account.id,
    BreakGlass.starts_at <= _now,
    BreakGlass.ends_at > _now,
)
IS_TREATED = exists().where(_TREATED)


def bound_to(therapist: Person, now: datetime) -> dict[str, Any]:
    """The values to bind where a statement asks whom `therapist` treats, or has opened the record of, at `now`."""
    today = clock.day_of(now, program.current().zone)
    return {
        "therapist_id": therapist.id,
        "now": now,
        "today": today,
        "sitting": now - audit.ONE_SITTING,
        "flags_since": now - FLAG_STAYS,
    }


_opened_until = select(func.max(BreakGlass.ends_at)).where(_OPENED).scalar_subquery()
_FOUND = (
    select(
        *PERSON,
        *contact_details.columns("contact_details."),
        audit.last_look(_therapist_id, Account.id, bindparam("sitting", type_=Instant())).label("looked_at"),
        case((IS_TREATED, null()), else_=_opened_until).label("opened_until"),
        Account.disabled_at.is_not(None).label("is_off"),
    )
    .outerjoin(ContactDetails, ContactDetails.participant_id == Account.id)
    .where(IN_CARE, Account.key == bindparam("key"))
)
_read_found = reader(FoundParticipant, _FOUND)
_TO_WRITE = _FOUND.where(IS_TREATED)
_TO_READ = _FOUND.where(or_(IS_TREATED, _opened_until.is_not(None)))


def participant_of(therapist: Person, key: str, *, to_write: bool = False) -> FoundParticipant:
    """The participant called `key`, if `therapist` treats them now or has broken the glass; raises NotFound otherwise.

    This is the only way from an address to a participant for a therapist. Breaking the glass opens a record for
    reading: a view that writes into it asks `to_write`, and finds those whom the therapist treats. Ending a safety
    flag does not ask for it, because that is the need for which the glass is broken. Whose account is switched off is
    found while a safety flag is open, and for FLAG_STAYS after it was closed.
    """
    asked = _TO_WRITE if to_write else _TO_READ
    row = next(iter(read(asked, key=key, **bound_to(therapist, clock.now()))), None)
    if row is None:
        raise NotFound
    return _read_found(row)


_CARE = (
    select(*PERSON, CareRelationship.role.label("care_role"), cast(null(), Instant()).label("until"))
    .join(CareRelationship, _TREATED)
    .where(IN_CARE)
)
_GLASS = (
    select(*PERSON, cast(null(), String()).label("care_role"), func.max(BreakGlass.ends_at).label("until"))
    .join(BreakGlass, _OPENED)
    .where(IN_CARE, ~IS_TREATED)
    .group_by(*PERSON)
)
_EITHER = union_all(_CARE, _GLASS).subquery()
_CARE_BY_NAME = _CARE.order_by(Account.name, Account.id)
_EITHER_BY_NAME = select(_EITHER).order_by(_EITHER.c.name, _EITHER.c.id)


def participants_of(therapist: Person, now: datetime) -> list[tuple[Person, str]]:
    """Everyone `therapist` treats at `now`, by name, each once with the nearest care role (one of CARE_ROLES).

    Those whose record was opened by breaking the glass are not among them.
    """
    return _nearest(db.session.execute(_CARE_BY_NAME, bound_to(therapist, now)))


def within_reach_of(therapist: Person, now: datetime) -> tuple[list[tuple[Person, str]], list[OpenedRecord]]:
    """Everyone `therapist` treats at `now`, as participants_of has them, and for whom they broke the glass, by name.

    One read, and nobody is in both.
    """
    return _parted(read(_EITHER_BY_NAME, **bound_to(therapist, now)))


def within_reach_with(
    column: Callable[[Any], ScalarSelect[Any]],
) -> Callable[[Person, datetime], tuple[list[tuple[Person, str]], list[OpenedRecord], dict[int, Any]]]:
    """A function that reads as within_reach_of, and by their id one value more of each: a column made from the id."""
    statement = _EITHER_BY_NAME.add_columns(column(_EITHER.c.id).label("beside"))

    def read_reach(
        therapist: Person, now: datetime
    ) -> tuple[list[tuple[Person, str]], list[OpenedRecord], dict[int, Any]]:
        rows = read(statement, **bound_to(therapist, now))
        return *_parted(rows), {row.id: row.beside for row in rows}

    return read_reach


def _parted(rows: Sequence[Any]) -> tuple[list[tuple[Person, str]], list[OpenedRecord]]:
    """Those of these rows who are treated, and those whose record was opened."""
    treated = _nearest(row for row in rows if row.care_role)
    return treated, [OpenedRecord(person_in(row), row.until) for row in rows if not row.care_role]


def _nearest(rows: Iterable[Any]) -> list[tuple[Person, str]]:
    """The people of these rows in their order, each once: who covers may be on call, or cover for two who are away."""
    treated: dict[int, tuple[Person, str]] = {}
    for row in rows:
        held = treated.get(row.id)
        if held is None or CARE_ROLES.index(row.care_role) < CARE_ROLES.index(held[1]):
            treated[row.id] = (person_in(row), row.care_role)
    return list(treated.values())


def coordinators_only(person: Person) -> None:
    """Raise NotFound for anyone but a coordinator."""
    if person.role != "coordinator":
        raise NotFound


def hold(person: Person) -> None:
    """Let others who hold `person` wait until this transaction ends: what is read after it, they have left."""
    mine = update(Account).where(Account.id == person.id).values(key=Account.key)
    db.session.execute(mine, execution_options={"synchronize_session": False})


def find(*which: ColumnElement[bool]) -> Person | None:
    """The one account for which these conditions hold, for commands and the door; None for none."""
    row = db.session.execute(select(*PERSON).where(*which)).first()
    return person_in(row) if row else None


def named_readers() -> tuple[ScalarSelect[str], ScalarSelect[str]]:
    """The names of an Account's primary therapist, and of who reads what they write: columns to read beside it.

    That is the primary therapist, or while they are away who covers: nobody on `today`, which is bound, without
    either. Who is on call opens the record for a safety flag, and is named as reading nothing.
    """
    therapist = aliased(Account)

    def name(*which: ColumnElement[bool]) -> ScalarSelect[str]:
        return (
            select(therapist.name)
            .select_from(CareRelationship)
            .join(therapist, CareRelationship.therapist_id == therapist.id)
            .where(
                CareRelationship.participant_id == Account.id,
                holds_on(bindparam("today", type_=Date()), _now),
                therapist.disabled_at.is_(None),
                *which,
            )
            .order_by(CareRelationship.role.desc(), therapist.name)
            .limit(1)
            .correlate(Account)
            .scalar_subquery()
        )

    is_there = ~is_away(therapist.id, bindparam("today", type_=Date()))
    return (
        name(CareRelationship.role == spelled_out("primary")),
        name(CareRelationship.role != spelled_out("on_call"), is_there),
    )
