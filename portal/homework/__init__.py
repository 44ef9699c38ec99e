"""Homework: one thing to do, given to a person by a therapist, due before a session, and what became of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, exists, func, or_, select, update
from werkzeug.exceptions import NotFound

from portal import audit, clock, seal, words
from portal.db import Instant, add_once, db, new_key, reader, write
from portal.exercises.models import Practice
from portal.homework.models import Homework, HomeworkAnswer
from portal.homework.pieces import HomeworkPiece, piece_called
from portal.library.models import Reading
from portal.measures.models import MeasureEntry
from portal.people import Person, hold
from portal.people.models import Account
from portal.schedule.models import Session, TrackEnrollment

KEPT = timedelta(days=90)  # how far back the lists go
MOST_DUE = 5  # that are shown at once


@dataclass(frozen=True)
class GivenHomework:
    """One homework as plain values. It was `done` so many times since it was given, of `times`; it `started` where a
    draft or a part read is there; `stuck_at` is when its participant said that they are stuck, if that was last.

    `due_day` is the day of the session before which it is due, if `before` is the kind of that session, or else the
    last day on which to do it. None where a cancelled group has no next session. Of what is `weekly` all of this is
    about the week that goes on now.
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
    weekly: bool = False

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
        """The title, and how often: "Ride one wave, 3 times a week"."""
        name = self.piece.title if self.piece else self.texts.get("words", "Something that is no longer here")
        if self.weekly:
            return f"{name}, {words.times(self.times)} a week"
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
        """The time by which it is due: "before tomorrow's group", "by Sunday"; "" where no group is to come."""
        if self.due_day is None:
            return ""
        away = (self.due_day - today).days
        day = f"{self.due_day:%A}" if 1 < away < 7 else words.inside(words.relative_day(self.due_day, today))
        if self.before is None:
            return f"by {day}"
        noun = "group" if self.before == "group" else "session"
        return f"before {day}'s {noun}" if 0 <= away < 7 else f"before the {noun} on {day}"

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
_place = TrackEnrollment.__table__.alias("place")
_is_theirs = (  # a group that they come to, though its rule was split, or they changed groups
    select(_place.c.id)
    .where(
        _place.c.participant_id == _homework.participant_id,
        _place.c.track_id == _next.c.track_id,
        _place.c.starts_on <= _next.c.local_day,
        or_(_place.c.ends_on.is_(None), _place.c.ends_on >= _next.c.local_day),
    )
    .correlate(_next, Homework.__table__)
    .exists()
)


def _of_next_group(column: Any) -> Any:
    """A column of the group that comes after the session due: the next of the same track, or else of another."""
    coming = (
        select(column)
        .where(_next.c.starts_at > _due.c.starts_at, _next.c.status != "cancelled", _is_theirs)
        .order_by(_next.c.starts_at, _next.c.id)
        .limit(1)
        .correlate(_due, Homework.__table__)
    )
    same = coming.where(_next.c.track_id == _due.c.track_id)
    return func.coalesce(same.scalar_subquery(), coming.scalar_subquery())


DUE_SESSION: ColumnElement[Any] = case((_due.c.status == "cancelled", _of_next_group(_next.c.id)), else_=_due.c.id)
_week_end = bindparam("week_end", type_=Date())
_repeats = and_(_homework.weekly, _homework.due_day >= bindparam("week_begin", type_=Date()))
DUE_DAY = case(
    (and_(_repeats, _homework.due_day > _week_end), _week_end),
    else_=func.coalesce(
        _homework.due_day,
        case((_due.c.status == "cancelled", _of_next_group(_next.c.local_day)), else_=_due.c.local_day),
    ),
)
_week_starts = bindparam("week_starts", type_=Instant())


def week_of(participant: Person, now: datetime) -> dict[str, Any]:
    """The values of the week that goes on at `now` for a participant, by the names that the reads of homework bind."""
    monday = clock.monday_of(clock.day_of(now, participant.zone))
    starts = clock.start_of(monday, participant.zone)
    return {"week_starts": starts, "week_begin": monday, "week_end": monday + timedelta(days=6)}


@dataclass(frozen=True, slots=True)
class HomeworkProgress:
    """Columns on how far a homework is: the times it was done, whether it is begun, what was said last, and when."""

    done: ColumnElement[int]
    started: ColumnElement[bool]
    said: ColumnElement[str]
    said_at: ColumnElement[datetime]


def progress_since(since: Any) -> HomeworkProgress:
    """The columns of what was done and said from the instant `since` on, which is a column, too."""

    def count(*conditions: Any, of: Any) -> Any:
        return select(func.count()).select_from(of).where(*conditions).correlate(Homework.__table__).scalar_subquery()

    def finished(table: Any, at: Any, *more: Any) -> Any:
        mine = table.participant_id == _homework.participant_id, table.slug == _homework.slug
        return count(*mine, at >= since, *more, of=table)

    answered = _answers.c.homework_id == _homework.id, _answers.c.at >= since
    by_kind = case(
        (_homework.kind == "exercise", finished(Practice, Practice.finished_at)),
        (_homework.kind == "reading", finished(Reading, Reading.finished_at)),
        (_homework.kind == "measure", finished(MeasureEntry, MeasureEntry.entered_at, MeasureEntry.version == 1)),
        else_=0,
    )
    draft = exists().where(
        Practice.participant_id == _homework.participant_id,
        Practice.slug == _homework.slug,
        Practice.finished_at.is_(None),
    )
    part_read = exists().where(
        Reading.participant_id == _homework.participant_id,
        Reading.slug == _homework.slug,
        Reading.parts_read > 0,
        Reading.updated_at >= since,
    )
    last = select(_answers.c.what).where(*answered).order_by(_answers.c.number.desc()).limit(1)
    said = last.correlate(Homework.__table__)
    return HomeworkProgress(
        done=by_kind + count(*answered, _answers.c.what == "done", of=_answers),
        started=case((_homework.kind == "exercise", draft), (_homework.kind == "reading", part_read), else_=False),
        said=said.scalar_subquery(),
        said_at=said.with_only_columns(_answers.c.at).scalar_subquery(),
    )


PROGRESS = progress_since(
    case((and_(_repeats, _homework.given_at < _week_starts), _week_starts), else_=_homework.given_at)
)
DUE_KIND = _due.c.kind
FROM = Homework.__table__.join(_giver, _giver.c.id == _homework.given_by_id).outerjoin(
    _due, _due.c.id == _homework.due_session_id
)
EVERY_HOMEWORK = (
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
        PROGRESS.done.label("done"),
        PROGRESS.started.label("started"),
        PROGRESS.said.label("said"),
        PROGRESS.said_at.label("said_at"),
        _homework.weekly,
    )
    .select_from(FROM)
    .order_by(_homework.given_at.desc(), _homework.id.desc())
)
HOMEWORK = EVERY_HOMEWORK.where(_homework.withdrawn_at.is_(None))
_given = reader(GivenHomework, HOMEWORK)


def homework_of(participant: Person, now: datetime) -> list[GivenHomework]:
    """All that `participant` was given in the last 90 days and was not taken back, what was given last first."""
    mine = HOMEWORK.where(_homework.participant_id == participant.id, _homework.given_at >= now - KEPT)
    return [_given(row) for row in db.session.execute(mine, week_of(participant, now))]


def due_now(participant: Person, now: datetime) -> list[GivenHomework]:
    """The homework of `participant` that is due and not done, at most MOST_DUE, what is due first first."""
    today = clock.day_of(now, participant.zone)
    open_ = [one for one in homework_of(participant, now) if one.state != "done" and (one.due_day or today) >= today]
    return sorted(open_, key=lambda one: one.due_day or date.max)[:MOST_DUE]


def homework_called(participant: Person, key: str, now: datetime) -> GivenHomework:
    """The homework of `participant` called `key`; raises NotFound."""
    called = HOMEWORK.where(_homework.participant_id == participant.id, _homework.key == key)
    row = db.session.execute(called, week_of(participant, now)).one_or_none()
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
    """A thing to give: a piece or own `words`, how many `times` (a week), a word `why`, and when it is due.

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
    weekly: bool = False


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
            weekly=given.weekly,
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
