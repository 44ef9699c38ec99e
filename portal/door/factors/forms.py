"""The forms of second factors: a code, the answer of a browser that was asked for a passkey, and a passkey's name."""

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from portal.door.factors import authenticator, passkeys
from portal.door.forms import one_line
from portal.drafts.forms import Form
from portal.fields import Refused, refusals_on, text
from portal.people import Person

LONGEST_ANSWER = 20_000  # characters; a browser sends about 1,000
NO_ANSWER = "Your browser sent no passkey. Press the button again, or use another way."


class CodeForm(FlaskForm):
    code = StringField(
        "Code", validators=[InputRequired("Type a code."), Length(-1, 40, "That is too long for a code.")]
    )


class AuthenticatorForm(Form):
    """The code that an app shows for the secret in `setup`."""

    setup = HiddenField()
    code = StringField("Code from the app", validators=[InputRequired("Type the 6 digits that the app shows.")])

    def confirms(self, person: Person, now: datetime) -> bool:
        """Give `person` the app whose code this is; False, with the error beside its field, if it is not."""
        if not self.validate():
            return False
        if authenticator.confirm(person, self.setup.data or "", self.code.data or "", now):
            return True
        self.code.errors = [
            f"That is not the code for this key. Wait for the next one, and type that. {authenticator.CLOCK}"
        ]
        return False


class PasskeyForm(FlaskForm):
    """The `answer` of a browser, and where to go then; `shared` is empty but on a device that others use too."""

    answer = HiddenField(validators=[InputRequired(NO_ANSWER), Length(max=LONGEST_ANSWER)])
    next = HiddenField()
    shared = HiddenField()

    def checked(self) -> str:
        """The answer; raises Refused for a form without one."""
        if not self.validate():
            raise Refused("answer", NO_ANSWER)
        return str(self.answer.data)


class NewPasskeyForm(Form):
    answer = HiddenField("Passkey", validators=[InputRequired(NO_ANSWER), Length(-1, LONGEST_ANSWER, NO_ANSWER)])
    name = text("Name for this passkey", passkeys.LONGEST_NAME, filters=[one_line])

    def kept_for(self, person: Person, now: datetime) -> str | None:
        """Give `person` the passkey in the answer, and its key; None, with the error on the form, if it is refused."""
        if not self.validate():
            return None
        with refusals_on(self):
            return passkeys.add_passkey(person, self.answer.data or "", self.name.data or "", now).key
        return None
