"""The forms of a flag: what was done about it, and a note; and the second question of the page after a yes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from portal import clock, words
from portal.drafts.forms import Form
from portal.fields import Choice, OneButton, OneOf, TimeOfDayField, number_sent, text
from portal.flags.acts import LATEST
from portal.flags.phrases import SAFE_NOW, TO_DO
from portal.people import Person

TRIED = "tried"


class ActForm(Form):
    """The act to put on record. `answers_read` is how many the page showed; without it, all are to be read again."""

    act = OneButton("What did you do?", "Choose what was done. Only an act closes a flag.", choices=TO_DO)
    again_by = OneOf("Who tries again")
    again_day = OneOf("Which day")
    again_at = TimeOfDayField("At what time")
    note = text("Note for the record", field=TextAreaField)
    answers_read = HiddenField(filters=[number_sent])

    def __init__(self, who: Iterable[Person], now: datetime, zone: str, **more: Any) -> None:
        """`who` can try again; the time is one on the clock of `zone`."""
        super().__init__(**more)
        self.who, self.zone = {one.key: one for one in who}, zone
        self.again_by.choices = [(key, one.name) for key, one in self.who.items()]
        today = clock.day_of(now, zone)
        days = (today + timedelta(days=ahead) for ahead in range(LATEST.days + 1))
        self.again_day.choices = [(str(day), words.relative_day(day, today)) for day in days]

    @property
    def tried(self) -> bool:
        """Whether they were not reached: then the form says who tries again, and when."""
        return bool(self.act.data == TRIED)

    @property
    def again(self) -> datetime:
        """The instant of the next try, for a form that was found good; a skipped hour is moved on."""
        wall = datetime.combine(date.fromisoformat(self.again_day.data), self.again_at.data)
        return clock.at_wall(wall, self.zone, strict=False)

    def validate_again_by(self, field: OneOf) -> None:
        if self.tried and not field.data:
            raise ValidationError("Choose who tries again.")

    def validate_again_day(self, field: OneOf) -> None:
        if self.tried and not field.data:
            raise ValidationError("Choose the day of the next try.")

    def validate_again_at(self, field: TimeOfDayField) -> None:
        if self.tried and field.data is None and not field.errors:
            raise ValidationError("Write when, such as 2:45 pm.")


class NoteForm(Form):
    more = text("Add a note", needed="Write what belongs in the record.", field=TextAreaField)


class SafeNowForm(FlaskForm):
    safe_now = Choice(
        "Are you safe right now?", choices=SAFE_NOW, validators=[InputRequired("Choose one of the three.")]
    )

    @property
    def place(self) -> str | None:
        """The place on the page at which the answer is said back; None where help has to be seen first."""
        return "now" if self.safe_now.data == "yes" else None
