"""Working time: how many minutes the program was open between two instants, and what may be promised now."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal import clock
from portal.program import ProgramFacts


def _open_hours(program: ProgramFacts, since: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The stretches in which the program is open on the day of `since` and the `days` after it, from `since` on."""
    first = clock.day_of(since, program.zone)
    for day in (first + timedelta(days=ahead) for ahead in range(days + 1)):
        if program.open_on(day):
            opens, closes = (
                clock.at_wall(datetime.combine(day, wall), program.zone, strict=False)
                for wall in (program.opens, program.closes)
            )
            if closes > since:
                yield max(opens, since), closes


def working_minutes(program: ProgramFacts, since: datetime, until: datetime) -> int:
    """Whole minutes between the instants that fall into the program's hours, holidays left out."""
    days = (clock.day_of(until, program.zone) - clock.day_of(since, program.zone)).days
    stretches = _open_hours(program, since, days)
    open_for = (max(timedelta(), min(closes, until) - opens) for opens, closes in stretches)
    return int(sum(open_for, timedelta()).total_seconds() // 60)


def after_working_minutes(program: ProgramFacts, since: datetime, minutes: int) -> datetime | None:
    """The instant at which `minutes` of working time have passed; None if not within the next 60 days."""
    left = timedelta(minutes=minutes)
    for opens, closes in _open_hours(program, since, 59):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return None


def can_call_today(program: ProgramFacts, now: datetime, tier: str) -> bool:
    """Whether "we will call you today" is true now: the minutes set for that tier still fit into today's hours."""
    due = after_working_minutes(program, now, program.minutes_of(tier))
    return due is not None and clock.day_of(due, program.zone) == clock.day_of(now, program.zone)


def next_opening(program: ProgramFacts, now: datetime) -> datetime | None:
    """The instant at which somebody is next in; `now` itself while open."""
    return after_working_minutes(program, now, 0)
