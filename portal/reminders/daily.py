"""A word once a day, for who asked for it: that a check-in or a measure waits, at the time of day they chose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from portal import clock, program
from portal.checkins.models import CheckIn
from portal.db import db
from portal.measures import due
from portal.reminders import Asked
from portal.reminders.quiet import LEAD, QuietHours

MORNING = time(9)  # when a measure that is due is told of, for who chose no time
AFTER_QUIET = timedelta(hours=3)  # how long a word that waited for quiet hours to end is of use


@dataclass(frozen=True, slots=True)
class Word:
    """That something waits for `who` on their `day`: to be told from `at` on, and of no use from `over` on."""

    who: int
    day: date
    at: datetime
    over: datetime


def words_for(asked: Mapping[int, Asked], now: datetime) -> Iterator[Word]:
    """The words of yesterday and today to those who wanted them and are in the program, at most one a day.

    Whoever has checked in for the day is told of no check-in; a measure is told of on the day it becomes due.
    """
    wanting = {
        who: one
        for who, one in asked.items()
        if one.role == "participant" and (one.chosen.check_in_at or one.chosen.measures)
    }
    if not wanting:
        return
    facts, facts_of_program = due.facts_of(list(wanting), now), program.current()
    checked_in = _checked_in(list(wanting), clock.day_of(now, "UTC") - timedelta(days=2))
    for who, one in wanting.items():
        today = clock.day_of(now, one.quiet.zone)
        begun = {each.since for each in due.reckon(facts[who], facts_of_program, one.quiet.zone, now)}
        for day in (today - timedelta(days=1), today):
            missing = not {(who, day), (who, today)} & checked_in
            check_in = one.chosen.check_in_at is not None and missing
            if facts[who].began and (check_in or (one.chosen.measures and day in begun)):
                at = _at(day, one.chosen.check_in_at or MORNING, one.quiet.zone)
                yield Word(who, day, at, _over(day, at, one.quiet))


def _at(day: date, wall: time, zone: str) -> datetime:
    return clock.at_wall(datetime.combine(day, wall), zone, strict=False)


def _over(day: date, at: datetime, quiet: QuietHours) -> datetime:
    """The end of the day; later where quiet hours kept the word back."""
    midnight = clock.start_of(day + timedelta(days=1), quiet.zone)
    held = quiet.around(at) or quiet.around(at + LEAD)
    ends = quiet.end_of(held[0]) if held else None
    return max(midnight, ends + AFTER_QUIET) if ends else midnight


def _checked_in(people: list[int], since: date) -> set[tuple[int, date]]:
    """Who has checked in for which day from `since` on."""
    rows = db.session.execute(
        select(CheckIn.participant_id, CheckIn.for_day)
        .where(CheckIn.participant_id.in_(people), CheckIn.for_day >= since)
        .distinct()
    )
    return {(row.participant_id, row.for_day) for row in rows}
