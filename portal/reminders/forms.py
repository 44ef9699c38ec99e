"""The form of reminders: what somebody wants to be emailed about, and their quiet hours."""

from dataclasses import asdict
from datetime import date, datetime, time

from wtforms import BooleanField
from wtforms.validators import ValidationError

from portal import words
from portal.drafts.forms import Form
from portal.fields import Choice, Choices
from portal.reminders import ReminderWishes

BEFORE = {60: "1 hour before", 120: "2 hours before", 1440: "1 day before", 2880: "2 days before"}
HOURS = {hour: words.hour(datetime.combine(date(2000, 1, 1), time(hour))) for hour in range(24)}


class ReminderForm(Form):
    before = Choices("Before each time on my schedule", choices=BEFORE, coerce=int)
    changes = BooleanField("When something on my schedule changes")
    unseen = BooleanField("A day later, if I have not marked a change as seen")
    check_in_at = Choice("A reminder to check in, every day at", choices=HOURS, coerce=int)
    measures = BooleanField("On the day when there is something to answer")
    quiet_from = Choice("No email from", choices=HOURS, coerce=int)
    quiet_until = Choice("Until", choices=HOURS, coerce=int)

    @property
    def chosen(self) -> ReminderWishes:
        """The choice in a form that was found good."""
        return ReminderWishes(
            tuple(sorted(set(self.before.data or ()))),
            self.changes.data,
            self.unseen.data,
            time(self.quiet_from.data or 0),
            time(self.quiet_until.data or 0),
            None if self.check_in_at.data is None else time(self.check_in_at.data),
            self.measures.data,
        )

    def validate_quiet_from(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose a time.")

    validate_quiet_until = validate_quiet_from


def fields_of(chosen: ReminderWishes) -> dict:
    """The fields of the form as they were chosen before."""
    held = asdict(chosen)
    return {name: value.hour if isinstance(value, time) else value for name, value in held.items()}
