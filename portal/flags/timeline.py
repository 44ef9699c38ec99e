"""The timeline of a flag, latest first: what is to come, what was done, who was told, and how it began."""

from dataclasses import dataclass
from datetime import datetime

from portal import clock, words
from portal.flags import Act
from portal.flags.board import FlagLine
from portal.flags.phrases import DONE, TIERS
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class FlagStep:
    """One step: the moment `at`, what it was in words, more about it, and somebody's own words; or what is to come."""

    at: datetime
    what: str
    about: str = ""
    by: str = ""
    own_words: str | None = None
    is_to_come: bool = False


def steps_of(line: FlagLine, program: ProgramFacts, now: datetime, zone: str) -> list[FlagStep]:
    """The steps of a flag as it stands at `now`, for a reader on the clock of `zone`, the latest first."""
    flag = line.flag
    steps = [FlagStep(flag.raised_at, f"raised, {TIERS[flag.reasons[0].tier or flag.tier].lower()}")]
    steps += [FlagStep(one.at, "another answer was added") for one in flag.reasons[1:]]
    steps += [_step_of(one, now, zone) for one in flag.acts]
    if line.passed_on_at:
        minutes = words.duration(program.minutes_of(flag.tier))
        others = words.listed(line.owners.later_names) or "nobody else"
        steps.append(
            FlagStep(line.passed_on_at, f"went to {others} too", f"Nothing was done within {minutes} of program time")
        )
    return [*_to_come(line), *sorted(steps, key=lambda step: step.at)[::-1]]


def _to_come(line: FlagLine) -> list[FlagStep]:
    tried = line.flag.tried
    if tried is None or tried.again_at is None:
        return []
    return [FlagStep(tried.again_at, f"{tried.again_by} tries again", f"Named by {tried.by}", is_to_come=True)]


def _step_of(act: Act, now: datetime, zone: str) -> FlagStep:
    about = ""
    if act.again_at:
        again = words.when(act.again_at, zone, clock.day_of(now, zone))
        about = f"{act.again_by} tries again, {again}"
    return FlagStep(act.at, DONE[act.kind], about, act.by, act.note)
