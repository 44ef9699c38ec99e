"""A person's homework as a table to take away: what they were given, what they said of it, what sessions agreed."""

from collections.abc import Iterator

from sqlalchemy import bindparam

from portal import clock, seal
from portal.db import db, reader
from portal.homework import EVERY_HOMEWORK, GivenHomework, week_of
from portal.homework.agreements import every_agreement
from portal.homework.models import Homework, HomeworkAnswer
from portal.people import Person
from portal.spreadsheet import Cell, moment

HEAD = ("Kind", "At", "Time zone", "From", "What", "Session", "Why, or what got in the way", "Due on", "How far")
GIVEN, SAID, AGREED = "Given to you", "You said", "Agreed in a session"
DID_IT, STUCK, TAKEN_BACK, OPEN = "I did it", "I am stuck", "Taken back", "Not begun"

_EVERY = EVERY_HOMEWORK.add_columns(Homework.withdrawn_at).where(Homework.participant_id == bindparam("me"))
_homework = reader(GivenHomework, _EVERY, beside={"withdrawn_at"})


def table(participant: Person) -> tuple[tuple[str, ...], Iterator[list[Cell]]]:
    """The names of the columns, and a row for each thing given, each answer to it and each line agreed. Three reads.

    What was taken back is there, and says so.
    """
    rows = db.session.execute(_EVERY, {"me": participant.id, **week_of(participant, clock.now())}).all()
    given = [(_homework(row), row.withdrawn_at is not None) for row in rows]
    return HEAD, _rows(participant, given)


def _rows(participant: Person, given: list[tuple[GivenHomework, bool]]) -> Iterator[list[Cell]]:
    zone, titles = participant.zone, {one.id: one.title for one, _ in given}
    for one, is_back in given:
        how_far = TAKEN_BACK if is_back else one.state_words or OPEN
        due = one.due_day.isoformat() if one.due_day else None
        why = one.texts.get("why")
        yield [GIVEN, moment(one.given_at, zone), zone, one.given_by, one.title, None, why, due, how_far]
    mine = HomeworkAnswer.homework_id.in_(titles)
    order = HomeworkAnswer.at, HomeworkAnswer.homework_id, HomeworkAnswer.number
    for answer in db.session.scalars(db.select(HomeworkAnswer).where(mine).order_by(*order)):
        said = (
            seal.open(HomeworkAnswer.words, answer.words, answer.homework_id, answer.number) if answer.words else None
        )
        what = DID_IT if answer.what == "done" else STUCK
        yield [
            SAID,
            moment(answer.at, zone),
            zone,
            participant.name,
            titles[answer.homework_id],
            None,
            said,
            None,
            what,
        ]
    for agreed in every_agreement(participant):
        session = f"{agreed.session}, {agreed.day}"
        for line in agreed.lines:
            yield [AGREED, moment(agreed.at, zone), zone, agreed.by, line, session, None, None, None]
