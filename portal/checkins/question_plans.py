"""The question plan of one person: the set that holds for them, their own targets, and what it is all for.

A therapist chooses it. Each choice is a row of its own, and a check-in names the one that it was made under.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from portal import audit, people, program, seal
from portal.checkins import sets
from portal.checkins.models import CheckInPlan
from portal.checkins.sets import BY_SLUG, MOST_TARGETS, WITH_SELF_HARM, Question, QuestionSet, Target
from portal.db import db, new_key, spelled_out
from portal.episodes.models import Episode
from portal.people import OPEN_PARTICIPANT, Person, coordinators_only
from portal.people.models import Account
from portal.program import ProgramFacts

LONGEST_TARGET = 60
LONGEST_GOAL = 200


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """The questions of somebody's check-ins. Without a row that chose them the `key` is None: the program's set holds.

    `began` is the first day of their stay, before which no check-in can be; None where there is none. `self_harm_set`
    lends its questions about hurting oneself, where the therapist added them.
    """

    key: str | None
    question_set: QuestionSet
    targets: tuple[Target, ...] = ()
    goal: str | None = None
    began: date | None = None
    self_harm_set: QuestionSet | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        return self.question_set.asked(self.targets, self.self_harm_set)

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
        sets.latest(chosen.question_set),
        opened_targets(chosen.targets, chosen.key),
        None if chosen.goal is None else seal.open(CheckInPlan.goal, chosen.goal, chosen.key),
        began,
        BY_SLUG.get(chosen.self_harm_set),
    )


def count_plans(coordinator: Person) -> tuple[int, int]:
    """Count the participants with an open account: all, and those for whom a therapist chose the questions."""
    coordinators_only(coordinator)
    has_own = select(CheckInPlan.id).where(CheckInPlan.participant_id == Account.id).exists()
    row = db.session.execute(select(func.count(), func.count().filter(has_own)).where(OPEN_PARTICIPANT)).one()
    return row[0], row[1]


def choose(
    therapist: Person,
    participant: Person,
    set_name: str,
    targets: Sequence[Target],
    goal: str | None,
    now: datetime,
    *,
    asks_self_harm: bool = False,
) -> QuestionPlan:
    """`therapist` chooses the set called `set_name`, with up to three targets in own words.

    From now on it holds, in its newest version; what was asked before keeps its words, and what holds already adds
    nothing. `asks_self_harm` adds the questions about hurting oneself. Raises ValueError for a set that does not exist
    and for more, or longer, words than fit.
    """
    asked = sets.latest(set_name)
    if asked.name != set_name:
        raise ValueError(f"there is no question set {set_name!r}")
    if len(targets) > MOST_TARGETS or any(not 0 < len(one.words) <= LONGEST_TARGET for one in targets):
        raise ValueError("up to three targets, each of up to 60 characters")
    if len(goal or "") > LONGEST_GOAL:
        raise ValueError("a goal of up to 200 characters")
    key, added = new_key(), sets.latest(WITH_SELF_HARM) if asks_self_harm else None
    chosen = QuestionPlan(key, asked, tuple(targets), goal or None, self_harm_set=added)
    people.hold(participant)
    holds = question_plan_of(participant, program.current())
    if holds.key and replace(holds, key=key, began=None) == chosen:
        return holds
    db.session.add(
        CheckInPlan(
            key=key,
            participant_id=participant.id,
            question_set=asked.name,
            self_harm_set=added.slug if added else None,
            targets=sealed_targets(targets, key),
            goal=seal.close(CheckInPlan.goal, goal, key) if goal else None,
            chosen_by_id=therapist.id,
            chosen_at=now,
        )
    )
    audit.record(therapist, "checkin_plan.choose", participant, key)
    return chosen


def sealed_targets(targets: Sequence[Target], key: str) -> bytes | None:
    """Targets as the row of their plan keeps them."""
    return seal.close(CheckInPlan.targets, json.dumps(list(map(astuple, targets))), key) if targets else None


def opened_targets(sealed: bytes | None, key: str | None) -> tuple[Target, ...]:
    """Targets from the row of the plan called `key`; none where it has none."""
    if sealed is None or key is None:
        return ()
    held = json.loads(seal.open(CheckInPlan.targets, sealed, key))
    return tuple(Target(words, self_harm) for words, self_harm in held)
