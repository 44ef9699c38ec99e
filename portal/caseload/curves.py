"""What of a participant's days is drawn: a curve for each number that was asked, with what is usual of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.checkins import usual_range
from portal.checkins.days import CheckInDay
from portal.checkins.table import Column
from portal.checkins.usual_range import UsualRange

ENOUGH = 3  # answers, below which a number that is no target is left to the table
DRAWN = ("scale", "number", "target")
STYLES = {"mood": "mood", "anxiety": "anx", "urges": "urge", "sleep_hours": "sleep"}


@dataclass(frozen=True, slots=True)
class Curve:
    """The answer of each day, None where there is none, on a scale from 0 to `top`; `style` is its color's name.
    The `id` is its own on the page.

    Only the items that every set may ask are `compared` with what is usual.
    """

    id: str
    name: str
    style: str
    values: list[float | None]
    top: int = 10
    unit: str = ""
    usual: UsualRange | None = None

    @property
    def compared(self) -> bool:
        return self.id in usual_range.ITEMS


def of(days: Sequence[CheckInDay], columns: Iterable[Column], usual: Mapping[str, UsualRange | None]) -> list[Curve]:
    """The curves of these days: the items that have a usual range, but for those that were never asked in them; then,
    of the `columns`, the participant's own targets and the other numbers."""
    asked = {item for day in days for entry in day.entries for item in entry.asked_by.by_id}
    named = [
        Curve(item, unit.name, STYLES[item], [day.value(item) for day in days], unit.top, unit.unit, usual[item])
        for item, unit in usual_range.ITEMS.items()
        if item in asked or not asked
    ]
    others = [column for column in columns if column.item not in STYLES and column.question.kind in DRAWN]
    drawn = [(one, [one.value_on(day) for day in days]) for one in sorted(others, key=_after_targets)]
    return named + [
        Curve(f"own-{n}", one.name, STYLES["urges"], values, one.question.high)
        for n, (one, values) in enumerate(drawn, 1)
        if not _after_targets(one) or sum(value is not None for value in values) >= ENOUGH
    ]


def _after_targets(column: Column) -> bool:
    return column.question.kind != "target"
