"""The IANA time zone that a calendar file means: by the rules it spells out, or by its name."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.schedule.calendar.importing.components import Component

LONGEST_NAME = 64  # of a column
YEARLY = re.compile(
    r"RRULE:FREQ=YEARLY(;(BYMONTH|BYDAY|BYMONTHDAY|INTERVAL|UNTIL|WKST)=[-+A-Z0-9,]{1,40})*;?", re.IGNORECASE
)
TIMES_A_YEAR = 26  # at which the rules of two zones are compared, over two years
MOST_LINES = 400
UTC_NAMES = {"UTC", "Etc/UTC", "Etc/GMT", "Zulu", "Coordinated Universal Time", "tzone://Microsoft/Utc"}
OFFSET = re.compile(r"\((UTC|GMT)[^)]*\)\s*")  # before a name that Exchange shows: "(UTC-05:00) Eastern Time"
SHOWN = {  # names that Exchange shows, which stand where a name of Windows should
    "Newfoundland": "America/St_Johns",
    "Atlantic Time (Canada)": "America/Halifax",
    "Eastern Time (US & Canada)": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Central Time (US & Canada)": "America/Chicago",
    "Saskatchewan": "America/Regina",
    "Mountain Time (US & Canada)": "America/Denver",
    "Arizona": "America/Phoenix",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Pacific Time (US & Canada); Tijuana": "America/Los_Angeles",
    "Alaska": "America/Anchorage",
    "Hawaii": "Pacific/Honolulu",
    "Dublin, Edinburgh, Lisbon, London": "Europe/London",
    "Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London": "Europe/London",
    "Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna": "Europe/Berlin",
    "Brussels, Copenhagen, Madrid, Paris": "Europe/Paris",
}


class Zones:
    """The time zones of one file; `own` is the program's, and what a rule could mean as well as another."""

    def __init__(self, components: Iterable[Component], own: str, now: datetime) -> None:
        self.own, self.now = own, now
        self.spelled: dict[str, Component] = {}
        self.known: dict[str, str | None] = {}
        self.notes: dict[str, str] = {}  # by the file's name of a zone, where the name and its rules differ
        for one in components:
            name = one.first("TZID")
            if one.kind == "VTIMEZONE" and name:
                self.spelled.setdefault(name.value.strip().strip('"'), one)

    def named(self, name: str) -> str:
        """The IANA zone that the file calls `name`, "UTC" for times that are in none. Raises ValueError, naming it."""
        name = name.strip()
        if name not in self.known:
            self.known[name] = self._find(name)
        found = self.known[name]
        if found is None:
            raise ValueError(f"{name[:80]!r} is not a time zone that we know.")
        return found

    def _find(self, name: str) -> str | None:
        """The zone of this name: clocks that the file spells out go before the name, which may be another's."""
        spelled = self.spelled.get(name)
        guesses = list(filter(_exists, self._by_name(name, spelled)))
        by_name = guesses[0] if guesses else None
        theirs = self._clocks(spelled) if spelled else None
        if theirs is None:
            return by_name
        by_rules = self._by_rules(guesses, theirs)
        if by_name is None or by_rules == by_name:
            return by_rules
        if by_rules is None:
            self.notes[name] = (
                f"The file describes the time zone {name[:80]!r} as none that we know. We go by its name."
            )
            return by_name
        self.notes[name] = (
            f"The file calls its time zone {name[:80]!r}, and describes it as {by_rules}. We go by what it describes."
        )
        return by_rules

    def _by_name(self, name: str, spelled: Component | None) -> Iterator[str]:
        """The zones that a name could mean, the likeliest first."""
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        shown = OFFSET.sub("", name).strip()
        if {name, shown} & UTC_NAMES:
            yield "UTC"
        yield from (name, WINDOWS_TO_OLSON.get(name, ""), SHOWN.get(shown, ""), WINDOWS_TO_OLSON.get(shown, ""))
        parts = name.strip("/").split("/") if name.startswith("/") else []  # /vendor/America/New_York
        yield from ("/".join(parts[n:]) for n in range(len(parts)))
        if place := spelled and spelled.first("X-LIC-LOCATION"):
            yield place.value.strip()

    def _by_rules(self, first: Iterable[str], theirs: list[timedelta | None]) -> str | None:
        """The zone whose clocks are these from now on; one of the `first` or the program's own, if it can be."""
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        others = [self.own, *sorted(set(WINDOWS_TO_OLSON.values())), *(f"Etc/GMT{hours:+}" for hours in range(-14, 13))]
        return next((zone for zone in [*first, *others] if self._same(zone, theirs)), None)

    def _clocks(self, spelled: Component) -> list[timedelta | None] | None:
        """The offsets from UTC at each of the wall times compared; None for rules that cannot be read."""
        from icalendar import Timezone

        rules = [line for line in spelled.text if line.upper().startswith("RRULE")]
        if len(spelled.text) > MOST_LINES or not all(YEARLY.fullmatch(rule.strip()) for rule in rules):
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
            zone.utcoffset(wall) == offset for wall, offset in zip(self._walls(), theirs, strict=False)
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
