"""Form fields that tell a skip from a value, and what every text has to pass."""

from typing import Any

from wtforms import Form, IntegerField, RadioField, SelectMultipleField
from wtforms.validators import ValidationError

CHOOSE = "Choose one of the answers shown."
LONGEST_TEXT = 2000


class Choice(RadioField):
    """One of the answers, or none: an empty or absent value is a skip."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0] != "":
            try:
                self.data = self.coerce(valuelist[0])
            except ValueError:
                raise ValueError(CHOOSE) from None

    def pre_validate(self, form: Form) -> None:
        if self.data is not None and self.data not in self.choices:
            raise ValidationError(CHOOSE)


class Choices(SelectMultipleField):
    """Any of the answers; none at all is a skip."""

    def pre_validate(self, form: Form) -> None:
        if not set(self.data or ()) <= set(self.choices):
            raise ValidationError("Choose from the answers shown.")


class Number(IntegerField):
    """A whole number from `low` to `high`, or none."""

    def __init__(self, label: str, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.low, self.high = low, high

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = int(valuelist[0])
            except ValueError:
                raise ValueError(self._range()) from None

    def pre_validate(self, form: Form) -> None:
        if self.data is not None and not self.low <= self.data <= self.high:
            raise ValidationError(self._range())

    def _range(self) -> str:
        return f"Write a whole number from {self.low} to {self.high}."


def tidy(text: str | None) -> str | None:
    """A text with one kind of line break and without space around it."""
    return text.replace("\r\n", "\n").strip() if text else text


def plain_text(form: Form, field: Any) -> None:
    """Refuse what cannot be stored or is too long, and say by how much."""
    text = field.data or ""
    if "\x00" in text:
        field.data = text.replace("\x00", "")
        raise ValidationError(
            "This held a character that cannot be saved. We took it out: look it over and save again."
        )
    if len(text) > LONGEST_TEXT:
        raise ValidationError(f"This is {len(text) - LONGEST_TEXT} characters too long. {LONGEST_TEXT} fit.")
