"""The part of the measures that Today shows: those to answer, and where the answers stand that nobody has signed."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import bindparam

from portal.db import Offered, offer
from portal.flags.on_today import unsigned_measures
from portal.measures.due import DueMeasure, facts_in, kept_facts, reckon
from portal.measures.models import MeasureEntry
from portal.program import ProgramFacts

_entries = MeasureEntry.__table__.c
OFFERS = (
    *kept_facts(lambda column: column == bindparam("me")),
    offer("unsigned_measure", _entries.key, author=_entries.slug).where(
        _entries.participant_id == bindparam("me"), _entries.version == 1, _entries.key.in_(unsigned_measures())
    ),
)


def due(
    offered: Offered,
    began: date | None,
    one_to_ones: Iterable[datetime],
    program: ProgramFacts,
    zone: str,
    now: datetime,
) -> list[DueMeasure]:
    """The measures to answer, the longest due first, for somebody whose stay `began` on this day."""
    return reckon(facts_in(offered, began, one_to_ones), program, zone, now)


def slug_of(offered: Offered, key: str | None) -> str | None:
    """The instrument to which the answers called `key`, which nobody has signed yet, belong."""
    return next((row.author for row in offered.get("unsigned_measure", ()) if row.name == key), None)
