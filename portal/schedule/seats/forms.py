"""The forms of seats: why somebody cannot come, and the hours in which they are busy."""

from datetime import time

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from portal import words
from portal.drafts.forms import Form
from portal.fields import Choice, Choices, TimeOfDayField, text
from portal.schedule.seats.models import BUSY


class AbsenceForm(Form):
    reason = text("Why can't you make it?", field=TextAreaField)


class HourField(TimeOfDayField):
    """A time of day at which somebody begins or ends something else."""

    such_as = "9:00 am"


class BusyForm(Form):
    kind = Choice("What is it?", choices=BUSY, validators=[InputRequired("Choose one of the four.")])
    weekdays = Choices(
        "On which days?",
        choices=dict(enumerate(words.WEEKDAYS)),
        coerce=int,
        validators=[InputRequired("Choose one day or more.")],
    )
    starts = HourField("From", validators=[InputRequired("Write when it begins.")])
    ends = HourField("To", validators=[InputRequired("Write when it ends.")])

    def values(self) -> tuple[str, list[int], time, time]:
        """The title, the days, the beginning and the end, of a form that is valid."""
        return str(self.kind.data), list(self.weekdays.data or ()), self.starts.data, self.ends.data
