"""Check-ins as a table: a column for everything that was asked in these days, in the words it was asked in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from portal.checkins.check_in_days import CheckInDay
from portal.checkins.check_in_versions import ITEMS, AnswerInWords, CheckInVersion
from portal.checkins.sets import NOT_ASKED, Question
from portal.checkins.usual_range import answer_of_day


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that was asked, as it was worded last. A target of one's own is a column by its words, since its place
    can be another's."""

    name: str
    item: str
    question: Question

    def answer_in(self, entry: CheckInVersion) -> AnswerInWords:
        """The answer of a check-in to it, in words."""
        item = self._item_of(entry)
        return entry.said(item, self.name) if item else AnswerInWords(self.name, NOT_ASKED, "not asked")

    def value_in(self, entry: CheckInVersion) -> Any:
        """The answer to it as it is kept; None where there is none."""
        return entry.given(self._item_of(entry))

    def value_on(self, day: CheckInDay) -> Any:
        """The answer of a day to it; None where there is none."""
        return answer_of_day([self.value_in(entry) for entry in day.entries])

    def _item_of(self, entry: CheckInVersion) -> str:
        if self.item != "target":
            return self.item
        return next((one.id for one in entry.questions if one.short == self.name), "")


def columns_of(entries: Iterable[CheckInVersion], asks_safety: bool, but: Collection[str] = ("note",)) -> list[Column]:
    """A column for each question of these check-ins, the named ones first; none for the items of `but`."""
    found: dict[tuple[str, str], Column] = {}
    for entry in entries:
        for one in entry.questions:
            if one.id in but or (one.is_about_safety and not asks_safety):
                continue
            target = one.kind == "target"
            key = ("target", one.short) if target else (one.id, "")
            found[key] = Column(one.short, "target" if target else one.id, one)
    places = {item: place for place, item in enumerate(ITEMS)}
    return sorted(found.values(), key=lambda column: places.get(column.item, len(places)))
