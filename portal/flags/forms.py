"""What ending a flag takes: what was done, and a note if there is more to say."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import AnyOf, Length
from wtforms.widgets import HiddenInput

from portal.flags.models import ACTIONS

LONGEST_NOTE = 2000


def _plain(text: str | None) -> str | None:
    return text.replace("\r\n", "\n").replace("\x00", "").strip() if text else text


class AcknowledgementForm(FlaskForm):
    """`answers_read` is how many answers the page showed: a flag with others should be read again."""

    action = RadioField(
        "What was done?",
        choices=ACTIONS,
        validate_choice=False,
        validators=[AnyOf(ACTIONS, "Choose what was done. A flag ends with an action.")],
    )
    note = TextAreaField(
        "Note for the record",
        filters=[_plain],
        validators=[Length(max=LONGEST_NOTE, message=f"This is too long. {LONGEST_NOTE} characters fit.")],
    )
    answers_read = IntegerField(widget=HiddenInput(), default=0)
