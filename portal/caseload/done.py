"""What somebody has done between sessions, beside check-ins: exercises practiced and measures answered, in one read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, String, bindparam, cast, func, literal, null, select, union_all

from portal.db import db
from portal.exercises.models import Practice
from portal.measures import entries
from portal.measures.entries import MeasureVersion
from portal.people import Person


@dataclass(frozen=True, slots=True)
class Done:
    """`practiced`: for each finished exercise when last, and how often. `answered`: entries, the oldest first."""

    practiced: dict[str, tuple[datetime, int]]
    answered: list[MeasureVersion]


_ANSWERED = entries.RECENT.subquery()
_PRACTICED = {"slug": Practice.slug, "entered_at": func.max(Practice.finished_at), "version": func.count()}
_DONE: CompoundSelect[Any] = union_all(
    select(literal("answered", String).label("what"), *_ANSWERED.c),
    select(
        literal("practiced", String),
        *(_PRACTICED.get(column.name, cast(null(), column.type)) for column in _ANSWERED.c),
    )
    .where(Practice.participant_id.in_(bindparam("ids", expanding=True)), Practice.finished_at.is_not(None))
    .group_by(Practice.slug),
)


def of(participant: Person, since: date) -> Done:
    """What `participant` has done: every exercise, and the measures for days from `since` on."""
    rows: Sequence[Any] = db.session.execute(_DONE, entries.recently([participant.id], since)).all()
    held = [MeasureVersion(*row[1:]) for row in rows if row.what == "answered"]
    return Done(
        {row.slug: (row.entered_at, row.version) for row in rows if row.what == "practiced"},
        sorted(held, key=lambda entry: (entry.for_day, entry.entered_at, entry.key)),
    )
