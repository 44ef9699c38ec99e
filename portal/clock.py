"""The only reader of wall-clock time, and the only place that turns instants into a person's local time."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


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

    A doubled hour means its first pass. A skipped hour raises SkippedHour when `strict`, and otherwise moves forward by
    the length of the gap.
    """
    instant = wall.replace(tzinfo=zone(zone_name), fold=0).astimezone(UTC)
    if strict and instant.astimezone(zone(zone_name)).replace(tzinfo=None) != wall:
        raise SkippedHour(wall, zone_name)
    return instant


def is_doubled(wall: datetime, zone_name: str) -> bool:
    """Whether the clocks of `zone_name` show naive wall time `wall` twice."""
    first, second = (wall.replace(tzinfo=zone(zone_name), fold=fold) for fold in (0, 1))
    comes_again = second.astimezone(UTC).astimezone(zone(zone_name)).replace(tzinfo=None) == wall
    return first.utcoffset() != second.utcoffset() and comes_again


def stamp(instant: datetime) -> str:
    """An instant for machines and operators, in UTC to the second: "2026-03-11T14:52:00Z"."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_day(text: str | None) -> date | None:
    """The day that "2026-03-11" names; None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
