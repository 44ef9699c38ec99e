"""A plan that somebody keeps, as its page shows it: whom to call, and every version with what changed in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from portal import phones, words
from portal.exercises import KeptPractice, finished_practices
from portal.exercises.definition import Exercise
from portal.people import Person

A_PAGE = 25  # versions on one page
LAST_PAGE = 10_000  # whoever asks for a later one is shown this
PEOPLE = ("ask", "company", "professionals")  # the parts that name people, those to tell first
EVERYBODYS = ("988", "911")


@dataclass(frozen=True, slots=True)
class PersonToCall:
    """Somebody whom a safety plan names with a number; `number` is as a tel: link takes it."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One save of a plan, and in a sentence what changed with it."""

    key: str
    saved_at: datetime
    change: str


@dataclass(frozen=True, slots=True)
class PageOfVersions:
    """The versions of one page, the newest first; `newest` is the plan as it is there, None before there is one."""

    newest: KeptPractice | None
    versions: list[PlanVersion]
    is_last: bool


def page_of_versions(participant: Person, plan: Exercise, page: int = 1) -> PageOfVersions:
    """A page of the versions of this `plan` of `participant`. One read."""
    first = max(page - 1, 0) * A_PAGE
    kept = finished_practices(participant, plan, newest=A_PAGE + 1, skip=first)
    pairs = zip_longest(kept, kept[1:])
    versions = [PlanVersion(one.key, one.updated_at, _change(one, earlier)) for one, earlier in pairs]
    return PageOfVersions(kept[0] if kept else None, versions[:A_PAGE], len(kept) <= A_PAGE)


def _change(plan: KeptPractice, earlier: KeptPractice | None) -> str:
    """The parts that are others than in the version before, in a sentence."""
    if earlier is None:
        return "The first one"
    fields = plan.exercise.asked
    others = [field for field in fields if plan.answers.get(field.name) != earlier.answers.get(field.name)]
    named = [f"“{field.short or field.label}”" for field in others]
    return f"You changed {words.listed(named)}" if named else "Nothing was changed"


def people_to_call(answers: Mapping[str, Any], clinic: str) -> list[PersonToCall]:
    """Everybody whom these answers of a safety plan name with a number, each number once, those to tell first.

    Whoever is named twice has the longer name, which says more. 988, 911 and the number of the `clinic` have places of
    their own.
    """
    found: dict[str, str] = {}
    for row in (row for part in PEOPLE for row in answers.get(part, ())):
        said = [row.get("phone", ""), row.get("who", "")]
        numbers = [number for text in said for _, number in phones.split(text) if number]
        if numbers and numbers[0] not in (*EVERYBODYS, clinic):
            found[numbers[0]] = max(found.get(numbers[0], ""), row.get("who") or row["phone"], key=len)
    return [PersonToCall(name, number) for number, name in found.items()]
