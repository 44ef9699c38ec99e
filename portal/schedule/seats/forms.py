"""The forms of seats: why somebody cannot come, and the hours in which they are busy."""

from datetime import time

from wtforms import TextAreaField, TimeField
from wtforms.validators import InputRequired

from portal import words
from portal.drafts.forms import Form
from portal.fields import Choice, Choices, plain_text, tidy
from portal.schedule.seats.models import BUSY

WRITTEN = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p"]  # as a browser sends a time, and as people type one


class AbsenceForm(Form):
    reason = TextAreaField("Why can't you make it?", filters=[tidy], validators=[plain_text])


class WallTime(TimeField):
    """A time of the day, such as 09:00 or 9:00 am."""

    data: time | None

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([" ".join(text.replace(".", "").split()) for text in valuelist])
        except ValueError:
            raise ValueError("Write a time such as 9:00 am.") from None


class BusyForm(Form):
    kind = Choice("What is it?", choices=BUSY, validators=[InputRequired("Choose one of the four.")])
    weekdays = Choices(
        "On which days?",
        choices=dict(enumerate(words.WEEKDAYS)),
        coerce=int,
        validators=[InputRequired("Choose one day or more.")],
    )
    starts = WallTime("From", format=WRITTEN, validators=[InputRequired("Write when it begins.")])
    ends = WallTime("To", format=WRITTEN, validators=[InputRequired("Write when it ends.")])

    def values(self) -> tuple[str, list[int], time, time]:
        """The title, the days, the beginning and the end, of a form that is valid."""
        assert self.starts.data is not None and self.ends.data is not None
        return str(self.kind.data), list(self.weekdays.data or ()), self.starts.data, self.ends.data
