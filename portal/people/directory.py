"""The directory for coordinators: who has an account, and who treats whom. Nothing of a record is in it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class ParticipantEntry:
    """`email` is what signs them in; `treated_by` and `covered_by` are the names of their therapists."""

    key: str
    name: str
    called: str
    email: str
    since: date
    treated_by: list[str] = field(default_factory=list)
    covered_by: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """`treats` counts a therapist's own participants; whom they only cover for is left out."""

    key: str
    role: str
    name: str
    email: str
    treats: int


def directory(coordinator: Person, now: datetime) -> tuple[list[ParticipantEntry], list[StaffEntry]]:
    """All open accounts by name: the participants, each with who treats them at `now`, and the staff."""
    if coordinator.role != "coordinator":
        raise NotFound
    holds = and_(CareRelationship.starts_on <= clock.day_of(now, coordinator.zone), CareRelationship.ended_at.is_(None))
    return _participants(coordinator, holds), _staff(holds)


def _participants(coordinator: Person, holds: ColumnElement[bool]) -> list[ParticipantEntry]:
    therapist = aliased(Account)
    rows = db.session.execute(
        select(
            Account.key,
            Account.name,
            Account.called,
            Account.email,
            Account.created_at,
            CareRelationship.role,
            therapist.name.label("therapist"),
        )
        .outerjoin(CareRelationship, and_(CareRelationship.participant_id == Account.id, holds))
        .outerjoin(therapist, _is_open(therapist, CareRelationship.therapist_id))
        .where(Account.role == "participant", Account.disabled_at.is_(None))
        .order_by(Account.name, Account.id, therapist.name)
    )
    entries: dict[str, ParticipantEntry] = {}
    for row in rows:
        entry = entries.setdefault(
            row.key,
            ParticipantEntry(row.key, row.name, row.called, row.email, clock.day_of(row.created_at, coordinator.zone)),
        )
        if row.therapist:
            (entry.treated_by if row.role == "primary" else entry.covered_by).append(row.therapist)
    return list(entries.values())


def _staff(holds: ColumnElement[bool]) -> list[StaffEntry]:
    participant = aliased(Account)
    rows = db.session.execute(
        select(Account.key, Account.role, Account.name, Account.email, func.count(participant.id))
        .outerjoin(
            CareRelationship,
            and_(
                CareRelationship.therapist_id == Account.id,
                CareRelationship.role == "primary",
                holds,
            ),
        )
        .outerjoin(participant, _is_open(participant, CareRelationship.participant_id))
        .where(Account.role != "participant", Account.disabled_at.is_(None))
        .group_by(Account.id, Account.key, Account.role, Account.name, Account.email)
        .order_by(Account.name, Account.id)
    )
    return [StaffEntry(*row) for row in rows]


def _is_open(account: type[Account], id_: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return and_(account.id == id_, account.disabled_at.is_(None))
