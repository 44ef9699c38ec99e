"""The directory for coordinators: who has an account, and who treats whom. Nothing of a record is in it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from werkzeug.exceptions import NotFound

from portal import clock, program
from portal.db import db
from portal.people import PERSON, Person, holds
from portal.people.contacts import contact_of
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class ParticipantEntry:
    """`email` signs them in once they have `joined`; `treated_by` and `covered_by` are their therapists' names."""

    key: str
    name: str
    called: str
    email: str
    since: date
    joined: bool
    treated_by: list[str] = field(default_factory=list)
    covered_by: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """`treats` counts a therapist's own participants; whom they only cover for is left out."""

    key: str
    role: str
    name: str
    email: str
    joined: bool
    treats: int


@dataclass(frozen=True, slots=True)
class ClosedEntry:
    """An account that was switched off on the day `since`."""

    key: str
    role: str
    name: str
    since: date


def directory(coordinator: Person, now: datetime) -> tuple[list[ParticipantEntry], list[StaffEntry], list[ClosedEntry]]:
    """All accounts by name: the participants, each with who treats them at `now`; the staff; and those switched off."""
    if coordinator.role != "coordinator":
        raise NotFound
    held = holds(now, program.current().zone)
    return _participants(coordinator, held), _staff(held), _closed(coordinator)


def therapists(coordinator: Person) -> dict[str, Person]:
    """Everyone who can treat somebody, by name, each under their key."""
    if coordinator.role != "coordinator":
        raise NotFound
    rows = db.session.execute(
        select(*PERSON).where(Account.role == "therapist", Account.disabled_at.is_(None)).order_by(Account.name)
    )
    return {person.key: person for person in (Person(*row) for row in rows)}


def _closed(coordinator: Person) -> list[ClosedEntry]:
    rows = db.session.execute(
        select(Account.key, Account.role, Account.name, Account.disabled_at)
        .where(Account.disabled_at.is_not(None))
        .order_by(Account.name, Account.id)
    )
    return [
        ClosedEntry(row.key, row.role, row.name, clock.day_of(row.disabled_at, coordinator.zone))
        for row in rows
        if row.disabled_at
    ]


def _participants(coordinator: Person, held: ColumnElement[bool]) -> list[ParticipantEntry]:
    therapist = aliased(Account)
    rows = db.session.execute(
        select(
            Account.key,
            Account.name,
            Account.called,
            Account.contact,
            Account.created_at,
            Account.joined_at,
            CareRelationship.role,
            therapist.name.label("therapist"),
        )
        .outerjoin(CareRelationship, and_(CareRelationship.participant_id == Account.id, held))
        .outerjoin(therapist, _is_open(therapist, CareRelationship.therapist_id))
        .where(Account.role == "participant", Account.disabled_at.is_(None))
        .order_by(Account.name, Account.id, therapist.name)
    )
    entries: dict[str, ParticipantEntry] = {}
    for row in rows:
        entry = entries.setdefault(
            row.key,
            ParticipantEntry(
                row.key,
                row.name,
                row.called,
                contact_of(row.key, row.contact),
                clock.day_of(row.created_at, coordinator.zone),
                row.joined_at is not None,
            ),
        )
        if row.therapist:
            (entry.treated_by if row.role == "primary" else entry.covered_by).append(row.therapist)
    return list(entries.values())


def _staff(held: ColumnElement[bool]) -> list[StaffEntry]:
    participant = aliased(Account)
    rows = db.session.execute(
        select(Account.key, Account.role, Account.name, Account.contact, Account.joined_at, func.count(participant.id))
        .outerjoin(
            CareRelationship,
            and_(
                CareRelationship.therapist_id == Account.id,
                CareRelationship.role == "primary",
                held,
            ),
        )
        .outerjoin(participant, _is_open(participant, CareRelationship.participant_id))
        .where(Account.role != "participant", Account.disabled_at.is_(None))
        .group_by(Account.id, Account.key, Account.role, Account.name, Account.contact, Account.joined_at)
        .order_by(Account.name, Account.id)
    )
    return [StaffEntry(*row[:3], contact_of(row[0], row[3]), row[4] is not None, row[5]) for row in rows]


def _is_open(account: type[Account], id_: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return and_(account.id == id_, account.disabled_at.is_(None))
