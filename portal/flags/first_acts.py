"""The first acts on the program's flags: how long they took, and what other settings would have made of them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import bindparam, or_, true

from portal.db import Instant
from portal.flags import RaisedFlag, due_of, flag_reader, flags_where
from portal.flags.models import TIERS, Flag
from portal.people import Person, coordinators_only
from portal.program import ProgramFacts

LATELY = timedelta(days=90)

_LATELY = flags_where(or_(Flag.raised_at >= bindparam("since", type_=Instant()), Flag.closed_at.is_(None)), of=true())
_read_lately = flag_reader(_LATELY)


@dataclass(frozen=True, slots=True)
class FirstActs:
    """The flags of one tier in the last 90 days: how many were `raised`, and how many had an act `in_time`.

    In time is by the settings that held when each was raised. `median_minutes` to the first act are of the working
    hours as they are now; None before there is one. `waiting` are still without.
    """

    tier: str
    raised: int
    in_time: int
    waiting: int
    median_minutes: int | None


def lately(coordinator: Person, now: datetime) -> list[RaisedFlag]:
    """The flags of everybody that were raised in the last 90 days or are open, for their times alone; oldest first."""
    coordinators_only(coordinator)
    return _read_lately([], since=now - LATELY)


def first_acts(flags: Collection[RaisedFlag], program: ProgramFacts, now: datetime) -> list[FirstActs]:
    """The first acts on those of `flags` that were raised in the last 90 days, the urgent tier first."""
    recent = [flag for flag in flags if flag.raised_at >= now - LATELY]
    return [_of_tier(tier, [flag for flag in recent if flag.tier == tier], program) for tier in reversed(TIERS)]


def _of_tier(tier: str, flags: Collection[RaisedFlag], program: ProgramFacts) -> FirstActs:
    taken = [minutes for flag in flags if (minutes := flag.minutes_to_first_act(program)) is not None]
    return FirstActs(
        tier=tier,
        raised=len(flags),
        in_time=sum(bool(flag.first_act and flag.passed_on_at(program, flag.first_act.at) is None) for flag in flags),
        waiting=len(flags) - len(taken),
        median_minutes=round(median(taken)) if taken else None,
    )


def due_by(program: ProgramFacts, flags: Collection[RaisedFlag]) -> list[RaisedFlag]:
    """The same flags as if the settings of `program` had held when they were raised."""
    return [
        replace(flag, reasons=tuple(replace(one, due_at=due_of(program, one.code, one.at)) for one in flag.reasons))
        for flag in flags
    ]


def count_passed_on(flags: Collection[RaisedFlag], tier: str, program: ProgramFacts, now: datetime) -> tuple[int, int]:
    """Count the flags of this tier of the last 90 days, and those of them about which nothing was done in time."""
    recent = [flag for flag in flags if flag.tier == tier and flag.raised_at >= now - LATELY]
    return len(recent), sum(flag.passed_on_at(program, now) is not None for flag in recent)
