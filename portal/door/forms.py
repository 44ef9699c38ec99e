"""The form of signing in."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.people.contacts import tidy


class SignInForm(FlaskForm):
    email = StringField(
        "Email or sign-in name",
        filters=[lambda text: tidy(text) if text else text],
        validators=[InputRequired("Type your email or sign-in name."), Length(max=254)],
    )
    password = PasswordField("Password", validators=[InputRequired("Type your password."), Length(max=1024)])
    shared = BooleanField("This is a shared device")
    next = HiddenField()
