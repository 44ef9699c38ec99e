"""Exercises: coping skills to practise, what a participant wrote while practising, and the plan they keep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import db, new_key
from portal.exercises.definition import Exercise, Field, load
from portal.exercises.models import Practice
from portal.people import Person

EXERCISES = load()
PLAN = "safety-plan"


@dataclass(frozen=True, slots=True)
class Practised:
    """One practice as plain values; `finished_at` is None for a draft. `answers` is as in models.Practice."""

    key: str
    slug: str
    version: int
    answers: dict[str, Any]
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def exercise(self) -> Exercise:
        return EXERCISES[self.slug]

    def rating(self, role: str) -> int | None:
        """The rating before or after; None if it was skipped or is not asked."""
        field = self.exercise.rating(role)
        return self.answers.get(field.name) if field else None

    @property
    def difference(self) -> str:
        """What the two ratings say, in one plain sentence without a judgement; "" without both."""
        before, after = self.rating("before"), self.rating("after")
        if before is None or after is None:
            return ""
        if before == after:
            return f"It was {before} before, and {after} after."
        return f"It went from {before} to {after}."


_COLUMNS = (
    Practice.key,
    Practice.slug,
    Practice.version,
    Practice.answers,
    Practice.started_at,
    Practice.updated_at,
    Practice.finished_at,
)


def exercise_called(slug: str) -> Exercise:
    """The exercise at this address; raises NotFound. Living plans have an address of their own."""
    exercise = EXERCISES.get(slug)
    if exercise is None or exercise.living:
        raise NotFound
    return exercise


def in_words(field: Field, value: Any) -> str:
    """An answer as it is read back."""
    if field.kind in ("choice", "timer"):
        return (field.choices or {}).get(value, str(value))
    if field.kind == "many":
        return ", ".join((field.choices or {}).get(part, part) for part in value)
    return str(value)


def _read(participant: Person, *conditions: Any, newest: int | None = None) -> list[Practised]:
    rows = db.session.execute(
        select(*_COLUMNS)
        .where(Practice.participant_id == participant.id, Practice.slug.in_(EXERCISES), *conditions)
        .order_by(Practice.updated_at.desc(), Practice.id.desc())
        .limit(newest)
    )
    return [Practised(*row) for row in rows]


def open_draft(participant: Person, exercise: Exercise) -> Practised | None:
    """The draft that `participant` has of `exercise`; there is at most one."""
    drafts = _read(participant, Practice.slug == exercise.slug, Practice.finished_at.is_(None), newest=1)
    return drafts[0] if drafts else None


def drafts_of(participant: Person) -> list[Practised]:
    """Every open draft, the latest first."""
    return _read(participant, Practice.finished_at.is_(None))


def history(participant: Person, exercise: Exercise) -> list[Practised]:
    """The finished practices of `exercise`, the latest first, at most 100."""
    return _read(participant, Practice.slug == exercise.slug, Practice.finished_at.is_not(None), newest=100)


def practice(participant: Person, exercise: Exercise, key: str) -> Practised:
    """The finished practice of `participant` called `key`; raises NotFound."""
    found = _read(participant, Practice.slug == exercise.slug, Practice.key == key, Practice.finished_at.is_not(None))
    if not found:
        raise NotFound
    return found[0]


def last_done(participant: Person) -> dict[str, tuple[datetime, int]]:
    """For each exercise that was finished: when last, and how often."""
    rows = db.session.execute(
        select(Practice.slug, func.max(Practice.finished_at), func.count())
        .where(Practice.participant_id == participant.id, Practice.finished_at.is_not(None))
        .group_by(Practice.slug)
    )
    return {slug: (at, times) for slug, at, times in rows if at is not None}


def save_draft(participant: Person, exercise: Exercise, key: str, answers: dict[str, Any], now: datetime) -> None:
    """Keep `answers` as the one draft of `exercise`. A practice that is finished already is left as it is."""
    row = _row(participant, exercise, key) or _open_row(participant, exercise)
    if row is None:
        row = _add(participant, exercise, key, answers, now)
    elif row.finished_at is None:
        row.answers, row.version, row.updated_at = answers, exercise.version, now
    audit.record(participant, "practice.draft", participant, row.key)


def finish(participant: Person, exercise: Exercise, key: str, answers: dict[str, Any], now: datetime) -> str:
    """Finish the practice with this form's `key` and return its key. The same form again changes nothing."""
    row = _row(participant, exercise, key) or _add(participant, exercise, key, answers, now)
    if row.finished_at is None:
        row.answers, row.version, row.updated_at, row.finished_at = answers, exercise.version, now, now
        audit.record(participant, "plan.save" if exercise.living else "practice.finish", participant, row.key)
    return row.key


def drop_draft(participant: Person, exercise: Exercise) -> None:
    """Throw the draft of `exercise` away."""
    db.session.execute(
        delete(Practice).where(
            Practice.participant_id == participant.id,
            Practice.slug == exercise.slug,
            Practice.finished_at.is_(None),
        )
    )
    audit.record(participant, "practice.drop", participant)


def _row(participant: Person, exercise: Exercise, key: str) -> Practice | None:
    return db.session.scalar(
        select(Practice).where(
            Practice.participant_id == participant.id, Practice.slug == exercise.slug, Practice.key == key
        )
    )


def _open_row(participant: Person, exercise: Exercise) -> Practice | None:
    return db.session.scalar(
        select(Practice)
        .where(
            Practice.participant_id == participant.id,
            Practice.slug == exercise.slug,
            Practice.finished_at.is_(None),
        )
        .order_by(Practice.id.desc())
        .limit(1)
    )


def _add(participant: Person, exercise: Exercise, key: str, answers: dict[str, Any], now: datetime) -> Practice:
    """A new row under `key`; or, if another form has used that key, the own row that did, or a row under a new key."""
    row = Practice(
        key=key,
        participant_id=participant.id,
        slug=exercise.slug,
        version=exercise.version,
        answers=answers,
        started_at=now,
        updated_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return _row(participant, exercise, key) or _add(participant, exercise, new_key(), answers, now)
    return row


def living_plan(participant: Person, slug: str = PLAN) -> Practised | None:
    """The current version of a plan: the one finished last. None before there is one."""
    found = _read(participant, Practice.slug == slug, Practice.finished_at.is_not(None), newest=1)
    return found[0] if found else None


def lines_of_plan(answers: dict[str, Any]) -> list[str]:
    """The safety plan in short lines, one a part, for the help panel; a part that was left out has none."""
    lines = []
    for field in EXERCISES[PLAN].asked:
        if value := answers.get(field.name):
            if field.kind == "rows":
                value = "; ".join(" ".join(str(part) for part in row.values()) for row in value)
            lines.append(f"{field.short or field.label}: {value}")
    return lines


def plan_lines(participant: Person) -> list[str]:
    """The current safety plan of `participant` in short lines; empty before there is one."""
    plan = living_plan(participant)
    return lines_of_plan(plan.answers) if plan else []
