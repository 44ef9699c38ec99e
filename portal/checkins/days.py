"""Days as a chart and a table need them: the last entry of each day, and the days without one as gaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from portal.checkins import Entry


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day and its check-ins in order of entry; none at all is a missed day."""

    day: date
    entries: tuple[Entry, ...]

    @property
    def last(self) -> Entry | None:
        """The latest of them."""
        return self.entries[-1] if self.entries else None

    @property
    def missed(self) -> bool:
        """Nothing was entered for this day."""
        return not self.entries

    def value(self, item: str) -> float | None:
        """The answer to `item` of the day's last check-in that asked it: a short one later takes nothing away.

        None when the day was missed, the item skipped, or never asked.
        """
        for entry in reversed(self.entries):
            if item in entry.asked_by.by_id:
                return entry.given(item)
        return None


def each_day(entries: Iterable[Entry], first: date, last: date) -> list[Day]:
    """Every day from `first` to `last`, oldest first, with the entries that are for it."""
    found: dict[date, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.for_day, []).append(entry)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [Day(day, tuple(found.get(day, ()))) for day in days]


def journal(days: Iterable[Day]) -> list[list[Day]]:
    """The days newest first, missed days that follow each other taken together."""
    newest_first = sorted(days, key=lambda day: day.day, reverse=True)
    groups = [(missed, list(group)) for missed, group in groupby(newest_first, key=lambda day: day.missed)]
    return [part for missed, group in groups for part in ([group] if missed else [[day] for day in group])]
