"""The form that ends a flag, with what was done and a note; and the second question of the safety branch."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from portal.drafts.forms import Form
from portal.fields import Choice, OneButton, number_sent, text
from portal.flags import NOT_REACHED
from portal.flags.models import ACTIONS
from portal.flags.phrases import SAFE_NOW


class AcknowledgementForm(Form):
    """`answers_read` is how many answers the page showed; without it, all are to be read again."""

    action = OneButton("What was done?", "Choose what was done. A flag ends with an action.", choices=ACTIONS)
    note = text("Note for the record", field=TextAreaField)
    answers_read = HiddenField(filters=[number_sent])

    def validate_note(self, field: TextAreaField) -> None:
        if self.action.data == NOT_REACHED and not field.data:
            raise ValidationError("Signing ends the flag. Write who tries again, and when.")


class SafeNowForm(FlaskForm):
    safe_now = Choice(
        "Are you safe right now?", choices=SAFE_NOW, validators=[InputRequired("Choose one of the three.")]
    )
