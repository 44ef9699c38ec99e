"""What signing in accepts."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    email = StringField(
        "Email or sign-in name", validators=[InputRequired("Type your email or sign-in name."), Length(max=254)]
    )
    password = PasswordField("Password", validators=[InputRequired("Type your password."), Length(max=1024)])
    next = HiddenField()
