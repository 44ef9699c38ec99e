"""The form of the library: a reflection, in the reader's own words."""

from wtforms import TextAreaField

from portal.fields import plain_text, tidy
from portal.forms import Form


class ReflectionForm(Form):
    mine = TextAreaField("Your answer", filters=[tidy], validators=[plain_text])
