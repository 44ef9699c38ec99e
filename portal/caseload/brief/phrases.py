"""The phrases of the brief: whom to ask first, what stands out in the numbers, without a number, and the last days."""

from collections.abc import Sequence

from portal import words
from portal.caseload.order import CaseloadFacts
from portal.caseload.reasons import describe_silence
from portal.checkins.floors import ABOUT_SAFETY
from portal.checkins.urges import TARGET
from portal.checkins.usual_range import UnusualAnswer
from portal.flags.owners import FlagOwners
from portal.people import Person
from portal.schedule.models import ATTENDED
from portal.schedule.on_caseload import GroupOfPerson

OWN_TARGET = "A target of their own"  # its words are theirs and their therapist’s
FLOORS = {  # each in words that give no number; those about hurting oneself are not for who leads a group
    "substance_use": "Return to use",
    "acted": "Acted on an urge",
    "urges": "Strong urges",
    TARGET: f"{OWN_TARGET} very high",
    "mood": "Very low mood",
    "anxiety": "Strong anxiety",
    "sleep_hours": "Very little sleep, twice in a row,",
    "medication": "Medicine not taken, twice in a row,",
}


def whom_to_ask(leader: Person, owned: FlagOwners) -> str:
    """A sentence on who knows more about somebody's safety: their therapist, or who is there instead."""
    if any(one.id == leader.id for one in owned.now):
        return "See your caseload first."
    roles = {one.therapist.id: one.role for one in owned.team}
    names = words.listed([one.name for one in owned.now])
    role = roles.get(owned.now[0].id, "on_call") if owned.now else ""
    return {
        "primary": f"Ask their therapist, {names}.",
        "covering": f"Ask {names}, who covers for their therapist.",
        "on_call": f"Ask {names}, on call for the program.",
        "": "Ask a coordinator who their therapist is.",
    }[role]


def stands_out(facts: CaseloadFacts) -> str:
    """The caseload's reasons for somebody's place, without safety, without an answer and without its number."""
    days = {one.rule: one.for_day for one in reversed(facts.floors)}
    said = [f"{what} {words.on_day(days[rule], facts.today)}." for rule, what in FLOORS.items() if rule in days]
    changed = [change for change in facts.harder if change.item.id not in (*days, *ABOUT_SAFETY)]
    said += dict.fromkeys(f"{_change(change)}{_of_day(facts)}." for change in changed)
    if facts.high:
        said.append("The total of a measure is high.")
    if facts.worse:
        said.append("A measure is worse than the time before.")
    if facts.is_silent:
        said.append(describe_silence(facts))
    if facts.missed:
        said.append(f"Missed group {words.on_day(facts.missed.day, facts.today)}.")
    usual = "Nothing stands out in the numbers." if facts.has_range else "Too few check-ins to compare."
    return " ".join(said) or usual


def _change(change: UnusualAnswer) -> str:
    name = OWN_TARGET if change.item.id == TARGET else change.item.name
    return f"{name} {'higher' if change.value > change.usual.high else 'lower'} than usual"


def _of_day(facts: CaseloadFacts) -> str:
    return f" {words.on_day(facts.latest.for_day, facts.today)}" if facts.latest else ""


def lately(groups: Sequence[GroupOfPerson], missed: Sequence[bool], days: int) -> str:
    """A sentence on the groups that somebody came to, and on their last `days` with a check-in and without.

    `missed` are more days, the last of which is today. A day counts from their first check-in on, and today once there
    is one.
    """
    taken = [group.attendance for group in groups if group.attendance]
    came = f"came to {sum(one in ATTENDED for one in taken)} of {words.counted(len(taken), 'group')}"
    began = missed.index(False) if False in missed else len(missed)
    shown = missed[max(began, len(missed) - days) :]
    due = words.counted(len(shown) - shown[-1], "day") if shown else ""
    checked_in = f"checked in on {shown.count(False)} of {due}" if due else "no check-in"
    said = f"{came}, {checked_in}." if taken else f"{checked_in}."
    return said[0].upper() + said[1:]
