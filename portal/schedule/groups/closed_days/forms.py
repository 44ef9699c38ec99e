"""The form of the days the program is closed."""

from datetime import date

from wtforms.validators import Length

from portal.fields import tidy
from portal.schedule.fields import DaysField
from portal.schedule.sessions.looks import PlanForm


class HolidaysForm(PlanForm):
    """The days the program is closed, one a line."""

    days = DaysField("Days, one a line", filters=[tidy], validators=[Length(max=8000, message="That is too long.")])

    @property
    def listed(self) -> tuple[date, ...]:
        return self.days.listed
