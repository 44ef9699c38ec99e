"""What an instrument file says: its items, scoring, bands and sources as frozen records, read from front matter."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from portal import content
from portal.measures.checking import check

FOLDER = Path(__file__).parent / "instruments"

Part = TypeVar("Part")


@dataclass(frozen=True)
class Answer:
    """One answer to choose: what it counts, its words, and its LOINC code where there is one."""

    value: int
    words: str
    code: str = ""


@dataclass(frozen=True)
class Item:
    """One question with its official words.

    `lead` stands above the words where items share one. An item `after` another is asked only when that one's
    answer is above 0, and else counts 0. An item that is not `scored` is kept and shown, and counts in no sum.
    The answers of one asked `by_number` are whole numbers from the first to the last, typed rather than chosen.
    """

    id: str
    text: str
    answers: tuple[Answer, ...]
    number: str = ""
    lead: str = ""
    code: str = ""
    after: str = ""
    scored: bool = True
    by_number: bool = False

    @cached_property
    def values(self) -> frozenset[int]:
        """What its answers count."""
        return frozenset(answer.value for answer in self.answers)


@dataclass(frozen=True)
class Band:
    """A range of the total, both ends within it: `name` for the therapist, `plain` words for the participant."""

    lowest: int
    highest: int
    name: str
    plain: str


@dataclass(frozen=True)
class Subscale:
    """A sum of some of the items, with its own range, direction and, where a source has them, bands."""

    id: str
    title: str
    items: tuple[str, ...]
    lowest: int
    highest: int
    source: str
    low_is_worse: bool = False
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Scoring:
    """How the total is made: `rule` is one of checking.RULES, "subscales" makes none.

    Up to `missing_allowed` items may be missing: the total is then the mean of the answered ones times the number
    of items, rounded half up. Never when one of `never_missing` is.
    """

    rule: str
    source: str
    lowest: int = 0
    highest: int = 0
    missing_allowed: int = 0
    never_missing: tuple[str, ...] = ()
    missing_source: str = ""


@dataclass(frozen=True)
class Thresholds:
    """Points between two totals from which a change is reliable, and from which it is meaningful; who says so."""

    reliable: int
    meaningful: int
    source: str


@dataclass(frozen=True)
class Critical:
    """The item that is about safety, and which of its answers are for the same day and which are urgent."""

    item: str
    same_day: tuple[int, ...]
    urgent: tuple[int, ...]


@dataclass(frozen=True)
class Loinc:
    """The LOINC codes of the whole and of its total; "" where none was confirmed."""

    panel: str
    total: str


@dataclass(frozen=True)
class Source:
    """Where the wording was read."""

    title: str
    address: str


@dataclass(frozen=True, eq=False)
class Instrument:
    """One instrument: the front matter of its file, and `notes`, what differed between the sources, as Markdown.

    `recall` is shown on every page, above `stem`, the official lead-in ("" if none is the same in two sources).
    `about` completes "it counts ...". `every_days` is how often it is meant to be asked, 0 for once, at intake.
    An instrument that is not `free` is served only where the program turned it on and was shown its `notice`.
    """

    slug: str
    title: str
    short_title: str
    version: int
    language: str
    about: str
    recall: str
    recall_days: int
    every_days: int
    stem: str
    items: tuple[Item, ...]
    scoring: Scoring
    low_is_worse: bool
    loinc: Loinc
    copyright: str
    licence: str
    free: bool
    verified: bool
    wording_sources: tuple[Source, ...]
    notes: str
    notice: str = ""
    bands: tuple[Band, ...] = ()
    bands_source: str = ""
    subscales: tuple[Subscale, ...] = ()
    change: Thresholds | None = None
    critical: Critical | None = None

    @cached_property
    def scored(self) -> tuple[Item, ...]:
        """The items that count in a sum."""
        return tuple(item for item in self.items if item.scored)

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}


def load(folder: Path = FOLDER) -> dict[str, Instrument]:
    """The instruments of `folder` by slug; raises ContentError, naming the file, when one cannot be used."""
    return content.load(folder, _instrument)


def _instrument(slug: str, front: dict[str, Any], body: str) -> Instrument:
    if own := sorted({"slug", "notes"} & front.keys()):
        raise ValueError(f"unknown field {', '.join(own)}")
    sets = {name: _answers(name, answers) for name, answers in dict(front.pop("answer_sets", {})).items()}
    made: dict[str, Any] = {"slug": slug, "notes": body}
    for name, make in {
        "items": lambda them: _items(them, sets),
        "bands": lambda them: _parts(Band, them, "band"),
        "subscales": lambda them: tuple(_subscale(one) for one in them),
        "wording_sources": lambda them: _parts(Source, them, "wording source"),
        "scoring": lambda it: _part(Scoring, it, "scoring"),
        "loinc": lambda it: _part(Loinc, it, "loinc"),
        "change": lambda it: _part(Thresholds, it, "change"),
        "critical": lambda it: _part(Critical, it, "critical"),
    }.items():
        if name in front:
            made[name] = make(front[name])
    instrument = content.record(Instrument, front | made)
    if unused := sorted(set(sets) - {item["answers"] for item in front["items"]}):
        raise ValueError(f"no item has the answers {', '.join(unused)}")
    check(instrument)
    return instrument


def _part(kind: type[Part], values: Any, where: str) -> Part:
    """`values` as a record; what is wrong with it says `where`."""
    try:
        return content.record(kind, dict(values))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from error


def _parts(kind: type[Part], them: Any, where: str) -> tuple[Part, ...]:
    return tuple(_part(kind, values, f"{where} {number}") for number, values in enumerate(them, 1))


def _answers(name: str, answers: Any) -> tuple[bool, tuple[Answer, ...]]:
    """Whether these answers are numbers to type, and the answers; `{numbers: [0, 30]}` is short for all of them."""
    if isinstance(answers, dict):
        lowest, highest = answers["numbers"]
        return True, tuple(Answer(value, str(value)) for value in range(lowest, highest + 1))
    return False, _parts(Answer, answers, f"{name}, answer")


def _items(them: Any, sets: dict[str, tuple[bool, tuple[Answer, ...]]]) -> tuple[Item, ...]:
    made = []
    for number, values in enumerate(map(dict, them), 1):
        where = f"item {number}"
        if values.get("answers") not in sets:
            raise ValueError(f"{where} has answers that are in no answer set: {values.get('answers')!r}")
        if "by_number" in values:
            raise ValueError(f"{where}: unknown field by_number")
        by_number, answers = sets[values["answers"]]
        made.append(_part(Item, {"number": str(number), **values, "answers": answers, "by_number": by_number}, where))
    return tuple(made)


def _subscale(given: Any) -> Subscale:
    values = dict(given)
    where = f"subscale {values.get('id')!r}"
    return _part(Subscale, {**values, "bands": _parts(Band, values.get("bands", ()), f"{where}, band")}, where)
