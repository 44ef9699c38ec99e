"""Form fields of group tracks: their topics, and days without a session."""

from datetime import date
from typing import Any

from wtforms import Field, Form, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from portal.exercises import EXERCISES
from portal.fields import is_blank, over, read_day, tidy
from portal.library import MATERIALS
from portal.schedule.groups.tracks import Topic

MOST_TOPICS = 60
LONGEST_TOPIC = 120
MOST_NAMED = 10  # lines
WORKSHEETS = {slug: each.title for slug, each in EXERCISES.items() if not each.living}
READINGS = {slug: each.title for slug, each in MATERIALS.items()}


class TopicsField(Field):
    """The topics of a track in order; row 0 is in "topics-0-title", "topics-0-material" and "topics-0-worksheet"."""

    data: tuple[Topic, ...]
    shown = 0  # rows, at least
    longest = LONGEST_TOPIC

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            rows = [
                Topic(**{part: tidy(formdata.get(f"{self.name}-{row}-{part}")) or "" for part in Topic.__slots__})
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
            if too_long := over(topic.title, LONGEST_TOPIC):
                raise ValidationError(f"Topic {number}: {too_long}")
            if topic.material not in ("", *READINGS) or topic.worksheet not in ("", *WORKSHEETS):
                raise ValidationError(f"Topic {number}: choose a reading and a worksheet from the lists.")

    @property
    def rows(self) -> list[Topic]:
        """The rows that the form shows: the topics and a row that is empty, or more where they were asked for."""
        held: list[Any] = list(self.data or ())
        return held + [Topic("")] * (min(max(len(held) + 1, self.shown), MOST_TOPICS) - len(held))


class DaysField(TextAreaField):
    """Days, one a line; `listed` holds them once the form was found good."""

    listed: tuple[date, ...] = ()

    def pre_validate(self, form: Form) -> None:
        try:
            self.listed = read_days(self.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


def read_days(text: str) -> tuple[date, ...]:
    """The days of a text with one on each line, in order and each once; raises ValueError that names the bad lines."""
    found, wrong = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        if is_blank(line):
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
