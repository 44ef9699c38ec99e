"""A person's practice as a table to take away: every answer of every exercise, draft and plan, in all its versions."""

from collections.abc import Iterator

from portal.db import db
from portal.exercises import EXERCISES, PRACTICES, KeptPractice, kept_practice
from portal.exercises.definition import Field
from portal.exercises.models import Practice
from portal.people import Person
from portal.spreadsheet import Cell, moment

HEAD = ("Exercise or plan", "Saved at", "Time zone", "Finished", "Question", "Your answer")
DRAFT, SKIPPED, NO_LONGER_ASKED = "No, it is a draft", "Skipped", "Something that is no longer asked"


def table(participant: Person) -> tuple[tuple[str, ...], Iterator[list[Cell]]]:
    """The names of the columns, and a row for each question of each practice, the latest first. One read.

    A question that was left out is "Skipped", and a 0 is a 0. What a later file no longer asks is there, too.
    """
    rows = db.session.execute(PRACTICES.where(Practice.participant_id == participant.id)).all()
    kept = (kept_practice(row) for row in rows)
    return HEAD, (row for practice in kept for row in _rows(practice, participant.zone))


def _rows(practice: KeptPractice, zone: str) -> Iterator[list[Cell]]:
    known = EXERCISES.get(practice.slug)
    title, fields = (known.title, known.asked) if known else (practice.slug, ())
    done = "Yes" if practice.finished_at else DRAFT
    about: list[Cell] = [title, moment(practice.updated_at, zone), zone, done]
    for field in fields:
        yield [*about, field.label, _answer(field, practice)]
    for name in sorted(practice.answers.keys() - {field.name for field in fields}):
        yield [*about, NO_LONGER_ASKED, str(practice.answers[name])]


def _answer(field: Field, practice: KeptPractice) -> Cell:
    """One answer in words; a number stays one."""
    value = practice.answers.get(field.name)
    return SKIPPED if value is None else value if isinstance(value, int) else field.in_words(value)
