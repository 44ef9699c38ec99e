"""A person's answers to measures as a table to take away: a row for each question of each, and one for its total."""

from collections.abc import Iterator

from sqlalchemy import func, select

from portal.checkins.sets import SKIPPED
from portal.db import db
from portal.measures import TOTALS
from portal.measures.entries import COLUMNS, MeasureVersion
from portal.measures.models import MeasureEntry
from portal.people import Person
from portal.spreadsheet import Cell, moment

HEAD = (
    *("Day", "Saved at", "Time zone", "Version (1 is the first)", "Latest version"),
    *("Set of questions", "Question", "Answer", "Points"),
)
TOTAL = "Total"
ENTERED, ESTIMATED, NO_TOTAL = "your therapist entered it", "an estimate: not every question has an answer", "no total"

Row = list[Cell]


def table(participant: Person) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The names of the columns, and the rows of every version of all that was answered, the oldest first.

    A question without an answer says "Skipped" and counts nothing, which is no zero. One read.
    """
    versions = func.max(MeasureEntry.version).over(partition_by=MeasureEntry.key)
    found = db.session.execute(
        select(*COLUMNS, versions)
        .where(MeasureEntry.participant_id == participant.id)
        .order_by(MeasureEntry.for_day, MeasureEntry.key, MeasureEntry.version)
    )
    read = [(MeasureVersion(*row[:-1]), row[-1]) for row in found]
    return HEAD, (row for entry, last in read for row in _rows(entry, entry.version == last))


def _rows(entry: MeasureVersion, is_latest: bool) -> Iterator[Row]:
    asked, total = entry.instrument, TOTALS.get(entry.slug)
    name = asked.short_title if asked else total.name if total else entry.slug
    answered = moment(entry.entered_at, entry.zone)
    about: Row = [str(entry.for_day), answered, entry.zone, entry.version, "yes" if is_latest else "no", name]
    for item in asked.items if asked else ():
        value = entry.answers.get(item.id)
        words = next((answer.words for answer in item.answers if answer.value == value), SKIPPED)
        yield [*about, f"{item.number}. {item.text}" if item.number else item.text, words, value]
    yield [*about, TOTAL, _how(entry), entry.total]


def _how(entry: MeasureVersion) -> str:
    """How the total came about, where that is not by adding up every answer."""
    if entry.mode == "clinician":
        return ENTERED
    return NO_TOTAL if entry.total is None else ESTIMATED if entry.prorated else ""
