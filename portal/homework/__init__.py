"""Homework: one thing to do, given to a person by a therapist, due before a session, and what became of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select, update
from werkzeug.exceptions import NotFound

from portal import audit, seal, words
from portal.db import add_once, db, new_key, reader, write
from portal.exercises.models import Practice
from portal.homework.models import Homework, HomeworkAnswer
from portal.homework.pieces import HomeworkPiece, piece_called
from portal.library.models import Reading
from portal.measures.models import MeasureEntry
from portal.people import Person, hold
from portal.people.models import Account
from portal.schedule.models import Session

KEPT = timedelta(days=90)  # how far back the lists go


@dataclass(frozen=True)
class GivenHomework:
    """One homework as plain values. It was `done` so many times since it was given, of `times`; it `started` where a
    draft or a part read is there; `stuck_at` is when its participant said that they are stuck, if that was last.

    `due_day` is the day of the session before which it is due, if `before` is the kind of that session, or else the
    last day on which to do it. None where a cancelled group has no next session.
    """

    id: int
    key: str
    kind: str
    slug: str
    sealed: bytes = field(repr=False)
    times: int
    given_at: datetime
    given_by: str
    due_day: date | None
    before: str | None
    done: int
    started: bool
    said: str | None
    said_at: datetime | None

    @cached_property
    def texts(self) -> dict[str, str]:
        """`words` of an own line, and `why`; each absent where there is none."""
        texts: dict[str, str] = json.loads(seal.open(Homework.text, self.sealed, self.key))
        return texts

    @property
    def piece(self) -> HomeworkPiece | None:
        return piece_called(self.kind, self.slug)

    @property
    def title(self) -> str:
        """The title, and how often: "Ride one wave, 3 times"."""
        name = self.piece.title if self.piece else self.texts.get("words", "Something that is no longer here")
        return name if self.times == 1 else f"{name}, {words.times(self.times)}"

    @property
    def address(self) -> str:
        """The page that opens on the thing itself; for an own line, the page of the homework."""
        return self.piece.address if self.piece else f"/homework/{self.key}"

    @property
    def state(self) -> str:
        """One of done, stuck, started and open."""
        if self.done >= self.times:
            return "done"
        return "stuck" if self.said == "stuck" else "started" if self.started or self.done else "open"

    @property
    def state_words(self) -> str:
        """The state as its participant and their leader read it; "" for one that is open. Nothing is ever failed."""
        if self.state == "started" and self.done:
            return f"Done {words.times(self.done)}"
        return {"done": "Done", "stuck": "Stuck", "started": "Started", "open": ""}[self.state]

    def due_in_words(self, today: date) -> str:
        """The time by which it is due: "before Thursday's group", "by Sunday"; "" where no group is to come."""
        if self.due_day is None:
            return ""
        near = 0 <= (self.due_day - today).days < 7
        day = f"{self.due_day:%A}" if near else words.short_day(self.due_day, today)
        if self.before is None:
            return f"by {'today' if self.due_day == today else day}"
        noun = "group" if self.before == "group" else "session"
        whose = "today's" if self.due_day == today else f"{day}'s" if near else ""
        return f"before {whose} {noun}" if whose else f"before the {noun} on {day}"

    def due_first(self, today: date) -> str:
        """The same at the beginning of a sentence: "Before Thursday's group"."""
        said = self.due_in_words(today)
        return said[:1].upper() + said[1:]


_due, _next, _giver = (
    Session.__table__.alias("due"),
    Session.__table__.alias("coming"),
    Account.__table__.alias("giver"),
)
_homework, _answers = Homework.__table__.c, HomeworkAnswer.__table__
_follows = and_(
    _next.c.track_id == _due.c.track_id, _next.c.starts_at > _due.c.starts_at, _next.c.status != "cancelled"
)
_next_id = (
    select(_next.c.id)
    .where(_follows)
    .order_by(_next.c.starts_at, _next.c.id)
    .limit(1)
    .correlate(_due)
    .scalar_subquery()
)
DUE_SESSION: ColumnElement[Any] = case((_due.c.status == "cancelled", _next_id), else_=_due.c.id)
_next_day = (
    select(_next.c.local_day)
    .where(_follows)
    .order_by(_next.c.starts_at, _next.c.id)
    .limit(1)
    .correlate(_due)
    .scalar_subquery()
)
DUE_DAY = func.coalesce(_homework.due_day, case((_due.c.status == "cancelled", _next_day), else_=_due.c.local_day))


def _count(*conditions: Any, of: Any) -> Any:
    return select(func.count()).select_from(of).where(*conditions).correlate(Homework.__table__).scalar_subquery()


def _done_by(table: Any, at: Any, *more: Any) -> Any:
    """The number of times that something of this kind was finished since it was given."""
    mine = table.participant_id == _homework.participant_id, table.slug == _homework.slug, at >= _homework.given_at
    return _count(*mine, *more, of=table)


_said = select(_answers.c.what, _answers.c.at).where(_answers.c.homework_id == _homework.id)
_last_said = _said.order_by(_answers.c.number.desc()).limit(1).correlate(Homework.__table__)
DONE = case(
    (_homework.kind == "exercise", _done_by(Practice, Practice.finished_at)),
    (_homework.kind == "reading", _done_by(Reading, Reading.finished_at)),
    (_homework.kind == "measure", _done_by(MeasureEntry, MeasureEntry.entered_at, MeasureEntry.version == 1)),
    else_=0,
) + _count(_answers.c.homework_id == _homework.id, _answers.c.what == "done", of=_answers)
_draft = exists().where(
    Practice.participant_id == _homework.participant_id,
    Practice.slug == _homework.slug,
    Practice.finished_at.is_(None),
)
_part_read = exists().where(
    Reading.participant_id == _homework.participant_id,
    Reading.slug == _homework.slug,
    Reading.parts_read > 0,
    Reading.updated_at >= _homework.given_at,
)
STARTED = case((_homework.kind == "exercise", _draft), (_homework.kind == "reading", _part_read), else_=False)
DUE_KIND = _due.c.kind
SAID = _last_said.with_only_columns(_answers.c.what).scalar_subquery()
SAID_AT = _last_said.with_only_columns(_answers.c.at).scalar_subquery()
FROM = Homework.__table__.join(_giver, _giver.c.id == _homework.given_by_id).outerjoin(
    _due, _due.c.id == _homework.due_session_id
)
HOMEWORK = (
    select(
        _homework.id,
        _homework.key,
        _homework.kind,
        _homework.slug,
        _homework.text.label("sealed"),
        _homework.times,
        _homework.given_at,
        _giver.c.name.label("given_by"),
        DUE_DAY.label("due_day"),
        DUE_KIND.label("before"),
        DONE.label("done"),
        STARTED.label("started"),
        SAID.label("said"),
        SAID_AT.label("said_at"),
    )
    .select_from(FROM)
    .where(_homework.withdrawn_at.is_(None))
    .order_by(_homework.given_at.desc(), _homework.id.desc())
)
_given = reader(GivenHomework, HOMEWORK)


def homework_of(participant: Person, now: datetime) -> list[GivenHomework]:
    """All that `participant` was given in the last 90 days and was not taken back, what was given last first."""
    mine = HOMEWORK.where(_homework.participant_id == participant.id, _homework.given_at >= now - KEPT)
    return [_given(row) for row in db.session.execute(mine)]


def homework_called(participant: Person, key: str) -> GivenHomework:
    """The homework of `participant` called `key`; raises NotFound."""
    row = db.session.execute(
        HOMEWORK.where(_homework.participant_id == participant.id, _homework.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _given(row)


def words_of_stuck(given: Iterable[GivenHomework]) -> dict[str, str]:
    """The words on what got in the way of those that are stuck, as their participant said it last, by key. One read."""
    keys = {one.id: one.key for one in given if one.state == "stuck"}
    if not keys:
        return {}
    stuck = HomeworkAnswer.homework_id.in_(keys), HomeworkAnswer.what == "stuck", HomeworkAnswer.words.is_not(None)
    columns = HomeworkAnswer.homework_id, HomeworkAnswer.number, HomeworkAnswer.words
    rows = db.session.execute(select(*columns).where(*stuck).order_by(HomeworkAnswer.number))
    last = {row.homework_id: row for row in rows}
    return {keys[id_]: seal.open(HomeworkAnswer.words, row.words, id_, row.number) for id_, row in last.items()}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A thing to give: a piece or own `words`, how many `times`, a word `why`, and when it is due.

    `batch` is the key of the form: sent twice, it is given once.
    """

    kind: str
    slug: str
    words: str
    why: str
    times: int
    due_session_id: int | None
    due_day: date | None
    batch: str


def give(therapist: Person, people: Iterable[Person], given: Assignment, now: datetime) -> int:
    """Give the same thing to each of these people; returns to how many it was given, without those who have it."""
    number = 0
    for person in people:
        key = new_key()
        texts = {name: text for name, text in (("words", given.words), ("why", given.why)) if text}
        row = Homework(
            key=key,
            batch=given.batch,
            participant_id=person.id,
            given_by_id=therapist.id,
            kind=given.kind,
            slug=given.slug,
            text=seal.close(Homework.text, json.dumps(texts), key),
            times=given.times,
            due_session_id=given.due_session_id,
            due_day=given.due_day,
            given_at=now,
        )
        if add_once(row):
            audit.record(therapist, "homework.give", person, key)
            number += 1
    return number


def withdraw(therapist: Person, participant: Person, homework: GivenHomework, now: datetime) -> None:
    """Take a homework back. It is gone from every page, and stays on record."""
    open_row = Homework.id == homework.id, Homework.withdrawn_at.is_(None)
    if write(update(Homework).where(*open_row).values(withdrawn_at=now)):
        audit.record(therapist, "homework.withdraw", participant, homework.key)


def answer(participant: Person, homework: GivenHomework, what: str, said: str, now: datetime) -> None:
    """Keep that `participant` did it once ("done"), or is stuck on it, with what got in the way if they `said` so.

    The same thing said twice within a minute is said once.
    """
    hold(participant)
    last = db.session.execute(
        select(HomeworkAnswer.number, HomeworkAnswer.what, HomeworkAnswer.at)
        .where(HomeworkAnswer.homework_id == homework.id)
        .order_by(HomeworkAnswer.number.desc())
    ).first()
    if last and last.what == what and not said and now - last.at < timedelta(minutes=1):
        return
    number = last.number + 1 if last else 1
    kept = seal.close(HomeworkAnswer.words, said, homework.id, number) if said else None
    if add_once(HomeworkAnswer(homework_id=homework.id, number=number, what=what, words=kept, at=now)):
        audit.record(participant, f"homework.{what}", participant, homework.key)
