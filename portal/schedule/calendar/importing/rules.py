"""The rule by which an event of a calendar file repeats, as the house writes one, and the wall times it comes to."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal import clock, words
from portal.schedule.calendar.importing.components import Component, Property, Unreadable
from portal.schedule.calendar.importing.times import Times, day_in, is_day
from portal.schedule.groups import recurrence

ONCE = "FREQ=DAILY;COUNT=1"
LONGEST = 200  # of the column
WITHIN_A_DAY = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SAYS_NOTHING = {"INTERVAL=1", "WKST=MO", "WKST=SU", "WKST=SA"}


@dataclass(frozen=True, slots=True)
class EventClock:
    """The clocks of one event: its `zone`, when it is `first`, and for one written in UTC how far these are from it."""

    times: Times
    zone: str
    first: datetime
    offset: timedelta | None

    @classmethod
    def of(cls, times: Times, start: Property) -> "EventClock":
        zone = times.zone_of(start)
        first = times.wall(start, zone)
        if not times.is_utc(start):
            return cls(times, zone, first, None)
        return cls(times, zone, first, first - times.moment(start).replace(tzinfo=None, second=0))

    def wall(self, prop: Property, value: str | None = None, among: frozenset[datetime] = frozenset()) -> datetime:
        """The wall time that a time of this event means; if there are several, one of those `among` which it should be.

        A series that is written in UTC keeps its hour when the clocks change, though its UTC times say otherwise.
        """
        wall = self.times.wall(prop, self.zone, value)
        as_first = self._as_first(self.times.moment(prop, value))
        return as_first if as_first in among and wall not in among else wall

    def day(self, prop: Property, value: str, among: frozenset[datetime]) -> date | None:
        """The day that a value stands for: one without a time, or midnight on a day of `among` with another hour.

        Outlook writes so a session that is called off or changed.
        """
        if is_day(prop, value):
            return day_in(prop, value)
        wall = self.wall(prop, value, among)
        is_midnight = wall.time() == time.min and wall not in among
        return wall.date() if is_midnight and any(one.date() == wall.date() for one in among) else None

    def is_as_first(self, prop: Property, among: frozenset[datetime]) -> bool:
        """Whether a time means one of those `among` only if the clocks are as on the first day."""
        return self.times.wall(prop, self.zone) != self.wall(prop, None, among)

    def _as_first(self, moment: datetime) -> datetime | None:
        if self.offset is None or not moment.tzinfo:
            return None
        return moment.replace(tzinfo=None, second=0) + self.offset

    def until(self, value: str) -> str:
        """An UNTIL in UTC, of a series that is written in UTC, as wall time."""
        if self.offset is None or not value.endswith("Z"):
            return value
        try:
            instant = datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            return value
        ends = max(instant.replace(tzinfo=None) + self.offset, clock.local(instant, self.zone).replace(tzinfo=None))
        return f"{ends:%Y%m%dT%H%M%S}"


@dataclass(frozen=True, slots=True)
class EventRule:
    """The rule of an event, every wall time that it comes to, and what was read in it that is not in so many words."""

    text: str
    walls: tuple[datetime, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_endless(self) -> bool:
        return not re.search("COUNT=|UNTIL=", self.text)


def rule_of(event: Component, own: EventClock, today: date) -> EventRule:
    """The rule of `event`; one that does not repeat has one that comes to one time. Raises Unreadable."""
    if held := event.first("EXRULE"):
        raise Unreadable(held.line, "EXRULE cannot be imported; list the days as EXDATE.")
    repeats, start = event.first("RRULE"), event.first("DTSTART")
    if repeats is None or start is None:
        return EventRule(ONCE, (own.first,), ())
    parts = _parts(repeats, own, start)
    notes = _in_local_days(repeats, parts, own, start)
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    if len(text) > LONGEST:
        raise Unreadable(repeats.line, f"the rule for repeating is longer than {LONGEST} characters.")
    try:
        walls = [wall for wall, _ in recurrence.expand(own.first, text, own.zone, today)]
    except ValueError as error:
        raise Unreadable(repeats.line, f"{str(error).rstrip('.')}.") from None
    if not walls or walls[0] != own.first:
        raise Unreadable(repeats.line, "its first day does not fit its rule for repeating.")
    return EventRule(text, tuple(walls), tuple(notes))


def in_short(rule: str) -> list[str]:
    """The parts of a rule that say something, in an order: alike for rules that mean the same."""
    return sorted(set(rule.upper().split(";")) - SAYS_NOTHING)


def without_first(rule: str, gone: int) -> str:
    """The rule without the first `gone` of its occurrences."""
    if rule == ONCE:
        return rule
    parts = [part.partition("=") for part in rule.split(";")]
    return ";".join(f"{name}={int(value) - gone}" if name == "COUNT" else f"{name}={value}" for name, _, value in parts)


def ended(rule: str, last_day: date) -> str:
    """The rule with `last_day` as its last."""
    parts = [part for part in rule.split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    return ";".join([*parts, f"UNTIL={last_day:%Y%m%d}"])


def _parts(repeats: Property, own: EventClock, start: Property) -> dict[str, str]:
    """The parts of a rule by name, without those that are empty, said twice alike, or say what the start says."""
    parts: dict[str, str] = {}
    said = repeats.value.upper().replace(" ", "").strip(";")
    for part in filter(None, said.split(";")):
        name, equals, value = part.partition("=")
        if not equals or parts.get(name, value) != value:
            raise Unreadable(repeats.line, f"{said[:80]!r} is not a rule for repeating.")
        parts[name] = value
    written = own.times.moment(start)
    for name, unit in WITHIN_A_DAY.items():
        if parts.pop(name, "0").lstrip("0") not in {str(getattr(at, unit) or "") for at in (written, own.first)} | {""}:
            words_ = "the rule repeats within a day; make each time of the day an event of its own."
            raise Unreadable(repeats.line, words_)
    if "UNTIL" in parts:
        parts["UNTIL"] = own.until(parts["UNTIL"])
    return parts


def _in_local_days(repeats: Property, parts: dict[str, str], own: EventClock, start: Property) -> list[str]:
    """Let the days of a rule be those of the zone, if they are days in UTC; what the preview says of that.

    They are if the day on which the event begins in UTC is one of them. Otherwise the program meant its own.
    """
    if own.offset is None:
        return []
    at = f"{words.hour(own.first)} {own.zone.replace('_', ' ')} time"
    notes = [f"Its times are in UTC in the file. We read them as {at}, all year."]
    there, here = own.times.moment(start).date(), own.first.date()
    if there == here:
        return notes
    days = [part for part in parts.get("BYDAY", "").split(",") if part]
    if "BYMONTHDAY" in parts or any(day[:1] in "+-123456789" for day in days):
        raise Unreadable(
            repeats.line, "it repeats by the day of a month, written in UTC; write it in your own time zone."
        )
    if days and DAYS[there.weekday()] in days and set(days) <= set(DAYS):
        ahead = (here - there).days
        parts["BYDAY"] = ",".join(DAYS[(DAYS.index(day) + ahead) % 7] for day in days)
        meant = words.listed([f"{words.WEEKDAYS[(DAYS.index(day) + ahead) % 7]}s" for day in days])
        notes.append(f"Its days are days in UTC in the file. Here they are {meant}.")
    elif days:
        notes.append("Its days are read as days here, although its times are in UTC.")
    return notes
