"""People: who they are, and who may see whom. Nothing outside this folder decides that."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the rest of the portal knows it. Domain functions take one as their first argument."""

    id: int
    key: str
    role: str
    name: str
    called: str
    zone: str


PERSON = (Account.id, Account.key, Account.role, Account.name, Account.called, Account.zone)


def _in_care_of(therapist: Person, now: datetime) -> Select:
    return (
        select(*PERSON)
        .join(CareRelationship, CareRelationship.participant_id == Account.id)
        .where(
            CareRelationship.therapist_id == therapist.id,
            CareRelationship.starts_on <= clock.day_of(now, therapist.zone),
            CareRelationship.ended_at.is_(None),
            Account.role == "participant",
            Account.disabled_at.is_(None),
        )
    )


def participant_of(therapist: Person, key: str) -> Person:
    """The participant called `key`, if `therapist` treats them now; raises NotFound otherwise.

    This is the only way from an address to a participant for a therapist.
    """
    row = db.session.execute(_in_care_of(therapist, clock.now()).where(Account.key == key)).first()
    if row is None:
        raise NotFound
    return Person(*row)


def participants_of(therapist: Person, now: datetime) -> list[tuple[Person, str]]:
    """Everyone `therapist` treats at `now`, by name, each with the care role ("primary" or "covering")."""
    rows = db.session.execute(_in_care_of(therapist, now).add_columns(CareRelationship.role).order_by(Account.name))
    return [(Person(*row[:-1]), row[-1]) for row in rows]


def primary_therapist() -> ScalarSelect:
    """The name of the therapist who reads an Account's check-ins, as a column to read beside it."""
    therapist = aliased(Account)
    return (
        select(therapist.name)
        .join(CareRelationship, CareRelationship.therapist_id == therapist.id)
        .where(
            CareRelationship.participant_id == Account.id,
            CareRelationship.role == "primary",
            CareRelationship.ended_at.is_(None),
            therapist.disabled_at.is_(None),
        )
        .correlate(Account)
        .scalar_subquery()
    )
