"""The part of the flags that Today shows: the latest answer about safety that nobody has signed yet."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, case, func, select

from portal.db import Offered, offer
from portal.flags.models import Flag, FlagReason


@dataclass(frozen=True, slots=True)
class UnsignedAnswer:
    """The check-in, or the measure, with the latest answer; `wants_call` if they asked to be called since then."""

    at: datetime
    check_in_key: str | None
    measure_key: str | None
    wants_call: bool


_flags, _reasons = Flag.__table__, FlagReason.__table__
_unsigned = (
    _reasons.c.flag_id == _flags.c.id,
    _flags.c.participant_id == bindparam("me"),
    _flags.c.closed_at.is_(None),
)
OFFERS = (
    offer(
        "unsigned",
        func.coalesce(_reasons.c.check_in_key, _reasons.c.measure_key),
        _reasons.c.at,
        number=case((_reasons.c.code == "call_me", 1), else_=0),
        author=_reasons.c.measure_key,
    )
    .where(*_unsigned, _reasons.c.check_in_key.is_not(None) | _reasons.c.measure_key.is_not(None))
    .order_by(_reasons.c.at.desc(), _reasons.c.id.desc()),
)


def unsigned_measures() -> Select:
    """The keys of the measures with an answer that nobody has signed yet."""
    return select(_reasons.c.measure_key).where(*_unsigned)


def unsigned_answer(offered: Offered) -> UnsignedAnswer | None:
    """The latest answer of the open flag; None without one."""
    rows = offered.get("unsigned", ())
    if not rows:
        return None
    latest = rows[0]
    check_in_key = None if latest.author else latest.name
    return UnsignedAnswer(latest.at, check_in_key, latest.author, any(row.number for row in rows))
