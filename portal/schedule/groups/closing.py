"""Closing the program on some days, looked at before it is saved, and what may take place after all."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from portal import clock, words
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule.groups import closed_days
from portal.schedule.groups.closed_days import OnDay
from portal.schedule.groups.closed_days.forms import HolidaysForm
from portal.schedule.sessions.looks import Made, settled

Day = tuple[date, tuple[OnDay, ...]]


def held(facts: ProgramFacts) -> tuple[date, ...]:
    """The days the program is closed, in order."""
    return tuple(date.fromisoformat(day) for day in sorted(facts.holidays))


def closed(coordinator: Person, form: HolidaysForm, facts: ProgramFacts, now: datetime) -> bool | None:
    """True once the program is closed on the days of `form`; None with what there is to look at in the form."""

    def make() -> Made:
        on_them = closed_days.on(form.listed, facts, now)
        off = closed_days.set_days(coordinator, form.listed, facts, now)
        stay = len(on_them) - off
        said = [f"{words.counted(off, 'group session')} {'is' if off == 1 else 'are'} cancelled."] if off else []
        if stay:
            said.append(
                f"{words.counted(stay, 'other session')} on those days {'stays' if stay == 1 else 'stay'} planned."
            )
        return Made(True, (), said, listed=by_day(on_them), today=clock.day_of(now, facts.zone))

    return settled(form, make)


def open_again(facts: ProgramFacts, now: datetime) -> list[Day]:
    """The sessions to come that a closed day cancelled, by day, where that day is open again."""
    return by_day(closed_days.restorable(facts, now))


def by_day(found: Iterable[OnDay]) -> list[Day]:
    """Sessions by time in parts, one for each day."""
    return [(day, tuple(on_it)) for day, on_it in groupby(found, key=lambda one: one.wall_at.date())]
