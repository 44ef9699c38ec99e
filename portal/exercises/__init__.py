"""Exercises: coping skills to practise, what a participant wrote while practising, and the plan they keep."""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit, seal
from portal.db import KEY_LENGTH, db, new_key, write
from portal.exercises.definition import Exercise, Field, load
from portal.exercises.models import Practice
from portal.people import Person

EXERCISES = load()
PLAN = "safety-plan"
LONGEST_LINE = 200


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
    return [Practised(*row[:3], opened_answers(row.answers, row.key), *row[4:]) for row in rows]


def sealed_answers(answers: dict[str, Any], key: str) -> bytes:
    """Answers as the row of the practice `key` keeps them."""
    return seal.close(Practice.answers, json.dumps(answers), key)


def opened_answers(sealed: bytes, key: str) -> dict[str, Any]:
    """The answers of the practice `key`."""
    answers: dict[str, Any] = json.loads(seal.open(Practice.answers, sealed, key))
    return answers


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
    """Keep `answers` as the one draft of `exercise`, in place of what was drafted before."""
    _keep(participant, exercise, key, answers, now, finished_at=None)


def finish(participant: Person, exercise: Exercise, key: str, answers: dict[str, Any], now: datetime) -> str:
    """Finish the practice that this form's `key` names and return its key. The same form again changes nothing."""
    return _keep(participant, exercise, key, answers, now, finished_at=now)


def _keep(
    participant: Person,
    exercise: Exercise,
    key: str,
    answers: dict[str, Any],
    now: datetime,
    finished_at: datetime | None,
) -> str:
    """Write a practice and return its key. A finished one never changes: what was changed after is a new one."""
    while (held := _held(participant, exercise, key)) and held.finished_at:
        if held.answers == answers:
            return key
        key = _key_after(key, answers)
    if held is None and finished_at is None:
        held = open_draft(participant, exercise)
    target = held.key if held else key
    values = {
        "answers": sealed_answers(answers, target),
        "version": exercise.version,
        "updated_at": now,
        "finished_at": finished_at,
    }
    if not (_change(participant, target, values) if held else _add(participant, exercise, target, now, values)):
        # The same form arrived twice at once, or the key is somebody else's.
        key = key if held or _held(participant, exercise, key) else new_key()
        return _keep(participant, exercise, key, answers, now, finished_at)
    key = target
    done = "plan.save" if exercise.living else "practice.finish"
    audit.record(participant, done if finished_at else "practice.draft", participant, key)
    return key


def _held(participant: Person, exercise: Exercise, key: str) -> Practised | None:
    found = _read(participant, Practice.slug == exercise.slug, Practice.key == key)
    return found[0] if found else None


def _key_after(key: str, answers: dict[str, Any]) -> str:
    """The key of what came from the form `key` after that was finished: the same for the same answers."""
    digest = hashlib.sha256((key + json.dumps(answers, sort_keys=True)).encode()).digest()
    return urlsafe_b64encode(digest)[:KEY_LENGTH].decode()


def _change(participant: Person, key: str, values: dict[str, Any]) -> bool:
    """Write `values` into an open practice; False if it was finished or thrown away meanwhile."""
    mine = update(Practice).where(
        Practice.participant_id == participant.id, Practice.key == key, Practice.finished_at.is_(None)
    )
    return write(mine.values(values)) == 1


def _add(participant: Person, exercise: Exercise, key: str, now: datetime, values: dict[str, Any]) -> bool:
    """Begin a practice with `values`; False if `key` is in use."""
    try:
        with db.session.begin_nested():
            db.session.add(
                Practice(key=key, participant_id=participant.id, slug=exercise.slug, started_at=now, **values)
            )
    except IntegrityError:
        return False
    return True


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


def living_plan(participant: Person, slug: str = PLAN) -> Practised | None:
    """The current version of a plan: the one finished last. None before there is one.

    The safety plan's answers, each absent when it was left out: the texts `signs`, `alone`, `safer` and `reason`,
    and the lists `company`, `ask` and `professionals` of {"who": text, "phone": text}.
    """
    found = _read(participant, Practice.slug == slug, Practice.finished_at.is_not(None), newest=1)
    return found[0] if found else None


def lines_of_plan(answers: dict[str, Any]) -> list[str]:
    """The safety plan in at most six short lines, one a part; a part that was left out has none.

    They stand on every page that asks about safety, so a long part is cut and the whole plan is a tap away.
    """
    lines = []
    for field in EXERCISES[PLAN].asked:
        if value := answers.get(field.name):
            if field.kind == "rows":
                value = "; ".join(" ".join(str(part) for part in row.values()) for row in value)
            lines.append(shorten(f"{field.short or field.label}: {value}", LONGEST_LINE, placeholder=" ..."))
    return lines[:6]


def plan_lines(participant: Person) -> list[str]:
    """The current safety plan of `participant` in short lines; empty before there is one."""
    plan = living_plan(participant)
    return lines_of_plan(plan.answers) if plan else []
