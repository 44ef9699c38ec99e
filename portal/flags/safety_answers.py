"""The answers about safety behind a flag, as the participant who gave them may read what became of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.flags.models import Flag, FlagReason
from portal.people import Person
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class SafetyAnswers:
    """The answers about safety that a participant gave in and after one check-in or measure.

    `reasons` are codes of REASONS, when each was given and whether its flag is open still, the oldest first. `seen_by`
    signed the latest flag of it.
    """

    reasons: tuple[tuple[str, datetime, bool], ...] = ()
    seen_at: datetime | None = None
    seen_by: str | None = None
    action: str | None = None

    def codes(self, since: datetime) -> list[str]:
        """The codes given from `since` on: a yes that is kept once more asks again."""
        return [code for code, at, _ in self.reasons if at >= since]

    @property
    def waits_for_call(self) -> bool:
        """Whether they asked for a call in a flag that nobody has signed yet."""
        return any(code == "call_me" and is_open for code, _, is_open in self.reasons)


def safety_answers_in(
    participant: Person, check_in_key: str | None = None, *, measure_key: str | None = None
) -> SafetyAnswers:
    """The answers of `participant` about their safety in this check-in, or in this measure.

    They are seen once the latest flag of it was signed.
    """
    in_it = FlagReason.measure_key == measure_key if measure_key else FlagReason.check_in_key == check_in_key
    rows = db.session.execute(
        select(FlagReason.code, FlagReason.at, Flag.acknowledged_at, Account.name, Flag.action)
        .join(Flag, Flag.id == FlagReason.flag_id)
        .outerjoin(Account, Account.id == Flag.acknowledged_by_id)
        .where(Flag.participant_id == participant.id, in_it)
        .order_by(FlagReason.at, FlagReason.id)
    ).all()
    if not rows:
        return SafetyAnswers()
    reasons = tuple((row.code, row.at, row.acknowledged_at is None) for row in rows)
    return SafetyAnswers(reasons, rows[-1].acknowledged_at, rows[-1].name, rows[-1].action)
