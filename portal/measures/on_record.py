"""A person's answers to measures as a table to take away: a row for each question of each, and one for its total."""

from collections.abc import Iterator

from sqlalchemy import bindparam, func, select

from portal.db import db, reader
from portal.measures import TOTALS
from portal.measures.measure_entries import COLUMNS, WITH_REVIEW, MeasureVersion
from portal.measures.models import MeasureEntry, MeasureReview
from portal.people import Person
from portal.people.models import Account
from portal.spreadsheet import Cell, moment

HEAD = (
    *("Day", "Saved at", "Time zone", "Version (1 is the first)", "Latest version"),
    *("Set of questions", "Question", "Answer", "Points", "Read by", "Read at"),
)
TOTAL = "Total"
ENTERED, ESTIMATED, NO_TOTAL = "your therapist entered it", "an estimate: not every question has an answer", "no total"

Cells = list[Cell]

_VERSIONS = (
    select(*COLUMNS, func.max(MeasureEntry.version).over(partition_by=MeasureEntry.key).label("last_version"))
    .select_from(MeasureEntry)
    .outerjoin(MeasureReview, WITH_REVIEW)
    .outerjoin(Account, Account.id == MeasureReview.by_id)
    .where(MeasureEntry.participant_id == bindparam("me"))
    .order_by(MeasureEntry.for_day, MeasureEntry.key, MeasureEntry.version)
)
_version = reader(MeasureVersion, _VERSIONS, beside={"last_version"})


def table(participant: Person) -> tuple[tuple[str, ...], Iterator[Cells]]:
    """The names of the columns, and the rows of every version of all that was answered, the oldest first.

    A question without an answer says "Skipped", or "Not asked" after one that passed it over. One read.
    """
    found = db.session.execute(_VERSIONS, {"me": participant.id}).all()
    return HEAD, (cells for row in found for cells in _rows(_version(row), row.version == row.last_version))


def _rows(entry: MeasureVersion, is_latest: bool) -> Iterator[Cells]:
    asked, total = entry.instrument, TOTALS.get(entry.slug)
    name = asked.short_title if asked else total.name if total else entry.slug
    answered = moment(entry.entered_at, entry.zone)
    about: Cells = [str(entry.for_day), answered, entry.zone, entry.version, "yes" if is_latest else "no", name]
    at = entry.read_at if entry.is_seen else None
    read: Cells = [entry.read_by, moment(at, entry.zone)] if at else [None, None]
    if asked and entry.event:
        yield [*about, asked.event, entry.event, None, *read]
    for one in entry.item_answers:
        yield [*about, one.item.numbered, one.words, one.value, *read]
    yield [*about, TOTAL, _how(entry), entry.total, *read]


def _how(entry: MeasureVersion) -> str:
    """The way in which the total came about, unless it is the sum of all answers."""
    if entry.mode == "clinician":
        return ENTERED
    return NO_TOTAL if entry.total is None else ESTIMATED if entry.prorated else ""
