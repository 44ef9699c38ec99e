"""The form of the library: a reflection, in the reader's own words."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField

from portal.fields import plain_text, tidy


class ReflectionForm(FlaskForm):
    mine = TextAreaField("Your answer", filters=[tidy], validators=[plain_text])
