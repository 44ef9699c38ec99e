"""From a track's rule to its sessions: the same wall time every week, whatever the clocks do."""

import itertools
from datetime import date, datetime, timedelta
from typing import cast

from dateutil.rrule import rrule, rrulestr
from sqlalchemy import insert, select

from portal import clock
from portal.db import db, new_key
from portal.schedule.models import Session, Track

MATERIALISED = timedelta(weeks=26)
MOST_INSTANCES = 2000
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
COPIED = ("title", "discreet_title", "facilitator_id", "room", "video_url", "bring", "zone", "minutes")


def expand(first_at: datetime, rule: str, zone_name: str, today: date) -> list[tuple[datetime, datetime]]:
    """Every occurrence of `rule` from `first_at` on, as (naive wall time in the zone, UTC instant), in order.

    A rule without COUNT and UNTIL goes on to 26 weeks after `today`. A doubled hour is its first pass. Raises
    clock.SkippedHour, naming the date, for an occurrence in an hour that the clocks jump over, and ValueError
    for an unknown zone, a malformed rule, and more than 2,000 occurrences.
    """
    clock.zone(zone_name)
    parts = _parts(rule)
    until = _until(parts.pop("UNTIL"), zone_name, rule) if "UNTIL" in parts else None
    if until is None and "COUNT" not in parts:
        until = datetime.combine(today + MATERIALISED, datetime.max.time())
    try:
        text = ";".join(f"{name}={value}" for name, value in parts.items())
        occurrences = cast(rrule, rrulestr(text, dtstart=first_at))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{rule!r} is not a rule for repeating: {error}.") from error
    if until is not None:
        occurrences = occurrences.replace(until=until)
    walls = list(itertools.islice(occurrences, MOST_INSTANCES + 1))
    if len(walls) > MOST_INSTANCES:
        raise ValueError(f"{rule!r} makes more than {MOST_INSTANCES:,} sessions; end it sooner with COUNT or UNTIL.")
    return [(wall, clock.at_wall(wall, zone_name)) for wall in walls]


def _parts(rule: str) -> dict[str, str]:
    """The parts of an RRULE by name, checked for what dateutil would take and never finish."""
    pairs = [part.partition("=") for part in rule.upper().split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) != len(pairs) or not all(name and value for name, _, value in pairs) or ":" in rule:
        raise ValueError(f"{rule!r} is not a rule for repeating; write one such as FREQ=WEEKLY;BYDAY=MO,WE,FR.")
    if parts.get("FREQ") not in FREQUENCIES:
        raise ValueError(f"{rule!r} should repeat by the day, week, month or year: FREQ=WEEKLY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError(f"{rule!r} has two ends; keep COUNT or UNTIL.")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not (parts[name].isdecimal() and int(parts[name]) >= 1):
            raise ValueError(f"{rule!r} should have a whole number from 1 as {name}.")
    return parts


def _until(value: str, zone_name: str, rule: str) -> datetime:
    """The last wall time of a rule: a plain date includes that day, a time with Z is UTC."""
    try:
        if len(value) == 8:
            return datetime.combine(date.fromisoformat(value), datetime.max.time())
        if value.endswith("Z"):
            return clock.local(datetime.fromisoformat(value), zone_name).replace(tzinfo=None)
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{rule!r} should have an UNTIL such as 20260601 or 20260601T170000.") from error


def materialise(track: Track, today: date) -> int:
    """Add the sessions of `track` that are not there yet and return how many. Those that are there stay.

    A session is known by its track and the wall time its rule gave it, so one that was moved or cancelled is
    never made again. Raises as `expand` does, before anything is added.
    """
    occurrences = expand(track.first_at, track.rule, track.zone, today)
    there = set(db.session.scalars(select(Session.occurrence).where(Session.track_id == track.id)))
    copied = {name: getattr(track, name) for name in COPIED}
    missing = [
        {
            "key": new_key(),
            "kind": "group",
            "track_id": track.id,
            "occurrence": wall,
            "wall_at": wall,
            "starts_at": instant,
            "local_day": wall.date(),
            "status": "planned",
            **copied,
        }
        for wall, instant in occurrences
        if wall not in there
    ]
    if missing:
        db.session.execute(insert(Session), missing)
    return len(missing)
