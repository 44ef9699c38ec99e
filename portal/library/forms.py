"""The form of the library: a reflection, in the reader's own words."""

from wtforms import TextAreaField

from portal.drafts.forms import Form
from portal.fields import text


class ReflectionForm(Form):
    mine = text("Your answer", field=TextAreaField)
