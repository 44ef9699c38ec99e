"""What ending a flag takes: what was done, and a note if there is more to say."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import AnyOf, Length

from portal.flags.models import ACTIONS

LONGEST_NOTE = 2000


def _plain(text: str | None) -> str | None:
    return text.replace("\r\n", "\n").replace("\x00", "").strip() if text else text


class AcknowledgementForm(FlaskForm):
    """`answers_read` is how many answers the page showed."""

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
    answers_read = HiddenField()

    @property
    def how_many_read(self) -> int:
        """`answers_read` as a number: none where a damaged form does not say, so that all are read again."""
        sent = self.answers_read.data or ""
        return int(sent) if sent.isdecimal() and len(sent) < 9 else 0
