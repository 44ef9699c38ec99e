"""Measure schedules: how often one measure is asked of one participant, if their therapist chose it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from portal import audit, people
from portal.db import db, new_key
from portal.measures.instrument import Instrument
from portal.measures.models import EVERY, MeasureSchedule
from portal.people import Person
from portal.program import ProgramFacts

NEVER = "never"
schedules = MeasureSchedule.__table__


def rhythms(instrument: Instrument) -> dict[str, str]:
    """The rhythms in which it may be asked, in words: one that looks back on a year is for intake, and asked once."""
    return EVERY if instrument.every_days else {every: EVERY[every] for every in ("once", "never")}


def rhythm_of(names: Sequence[str], chosen: Mapping[str, str], program: ProgramFacts) -> tuple[str, str | None]:
    """The rhythm of a measure, and the name for which a therapist chose it; None where the program's choice holds.

    `names` are the slugs whose choices hold for it, as asked_as gives them; a therapist's outranks the program's.
    """
    for name in names:
        if name in chosen:
            return chosen[name], name
    return next((program.measures[name] for name in names if name in program.measures), NEVER), None


def holds() -> ColumnElement[bool]:
    """A row of schedules that no later one has replaced."""
    newer = schedules.alias()
    return ~exists().where(
        newer.c.participant_id == schedules.c.participant_id,
        newer.c.slug == schedules.c.slug,
        newer.c.id > schedules.c.id,
    )


def chosen_for(participant: Person) -> dict[str, str]:
    """The measures that a therapist chose for `participant`, each with how often."""
    rows = db.session.execute(
        select(schedules.c.slug, schedules.c.every).where(schedules.c.participant_id == participant.id, holds())
    )
    return {row.slug: row.every for row in rows}


def choose(therapist: Person, participant: Person, slug: str, every: str, now: datetime) -> None:
    """Ask `participant` the measure `slug` this often from `now` on; what holds already adds nothing.

    Raises ValueError for a rhythm that is not one of EVERY.
    """
    if every not in EVERY:
        raise ValueError(f"{every!r} is not how often something is asked")
    people.hold(participant)
    if chosen_for(participant).get(slug) == every:
        return
    key = new_key()
    row = {"participant_id": participant.id, "slug": slug, "every": every, "chosen_by_id": therapist.id}
    db.session.add(MeasureSchedule(key=key, chosen_at=now, **row))
    audit.record(therapist, "measure.plan", participant, key)
