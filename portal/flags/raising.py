"""Raising a flag: an answer opens one or joins the one that is open, and its owners are told at once."""

from datetime import datetime

from sqlalchemy import case, update

from portal import flags, program
from portal.db import add_once, db, new_key
from portal.flags import REASONS, handover
from portal.flags.models import TIERS, Flag, FlagReason
from portal.people import Person


def raise_flag(
    participant: Person, code: str, check_in_key: str | None, now: datetime, *, measure_key: str | None = None
) -> str | None:
    """Join the open flag of `participant`, or open one, and tell its owners by email; returns its key.

    A tier is only ever raised. A code without a tier opens nothing: without an open flag it returns None. The answer
    was part of the check-in, or of the measure, that a key names.
    """
    tier, _ = REASONS[code]
    held = _join(participant, tier)
    while held is None:
        if tier is None:
            return None
        flag = Flag(key=new_key(), participant_id=participant.id, tier=tier, raised_at=now)
        # It is not added when another answer of the same person opened one a moment ago.
        held = (flag.id, flag.key) if add_once(flag) else _join(participant, tier)
    flag_id, flag_key = held
    of_what = {"check_in_key": check_in_key, "measure_key": measure_key}
    due_at = flags.due_of(program.current(), code, now)
    db.session.add(FlagReason(flag_id=flag_id, code=code, at=now, due_at=due_at, **of_what))
    handover.settle(now, [participant.id])
    return flag_key


def _join(participant: Person, tier: str | None) -> tuple[int, str] | None:
    """The (id, key) of the open flag, with its tier raised if need be.

    Writing first holds the row until the answer is in, so that nobody can close the flag in between.
    """
    lower = TIERS[: TIERS.index(tier)] if tier else ()
    held = db.session.execute(
        update(Flag)
        .where(Flag.participant_id == participant.id, Flag.closed_at.is_(None))
        .values(tier=case((Flag.tier.in_(lower), tier), else_=Flag.tier))
        .returning(Flag.id, Flag.key),
        execution_options={"synchronize_session": False},
    ).first()
    return (held.id, held.key) if held else None
