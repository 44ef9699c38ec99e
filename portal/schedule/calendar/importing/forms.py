"""What an import takes: a calendar file, who leads, how many seats, and then a yes."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.fields import Number, plain_text
from portal.schedule.calendar.importing.lines import MOST_BYTES
from portal.schedule.groups import tracks


class FileForm(FlaskForm):
    """`content` is what the file holds, once the form is valid; it is never kept."""

    file = FileField("Calendar file")
    leader = SelectField(
        "Who leads these groups?", validate_choice=False, validators=[InputRequired("Choose a therapist.")], default=""
    )
    capacity = Number("Seats in each group", 1, 500, validators=[Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.content = b""
        self.leaders = tracks.leaders()
        self.leader.choices = [("", "Choose"), *((key, name) for _, key, name in self.leaders)]

    def validate_leader(self, field: Any) -> None:
        if field.data not in [key for _, key, _ in self.leaders]:
            raise ValidationError("Choose one of the therapists shown.")

    def validate_file(self, field: Any) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError("Choose a file. Its name ends in .ics.")
        self.content = field.data.stream.read(MOST_BYTES + 1)


class PlanForm(FlaskForm):
    """The yes to what was shown. `plan` is carrying.packed(); `clashes` and `refused` say what it takes more."""

    plan = HiddenField("Plan")
    clash_reason = StringField(
        "Why is this right all the same?",
        validators=[Length(max=200, message="Write up to 200 characters."), plain_text],
        filters=[lambda text: text.strip() if text else text],
    )
    without = BooleanField("Import the others without them")

    def demand(self, clashes: bool, refused: bool) -> bool:
        """Whether all is said that what was shown needs; errors beside the fields where not."""
        if clashes and not self.clash_reason.data:
            self.clash_reason.errors = ["Say why, in a few words."]
        if refused and not self.without.data:
            self.without.errors = ["Tick this, or mend the file and choose it again."]
        return not self.errors
