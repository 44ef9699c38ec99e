"""People: who they are, and who may see whom. Nothing outside this folder decides that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, program
from portal.db import Instant, db, reader, spelled_out
from portal.people.models import Account, BreakGlass, CareRelationship


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the rest of the portal knows it. Domain functions take one as their first argument."""

    id: int
    key: str
    role: str
    name: str
    called: str
    zone: str


@dataclass(frozen=True, slots=True)
class Found(Person):
    """A participant as a therapist finds them.

    `looked_at` is when this therapist opened the record last, if lately. `opened_until` is when the record closes
    again for one who does not treat them and broke the glass; None for their own care team.
    """

    looked_at: datetime | None
    opened_until: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A participant whose record a therapist has broken the glass for, and when it closes again."""

    person: Person
    until: datetime


PERSON = (Account.id, Account.key, Account.role, Account.name, Account.called, Account.zone)
person_in = reader(Person, select(*PERSON))  # of a row that begins with these columns


def person_columns(within: str) -> list[Any]:
    """The columns of PERSON for a shape in which the person is a field: labeled with their names after `within`."""
    return [column.label(within + column.key) for column in PERSON]


OPEN_PARTICIPANT = and_(Account.role == "participant", Account.disabled_at.is_(None))


def holds(now: datetime, zone: str) -> ColumnElement[bool]:
    """The condition that a CareRelationship holds at `now`: it has begun, by the day of the program's `zone`, and was
    not ended. Whoever asks, and wherever they are: it begins for all at the same moment."""
    return holds_on(clock.day_of(now, zone))


def holds_on(day: Any) -> ColumnElement[bool]:
    """The condition that a CareRelationship holds on `day`, a date of the program or what a statement binds to it."""
    return and_(CareRelationship.starts_on <= day, CareRelationship.ended_at.is_(None))


def has_begun(starts_on: date | None, now: datetime, zone: str) -> bool:
    """Whether a care relationship that was read, and was not ended, holds at `now`: as `holds` says it to a query."""
    return starts_on is not None and starts_on <= clock.day_of(now, zone)


def treated_by(therapist: Person, now: datetime) -> ColumnElement[bool]:
    """The condition that a CareRelationship is that of an Account with `therapist`, and holds."""
    return and_(
        CareRelationship.therapist_id == therapist.id,
        CareRelationship.participant_id == Account.id,
        holds(now, program.current().zone),
    )


def _opened_by(therapist: Person, now: datetime) -> ScalarSelect[datetime]:
    """When the record of an Account, opened by breaking the glass, closes again for `therapist`; null if it is not."""
    return (
        select(func.max(BreakGlass.ends_at))
        .where(
            BreakGlass.therapist_id == therapist.id,
            BreakGlass.participant_id == Account.id,
            BreakGlass.starts_at <= now,
            BreakGlass.ends_at > now,
        )
        .scalar_subquery()
    )


def participant_of(therapist: Person, key: str, *, to_write: bool = False) -> Found:
    """The participant called `key`, if `therapist` treats them now or has broken the glass; raises NotFound otherwise.

    This is the only way from an address to a participant for a therapist. Breaking the glass opens a record for
    reading: a view that writes into it asks `to_write`, and finds those whom the therapist treats. Ending a safety
    flag does not ask for it, because that is the need for which the glass is broken.
    """
    now = clock.now()
    treated, opened = exists().where(treated_by(therapist, now)), _opened_by(therapist, now)
    row = db.session.execute(
        select(
            *PERSON, audit.last_look(therapist, Account.id, now), treated.label("treated"), opened.label("opened")
        ).where(Account.key == key, OPEN_PARTICIPANT, treated if to_write else or_(treated, opened.is_not(None)))
    ).first()
    if row is None:
        raise NotFound
    values: tuple[Any, ...] = (*row[:-2], None if row.treated else row.opened)
    return Found(*values)


# Made once: putting a statement together takes longer than the database does. They bind the `therapist`, `now`, and the
# program's `today`.
_TREATS = and_(
    CareRelationship.therapist_id == bindparam("therapist"),
    CareRelationship.participant_id == Account.id,
    holds_on(bindparam("today")),
)
_TREATED = (
    select(*PERSON, CareRelationship.role.label("care_role"), type_coerce(null(), Instant).label("until"))
    .join(CareRelationship, _TREATS)
    .where(OPEN_PARTICIPANT)
)
# Those whose glass the therapist broke within the hour and whom they do not treat.
_OPENED = (
    select(
        *PERSON,
        type_coerce(null(), CareRelationship.role.type).label("care_role"),
        func.max(BreakGlass.ends_at).label("until"),
    )
    .join(BreakGlass, BreakGlass.participant_id == Account.id)
    .where(
        BreakGlass.therapist_id == bindparam("therapist"),
        BreakGlass.starts_at <= bindparam("now"),
        BreakGlass.ends_at > bindparam("now"),
        OPEN_PARTICIPANT,
        ~exists().where(_TREATS),
    )
    .group_by(*PERSON)
)
_BOTH = union_all(_TREATED, _OPENED).subquery()
_WITHIN_REACH = select(_BOTH).order_by(_BOTH.c.name, _BOTH.c.id)
_TREATED_BY_NAME, _OPENED_BY_NAME = (each.order_by(Account.name, Account.id) for each in (_TREATED, _OPENED))


def _read_for(therapist: Person, now: datetime, statement: Select) -> Sequence[Any]:
    today = clock.day_of(now, program.current().zone)
    return db.session.execute(statement, {"therapist": therapist.id, "now": now, "today": today}).all()


def participants_of(therapist: Person, now: datetime) -> list[tuple[Person, str]]:
    """Everyone `therapist` treats at `now`, by name, each with the care role ("primary" or "covering").

    Whose record was opened by breaking the glass is not among them.
    """
    return [(person_in(row), row.care_role) for row in _read_for(therapist, now, _TREATED_BY_NAME)]


def within_reach_of(therapist: Person, now: datetime) -> tuple[list[tuple[Person, str]], list[Opened]]:
    """Everyone `therapist` treats at `now`, as participants_of has them, and whom they broke the glass for, by name.

    One read, and nobody is in both.
    """
    rows = _read_for(therapist, now, _WITHIN_REACH)
    treated = [(person_in(row), row.care_role) for row in rows if row.care_role]
    return treated, [Opened(person_in(row), row.until) for row in rows if not row.care_role]


def opened_by(therapist: Person, now: datetime) -> list[Opened]:
    """Whose records are open to `therapist` at `now` only because they broke the glass, by name."""
    return [Opened(person_in(row), row.until) for row in _read_for(therapist, now, _OPENED_BY_NAME)]


def primary_therapist() -> tuple[ScalarSelect[str], ScalarSelect[date]]:
    """The name of the therapist who reads an Account's check-ins, and from which day on: columns to read beside it.

    They are built before anybody's day is known: whoever reads them asks `has_begun`. Of those not ended there is at
    most one.
    """
    therapist = aliased(Account)

    def read(column: Any) -> ScalarSelect[Any]:
        return (
            select(column)
            .select_from(CareRelationship)
            .join(therapist, CareRelationship.therapist_id == therapist.id)
            .where(
                CareRelationship.participant_id == Account.id,
                CareRelationship.role == spelled_out("primary"),
                CareRelationship.ended_at.is_(None),
                therapist.disabled_at.is_(None),
            )
            .correlate(Account)
            .scalar_subquery()
        )

    return read(therapist.name), read(CareRelationship.starts_on)
