"""Exercises: coping skills to practice, what a participant wrote in each practice, and their safety plan."""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from textwrap import shorten
from typing import Any

from sqlalchemy import delete, func, select, update
from werkzeug.exceptions import NotFound

from portal import audit, seal
from portal.content import TOPICS
from portal.db import KEY_LENGTH, add_once, db, new_key, reader, write
from portal.exercises.computed import computed_line
from portal.exercises.definition import SAFETY_PLAN, Exercise, Field
from portal.exercises.definition_files import load
from portal.exercises.models import Practice
from portal.people import Person

EXERCISES = load()
LIVING = {slug for slug, exercise in EXERCISES.items() if exercise.living} - {SAFETY_PLAN}
LONGEST_LINE = 200


@dataclass(frozen=True)
class KeptPractice:
    """One practice as plain values; `finished_at` is None for a draft."""

    id: int
    key: str
    slug: str
    sealed: bytes = field(repr=False)
    updated_at: datetime
    finished_at: datetime | None

    @property
    def exercise(self) -> Exercise:
        return EXERCISES[self.slug]

    @property
    def address(self) -> str:
        """The path of the page on which its participant reads it back."""
        kept = "versions" if self.exercise.living else "practices"
        return f"{self.exercise.address}/{kept}/{self.key}"

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers by field name, as in models.Practice."""
        return open_answers(self.sealed, self.key)

    @property
    def left_out(self) -> list[str]:
        """The short names of what was asked and not answered."""
        asked = [field for field in self.exercise.asked if not field.when or field.when.holds(self.answers)]
        return [field.short or field.label for field in asked if field.name not in self.answers]

    def computed(self, line: Field) -> str | None:
        """The words of a computed line of the exercise."""
        return computed_line(self.exercise, line, self.answers)

    def rating(self, role: str) -> int | None:
        """The rating before or after; None if it was skipped or is not asked."""
        field = self.exercise.rating(role)
        return self.answers.get(field.name) if field else None

    @property
    def difference(self) -> str:
        """One plain sentence on the two ratings, without a judgment; "" unless both were given."""
        before, after = self.rating("before"), self.rating("after")
        if before is None or after is None:
            return ""
        if before == after:
            return f"It was {before} before, and {after} after."
        return f"It went from {before} to {after}."


PRACTICES = select(
    Practice.id,
    Practice.key,
    Practice.slug,
    Practice.answers.label("sealed"),
    Practice.updated_at,
    Practice.finished_at,
).order_by(Practice.updated_at.desc(), Practice.id.desc())
kept_practice = reader(KeptPractice, PRACTICES)


def by_topic() -> list[tuple[str, list[Exercise]]]:
    """(topic, its exercises by title), in the order of the topics. The safety plan has a place of its own."""
    offered = sorted(EXERCISES.values(), key=lambda exercise: exercise.title)
    grouped = [
        (words, [e for e in offered if e.topic == topic and e.slug != SAFETY_PLAN]) for topic, words in TOPICS.items()
    ]
    return [(words, group) for words, group in grouped if group]


def exercise_called(slug: str) -> Exercise:
    """The exercise to practice at this address; raises NotFound. A plan to keep is none."""
    exercise = EXERCISES.get(slug)
    if exercise is None or exercise.living:
        raise NotFound
    return exercise


def _read(participant: Person, *conditions: Any, newest: int | None = None, skip: int = 0) -> list[KeptPractice]:
    """The practices of `participant`, the latest first, without the `skip` latest."""
    mine = (Practice.participant_id == participant.id, Practice.slug.in_(EXERCISES), *conditions)
    rows = db.session.execute(PRACTICES.where(*mine).limit(newest).offset(skip))
    return [kept_practice(row) for row in rows]


def seal_answers(answers: dict[str, Any], key: str) -> bytes:
    """Answers as the row of the practice `key` keeps them."""
    return seal.close(Practice.answers, json.dumps(answers), key)


def open_answers(sealed: bytes, key: str) -> dict[str, Any]:
    """The answers of the practice `key`."""
    answers: dict[str, Any] = json.loads(seal.open(Practice.answers, sealed, key))
    return answers


def _latest(participant: Person, *conditions: Any) -> KeptPractice | None:
    return next(iter(_read(participant, *conditions, newest=1)), None)


def practice_draft(participant: Person, exercise: Exercise) -> KeptPractice | None:
    """The draft that `participant` has of `exercise`; there is at most one."""
    return _latest(participant, Practice.slug == exercise.slug, Practice.finished_at.is_(None))


def practice_drafts(participant: Person) -> list[KeptPractice]:
    """Every open draft of an exercise, the latest first."""
    return [draft for draft in _read(participant, Practice.finished_at.is_(None)) if not draft.exercise.living]


def finished_practices(participant: Person, exercise: Exercise, newest: int = 100, skip: int = 0) -> list[KeptPractice]:
    """The finished practices of `exercise`, the latest first: at most `newest`, after the `skip` latest."""
    return _read(
        participant, Practice.slug == exercise.slug, Practice.finished_at.is_not(None), newest=newest, skip=skip
    )


def practice(participant: Person, exercise: Exercise, key: str) -> KeptPractice:
    """The finished practice of `participant` called `key`; raises NotFound."""
    found = _kept(participant, exercise, key)
    if found is None or found.finished_at is None:
        raise NotFound
    return found


def _kept(participant: Person, exercise: Exercise, key: str) -> KeptPractice | None:
    return _latest(participant, Practice.slug == exercise.slug, Practice.key == key)


def last_practiced(participant: Person) -> dict[str, datetime]:
    """The instant at which each exercise was last finished, by slug."""
    rows = db.session.execute(
        select(Practice.slug, func.max(Practice.finished_at).label("at"))
        .where(Practice.participant_id == participant.id, Practice.finished_at.is_not(None))
        .group_by(Practice.slug)
    )
    return {row.slug: row.at for row in rows}


def save_draft(participant: Person, exercise: Exercise, key: str, answers: dict[str, Any], now: datetime) -> str:
    """Keep `answers` as the one draft of `exercise`, in place of what was drafted before, and return its key."""
    return _keep(participant, exercise, key, answers, now, finished_at=None)


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
    while (held := _kept(participant, exercise, key)) and held.finished_at:
        if held.answers == answers:
            return key
        key = _key_after(key, answers)
    if held is None and finished_at is None:
        held = practice_draft(participant, exercise)
    target = held.key if held else key
    values = {
        "answers": seal_answers(answers, target),
        "version": exercise.version,
        "updated_at": now,
        "finished_at": finished_at,
    }
    mine = Practice.participant_id == participant.id, Practice.key == target, Practice.finished_at.is_(None)
    change = update(Practice).where(*mine).values(values)
    begun = {"key": target, "participant_id": participant.id, "slug": exercise.slug, "started_at": now}
    if not (write(change) if held else add_once(Practice(**begun, **values))):
        # It was finished or thrown away meanwhile, the same form arrived twice at once, or the key is somebody else's.
        key = key if held or _kept(participant, exercise, key) else new_key()
        return _keep(participant, exercise, key, answers, now, finished_at)
    finishing = "plan.save" if exercise.living else "practice.finish"
    audit.record(participant, finishing if finished_at else "practice.draft", participant, target)
    return target


def _key_after(key: str, answers: dict[str, Any]) -> str:
    """The key of what came from the form `key` after that was finished: the same for the same answers."""
    digest = hashlib.sha256((key + json.dumps(answers, sort_keys=True)).encode()).digest()
    return urlsafe_b64encode(digest)[:KEY_LENGTH].decode()


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


def living_plan_called(slug: str) -> Exercise:
    """The plan to keep at this address; raises NotFound."""
    exercise = EXERCISES.get(slug)
    if exercise is None or not exercise.living:
        raise NotFound
    return exercise


def living_plan(participant: Person, plan: Exercise) -> KeptPractice | None:
    """This `plan` as it was saved last; None before there is one."""
    return _latest(participant, Practice.slug == plan.slug, Practice.finished_at.is_not(None))


def safety_plan(participant: Person) -> KeptPractice | None:
    """The safety plan as it was saved last; None before there is one.

    Its answers, each absent when it was left out: the texts `signs`, `alone`, `safer` and `reason`, and the lists
    `company`, `ask` and `professionals` of {"who": text, "phone": text}.
    """
    return living_plan(participant, EXERCISES[SAFETY_PLAN])


def shorten_safety_plan(answers: dict[str, Any]) -> list[str]:
    """The answers of a safety plan in at most six short lines, one a part; a part that was left out has none.

    They stand on every page that asks about safety, so a long part is cut and the whole plan is a tap away.
    """
    answered = [field for field in EXERCISES[SAFETY_PLAN].asked if answers.get(field.name)][:6]
    lines = [f"{field.short or field.label}: {field.in_words(answers[field.name])}" for field in answered]
    lines = [" ".join(line.split()) for line in lines]
    return [line if len(line) <= LONGEST_LINE else shorten(line, LONGEST_LINE, placeholder=" ...") for line in lines]


def safety_plan_in_short(participant: Person) -> list[str]:
    """The safety plan of `participant` in short lines; empty before there is one."""
    plan = safety_plan(participant)
    return shorten_safety_plan(plan.answers) if plan else []
