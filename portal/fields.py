"""Form fields that tell a skip from a value, and what every text has to pass."""

from datetime import datetime
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, IntegerField, RadioField, SelectMultipleField
from wtforms.validators import ValidationError

CHOOSE = "Choose one of the answers shown."
LONGEST_TEXT = 2000


class Refused(ValueError):
    """A refusal of a verb: the `words` for whoever asked, and the `field` that they stand beside; "" for the form."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


def refuse(form: Form, refused: Refused) -> None:
    """Put a refusal beside the field it is about, or at the head of a form that has no such field."""
    if refused.field in form:
        form[refused.field].errors = [refused.words]
    else:
        form.form_errors.append(refused.words)


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


TAP = "-tap"  # the end of a name: the usual numbers, to be tapped at once


class Hours(Choice):
    """A number that can be chosen in two places, a few to tap and a list of all; two different ones are refused."""

    def process(self, formdata: Any, *more: Any, **named: Any) -> None:
        if formdata is not None:
            both = [*formdata.getlist(self.name), *formdata.getlist(self.name + TAP)]
            formdata = MultiDict((self.name, value) for value in both)
        super().process(formdata, *more, **named)

    def process_formdata(self, valuelist: list[str]) -> None:
        chosen = [value for value in valuelist if value != ""]
        super().process_formdata(chosen[:1])
        if len({self.coerce(value) for value in chosen[1:]} - {self.data}) > 0:
            first, self.data = self.data, None
            raise ValueError(f"You chose {first:g} h and another number. Choose one of them.")


class Choices(SelectMultipleField):
    """Any of the answers; none at all is a skip."""

    def pre_validate(self, form: Form) -> None:
        if not set(self.data or ()) <= set(self.choices):
            raise ValidationError("Choose from the answers shown.")


class Number(IntegerField):
    """A whole number from `low` to `high`, or none."""

    process_errors: list[str]

    def __init__(self, label: str, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.low, self.high = low, high

    def within(self, low: int, high: int) -> None:
        """Take what lies from `low` to `high` from now on, and say so also of what was no number."""
        self.low, self.high = low, high
        if self.process_errors:
            self.process_errors = [self.range_in_words]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = int(valuelist[0])
            except ValueError:
                raise ValueError(self.range_in_words) from None

    def pre_validate(self, form: Form) -> None:
        if self.data is not None and not self.low <= self.data <= self.high:
            raise ValidationError(self.range_in_words)

    @property
    def range_in_words(self) -> str:
        return f"Write a whole number from {self.low} to {self.high}."


def tidy(text: str | None) -> str | None:
    """A text with one kind of line break and without space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() if text else text


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


class OpenedAt(HiddenField):
    """The time at which the form was loaded, as this server saw it: signed, so that the browser cannot say another."""

    data: str | None

    def stamp(self, key: str) -> None:
        """Note that the form called `key` is loaded now, unless it says so already."""
        if not self.data:
            self.data = self._signer().sign(key).decode()

    def seconds(self, until: datetime) -> int | None:
        """Whole seconds from then to `until`, when it was filled in; None if that cannot be known."""
        try:
            _, loaded = self._signer().unsign(self.data or "", return_timestamp=True)
        except BadSignature:
            return None
        return max(0, int((until - loaded).total_seconds()))

    @staticmethod
    def _signer() -> TimestampSigner:
        return TimestampSigner(current_app.config["SECRET_KEY"], salt="form opened")
