"""The daily word for those who asked for it: that a check-in or a measure waits, at the time of day they chose."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from portal import clock, program
from portal.checkins.on_reminders import days_checked_in
from portal.measures import due
from portal.reminders import Recipient, ReminderWishes
from portal.reminders.quiet import LEAD, QuietHours

MORNING = time(9)  # when a measure that is due is told of, for who chose no time
AFTER_QUIET = timedelta(hours=3)  # how long a word that waited for quiet hours to end is of use


def daily_words(to: Mapping[int, Recipient], now: datetime) -> Iterator[tuple[Recipient, date, datetime, datetime]]:
    """The words of yesterday and today for those who want them and are in the program, at most one a day.

    Each is (recipient, their day, due, over): to be told from when it is due, and of no use from when it is over on.
    Whoever has checked in for the day is told of no check-in; a measure is told of on the day it becomes due.
    """
    wanting = {
        who: one
        for who, one in to.items()
        if one.role == "participant" and (one.chosen.check_in_at or one.chosen.measures)
    }
    if not wanting:
        return
    facts, facts_of_program = due.facts_of(list(wanting), now), program.current()
    checked_in = days_checked_in(list(wanting), clock.day_of(now, "UTC") - timedelta(days=2))
    for who, one in wanting.items():
        if facts[who].began is None:
            continue
        today = clock.day_of(now, one.zone)
        yesterday = today - timedelta(days=1)
        begun = {each.since for each in due.reckon(facts[who], facts_of_program, one.zone, now)}
        for day in _days_to_tell(one.chosen, (yesterday, today), checked_in[who], begun):
            at = clock.at_wall(datetime.combine(day, one.chosen.check_in_at or MORNING), one.zone, strict=False)
            yield one, day, at, _over(day, at, one.quiet)


def _days_to_tell(
    chosen: ReminderWishes, days: tuple[date, date], checked_in: Collection[date], begun: Collection[date]
) -> list[date]:
    """Those of yesterday and today on which a check-in is missing, or a measure has `begun` to be due."""
    wants_check_in = chosen.check_in_at is not None and days[-1] not in checked_in
    return [day for day in days if (wants_check_in and day not in checked_in) or (chosen.measures and day in begun)]


def _over(day: date, at: datetime, quiet: QuietHours) -> datetime:
    """The end of the day; later where quiet hours kept the word back."""
    midnight = clock.start_of(day + timedelta(days=1), quiet.zone)
    held = quiet.around(at) or quiet.around(at + LEAD)
    ends = quiet.end_of(held[0]) if held else None
    return max(midnight, ends + AFTER_QUIET) if ends else midnight
