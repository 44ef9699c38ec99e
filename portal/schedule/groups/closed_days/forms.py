"""The form of the days the program is closed."""

from datetime import datetime

from portal import clock
from portal.fields import text
from portal.people import Person
from portal.preview import Preview, PreviewForm
from portal.program import ProgramFacts
from portal.schedule.groups import closed_days, phrases
from portal.schedule.groups.fields import DaysField


class ClosedDaysForm(PreviewForm):
    """The days the program is closed, one a line."""

    days = text("Days, one a line", 8000, field=DaysField)

    def attempt(self, coordinator: Person, facts: ProgramFacts, now: datetime) -> Preview:
        on_them = closed_days.on_new_days(self.days.listed, facts, now)
        cancelled, shifts = closed_days.close(coordinator, self.days.listed, facts, now)
        today = clock.day_of(now, facts.zone)
        sentences = phrases.closing(cancelled, len(on_them) - cancelled, shifts, today)
        return Preview(tuple(sentences), listed=tuple(closed_days.by_day(on_them)))
