"""Closing the program on some days, looked at before it is saved."""

from datetime import date, datetime

from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule import holidays
from portal.schedule.planning import words
from portal.schedule.planning.forms import HolidaysForm
from portal.schedule.planning.looks import Made, settled


def held(facts: ProgramFacts) -> tuple[date, ...]:
    """The days the program is closed, in order."""
    return tuple(date.fromisoformat(day) for day in sorted(facts.holidays))


def closed(coordinator: Person, form: HolidaysForm, facts: ProgramFacts, now: datetime) -> bool | None:
    """True once the program is closed on the days of `form`; None with what there is to look at in the form."""

    def make() -> Made:
        off = holidays.set_days(coordinator, form.listed, facts, now)
        stay = holidays.staying(form.listed, facts, now)
        said = [f"{words.number(off, 'group session')} {'is' if off == 1 else 'are'} cancelled."] if off else []
        if stay:
            said.append(
                f"{words.number(stay, 'other session')} on those days {'stays' if stay == 1 else 'stay'} planned."
            )
        return Made(True, (), said)

    return settled(form, make)
