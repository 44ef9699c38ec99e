"""What somebody needs first who opened a record in an emergency: whether there is a safety plan, and the care team."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from portal import exercises
from portal.db import db
from portal.exercises.models import Practice
from portal.people import Found, contacts, holds
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class Member:
    """One of the care team. `address` is where mail reaches them and nobody else; "" where that is not known."""

    name: str
    role: str
    address: str


@dataclass(frozen=True, slots=True)
class Emergency:
    """`planned_at` is when the person's safety plan was last changed, None without one: its words are theirs alone,
    as the page on which they write it says. The primary therapist comes first in `team`."""

    planned_at: datetime | None
    team: list[Member]


def of(participant: Found, zone: str, now: datetime) -> Emergency | None:
    """What is needed first in the record of `participant`; None for their own care team. In one read, by `zone`."""
    if participant.opened_until is None:
        return None
    member = aliased(Account)
    latest = (
        select(func.max(Practice.finished_at))
        .where(
            Practice.participant_id == participant.id,
            Practice.slug == exercises.SAFETY_PLAN,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            latest.label("planned_at"),
            member.name,
            member.key,
            member.contact,
            member.mail_ok,
            CareRelationship.role,
        )
        .select_from(Account)
        .outerjoin(CareRelationship, and_(CareRelationship.participant_id == Account.id, holds(now, zone)))
        .outerjoin(member, and_(member.id == CareRelationship.therapist_id, member.disabled_at.is_(None)))
        .where(Account.id == participant.id)
        .order_by(CareRelationship.role.desc(), member.name)
    ).all()
    team = [Member(row.name, row.role, _address(row.key, row.contact, row.mail_ok)) for row in rows if row.name]
    return Emergency(rows[0].planned_at, team)


def _address(key: str, sealed: bytes, mail_ok: bool) -> str:
    contact = contacts.contact_of(key, sealed) if mail_ok else ""
    return contact if contacts.is_address(contact) else ""
