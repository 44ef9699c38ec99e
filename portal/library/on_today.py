"""The part of the library that Today shows: the reading in hand, or the next one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case

from portal.db import Offered, offer
from portal.library import IN_ORDER, ReadingProgress, reading_in_hand
from portal.library.models import Reading

FINISHED = -1  # as the `number` of a reading, which is else how many parts were read


@dataclass(frozen=True, slots=True)
class NextReading:
    """A material to read. `part` of `parts`, from 1, is where a reading goes on; 0 for one not yet begun."""

    slug: str
    title: str
    minutes: int
    part: int
    parts: int


_readings = Reading.__table__.c
OFFERS = (
    offer(
        "reading",
        _readings.slug,
        _readings.updated_at,
        number=case((_readings.finished_at.is_not(None), FINISHED), else_=_readings.parts_read),
    ).where(_readings.participant_id == bindparam("me")),
)


def next_reading(offered: Offered) -> NextReading | None:
    """The reading last put down unfinished, or else the first in the library's order that was not opened."""
    opened = {row.name: _progress(row) for row in offered.get("reading", ())}
    if material := reading_in_hand(opened):
        part, parts = opened[material.slug].next_part(material), len(material.parts)
        return NextReading(material.slug, material.title, material.minutes, part, parts)
    unopened = (material for material in IN_ORDER if material.slug not in opened)
    return next((NextReading(one.slug, one.title, one.minutes, 0, len(one.parts)) for one in unopened), None)


def _progress(row: Any) -> ReadingProgress:
    is_finished = row.number == FINISHED
    return ReadingProgress(max(row.number, 0), finished_at=row.at if is_finished else None, updated_at=row.at)
