"""A person's own usual range: what they are compared with. Never a norm, never another person.

The range is the median of the 28 days before, give or take twice the scaled median absolute deviation (MAD times
1.4826, which for a bell curve is one standard deviation), but at least 1.5 points. It takes 7 days with an answer.
A day counts with its last answer. A mood or a sleep outside the range is unusual; anxiety and urges only
above it. It is for the worse where mood or sleep is below the range, and where anxiety or urges are above it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TypeVar

DAYS = 28
NEEDED = 7
WIDTH = 2 * 1.4826
LEAST = 1.5

Answer = TypeVar("Answer")
# For each compared item, its answers on days that follow each other: None for a day that was missed, and for an item
# that was skipped or not asked.
Series = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """An item of the check-in that is compared: its name, the top of its scale, its steps, and whether a low
    value counts as a change. The `id` of a person's own target is "target", and its name is in somebody's words."""

    id: str
    name: str
    top: int
    step: float
    low_counts: bool
    unit: str = ""

    @property
    def inside(self) -> str:
        """The name inside a sentence: "mood"; somebody's own words stay as they are."""
        return self.name if self.id == "target" else f"{self.name[0].lower()}{self.name[1:]}"


_COMPARED = (
    ComparedItem("mood", "Mood", 10, 1, True),
    ComparedItem("anxiety", "Anxiety", 10, 1, False),
    ComparedItem("urges", "Urges", 10, 1, False),
    ComparedItem("sleep_hours", "Sleep", 14, 0.5, True, " h"),
)
ITEMS: Mapping[str, ComparedItem] = {one.id: one for one in _COMPARED}  # that every set may ask


@dataclass(frozen=True, slots=True)
class UsualRange:
    """From the lowest to the highest answer that is usual for one person; both are usual.

    It comes from `days` with an answer, of which the `middle` is the median.
    """

    low: float
    high: float
    days: int = field(default=0, compare=False)
    middle: float = field(default=0, compare=False)

    @property
    def words(self) -> str:
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"

    @property
    def working(self) -> str:
        """The rule and its numbers, said to the person themselves."""
        return (
            f"We take your own answers of the {DAYS} days before: {self.days} days have one. The one in the middle is "
            f"{self.middle:g}, and most are between {self.low:g} and {self.high:g}. The band reaches about three times "
            f"as far from the middle as half of your answers do, and at least {LEAST:g} to each side."
        )


@dataclass(frozen=True, slots=True)
class UnusualAnswer:
    """An answer outside the usual range."""

    item: ComparedItem
    value: float
    usual: UsualRange

    @property
    def short(self) -> str:
        """ "Urges 7", "Sleep 3 h"."""
        return f"{self.item.name} {self.value:g}{self.item.unit}"

    @property
    def words(self) -> str:
        """ "Urges 7, usual is 2 to 4"."""
        return f"{self.short}, usual is {self.usual.words}{self.item.unit}"

    @property
    def is_worse(self) -> bool:
        """Whether it is outside on the side that is harder: a low mood, a short sleep, high anxiety, strong urges."""
        return (self.value < self.usual.low) == self.item.low_counts

    @property
    def is_better(self) -> bool:
        """Whether it is outside on the other side; a long sleep is neither better nor worse."""
        return not self.is_worse and self.item.id != "sleep_hours"


def answer_of_day(answers: Sequence[Answer | None]) -> Answer | None:
    """The answer of a day to one question, from those of its check-ins in order: the last that was given.

    A later check-in that skipped the question, or was not asked it, takes nothing away. None only where none gave one.
    """
    return next((given for given in reversed(answers) if given is not None), None)


def reckon(values: Iterable[float | None], item: ComparedItem) -> UsualRange | None:
    """The usual range of an item from these days; None while fewer than NEEDED of them have an answer."""
    known = sorted([value for value in values if value is not None])
    if len(known) < NEEDED:
        return None
    middle = _median(known)
    spread = max(WIDTH * _median(sorted([abs(value - middle) for value in known])), LEAST)
    low, high = ceil((middle - spread) / item.step) * item.step, floor((middle + spread) / item.step) * item.step
    return UsualRange(max(0, low), min(item.top, high), len(known), middle)


def _median(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def before(series: Series, index: int, items: Mapping[str, ComparedItem] = ITEMS) -> dict[str, UsualRange | None]:
    """The usual range of each item on day `index` of its series, from the 28 days before it."""
    start = max(0, index - DAYS)
    return {name: reckon(series[name][start:index], item) for name, item in items.items()}


def outside(
    given: Callable[[str], float | None],
    usual: Mapping[str, UsualRange | None],
    items: Mapping[str, ComparedItem] = ITEMS,
) -> tuple[UnusualAnswer, ...]:
    """The answers outside the usual range on either side: `given` returns that of a check-in or a day to an item."""
    found = []
    for name, range_ in usual.items():
        value = given(name)
        if value is not None and range_ is not None and not range_.low <= value <= range_.high:
            found.append(UnusualAnswer(items[name], value, range_))
    return tuple(found)


def unusual(given: Callable[[str], float | None], usual: Mapping[str, UsualRange | None]) -> tuple[UnusualAnswer, ...]:
    """The answers outside that stand out on a page: fewer urges and less anxiety than usual do not."""
    return tuple(one for one in outside(given, usual) if one.value > one.usual.high or one.item.low_counts)
