"""Form fields of the schedule: one or some of several, a day, a time of day, days, a link, a line of text."""

import re
from datetime import date, time
from typing import Any

from wtforms import Field, Form, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.fields import plain_text, tidy

SHORTEST, LONGEST = 5, 720  # minutes
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_NAMED = 10  # lines
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_NAMED = re.compile(r"(?:[a-z]+,? +)?([a-z]{3})[a-z]*\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_TIME = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?::00)?\s*([ap])?\.?m?\.?")


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


class SomeOf(SelectMultipleField):
    """Some of its choices. `missing` is said where none is chosen, and `wrong` of any other."""

    def __init__(self, label: str, missing: str, wrong: str, **more: Any) -> None:
        super().__init__(label, validate_choice=False, **more)
        self.missing, self.wrong = missing, wrong

    def pre_validate(self, form: Form) -> None:
        if self.missing and not self.data:
            raise ValidationError(self.missing)
        if not set(self.data) <= set(self.choices):
            raise ValidationError(self.wrong)


class TypedField(Field):
    """A value that is typed as people write it, or None when it is left blank."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None  # also where it cannot be read
        self.data = self.read(text) if text else None

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else self.show() if self.data else ""

    def read(self, text: str) -> Any:
        """The value of a text that is not blank; raises ValueError, which says how to write it."""
        raise NotImplementedError

    def show(self) -> str:
        """The value as a browser takes it."""
        return str(self.data)


class DayField(TypedField):
    """A day."""

    def read(self, text: str) -> date:
        return read_day(text)


class TimeOfDayField(TypedField):
    """A time of day; "18:00" and "6:00 pm" are the same."""

    def read(self, text: str) -> time:
        found = _TIME.fullmatch(text.lower())
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
        if found and found[3]:
            hour = hour % 12 + (12 if found[3] == "p" else 0) if 1 <= hour <= 12 else 24
        if hour > 23 or minute > 59:
            raise ValueError("Write a time such as 6:00 pm.")
        return time(hour, minute)

    def show(self) -> str:
        return f"{self.data:%H:%M}"


class DaysField(TextAreaField):
    """Days, one a line; `listed` holds them once the form was found good."""

    listed: tuple[date, ...] = ()

    def pre_validate(self, form: Form) -> None:
        try:
            self.listed = read_days(self.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


class LinkField(StringField):
    """A link that a browser opens over an encrypted line, or nothing."""

    def pre_validate(self, form: Form) -> None:
        if self.data and not re.fullmatch(r"https://[^\s/]+\.[^\s]+", self.data):
            raise ValidationError("A link begins with https:// and has no spaces.")


def text(label: str, most: int, *, needed: str = "", field: Any = StringField) -> Any:
    """A field for a line of at most `most` characters; `needed` says what is missing when it is left blank."""
    first = [InputRequired(needed)] if needed else [Optional()]
    limits = [Length(max=most, message=f"Use {most} characters at most."), plain_text]
    return field(label, filters=[tidy], validators=[*first, *limits])


def span_minutes(start: time, end: time) -> int:
    """The minutes from `start` to `end` of a day, below 0 for an end before it."""
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def check_minutes(minutes: int) -> None:
    """Raise ValidationError for a length that no session has."""
    if not SHORTEST <= minutes <= LONGEST:
        raise ValidationError(
            "It ends before it begins." if minutes <= 0 else "A session has from 5 minutes to 12 hours."
        )


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


def read_days(text: str) -> tuple[date, ...]:
    """The days of a text with one on each line, in order and each once; raises ValueError that names the bad lines."""
    found, wrong = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.add(read_day(line))
        except ValueError as error:
            wrong.append(f"Line {number}, “{line.strip()[:40]}”: {error}")
    if wrong:
        more = f" And {len(wrong) - MOST_NAMED} more." if len(wrong) > MOST_NAMED else ""
        raise ValueError(" ".join(wrong[:MOST_NAMED]) + more)
    return tuple(sorted(found))


def days_as_text(held: tuple[date, ...]) -> str:
    """Days as the text that `read_days` reads."""
    return "\n".join(f"{each:%m/%d/%Y}" for each in held)
