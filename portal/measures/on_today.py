"""The part of the measures that Today shows: those to answer, and where the answers stand that nobody has signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import bindparam

from portal import words
from portal.db import Offered, offer
from portal.flags.on_today import unsigned_measures
from portal.measures import phrases
from portal.measures.due import DueMeasure, facts_in, kept_facts, reckon
from portal.measures.models import MeasureEntry
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class QuestionsToAnswer:
    """The due measures that ask about the same days: one thing to do. `slug` is that of the only one, if it is one."""

    measures: tuple[DueMeasure, ...]

    @property
    def asks(self) -> str:
        return self.measures[0].asks

    @property
    def slug(self) -> str | None:
        return self.measures[0].instrument.slug if len(self.measures) == 1 else None

    @property
    def length(self) -> str:
        """ "16 questions, about 3 minutes"."""
        instruments = [one.instrument for one in self.measures]
        count = sum(len(instrument.items) for instrument in instruments)
        return f"{words.counted(count, 'question')}, {phrases.minutes(*instruments)}"


_entries = MeasureEntry.__table__.c
OFFERS = (
    *kept_facts(lambda column: column == bindparam("me")),
    offer("unsigned_measure", _entries.key, author=_entries.slug).where(
        _entries.participant_id == bindparam("me"), _entries.version == 1, _entries.key.in_(unsigned_measures())
    ),
)


def questions_to_answer(
    offered: Offered,
    began: date | None,
    one_to_ones: Iterable[datetime],
    program: ProgramFacts,
    zone: str,
    now: datetime,
) -> list[QuestionsToAnswer]:
    """The measures to answer for somebody whose stay `began` on this day, the longest due first."""
    due = reckon(facts_in(offered, began, one_to_ones), program, zone, now)
    first = {one.asks: place for place, one in reversed([*enumerate(due)])}
    ordered = sorted(due, key=lambda one: first[one.asks])
    return [QuestionsToAnswer(tuple(alike)) for _, alike in groupby(ordered, key=attrgetter("asks"))]


def slug_of(offered: Offered, key: str | None) -> str | None:
    """The instrument to which the answers called `key`, which nobody has signed yet, belong."""
    return next((row.author for row in offered.get("unsigned_measure", ()) if row.name == key), None)
