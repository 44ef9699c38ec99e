"""The question plan of one person: the set that holds for them, their own targets, and what it is all for.

A therapist chooses it. Each choice is a row of its own, and a check-in names the one that it was made under.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from portal import audit, seal
from portal.checkins import sets
from portal.checkins.models import CheckInPlan
from portal.checkins.sets import MOST_TARGETS, SETS, Question, QuestionSet
from portal.db import db, new_key, spelled_out
from portal.episodes.models import Episode
from portal.people import Person
from portal.people.models import Account
from portal.program import ProgramFacts

LONGEST_TARGET = 60
LONGEST_GOAL = 200


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """The questions of somebody's check-ins. Without a row that chose them the `key` is None: the program's set holds.

    `began` is the first day of their stay, before which no check-in can be; None where there is none.
    """

    key: str | None
    question_set: QuestionSet
    targets: tuple[str, ...] = ()
    goal: str | None = None
    began: date | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        return self.question_set.asked(self.targets)

    @property
    def is_shorter(self) -> bool:
        return self.question_set.name == sets.SHORTER


def question_plan_of(participant: Person, program: ProgramFacts) -> QuestionPlan:
    """The question plan of `participant` from now on."""
    return question_plan_with(participant, program)[0]


def question_plan_with(
    participant: Person, program: ProgramFacts, *columns: Any
) -> tuple[QuestionPlan, tuple[Any, ...]]:
    """The same, and what these columns, each a subquery, say: all in one read."""
    latest = select(func.max(CheckInPlan.id)).where(CheckInPlan.participant_id == participant.id).scalar_subquery()
    row = _read(participant, CheckInPlan.id == latest, *columns)
    return _plan(row, program), tuple(row[2:])


def question_plan_called(participant: Person, program: ProgramFacts, key: str | None) -> QuestionPlan | None:
    """The plan of `participant` called `key`, or what holds without one for None; None if it is not theirs."""
    found = _plan(_read(participant, CheckInPlan.key == key), program)
    return found if found.key == key else None


def _read(participant: Person, which: Any, *columns: Any) -> Any:
    began = (
        select(func.min(Episode.starts_on))
        .where(Episode.participant_id == Account.id, Episode.status == spelled_out("active"))
        .scalar_subquery()
    )
    mine = and_(CheckInPlan.participant_id == Account.id, which)
    asked = select(CheckInPlan, began.label("began"), *columns).select_from(Account).outerjoin(CheckInPlan, mine)
    return db.session.execute(asked.where(Account.id == participant.id)).one()


def _plan(row: Any, program: ProgramFacts) -> QuestionPlan:
    chosen, began = row[:2]
    if chosen is None:
        return QuestionPlan(None, sets.latest(program.question_set), began=began)
    return QuestionPlan(
        chosen.key,
        SETS.get((chosen.question_set, chosen.question_set_version)) or sets.latest(chosen.question_set),
        () if chosen.targets is None else tuple(json.loads(seal.open(CheckInPlan.targets, chosen.targets, chosen.key))),
        None if chosen.goal is None else seal.open(CheckInPlan.goal, chosen.goal, chosen.key),
        began,
    )


def choose(
    therapist: Person, participant: Person, set_name: str, targets: Sequence[str], goal: str | None, now: datetime
) -> QuestionPlan:
    """`therapist` chooses the set called `set_name` in its newest version, with up to three targets in own words.

    From now on it holds; what was asked before keeps its words. Raises ValueError for a set that does not exist and
    for more, or longer, words than fit.
    """
    asked = sets.latest(set_name)
    if asked.name != set_name:
        raise ValueError(f"there is no question set {set_name!r}")
    if len(targets) > MOST_TARGETS or any(not 0 < len(one) <= LONGEST_TARGET for one in targets):
        raise ValueError("up to three targets, each of up to 60 characters")
    if len(goal or "") > LONGEST_GOAL:
        raise ValueError("a goal of up to 200 characters")
    key = new_key()
    db.session.add(
        CheckInPlan(
            key=key,
            participant_id=participant.id,
            question_set=asked.name,
            question_set_version=asked.version,
            targets=sealed_targets(targets, key),
            goal=seal.close(CheckInPlan.goal, goal, key) if goal else None,
            chosen_by_id=therapist.id,
            chosen_at=now,
        )
    )
    audit.record(therapist, "checkin_plan.choose", participant, key)
    return QuestionPlan(key, asked, tuple(targets), goal or None)


def sealed_targets(targets: Sequence[str], key: str) -> bytes | None:
    """Targets as the row of their plan keeps them."""
    return seal.close(CheckInPlan.targets, json.dumps(list(targets)), key) if targets else None
