"""The answers about safety behind a flag, as the participant who gave them may read what became of them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import String, bindparam, exists, or_
from sqlalchemy.orm import aliased

from portal.flags import REASONS, flag_reader, flags_where
from portal.flags.models import Flag, FlagReason
from portal.people import Person


@dataclass(frozen=True, slots=True)
class SafetyAnswers:
    """The answers about safety that a participant gave in and after one check-in or measure.

    `reasons` are codes of REASONS, when each was given and whether its flag is open still, the oldest first. `seen_by`
    did something about the latest flag of it: `act`, one of ACTS. `waits_for_call` says whether they asked for a call
    in a flag that is open still, after this answer or another one.
    """

    reasons: tuple[tuple[str, datetime, bool], ...] = ()
    seen_at: datetime | None = None
    seen_by: str | None = None
    act: str | None = None
    waits_for_call: bool = False

    def codes(self, since: datetime) -> list[str]:
        """The codes given from `since` on: a yes that is kept once more asks again."""
        return [code for code, at, _ in self.reasons if at >= since]

    @property
    def tier(self) -> str:
        """The highest tier of these answers."""
        return "urgent" if any(REASONS[code][0] == "urgent" for code, _, _ in self.reasons) else "same_day"


_in_it = aliased(FlagReason)
_read_flags = flag_reader(
    flags_where(
        exists().where(
            _in_it.flag_id == Flag.id,
            or_(
                _in_it.check_in_key == bindparam("check_in_key", type_=String()),
                _in_it.measure_key == bindparam("measure_key", type_=String()),
            ),
        )
    )
)


def safety_answers_in(
    participant: Person, check_in_key: str | None = None, *, measure_key: str | None = None
) -> SafetyAnswers:
    """The answers of `participant` about their safety in this check-in, or in this measure.

    They are seen once somebody did something about the latest flag of it.
    """
    found = _read_flags([participant.id], check_in_key=check_in_key, measure_key=measure_key)
    if not found:
        return SafetyAnswers()
    in_it = [
        (reason.code, reason.at, flag.closed_at is None)
        for flag in found
        for reason in flag.reasons
        if (reason.check_in_key, reason.measure_key) == (check_in_key, measure_key)
    ]
    waits = any(reason.code == "call_me" for flag in found if flag.closed_at is None for reason in flag.reasons)
    told = SafetyAnswers(tuple(in_it), waits_for_call=waits)
    done = found[-1].done
    return replace(told, seen_at=done[-1].at, seen_by=done[-1].by, act=done[-1].kind) if done else told
