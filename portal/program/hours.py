"""Working time: how many minutes the program was open between two instants, and what may be promised now."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal import clock, words
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


def hours_as_now(program: ProgramFacts, now: datetime, zone: str) -> str:
    """The hours as they are at `now`, on the program's clock, for somebody who lives in `zone`.

    "Open now, until 5:00 pm today", "Closed now. Open tomorrow at 8:00 am", and where no hours are set "No hours are
    set". Another clock than the reader's is named.
    """
    stretch = next(_open_hours(program, now, 59), None)
    if stretch is None:
        return "No hours are set right now"
    opens, closes = (clock.local(each, program.zone) for each in stretch)
    on_clock = (
        f" ({words.clock_of(program.zone)})" if clock.local(stretch[0], zone).utcoffset() != opens.utcoffset() else ""
    )
    if stretch[0] <= now:
        return f"Open now, until {words.hour(closes)}{on_clock or ' today'}"
    return f"Closed now. Open {next_day_in_words(opens, now, zone)} at {words.hour(opens)}{on_clock}"


def next_day_in_words(opens: datetime, now: datetime, zone: str) -> str:
    """The day of a wall time to come, for somebody in `zone`: "today", "tomorrow" or "on Thursday, March 12"."""
    ahead = (opens.date() - clock.day_of(now, zone)).days
    return {0: "today", 1: "tomorrow"}.get(ahead, f"on {words.weekday(opens.date())}")
