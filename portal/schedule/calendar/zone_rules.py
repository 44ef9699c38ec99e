"""The clock changes of a zone as an iCalendar file spells them out (RFC 5545, 3.6.5)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from portal import clock

if TYPE_CHECKING:
    from icalendar import Timezone
    from icalendar.cal.timezone import TimezoneDaylight, TimezoneStandard

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class ClockChange:
    """One change of a zone's clock: from the offset `before` to the offset `after`, which is called `name`.

    `wall` is what the clock shows at that instant by the old offset: an iCalendar file gives it so.
    """

    wall: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def by_weekday(self) -> tuple[int, str, datetime]:
        """Its month, its weekday in that month ("2SU", "-1SU" for the last) and its time of day."""
        is_last = (self.wall + WEEK).month != self.wall.month
        number = -1 if is_last else (self.wall.day - 1) // 7 + 1
        return self.wall.month, f"{number}{WEEKDAYS[self.wall.weekday()]}", self.wall.replace(2000, 1, 1)


def spell_out(zone_name: str, first_year: int, last_year: int) -> "Timezone":
    """The VTIMEZONE of `zone_name`, true from the start of `first_year` to the end of `last_year`.

    A change that comes alike in each of these years is a yearly rule, which Outlook needs; others are listed by date.
    """
    from icalendar import Timezone

    alike: dict[tuple[timedelta, timedelta, str], list[ClockChange]] = defaultdict(list)
    for change in _clock_changes(zone_name, first_year, last_year):
        alike[change.before, change.after, change.name].append(change)
    every_year = list(range(first_year, last_year + 1))
    yearly = {
        kind: changes[0].by_weekday
        for kind, changes in alike.items()
        if [change.wall.year for change in changes] == every_year and len({one.by_weekday for one in changes}) == 1
    }
    zone = Timezone()
    zone.add("tzid", zone_name)
    if not yearly or len(yearly) < len(alike):
        begins = datetime(first_year, 1, 1, tzinfo=clock.zone(zone_name))
        offset, name = begins.utcoffset() or timedelta(), begins.tzname() or ""
        zone.add_component(_observance([ClockChange(begins.replace(tzinfo=None), offset, offset, name)]))
    for kind, changes in alike.items():
        observance = _observance(changes[:1] if kind in yearly else changes)
        if kind in yearly:
            month, weekday, _ = yearly[kind]
            observance.add("rrule", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": weekday})
        zone.add_component(observance)
    return zone


def _observance(changes: Sequence[ClockChange]) -> "TimezoneStandard | TimezoneDaylight":
    from icalendar import TimezoneDaylight, TimezoneStandard

    first, *others = changes
    observance = TimezoneDaylight() if first.after > first.before else TimezoneStandard()
    observance.add("dtstart", first.wall)
    observance.add("tzoffsetfrom", first.before)
    observance.add("tzoffsetto", first.after)
    observance.add("tzname", first.name)
    for change in others:
        observance.add("rdate", [change.wall])  # a line each: ical.js reads one date of a line
    return observance


@lru_cache(maxsize=64)
def _clock_changes(zone_name: str, first_year: int, last_year: int) -> tuple[ClockChange, ...]:
    zone = clock.zone(zone_name)
    first = datetime(first_year, 1, 1, tzinfo=UTC)
    days = [first + DAY * number for number in range((datetime(last_year + 1, 1, 1, tzinfo=UTC) - first).days + 1)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return tuple(
        _within(day, zone_name) for day, (old, new) in zip(days, pairwise(offsets), strict=False) if old != new
    )


def _within(day: datetime, zone_name: str) -> ClockChange:
    """The change in the 24 hours from `day`, found to the second by halving."""
    zone = clock.zone(zone_name)
    before = day.astimezone(zone).utcoffset() or timedelta()
    low, high = 0, 24 * 60 * 60
    while high - low > 1:
        middle = (low + high) // 2
        same = (day + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    new = (day + timedelta(seconds=high)).astimezone(zone)
    wall = (new.astimezone(UTC) + before).replace(tzinfo=None)
    return ClockChange(wall, before, new.utcoffset() or timedelta(), new.tzname() or "")
