"""The care team as somebody reads it who opened a record in an emergency."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.people import Person, contacts, holds
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class TeamContact:
    """One of a care team. `address` is where email reaches them and nobody else; None where that is not known."""

    name: str
    role: str
    address: str | None


def team_to_reach(participant: Person, zone: str, now: datetime) -> list[TeamContact]:
    """The care team of `participant` at `now`, by the day of `zone`, the primary therapist first."""
    rows = db.session.execute(
        select(Account.key, Account.name, Account.contact, Account.mail_ok, CareRelationship.role)
        .join(CareRelationship, CareRelationship.therapist_id == Account.id)
        .where(CareRelationship.participant_id == participant.id, holds(now, zone), Account.disabled_at.is_(None))
        .order_by(CareRelationship.role.desc(), Account.name)
    )
    return [
        TeamContact(row.name, row.role, contacts.private_address(row.key, row.contact, row.mail_ok)) for row in rows
    ]
