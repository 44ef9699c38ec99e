"""The questions that a few people of the demo clinic are asked beyond the usual, chosen by their therapist."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from portal import audit, seal
from portal.checkins.check_in_versions import ITEMS
from portal.checkins.models import CheckInPlan
from portal.checkins.question_plans import sealed_targets
from portal.checkins.sets import Question, QuestionSet, latest
from portal.db import db
from portal.demo.cast import CAST, CastMember, Clinic, key

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChosenQuestions:
    """The set called `name` since so many days, with the person's own targets and what it is all for."""

    name: str
    since: int
    targets: tuple[str, ...] = ()
    goal: str | None = None

    @property
    def question_set(self) -> QuestionSet:
        return latest(self.name)


CHOSEN = {
    "Grace Oyelaran": ChosenQuestions(
        "dbt", 21, ("urge to gamble", "urge to call in sick"), "To be at my daughter's games"
    ),
    "Elena Vasco": ChosenQuestions(
        "ocd", 16, ("urge to go back and check the stove",), "To leave the house in ten minutes"
    ),
    "Owen Gallagher": ChosenQuestions("low", 9),
}
GOES_WITH_MOOD = ("joyful", "skill-use", "resisted", "exposures")  # the others go against it


def choose(clinic: Clinic) -> None:
    """Add what was chosen for whom, and that it was."""
    for member in CAST:
        if member.name not in CHOSEN:
            continue
        asked, plan_key, by = CHOSEN[member.name], _key(clinic, member), clinic.accounts[member.therapist]
        at = clinic.at(clinic.today - timedelta(days=asked.since), 0) - timedelta(hours=8)
        db.session.add(
            CheckInPlan(
                key=plan_key,
                participant_id=clinic.id(member.sign_in),
                question_set=asked.name,
                question_set_version=asked.question_set.version,
                targets=sealed_targets(asked.targets, plan_key),
                goal=seal.close(CheckInPlan.goal, asked.goal, plan_key) if asked.goal else None,
                chosen_by_id=by.id,
                chosen_at=at,
            )
        )
        audit.record(by, "checkin_plan.choose", clinic.accounts[member.sign_in], plan_key, at=at)


def fitted(clinic: Clinic, member: CastMember, rng: Random, days_left: int, row: Row) -> Row:
    """A check-in to the questions that this person was asked on that day: its answers, and those only they give."""
    asked = CHOSEN.get(member.name)
    if asked is None or days_left >= asked.since:
        return row
    questions = {one.id: one for one in asked.question_set.asked(asked.targets)}
    named = {item: row[item] if item in questions else None for item in ITEMS}
    if "skills" in questions and row["skills"]:
        helped = list(questions["skills"].choices or ())[:-1]  # the last is that nothing has
        named["skills"] = rng.sample(helped, len(row["skills"]))
    given = {
        item: value
        for item, one in questions.items()
        if item not in ITEMS and (value := _answer(one, row, rng)) is not None
    }
    versioned = {"question_set": asked.name, "question_set_version": asked.question_set.version}
    return row | named | versioned | {"answers": given, "plan_key": _key(clinic, member)}


def _answer(one: Question, row: Row, rng: Random) -> Any:
    """An answer that goes with how the day went; None where it was skipped, or the mood was all that they gave."""
    if row["urges"] is None or rng.random() < 0.06:
        return None
    if one.id == "acted":
        return "not_say" if rng.random() < 0.05 else "yes" if row["urges"] >= 5 and rng.random() < 0.4 else "no"
    strain = 1 - row["mood"] / 10
    share = 1 - strain if one.id in GOES_WITH_MOOD else strain
    top = 6 if one.kind == "number" else one.high
    return max(one.low, min(top, round(top * share + rng.gauss(0, top / 10))))


def _key(clinic: Clinic, member: CastMember) -> str:
    return key(clinic.rng("plan", member.name))
