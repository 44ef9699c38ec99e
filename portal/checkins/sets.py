"""Question sets: their items in order, read from files and checked at start; their versions stay for good."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from portal import content
from portal.checkins.set_rules import check

FOLDER = Path(__file__).parent / "sets"
SKIPPED, NOT_ASKED, DECLINED = "Skipped", "Not asked", "not_say"
MOST_TARGETS = 3
HELP_FROM = 7  # of an urge to hurt oneself; the product's safety rules
DEFAULT, SHORTER = "daily", "low"
WITH_SELF_HARM = "dbt"  # the set whose questions about hurting oneself can be added to the others


@dataclass(frozen=True, eq=False)
class Question:
    """One item of a set. `short` is its name where there is little room.

    A scale and a number run from `low` to `high` in whole steps, hours in halves; `low_words` and `high_words` say
    what the ends mean, `anchors` what every number does. `choices` maps codes to words; one of `opens` shows
    `opens_words` below it. Who `sees` the answer is the care team. A target's words are the participant's own.
    `self_harm` says that it is about hurting oneself. The `urge` of the item "urges" says which kind it asks about: to
    drink or "use", to do a "ritual", or the person's "own" of these; "" where it may be one to hurt oneself.
    """

    id: str
    kind: str
    text: str
    short: str
    hint: str = ""
    low: int = 0
    high: int = 10
    low_words: str = ""
    high_words: str = ""
    anchors: Mapping[int, str] | None = None
    choices: Mapping[str, str] | None = None
    opens: tuple[str, ...] = ()
    opens_words: str = ""
    sees: str = "team"
    optional: bool = True
    self_harm: bool = False
    urge: str = ""

    @property
    def is_about_safety(self) -> bool:
        """Whether an answer to it may need a person at once; it is asked only where the program can staff that."""
        return self.kind == "safety" or self.self_harm

    @property
    def help_from(self) -> int | None:
        """The number from which an answer brings people to reach first; None where no number does."""
        return HELP_FROM if self.self_harm and not self.choices else None

    @property
    def step(self) -> float:
        """The distance from one answer to the next."""
        return 0.5 if self.kind == "hours" else 1

    @property
    def numbers(self) -> list[float]:
        """Every number that can be answered, the lowest first."""
        steps = int((self.high - self.low) / self.step) + 1
        return [self.low + n * self.step if self.kind == "hours" else self.low + n for n in range(steps)]

    def says(self, value: Any) -> str:
        """An answer to it in words. None is a skip, never a zero."""
        if value is None:
            return SKIPPED
        if self.kind == "hours":
            return hours(value)
        if self.kind == "choices":
            return ", ".join((self.choices or {}).get(code, code) for code in value) or SKIPPED
        if self.choices:
            return self.choices.get(value, str(value))
        return f"{value}: {self.anchors[value]}" if self.anchors and value in self.anchors else str(value)


@dataclass(frozen=True, slots=True)
class Target:
    """Something of one's own that is asked from 0 to 10; `self_harm` says that it is about hurting oneself."""

    words: str
    self_harm: bool = False


@dataclass(frozen=True, eq=False)
class QuestionSet:
    """One version of a question set. A check-in names the version that it answered, so none is ever changed."""

    name: str
    version: int
    title: str
    about: str
    items: tuple[Question, ...]

    @property
    def slug(self) -> str:
        """ "daily-1": its file, and how a form names it."""
        return f"{self.name}-{self.version}"

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {item.id: item for item in self.items}

    def asked(self, targets: Sequence[Target] = (), self_harm: "QuestionSet | None" = None) -> tuple[Question, ...]:
        """The questions as they are asked of somebody with these targets: each is a question with its own words.

        The set `self_harm`, where there is one, lends its questions about hurting oneself to all but the short one.
        """
        found: list[Question] = []
        for item in self.items:
            if item.kind != "target":
                found.append(item)
                continue
            as_asked = replace(item, hint=item.text)
            for n, one in enumerate(targets, 1):
                own = replace(as_asked, id=f"target-{n}", text=one.words, short=one.words, self_harm=one.self_harm)
                found.append(own)
        if self_harm and self.name != SHORTER:
            end = next(n for n, one in enumerate(found) if one.kind in ("text", "safety"))
            found[end:end] = [one for one in self_harm.items if one.self_harm and one.id not in self.by_id]
        return tuple(found)


def hours(value: float) -> str:
    """7.5 as "7.5 h", 7.0 as "7 h"."""
    return f"{value:g} h"


def _build(slug: str, front: dict[str, Any], body: str) -> QuestionSet:
    named = re.fullmatch(r"([a-z]{1,20})-([1-9][0-9]{0,2})", slug)
    if not named:
        raise ValueError("a set's file is called by its name and version: daily-1.md")
    made = content.record(QuestionSet, front, name=named[1], version=int(named[2]), about=body)
    check(made.items)
    if not body:
        raise ValueError("the text below the line says who the set is for")
    return made


def load(folder: Path = FOLDER) -> dict[tuple[str, int], QuestionSet]:
    """Every version of every set, by name and version; raises ContentError that names the file."""
    found = content.load(folder, _build)
    return {(one.name, one.version): one for one in found.values()}


SETS = load()
BY_SLUG = {one.slug: one for one in SETS.values()}


def latest(name: str) -> QuestionSet:
    """The newest version of the set called `name`; of the daily one if there is no such set."""
    versions = [version for held, version in SETS if held == name]
    return SETS[name, max(versions)] if versions else latest(DEFAULT)


def to_choose() -> list[QuestionSet]:
    """The newest version of each set, the daily one first and the shorter one last."""
    names = dict.fromkeys([DEFAULT, *(name for name, _ in SETS if name != SHORTER), SHORTER])
    return [latest(name) for name in names]
