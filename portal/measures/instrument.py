"""An instrument: its items, scoring, bands and sources as frozen records."""

from dataclasses import dataclass
from functools import cached_property


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
    """

    id: str
    text: str
    answers: tuple[Answer, ...]
    number: str = ""
    lead: str = ""
    code: str = ""
    after: str = ""
    scored: bool = True

    @cached_property
    def values(self) -> frozenset[int]:
        """The numbers that its answers count."""
        return frozenset(answer.value for answer in self.answers)

    def words_of(self, value: int) -> str:
        """The words of the answer that counts this; the number itself where it has no such answer."""
        return next((answer.words for answer in self.answers if answer.value == value), str(value))

    @property
    def numbered(self) -> str:
        """Its words after its number: "1. Little interest or pleasure in doing things"."""
        return f"{self.number}. {self.text}" if self.number else self.text

    @cached_property
    def by_number(self) -> bool:
        """Whether its answers are the whole numbers from the first to the last, typed rather than chosen."""
        return all(answer.words == str(answer.value) for answer in self.answers)


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
    """The rule by which the total is made: `rule` is one of instrument_rules.RULES, "subscales" makes none.

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
class PublishedChange:
    """The points between two totals from which a source speaks of a change.

    `kind` is what the source found, one of instrument_rules.CHANGES, and decides how the change is worded; `cited` is
    the source as a reader is told it, "Löwe and others, 2004".
    """

    points: int
    kind: str
    cited: str
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
    """The place at which the wording was read."""

    title: str
    address: str


@dataclass(frozen=True, eq=False)
class Instrument:
    """One instrument: the front matter of its file, and `notes`, what differed between the sources, as Markdown.

    `recall` is shown on every page, above the official `instruction`, our own words on one of its words (`explained`:
    what a drink is, which event is meant) and `stem`, the official lead-in; each is "" where there is none, or none
    that is the same in two sources. `event` is what the line is called in which a person may write which event they
    mean, "" for an instrument without one. `about` completes "it counts ...". `recall_days` is 0 for what is so now,
    `every_days` how often it is meant to be asked, 0 for once, at intake. An instrument that is not `free` is served
    only where the program turned it on and was shown its `notice`. `stand_in` is the slug of the one that is asked in
    its place where the program does not ask about safety. A total of `look_from` or more needs a look, whatever is
    usual for the person; 0 for none.
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
    license: str
    free: bool
    verified: bool
    wording_sources: tuple[Source, ...]
    notes: str
    notice: str = ""
    instruction: str = ""
    explained: str = ""
    event: str = ""
    explained_source: str = ""
    stand_in: str = ""
    bands: tuple[Band, ...] = ()
    bands_source: str = ""
    look_from: int = 0
    subscales: tuple[Subscale, ...] = ()
    change: PublishedChange | None = None
    critical: Critical | None = None

    @cached_property
    def scored(self) -> tuple[Item, ...]:
        """The items that count in a sum."""
        return tuple(item for item in self.items if item.scored)

    @cached_property
    def followed(self) -> frozenset[str]:
        """The ids of the items after which others are asked only for an answer above 0."""
        return frozenset(item.after for item in self.items if item.after)

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}
