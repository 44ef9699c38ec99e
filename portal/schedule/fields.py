"""Form fields of planning: a day, a time of day, a list of days, and the topics of a track."""

import re
from datetime import date, time
from typing import Any

from wtforms import Field, Form, StringField, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from portal.exercises import EXERCISES
from portal.library import MATERIALS
from portal.schedule import days
from portal.schedule.groups.tracks import Topic

MOST_TOPICS = 60
LONGEST_TOPIC = 120
WORKSHEETS = {slug: each.title for slug, each in EXERCISES.items() if not each.living}
READINGS = {slug: each.title for slug, each in MATERIALS.items()}
_TIME = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?::00)?\s*([ap])?\.?m?\.?")


class DayField(Field):
    """A day, or None when it is left blank."""

    data: Any  # date | None

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            self.data = days.day(text)

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else self.data.isoformat() if self.data else ""


class TimeOfDayField(Field):
    """A time of day, or None when it is left blank; "18:00" and "6:00 pm" are the same."""

    data: Any  # time | None

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip().lower() if valuelist else ""
        self.data = None
        if not text:
            return
        found = _TIME.fullmatch(text)
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
        if found and found[3]:
            hour = hour % 12 + (12 if found[3] == "p" else 0) if 1 <= hour <= 12 else 24
        if hour > 23 or minute > 59:
            raise ValueError("Write a time such as 6:00 pm.")
        self.data = time(hour, minute)

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else f"{self.data:%H:%M}" if self.data else ""


class DaysField(TextAreaField):
    """Days, one a line; `listed` holds them once the form was found good."""

    listed: tuple[date, ...] = ()

    def pre_validate(self, form: Form) -> None:
        try:
            self.listed = days.listed(self.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


class LinkField(StringField):
    """A link that a browser opens over an encrypted line, or nothing."""

    def pre_validate(self, form: Form) -> None:
        if self.data and not re.fullmatch(r"https://[^\s/]+\.[^\s]+", self.data):
            raise ValidationError("A link begins with https:// and has no spaces.")


class TopicsField(Field):
    """The topics of a track in order; row 0 is in "topics-0-title", "topics-0-material" and "topics-0-worksheet"."""

    data: tuple[Topic, ...]
    shown = 0  # rows, at least

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            rows = [
                Topic(*(formdata.get(f"{self.name}-{row}-{part}", "").strip() for part in Topic.__slots__))
                for row in range(MOST_TOPICS)
            ]
            self.data = tuple(row for row in rows if row != Topic(""))
            sent = formdata.get(f"{self.name}-rows", "")
            self.shown = int(sent) if sent.isdecimal() and len(sent) < 4 else 0

    def add_rows(self) -> None:
        """Show three more rows than there were."""
        self.shown = len(self.rows) + 3

    def pre_validate(self, form: Form) -> None:
        for number, topic in enumerate(self.data, 1):
            if not topic.title:
                raise ValidationError(
                    f"Row {number} has a reading or a worksheet and no topic. Write what it is about."
                )
            if len(topic.title) > LONGEST_TOPIC:
                raise ValidationError(f"Topic {number} is too long. {LONGEST_TOPIC} characters fit.")
            if topic.material not in ("", *READINGS) or topic.worksheet not in ("", *WORKSHEETS):
                raise ValidationError(f"Topic {number}: choose a reading and a worksheet from the lists.")

    @property
    def rows(self) -> list[Topic]:
        """What the form shows: the topics and a row that is empty, or more where they were asked for."""
        held: list[Any] = list(self.data or ())
        return held + [Topic("")] * (min(max(len(held) + 1, self.shown), MOST_TOPICS) - len(held))
