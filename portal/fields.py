"""Form fields: answers that tell a skip from a value, days and times as people write them, and plain text."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import cache
from typing import Any, overload

from flask import current_app
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, StopValidation, ValidationError

from portal import phones, words
from portal.db import new_key

CHOOSE = "Choose one of the answers shown."
DAMAGED = "A hidden part of this form was damaged. We fixed it. Please save again."
LONGEST_TEXT = 2000
LONGEST_VALUE = 80  # characters of a day, a time, or a phone number with all that people write around it
# Separators, controls, marks of direction, and marks that combine with a letter that is not there; and the letters of
# Hangul and Braille that are drawn as nothing.
UNSEEN_KINDS = ("Z", "M", "Cc", "Cf")
UNSEEN = "\u115f\u1160\u2800\u3164\uffa0"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIRST_YEAR, LAST_YEAR = 2000, 2100
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_NAMED = re.compile(r"(?:[a-z]+,? +)?([a-z]{3})[a-z]*\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_TIME = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?::00)?\s*([ap])?\.?m?\.?")


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


@contextmanager
def refusals_on(form: Form) -> Iterator[None]:
    """A block that ends where a verb in it refuses: `form` then says so."""
    try:
        yield
    except Refused as refused:
        refuse(form, refused)


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
    """Some of the answers. None at all is a skip, unless something is said to be `missing`; `wrong` is any other."""

    def __init__(
        self, label: str, *, missing: str = "", wrong: str = "Choose from the answers shown.", **more: Any
    ) -> None:
        super().__init__(label, **more)
        self.missing, self.wrong = missing, wrong

    def pre_validate(self, form: Form) -> None:
        if self.missing and not self.data:
            raise ValidationError(self.missing)
        if not set(self.data or ()) <= set(self.choices):
            raise ValidationError(self.wrong)


class OneOf(SelectField):
    """One of its choices. `missing` is said where none is chosen, unless none is a choice; `wrong` of any other."""

    def __init__(self, label: str, missing: str = "", wrong: str = "", **more: Any) -> None:
        super().__init__(label, validate_choice=False, **more)
        self.missing, self.wrong = missing, wrong or missing

    def pre_validate(self, form: Form) -> None:
        if self.data in ("", None):
            if self.missing:
                raise ValidationError(self.missing)
        elif self.data not in dict(self.choices):
            raise ValidationError(self.wrong)


class OneButton(OneOf, RadioField):
    """The same, of which one is ticked."""


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
        if valuelist and not is_blank(valuelist[0]):
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


def is_blank(text: str) -> bool:
    """Whether nothing in a text can be seen: it is empty, or all spaces, marks of direction and the like."""
    return _unseen().issuperset(text) and "\x00" not in text  # which no database can hold: a form says so of it


@cache
def _unseen() -> frozenset[str]:
    """Every character that is not seen by itself, so that a text of any length is gone through in one call."""
    kinds = (
        each for each in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(each).startswith(UNSEEN_KINDS)
    )
    return frozenset(UNSEEN).union(kinds)


@overload
def tidy(text: str) -> str: ...
@overload
def tidy(text: None) -> None: ...
def tidy(text: str | None) -> str | None:
    """A text with one kind of line break and no space around it; "" for one in which nothing can be seen."""
    if not text:
        return text
    return "" if is_blank(text) else text.replace("\r\n", "\n").replace("\r", "\n").strip()


def searched(text: str | None) -> str:
    """The words of a search, at most LONGEST_TEXT characters of them, without any that cannot be seen."""
    return tidy("".join(one for one in (text or "")[:LONGEST_TEXT] if one.isprintable()))


def without_blanks(sent: MultiDict) -> MultiDict:
    """All that was sent of a form, with "" for each text in which nothing can be seen: it was left out."""
    return MultiDict((name, "" if is_blank(text) else text) for name, text in sent.items(multi=True))


def number_sent(text: str | None) -> int | None:
    """The whole number in a hidden field; None where a damaged form does not say one."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def over(text: str, most: int) -> str:
    """A refusal of a text of more than `most` characters, which says by how many; "" for one that fits."""
    too_many = len(text) - most
    return f"This is {words.counted(too_many, 'character')} too long. {most} fit." if too_many > 0 else ""


class PlainText:
    """A check of a text of at most `most` characters that can be stored. The page counts them while it is written.

    What is too long is not looked at any further: checks after it may take their time over each character.
    """

    def __init__(self, most: int) -> None:
        self.most, self.field_flags = most, {"most": most}

    def __call__(self, form: Form, field: Any) -> None:
        text = field.data or ""
        if "\x00" in text:
            field.data = text.replace("\x00", "")
            raise ValidationError(
                "This had a character that cannot be saved. We took it out. Read it over and save again."
            )
        if too_long := over(text, self.most):
            raise StopValidation(too_long)


def text(
    label: str, most: int = LONGEST_TEXT, *, needed: str = "", field: Any = StringField, filters: Any = (), **more: Any
) -> Any:
    """A field for a text of at most `most` characters; `needed` says what is missing when it is left blank."""
    checks = [*([DataRequired(needed)] if needed else []), PlainText(most), *more.pop("validators", ())]
    return field(label, filters=[tidy, *filters], validators=checks, **more)


class TypedField(Field):
    """A value that is typed as people write it, in a few words, or None when it is left blank."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        text = tidy(valuelist[0]) if valuelist else None
        self.data = None  # also where it cannot be read
        if too_long := over(text or "", LONGEST_VALUE):
            raise ValueError(too_long)
        self.data = self.read(text) if text else None

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else self.show() if self.data else ""

    def read(self, text: str) -> Any:
        """The value of a text that is not blank; raises ValueError, which says how to write it."""
        raise NotImplementedError

    def show(self) -> str:
        """The value as a browser takes it."""
        return str(self.data)


class PhoneField(TypedField):
    """A phone number, in the one form in which it is shown."""

    def read(self, text: str) -> str:
        return phones.tidy(text)


class DayField(TypedField):
    """A day."""

    def read(self, text: str) -> date:
        return read_day(text)


class TimeOfDayField(TypedField):
    """A time of day; "18:00" and "6:00 pm" are the same. `such_as` is how one is written."""

    such_as = "6:00 pm"

    def read(self, text: str) -> time:
        found = _TIME.fullmatch(text.lower())
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
        if found and found[3]:
            hour = hour % 12 + (12 if found[3] == "p" else 0) if 1 <= hour <= 12 else 24
        if hour > 23 or minute > 59:
            raise ValueError(f"Write a time such as {self.such_as}.")
        return time(hour, minute)

    def show(self) -> str:
        return f"{self.data:%H:%M}"


def read_day(text: str) -> date:
    """The day that "2026-12-24", "12/24/2026" or "Thu, Dec 24, 2026" names; raises ValueError for anything else."""
    text = text.strip().lower()
    if found := _ISO.fullmatch(text):
        year, month, number = found.groups()
    elif found := _SLASHED.fullmatch(text):
        month, number, year = found.groups()
    elif (found := _NAMED.fullmatch(text)) and found[1] in MONTHS:
        month, number, year = str(MONTHS.index(found[1]) + 1), found[2], found[3]
    else:
        raise ValueError("Write the day as 12/24/2026.")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.")
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise ValueError("There is no such day.") from None


class LinkField(StringField):
    """A link that a browser opens over an encrypted line, or nothing."""

    def pre_validate(self, form: Form) -> None:
        if self.data and not re.fullmatch(r"https://[^\s/.]+\.\S+", self.data):
            raise ValidationError("A link begins with https:// and has no spaces.")


class FormKey(HiddenField):
    """The key that a form is made with: what is sent twice under it is kept once. A damaged one is made anew."""

    data: str
    is_damaged = False

    def process(self, formdata: Any, *more: Any, **named: Any) -> None:
        super().process(formdata, *more, **named)
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", self.data or ""):
            self.is_damaged, self.data = bool(self.data), new_key()


class OpenedAt(HiddenField):
    """The time at which the form was loaded, as this server saw it: signed, so that the browser cannot say another."""

    data: str | None

    def process(self, formdata: Any, *more: Any, **named: Any) -> None:
        super().process(formdata, *more, **named)
        if not self.data:
            self.data = self._signer().sign("").decode()

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
