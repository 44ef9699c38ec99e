"""Days as charts and tables need them: the check-ins of each, its number for each compared item, and the gaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.usual_range import ITEMS, Series, answer_of_day


@dataclass(frozen=True, slots=True)
class CheckInDay:
    """One calendar day and its check-ins in order of entry; none at all is a missed day.

    `values` are the numbers of the day for the compared items, by answer_of_day.
    """

    day: date
    entries: tuple[CheckInVersion, ...]
    values: Mapping[str, float | None]

    @property
    def last(self) -> CheckInVersion | None:
        """The latest of its check-ins."""
        return self.entries[-1] if self.entries else None

    @property
    def missed(self) -> bool:
        """Whether nothing was entered for this day."""
        return not self.entries


MISSED: Mapping[str, float | None] = dict.fromkeys(ITEMS)


def each_day(entries: Iterable[CheckInVersion], first: date, last: date) -> list[CheckInDay]:
    """Every day from `first` to `last`, oldest first, with the check-ins that are for it."""
    found: dict[date, list[CheckInVersion]] = {}
    for entry in entries:
        found.setdefault(entry.for_day, []).append(entry)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [CheckInDay(day, tuple(held := found.get(day, ())), _values(held)) for day in days]


def _values(entries: Sequence[CheckInVersion]) -> Mapping[str, float | None]:
    return {item: answer_of_day([getattr(one, item) for one in entries]) for item in ITEMS} if entries else MISSED


def series_of(days: Sequence[CheckInDay]) -> Series:
    """The numbers of days that follow each other, by compared item."""
    return {item: [day.values[item] for day in days] for item in ITEMS}


def latest(days: Sequence[CheckInDay]) -> int:
    """The index of the latest day with a check-in; without one that of the day after them all."""
    return max((index for index, day in enumerate(days) if day.entries), default=len(days))


def journal(days: Iterable[CheckInDay]) -> list[list[CheckInDay]]:
    """The days newest first, missed days that follow each other taken together."""
    newest_first = sorted(days, key=lambda day: day.day, reverse=True)
    groups = [(missed, list(group)) for missed, group in groupby(newest_first, key=lambda day: day.missed)]
    return [part for missed, group in groups for part in ([group] if missed else [[day] for day in group])]
