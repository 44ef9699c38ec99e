"""The only reader of wall-clock time, and the only place that turns instants into a person's local time."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NEAR = ("Yesterday", "Today", "Tomorrow")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA zone called `name`; raises ValueError for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def local(instant: datetime, zone_name: str) -> datetime:
    """`instant` on the clock of `zone_name`."""
    return instant.astimezone(zone(zone_name))


def day_of(instant: datetime, zone_name: str) -> date:
    """The calendar day that `instant` falls on in `zone_name`."""
    return local(instant, zone_name).date()


def monday_of(day: date) -> date:
    """The Monday of the week that holds `day`; weeks run Monday to Sunday."""
    return day - timedelta(days=day.weekday())


def start_of(day: date, zone_name: str) -> datetime:
    """The instant at which `day` begins in `zone_name`."""
    return at_wall(datetime(day.year, day.month, day.day), zone_name, strict=False)


class SkippedHour(ValueError):
    """The naive time `wall`, which the clocks of a zone jump over on a daylight-saving Sunday."""

    def __init__(self, wall: datetime, zone_name: str) -> None:
        super().__init__(f"{wall:%A, %B} {wall.day}, {wall.year} has no {wall:%H:%M} in {zone_name}")
        self.wall = wall


def at_wall(wall: datetime, zone_name: str, *, strict: bool = True) -> datetime:
    """The UTC instant of naive wall time `wall` in `zone_name`.

    A doubled hour means its first pass. A skipped hour raises SkippedHour when `strict`,
    and otherwise moves forward by the length of the gap.
    """
    instant = wall.replace(tzinfo=zone(zone_name), fold=0).astimezone(UTC)
    if strict and instant.astimezone(zone(zone_name)).replace(tzinfo=None) != wall:
        raise SkippedHour(wall, zone_name)
    return instant


def hour(moment: datetime) -> str:
    """A wall time in words: "1:00 pm"."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"


def span(start: datetime, end: datetime) -> str:
    """A range of wall times in words: "1:00 to 4:00 pm", "10:00 am to 1:00 pm"."""
    first = hour(start)
    if (start.hour < 12) == (end.hour < 12):
        first = first[:-3]
    return f"{first} to {hour(end)}"


def weekday(day: date) -> str:
    """A day in words, weekday first: "Wednesday, March 11"."""
    return f"{day:%A, %B} {day.day}"


def short_day(day: date) -> str:
    """A day in few letters: "Wed, Mar 11"."""
    return f"{day:%a, %b} {day.day}"


def month_day(day: date) -> str:
    """A day on an axis: "Mar 11"."""
    return f"{day:%b} {day.day}"


def relative_day(day: date, today: date) -> str:
    """ "Today", "Yesterday", "Tomorrow", a weekday within the last six days, else "Wed, Mar 11"."""
    distance = (day - today).days
    if distance in (-1, 0, 1):
        return NEAR[distance + 1]
    return f"{day:%A}" if -7 < distance < 0 else short_day(day)


def moment(instant: datetime, zone_name: str, today: date) -> str:
    """An instant in words for a reader whose day is `today`: "Today, 10:52 am", "Tuesday, 2:10 pm"."""
    wall = local(instant, zone_name)
    return f"{relative_day(wall.date(), today)}, {hour(wall)}"


def inside(said: str) -> str:
    """What relative_day or moment says, inside a sentence: "today, 10:52 am", "Tuesday, 2:10 pm"."""
    return said[0].lower() + said[1:] if said.partition(",")[0] in NEAR else said


def on_day(day: date, today: date) -> str:
    """When in a sentence: "today", "on Sunday", "on Wed, Mar 11"."""
    said = relative_day(day, today)
    return inside(said) if said in NEAR else f"on {said}"


def stamp(instant: datetime) -> str:
    """An instant for machines and operators, in UTC to the second: "2026-03-11T14:52:00Z"."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_day(text: str | None) -> date | None:
    """The day that "2026-03-11" names; None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
