"""The times at which one event takes place: those of its rule, those beyond it, and those that are off."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.schedule.calendar.importing import rules
from portal.schedule.calendar.importing.components import Component, Unreadable
from portal.schedule.calendar.importing.rules import EventClock, EventRule
from portal.schedule.calendar.importing.times import day_in, is_day

MOST_EXTRA = 100
CANCELLED = "it is cancelled in the calendar."
IS_OVER = "it is over."
TOO_FAR = "it begins more than 26 weeks from now; import it again when it is closer."


def days_off(event: Component, own: EventClock, among: frozenset[datetime]) -> set[datetime]:
    """The occurrences that EXDATE takes out: a day without a time takes out all of it."""
    off: set[datetime] = set()
    for prop in event.properties.get("EXDATE", []):
        for value in filter(str.strip, prop.value.split(",")):
            if day := own.day(prop, value, among):
                off |= {wall for wall in among if wall.date() == day}
            elif (wall := own.wall(prop, value, among)) in among:
                off.add(wall)
    return off


def said_off(event: Component, own: EventClock) -> set[datetime]:
    """The times in EXDATE as they stand there, whether or not the rule comes to them yet."""
    said = ((prop, value) for prop in event.properties.get("EXDATE", []) for value in prop.value.split(","))
    return {
        datetime.combine(day_in(prop, value), time.min) if is_day(prop, value) else own.wall(prop, value)
        for prop, value in said
        if value.strip()
    }


def extra_times(event: Component, own: EventClock) -> list[datetime]:
    """The times beyond the rule."""
    extra = []
    for prop in event.properties.get("RDATE", []):
        for value in filter(str.strip, prop.value.split(",")):
            if "/" in value or is_day(prop, value):
                raise Unreadable(
                    prop.line, "an RDATE with a day or a span cannot be imported; only one with a time can."
                )
            extra.append(own.wall(prop, value))
    if len(extra) > MOST_EXTRA:
        line = event.properties["RDATE"][0].line
        raise Unreadable(line, f"there are more than {MOST_EXTRA} extra times (RDATE).")
    return extra


def from_today(rule: EventRule, own: EventClock, today: date, ended: str, last_day: date | None) -> dict[str, Any]:
    """The first time and the rule that make no session before today."""
    ahead = [wall for wall in rule.walls if wall.date() >= today]
    if ended == TOO_FAR:
        return {}
    if ended or not ahead:
        begins = datetime.combine(
            today, own.first.time()
        )  # after its end: the nights add nothing, not even what is past
        return {"first_at": begins, "rule": rules.ended(rule.text, today - timedelta(days=1))}
    text = rules.ended(rule.text, last_day) if last_day else rule.text
    return {"first_at": ahead[0], "rule": rules.without_first(text, len(rule.walls) - len(ahead))}


def in_short(rule: EventRule, own: EventClock, ended: str, *days: Iterable[datetime]) -> tuple[str, ...]:
    """All that the file says of days and times, alike for files that mean the same. `days` are off, off and extra."""
    off, cancelled, extra = days
    gone = ended if ended in (CANCELLED, TOO_FAR) else ""
    single = [f"-{wall.isoformat()}" for wall in sorted({*off, *cancelled})]
    single += [f"+{wall.isoformat()}" for wall in sorted(set(extra))]
    return (own.first.isoformat(), own.zone, *rules.in_short(rule.text), *single, *filter(None, [gone]))
