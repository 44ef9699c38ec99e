"""From a track's rule to its sessions: the same wall time every week, whatever the clocks do."""

import calendar
import itertools
import re
from collections.abc import Collection
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any, cast

from dateutil.rrule import rrule, rrulestr
from sqlalchemy import insert, select

from portal import clock
from portal.db import db, new_key
from portal.schedule.models import Session, Track

MATERIALIZED = timedelta(weeks=26)
MOST_INSTANCES = 2000
LONGEST_YEARS = 20  # in which every rule ends, so that one that comes to nothing is not sought in for ever
LONGEST_DOUBLED = timedelta(hours=2)  # that clocks were ever set back by in these years, and more
LEAP_YEAR = 2024
SAME_AGAIN = 400  # years: so long are the days of the week on the same days of the year again
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
COPIED = ("title", "discreet_title", "facilitator_id", "room", "video_url", "bring", "zone", "minutes")


class TooManySessions(ValueError):
    """A rule makes more sessions than a track may have."""


def expand(
    first_at: datetime, rule: str, zone_name: str, today: date, days_off: Collection[date] = ()
) -> list[tuple[datetime, datetime]]:
    """Every occurrence of `rule` from `first_at` on, as (naive wall time in the zone, UTC instant), in order.

    None falls on one of `days_off`, though COUNT counts those too, as calendars do. A rule without COUNT and UNTIL
    goes on to 26 weeks after `today`. A doubled hour is its first pass. Raises clock.SkippedHour, naming the date,
    for an occurrence in an hour that the clocks jump over, and ValueError for an unknown zone, a malformed rule, and
    more than 2,000 occurrences.
    """
    clock.zone(zone_name)
    try:
        return _expanded(first_at, rule, zone_name, today, days_off)
    except (OverflowError, IndexError):  # beyond the years there are, or the 99th Monday of a month
        raise ValueError(f"{rule!r} names days that do not exist.") from None


def _expanded(
    first_at: datetime, rule: str, zone_name: str, today: date, days_off: Collection[date]
) -> list[tuple[datetime, datetime]]:
    parts = _parts(rule)
    ends = parts.pop("UNTIL", "")
    until = _until(ends, zone_name, rule) if ends else None
    most, latest = int(parts.pop("COUNT", 0)), first_at + timedelta(days=366 * LONGEST_YEARS)
    if until is not None and until > latest:
        raise ValueError(f"{rule!r} lasts more than {LONGEST_YEARS} years; end it sooner.")
    if until is None:
        until = latest if most else datetime.combine(today + MATERIALIZED, datetime.max.time())
    try:
        walls = _walls(parts, first_at, until, min(most or MOST_INSTANCES + 1, MOST_INSTANCES + 1))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{rule!r} is not a rule for repeating: {error}.") from error
    if ends.endswith("Z"):
        walls = _up_to(walls, datetime.fromisoformat(ends), zone_name)
    if len(walls) > MOST_INSTANCES:
        words = f"{rule!r} makes more than {MOST_INSTANCES:,} sessions; end it sooner with COUNT or UNTIL."
        raise TooManySessions(words)
    if len(walls) < most:
        raise ValueError(f"{rule!r} does not make that many sessions within {LONGEST_YEARS} years.")
    return [(wall, clock.at_wall(wall, zone_name)) for wall in walls if wall.date() not in days_off]


def _up_to(walls: list[datetime], end: datetime, zone_name: str) -> list[datetime]:
    """Those up to an instant: where the clocks show an hour twice, the wall time alone does not tell."""
    return [wall for wall in walls if clock.at_wall(wall, zone_name, strict=False) <= end]


def _walls(parts: dict[str, str], first_at: datetime, until: datetime, most: int) -> list[datetime]:
    """The first `most` wall times of a rule, up to `until`.

    dateutil looks at the end only when it has found a day, and seeks one that never comes until the year 9999. The
    calendar is the same again every 400 years, so it is asked about the last of these in which the days are the same.
    """
    later = (MAXYEAR - max(first_at, until).year) // SAME_AGAIN * SAME_AGAIN
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    repeated = cast(rrule, rrulestr(text, dtstart=_years_later(first_at, later)))
    walls = itertools.islice(repeated.replace(until=_years_later(until, later)), most)
    return [_years_later(wall, -later) for wall in walls]


def _years_later(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)


def _exists(parts: dict[str, str]) -> bool:
    """Whether one of the months of a rule has one of its days; February 30 is not a day."""
    if "BYMONTHDAY" not in parts:
        return True
    try:
        days = [abs(int(day)) for day in parts["BYMONTHDAY"].split(",")]
        months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
        return any(day <= calendar.monthrange(LEAP_YEAR, month)[1] for day in days for month in months)
    except ValueError:
        return True  # no rule at all, which dateutil puts into words


def _parts(rule: str) -> dict[str, str]:
    """The parts of an RRULE by name."""
    pairs = [part.partition("=") for part in rule.upper().split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) != len(pairs) or not all(name and value for name, _, value in pairs) or ":" in rule:
        raise ValueError(f"{rule!r} is not a rule for repeating; write one such as FREQ=WEEKLY;BYDAY=MO,WE,FR.")
    _check_parts(rule, parts)
    return parts


def _check_parts(rule: str, parts: dict[str, str]) -> None:
    """Raise ValueError for parts that dateutil would take, and never finish or understand otherwise."""
    if parts.get("FREQ") not in FREQUENCIES:
        raise ValueError(f"{rule!r} should repeat by the day, week, month or year: FREQ=WEEKLY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError(f"{rule!r} has two ends; keep COUNT or UNTIL.")
    if "BYEASTER" in parts or (parts["FREQ"] in ("DAILY", "WEEKLY") and re.search(r"\d", parts.get("BYDAY", ""))):
        raise ValueError(f"{rule!r} has a part that its kind of repeating does not have.")
    if not _exists(parts):
        raise ValueError(f"{rule!r} names days that do not exist.")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not (parts[name].isascii() and parts[name].isdecimal() and int(parts[name]) >= 1):
            raise ValueError(f"{rule!r} should have a whole number from 1 as {name}.")


def _until(value: str, zone_name: str, rule: str) -> datetime:
    """The last wall time of a rule: a plain date includes that day, a time with Z is UTC.

    For one in UTC that is in the second pass of a doubled hour, it is the end of the first, which is before it.
    """
    try:
        if len(value) == 8:
            return datetime.combine(date.fromisoformat(value), datetime.max.time())
        if value.endswith("Z"):
            instant = datetime.fromisoformat(value)
            wall = clock.local(instant, zone_name)
            return (wall + LONGEST_DOUBLED if wall.fold else wall).replace(tzinfo=None)
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{rule!r} should have an UNTIL such as 20260601 or 20260601T170000.") from error


def doubled(occurrences: list[tuple[datetime, datetime]], zone_name: str) -> list[datetime]:
    """Those wall times that the clocks show twice: the session is at the first of the two."""
    return [wall for wall, _ in occurrences if clock.is_doubled(wall, zone_name)]


def days_off(track: Track, holidays: Collection[str]) -> set[date]:
    """The days on which `track` does not meet: those it skips, and the `holidays` (ISO days) if it keeps them."""
    return {date.fromisoformat(day) for day in [*track.skips, *(holidays if track.skips_holidays else ())]}


def occurrences(track: Track, today: date, holidays: Collection[str]) -> list[tuple[datetime, datetime]]:
    """All that the rule in force of `track` comes to; raises as `expand` does."""
    return expand(track.first_at, track.rule, track.zone, today, days_off(track, holidays))


def materialize(track: Track, today: date, holidays: Collection[str] = ()) -> int:
    """Add the sessions of `track` that are not there yet and return how many. Those that are there stay.

    A session is known by its track and the wall time its rule gave it, so one that was moved or cancelled is
    never made again. Raises as `expand` does, before anything is added.
    """
    wanted = occurrences(track, today, holidays)
    there = set(db.session.scalars(select(Session.occurrence).where(Session.track_id == track.id)))
    return add(track, [(wall, instant) for wall, instant in wanted if wall not in there])


def add(track: Track, wanted: Collection[tuple[datetime, datetime]]) -> int:
    """Add a session of `track` for each (wall time, instant); how many."""
    rows = [session_row(track, wall, instant) for wall, instant in wanted]
    if rows:
        db.session.execute(insert(Session), rows)
    return len(rows)


def session_row(track: Track, wall: datetime, instant: datetime) -> dict[str, Any]:
    """The row of a planned session of `track` at the wall time `wall`, which is `instant`."""
    copied = {name: getattr(track, name) for name in COPIED}
    times = {"occurrence": wall, "wall_at": wall, "starts_at": instant, "local_day": wall.date()}
    return {"key": new_key(), "kind": "group", "track_id": track.id, "status": "planned", **times, **copied}
