"""Curves of some days of check-ins: an item of the check-in each, on a scale of its own, with what is usual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.checkins import usual_range
from portal.checkins.check_in_days import CheckInDay, series_of
from portal.checkins.usual_range import UsualRange

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
    values: Sequence[float | None]
    top: int = 10
    unit: str = ""
    usual: UsualRange | None = None

    @property
    def compared(self) -> bool:
        return self.id in usual_range.ITEMS


def compared_curves(days: Sequence[CheckInDay], usual: Mapping[str, UsualRange | None]) -> list[Curve]:
    """The curves of the items that have a usual range, but for those that were never asked in these days."""
    asked = {item for day in days for entry in day.entries for item in entry.asked_by.by_id}
    values = series_of(days)
    return [
        Curve(item, unit.name, STYLES[item], values[item], unit.top, unit.unit, usual[item])
        for item, unit in usual_range.ITEMS.items()
        if item in asked or not asked
    ]
