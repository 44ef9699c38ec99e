"""What signing in accepts."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


def one_name(text: str | None) -> str | None:
    """A name as it is stored and counted, without the one character that no database can look up."""
    return text.replace("\x00", "").strip().lower() if text else text


class SignInForm(FlaskForm):
    email = StringField(
        "Email or sign-in name",
        filters=[one_name],
        validators=[InputRequired("Type your email or sign-in name."), Length(max=254)],
    )
    password = PasswordField("Password", validators=[InputRequired("Type your password."), Length(max=1024)])
    next = HiddenField()
