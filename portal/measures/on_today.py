"""The part of the measures that Today shows: those to answer, and where the answers stand that nobody has signed."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import bindparam, func

from portal.db import Offered, offer
from portal.flags.on_today import unsigned_measures
from portal.measures import measure_schedules
from portal.measures.due import DueFacts, DueMeasure, reckon
from portal.measures.models import MeasureEntry
from portal.program import ProgramFacts

_entries, _schedules = MeasureEntry.__table__.c, measure_schedules.schedules.c
_first_versions = _entries.participant_id == bindparam("me"), _entries.version == 1
OFFERS = (
    offer("measure_schedule", _schedules.slug, _schedules.chosen_at, author=_schedules.every).where(
        _schedules.participant_id == bindparam("me"), measure_schedules.holds()
    ),
    offer("measured", _entries.slug, func.max(_entries.entered_at))
    .where(*_first_versions, _entries.mode == "self")
    .group_by(_entries.slug),
    offer("unsigned_measure", _entries.key, author=_entries.slug).where(
        *_first_versions, _entries.key.in_(unsigned_measures())
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
    facts = DueFacts(
        began=began,
        chosen={row.name: (row.author, row.at) for row in offered.get("measure_schedule", ())},
        answered={row.name: row.at for row in offered.get("measured", ())},
        one_to_ones=list(one_to_ones),
    )
    return reckon(facts, program, zone, now)


def slug_of(offered: Offered, key: str | None) -> str | None:
    """The instrument to which the answers called `key`, which nobody has signed yet, belong."""
    return next((row.author for row in offered.get("unsigned_measure", ()) if row.name == key), None)
