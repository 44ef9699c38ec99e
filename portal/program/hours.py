"""Working time: how many minutes the program was open between two instants, and what may be promised now."""

from datetime import datetime, timedelta

from portal import clock
from portal.program import ProgramFacts


def working_minutes(program: ProgramFacts, since: datetime, until: datetime) -> int:
    """Whole minutes between the instants that fall into the program's hours, holidays left out."""
    total = timedelta()
    day = clock.day_of(since, program.zone)
    last = clock.day_of(until, program.zone)
    while day <= last:
        if program.open_on(day):
            opens = clock.at_wall(datetime.combine(day, program.opens), program.zone, strict=False)
            closes = clock.at_wall(datetime.combine(day, program.closes), program.zone, strict=False)
            total += max(timedelta(), min(closes, until) - max(opens, since))
        day += timedelta(days=1)
    return int(total.total_seconds() // 60)


def after_working_minutes(program: ProgramFacts, since: datetime, minutes: int) -> datetime | None:
    """The instant at which `minutes` of working time have passed; None if not within the next 60 days."""
    left = timedelta(minutes=minutes)
    day = clock.day_of(since, program.zone)
    for _ in range(60):
        if program.open_on(day):
            opens = clock.at_wall(datetime.combine(day, program.opens), program.zone, strict=False)
            closes = clock.at_wall(datetime.combine(day, program.closes), program.zone, strict=False)
            start = max(opens, since)
            if closes > start:
                if closes - start >= left:
                    return start + left
                left -= closes - start
        day += timedelta(days=1)
    return None


def can_call_today(program: ProgramFacts, now: datetime) -> bool:
    """Whether "we will call you today" is true now: the set minutes still fit into today's hours."""
    due = after_working_minutes(program, now, program.flag_minutes)
    return due is not None and clock.day_of(due, program.zone) == clock.day_of(now, program.zone)


def next_opening(program: ProgramFacts, now: datetime) -> datetime | None:
    """The instant at which somebody is next in; `now` itself while open."""
    return after_working_minutes(program, now, 0)
