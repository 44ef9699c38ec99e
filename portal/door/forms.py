"""The form of signing in, and the fields that the other forms of the door share with it."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from portal.fields import PlainText, tidy
from portal.people import contacts

ONLY_ME = "Only I read email at this address"
LONGEST_LINE = 500  # characters
JOINERS = "\u200c\u200d"  # unseen, but part of how some names are written


def one_line(text: str | None) -> str | None:
    """A name as it is stored: on one line, with single spaces, and without characters that nobody sees.

    What is too long for any name stays as it is, and its field refuses it.
    """
    if len(text or "") > LONGEST_LINE:
        return text
    return " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in text).split()) if text else text


class SignInName(StringField):
    """An email address or sign-in name, as it is kept and looked up; `missing` asks for one that was left out."""

    def __init__(self, missing: str, is_new: bool = False, **more: Any) -> None:
        """A name that `is_new` is refused unless somebody can sign in with it."""
        required = [DataRequired(missing), PlainText(254)]
        checks = [*required, _refuse_faulty] if is_new else required
        super().__init__("Email or sign-in name", filters=[tidy, _as_kept], validators=checks, **more)


def _as_kept(text: str | None) -> str | None:
    return contacts.tidy(text) if text else text


def _refuse_faulty(form: FlaskForm, field: SignInName) -> None:
    if wrong := contacts.fault(field.data):
        raise ValidationError(wrong)


class SignInForm(FlaskForm):
    email = SignInName("Type your email or sign-in name.")
    password = PasswordField("Password", validators=[InputRequired("Type your password."), Length(max=1024)])
    shared = BooleanField("This is a shared device")
    next = HiddenField()
