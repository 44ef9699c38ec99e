"""The forms of the account page: a proof that it is you, a new password, another address."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.door import password_rules
from portal.door.forms import ONLY_ME, SignInName
from portal.drafts.forms import Form


class ConfirmForm(FlaskForm):
    """One of these proves it: `password`, a `code`, or the `answer` of a passkey. `next` is where to go then."""

    password = PasswordField("Password", validators=[Length(max=1024)])
    code = StringField("Code", validators=[Length(max=40, message="That is too long for a code.")])
    answer = HiddenField(validators=[Length(max=20_000)])
    next = HiddenField()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        return super().validate(*args, **kwargs) and any(self.sent)

    @property
    def sent(self) -> tuple[str, str, str]:
        """The password, the code and the passkey's answer; "" for what was left out."""
        return self.password.data or "", self.code.data or "", self.answer.data or ""


class PasswordForm(FlaskForm):
    """A new password, and the present one as the proof of who asks; `second_factor` says whether more is asked for.

    Whoever has no password yet gives the `answer` of a passkey instead.
    """

    present_password = PasswordField(
        "Your password now", validators=[InputRequired("Type the password you have now."), Length(max=1024)]
    )
    password = PasswordField("New password", validators=[InputRequired("Type a new password.")])
    answer = HiddenField(
        validators=[InputRequired("Use your passkey to save it. If you lost it, call us."), Length(max=20_000)]
    )

    def __init__(
        self, *args: Any, has_password: bool, second_factor: bool, own_words: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if has_password:
            del self.answer
        else:
            del self.present_password
        self.second_factor, self.own_words = second_factor, own_words

    @property
    def proof(self) -> dict[str, str]:
        """The proof of who asks: the `present` password as typed, or the answer of a `passkey`."""
        if "answer" in self:
            return {"passkey": self.answer.data}
        return {"present": self.present_password.data}

    def validate_password(self, field: PasswordField) -> None:
        if fault := password_rules.faults(field.data, self.second_factor, self.own_words):
            raise ValidationError(fault)


class ContactForm(Form):
    contact = SignInName("Type an email address, or a sign-in name.", is_new=True)
    mail_ok = BooleanField(ONLY_ME)


class MailForm(FlaskForm):
    mail_ok = BooleanField(ONLY_ME)
