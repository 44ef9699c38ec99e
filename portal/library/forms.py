"""The form of the library: a reflection, in the reader's own words."""

from wtforms import TextAreaField

from portal.drafts.forms import Form
from portal.fields import plain_text, tidy


class ReflectionForm(Form):
    mine = TextAreaField("Your answer", filters=[tidy], validators=[plain_text])
