"""The published order of a caseload: safety, change, silence, missed group, the rest. A rule, and not a score.

Within each, the sooner the next session; in safety, urgent flags before the others. Each reason is a sentence with
its numbers, and everything that applies is said.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from portal import words
from portal.checkins.on_caseload import LatestCheckIn
from portal.checkins.usual_range import UnusualAnswer
from portal.flags import RaisedFlag
from portal.flags.phrases import DONE
from portal.schedule.on_caseload import GroupOfPerson

SAFETY, CHANGE, QUIET, MISSED, STEADY = range(5)
SILENT_AFTER = 3  # days
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CaseloadFacts:
    """The facts that the rule looks at, as of the participant's day `today`.

    `flag` is the reader's to see to: it is open, or was signed with the person not reached yet. `changes`
    is what was not usual on the day of the `latest` check-in; `has_range` says whether there are enough check-ins to
    know what is usual; `missed` is their latest group if they missed it.
    `worse` says which totals of measures got worse, and `left_out` which safety questions in them have no answer.
    """

    today: date
    zone: str
    flag: RaisedFlag | None = None
    latest: LatestCheckIn | None = None
    changes: tuple[UnusualAnswer, ...] = ()
    has_range: bool = False
    missed: GroupOfPerson | None = None
    worse: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    next_at: datetime | None = None

    @property
    def silent_days(self) -> int | None:
        """Days since the one the latest check-in is for; None when there is none."""
        return (self.today - self.latest.for_day).days if self.latest else None

    @property
    def is_silent(self) -> bool:
        return self.silent_days is None or self.silent_days >= SILENT_AFTER


def rank(facts: CaseloadFacts) -> int:
    """The first of the published kinds that applies."""
    if facts.flag:
        return SAFETY
    if facts.changes or facts.worse:
        return CHANGE
    if facts.is_silent or facts.left_out:
        return QUIET
    return MISSED if facts.missed else STEADY


def place(facts: CaseloadFacts) -> tuple[int, bool, datetime]:
    """The place of someone in the list: sort by it."""
    return rank(facts), not (facts.flag and facts.flag.urgent), facts.next_at or FAR


def reasons(facts: CaseloadFacts) -> list[str]:
    """The reasons for someone's place, as sentences."""
    said = [*_safety(facts), *_change(facts), *facts.worse, *facts.left_out]
    if facts.silent_days is None:
        said.append("No check-in yet, or none in the last 6 weeks.")
    elif facts.is_silent:
        said.append(f"No check-in for {facts.silent_days} days.")
    if facts.missed:
        said.append(f"Missed group {words.on_day(facts.missed.day, facts.today)}.")
    if said:
        return said
    return ["In the usual range."] if facts.has_range else ["Not enough check-ins yet to know the usual range."]


def _safety(facts: CaseloadFacts) -> list[str]:
    if not facts.flag:
        return []
    gravest = facts.flag.gravest
    said = [f"{gravest.words}, {words.when(gravest.at, facts.zone, facts.today)}."]
    if gravest.code != "call_me" and any(reason.code == "call_me" for reason in facts.flag.reasons):
        said.append("Asked the team to call.")
    last = facts.flag.done[-1] if facts.flag.done else None
    if last:
        said.append(f"{last.by} {DONE[last.kind]}, {words.when(last.at, facts.zone, facts.today)}.")
    if last and last.again_at:
        said.append(f"{last.again_by} tries again, {words.when(last.again_at, facts.zone, facts.today)}.")
    return said


def _change(facts: CaseloadFacts) -> list[str]:
    said = [f"{change.words}." for change in facts.changes]
    if facts.latest and facts.latest.used:
        said.append("Told us about drinking or using.")
    if facts.latest and facts.latest.acted:
        said.append("Told us about acting on an urge.")
    return said
