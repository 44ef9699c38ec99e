"""An exercise: what its file says, and its fields in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from portal import words

SAFETY_PLAN = "safety-plan"
WITHOUT_ANSWER = ("section", "computed")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_ROWS = 30


@dataclass(frozen=True)
class Condition:
    """A part is asked only when the earlier `answer` is `among` these, or `at_least` this number."""

    answer: str
    among: tuple[str, ...] = ()
    at_least: int | None = None
    line: int = 0

    def holds(self, answers: Mapping[str, Any]) -> bool:
        """Whether the part is asked after these answers by field name."""
        given = answers.get(self.answer)
        if self.at_least is not None:
            return isinstance(given, int) and given >= self.at_least
        chosen = given if isinstance(given, list) else [given]
        return any(one in self.among for one in chosen)


@dataclass(frozen=True)
class TimerStep:
    """One thing to do while a timer runs: for so many seconds, or, at 0, until the person goes on.

    `only` are the choices of the timer that have this step; empty for all of them.
    """

    words: str
    seconds: int = 0
    only: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Field:
    """One thing to answer, to read, or to do. `choices` maps values to words.

    A rating runs from 0 to 10, a suds from 0 to 100, `low` and `high` say what the ends mean. `role` marks the
    rating "before" and the one "after". `short` is the field's name where there is little room. A phone is a number to
    dial. `fields` are the columns of repeating rows, and of each day of a week. A timer's `shape` is a "wave" (minutes
    to watch pass), a "breath" (counts to breathe by) or "steps" (`steps` to follow, one after the other); it is
    `set_to` one of its choices. A computed line says `how` the answers that it `uses` add up and takes none
    itself. What is `folded` may be skipped and stands behind a tap. `when` says on which answer a part, or all
    that follows a section, depends.

    A choice that is `drawn_from` "exercise.rows.column" offers what the person wrote there last. Rows that need
    `approval` are offered only once a therapist of the care team approved them.
    """

    kind: str
    label: str
    name: str = ""
    short: str = ""
    hint: str = ""
    low: str = ""
    high: str = ""
    role: str = ""
    shape: str = ""
    set_to: str = ""
    rows: int = 2
    required: bool = False
    folded: bool = False
    approval: bool = False
    drawn_from: str = ""
    how: str = ""
    uses: tuple[str, ...] = ()
    when: Condition | None = None
    choices: dict[str, str] | None = None
    steps: tuple[TimerStep, ...] = ()
    fields: tuple["Field", ...] = ()
    line: int = 0

    @property
    def setting(self) -> str | None:
        """The choice that a timer is set to from the start, its first if the file says none; None for what is asked."""
        return (self.set_to or next(iter(self.choices or {}), None)) if self.kind == "timer" else None

    def in_words(self, value: Any) -> str:
        """An answer as it is read back; the rows of one follow each other in a line."""
        if self.kind == "rows":
            return "; ".join(" ".join(map(str, row.values())) for row in value)
        if self.kind == "week":
            return "; ".join(f"{day}: {' '.join(map(str, row.values()))}" for day, row in self.days(value))
        if self.kind == "date":
            return words.full_date(date.fromisoformat(value))
        chosen = value if self.kind == "many" else [value]
        return ", ".join((self.choices or {}).get(part, str(part)) for part in chosen)

    @staticmethod
    def days(answer: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """(day, its columns) of a week, for each day that has something, from Monday on."""
        return [(day, answer[day.lower()]) for day in DAYS if day.lower() in answer]


@dataclass(frozen=True)
class Caution:
    """The question before a tool that is not safe for everybody.

    `words` say why, `reasons` for whom it is not, and `instead` is the exercise that is.
    """

    words: str
    reasons: tuple[str, ...]
    instead: str
    line: int = 0


@dataclass(frozen=True)
class HandOver:
    """The way from one exercise into another: an `answer` of this one ("field" or "rows.column") begins `field` there.

    `to` is the slug of the other, and `words` are those of the link to it.
    """

    answer: str
    to: str
    field: str
    words: str
    line: int = 0


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise: the front matter of its file, its fields, and `html`, the written steps.

    `related` maps the slugs of materials to their titles. `first` is what to do before the tool, `enough` when to stop.
    One that goes `by_step` asks one section a page. Its `after` is the one kind sentence at its end, and `next` what to
    do then: exercises by slug. Where it names hurting oneself, `help_first` puts help before it. Its two ratings are
    `better` when they go "down" or "up". A `living` exercise (the safety plan) is one that a participant keeps and
    changes; each save is a new version of it. One that is `made_with` the team says so above its first field. What was
    written may go on in another exercise, by `hand_over`.
    """

    slug: str
    title: str
    synopsis: str
    minutes: int
    version: int
    icon: str
    topic: str
    evidence: str
    fields: tuple[Field, ...]
    related: dict[str, str]
    html: str
    first: str = ""
    after: str = ""
    enough: str = ""
    next: tuple[str, ...] = ()
    by_step: bool = False
    living: bool = False
    help_first: bool = False
    made_with: str = ""
    caution: Caution | None = None
    better: str = "down"
    hand_over: HandOver | None = None

    @cached_property
    def asked(self) -> tuple[Field, ...]:
        """The fields that take an answer."""
        return tuple(field for field in self.fields if field.kind not in WITHOUT_ANSWER)

    @cached_property
    def tool(self) -> Field | None:
        """The timer on which the exercise opens; None for one that opens on its first question."""
        return self.asked[0] if self.asked[0].kind == "timer" else None

    @property
    def address(self) -> str:
        """The path of its page. The safety plan is two taps from everywhere and has one of its own."""
        return f"/{SAFETY_PLAN}" if self.slug == SAFETY_PLAN else f"/exercises/{self.slug}"

    @property
    def who_sees(self) -> str:
        """One sentence on who can see what of it."""
        seen = "that you have a plan, and when you changed it" if self.living else "that you practiced, and when"
        return f"Whoever is on your care team can see {seen}; what you write, only if you share it. It alerts nobody."

    def rating(self, role: str) -> Field | None:
        """The field with the role "before" or "after"."""
        return next((field for field in self.asked if field.role == role), None)
