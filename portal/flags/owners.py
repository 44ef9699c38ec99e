"""The owners of flags: the primary therapist of each participant, and those who cover."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.people import holds
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class Owners:
    """The names of those a flag goes to: `primary` at once, `covering` once it is escalated."""

    primary: tuple[str, ...] = ()
    covering: tuple[str, ...] = ()


def owners(participant_ids: Collection[int], now: datetime, zone: str) -> dict[int, Owners]:
    """The therapists of each of these people at `now`, whose day is that of `zone`; nobody is left out."""
    rows = db.session.execute(
        select(CareRelationship.participant_id, CareRelationship.role, Account.name)
        .join(Account, Account.id == CareRelationship.therapist_id)
        .where(CareRelationship.participant_id.in_(participant_ids), holds(now, zone), Account.disabled_at.is_(None))
        .order_by(Account.name)
    )
    named: dict[int, dict[str, tuple[str, ...]]] = {participant_id: {} for participant_id in participant_ids}
    for participant_id, role, name in rows:
        held = named[participant_id]
        held[role] = (*held.get(role, ()), name)
    return {participant_id: Owners(**held) for participant_id, held in named.items()}
