"""What somebody has done between sessions, beside check-ins: exercises practised and measures answered, in one read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, func, literal, null, select, union_all

from portal.db import db
from portal.exercises.models import Practice
from portal.measures import entries
from portal.measures.entries import Entry
from portal.people import Person


@dataclass(frozen=True, slots=True)
class Done:
    """`practised`: for each finished exercise when last, and how often. `answered`: entries, the oldest first."""

    practised: dict[str, tuple[datetime, int]]
    answered: list[Entry]


def of(participant: Person, since: date) -> Done:
    """What `participant` has done: every exercise, and the measures for days from `since` on."""
    answered = entries.recent([participant.id], since).subquery()
    practised = {"slug": Practice.slug, "entered_at": func.max(Practice.finished_at), "version": func.count()}
    rows: Sequence[Any] = db.session.execute(
        union_all(
            select(literal("answered", String).label("what"), *answered.c),
            select(
                literal("practised", String),
                *(practised.get(column.name, cast(null(), column.type)) for column in answered.c),
            )
            .where(Practice.participant_id == participant.id, Practice.finished_at.is_not(None))
            .group_by(Practice.slug),
        )
    ).all()
    held = [Entry(*row[1:]) for row in rows if row.what == "answered"]
    return Done(
        {row.slug: (row.entered_at, row.version) for row in rows if row.what == "practised"},
        sorted(held, key=lambda entry: (entry.for_day, entry.entered_at, entry.key)),
    )
