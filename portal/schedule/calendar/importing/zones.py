"""The IANA time zone that a calendar file means: by its name, by its name in Windows, or by the rules it spells out."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.schedule.calendar.importing.components import Component

LONGEST_NAME = 64  # of a column
YEARLY = re.compile(
    r"RRULE:FREQ=YEARLY(;(BYMONTH|BYDAY|BYMONTHDAY|INTERVAL|UNTIL|WKST)=[-+A-Z0-9,]{1,40})*", re.IGNORECASE
)
TIMES_A_YEAR = 26  # at which the rules of two zones are compared, over two years
MOST_LINES = 200


class Zones:
    """The time zones of one file; `own` is the program's, and what a rule could mean as well as another."""

    def __init__(self, components: Iterable[Component], own: str, now: datetime) -> None:
        self.own, self.now = own, now
        self.spelled: dict[str, Component] = {}
        self.known: dict[str, str | None] = {}
        for one in components:
            name = one.first("TZID")
            if one.kind == "VTIMEZONE" and name:
                self.spelled.setdefault(name.value.strip(), one)

    def named(self, name: str) -> str:
        """The IANA zone that the file calls `name`. Raises ValueError, naming it."""
        name = name.strip()
        if name not in self.known:
            self.known[name] = self._find(name)
        found = self.known[name]
        if found is None:
            raise ValueError(f"{name[:80]!r} is not a time zone that we know.")
        return found

    def _find(self, name: str) -> str | None:
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        spelled = self.spelled.get(name)
        place = spelled.first("X-LIC-LOCATION") if spelled else None
        parts = name.strip("/").split("/") if name.startswith("/") else []  # /vendor/America/New_York
        guesses = [name, WINDOWS_TO_OLSON.get(name, ""), *("/".join(parts[n:]) for n in range(len(parts)))]
        if place:
            guesses.append(place.value.strip())
        return next(filter(_exists, guesses), None) or (self._by_rules(spelled) if spelled else None)

    def _by_rules(self, spelled: Component) -> str | None:
        """The zone whose clocks are those that the file spells out, for two years from now; the program's own first."""
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        theirs = self._clocks(spelled)
        if theirs is None:
            return None
        return next((z for z in [self.own, *sorted(set(WINDOWS_TO_OLSON.values()))] if self._same(z, theirs)), None)

    def _clocks(self, spelled: Component) -> list[timedelta | None] | None:
        """The offsets from UTC at each of the wall times compared; None for rules that cannot be read."""
        from icalendar import Timezone

        rules = [line for line in spelled.text if line.upper().startswith(("RRULE", "RDATE"))]
        if len(spelled.text) > MOST_LINES or not all(YEARLY.fullmatch(rule) for rule in rules):
            return None
        # Under one name for all, so that the library, which remembers zones by name, remembers none from a file.
        text = [line if not line.upper().startswith("TZID") else "TZID:UTC" for line in spelled.text]
        try:
            read: Any = Timezone.from_ical("\r\n".join(text))
            zone = read.to_tz(lookup_tzid=False)
            return [zone.utcoffset(wall) for wall in self._walls()]
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
            return None

    def _same(self, name: str, theirs: list[timedelta | None]) -> bool:
        zone = clock.zone(name) if _exists(name) else None
        return zone is not None and all(
            zone.utcoffset(wall) == offset for wall, offset in zip(self._walls(), theirs, strict=True)
        )

    def _walls(self) -> Iterable[datetime]:
        first = self.now.replace(tzinfo=None, hour=12, minute=0, second=0, microsecond=0)
        return (first + timedelta(days=365 * n / TIMES_A_YEAR) for n in range(2 * TIMES_A_YEAR))


def _exists(name: str) -> bool:
    if not name or len(name) > LONGEST_NAME:
        return False
    try:
        clock.zone(name)
    except ValueError:
        return False
    return True
