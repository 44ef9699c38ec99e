"""What the library accepts: a reflection, in the reader's own words."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.library import LONGEST_REFLECTION


def plain_lines(text: str | None) -> str:
    """The text with line ends as people count them: one character each."""
    return (text or "").replace("\r\n", "\n").strip()


class ReflectionForm(FlaskForm):
    mine = TextAreaField(
        "Your answer",
        filters=[plain_lines],
        validators=[Length(max=LONGEST_REFLECTION, message="Shorten it to 2,000 characters or fewer.")],
    )
