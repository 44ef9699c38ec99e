"""The questions that a few people of the demo clinic are asked beyond the usual, chosen by their therapist."""

from datetime import timedelta
from random import Random
from typing import Any

from portal import audit, seal
from portal.checkins.check_in_versions import ACTED, ITEMS
from portal.checkins.models import CheckInPlan
from portal.checkins.question_plans import sealed_targets
from portal.checkins.sets import Question, Target, latest
from portal.db import db
from portal.demo.cast import CAST, CastMember, Clinic

Row = dict[str, Any]


GOES_WITH_MOOD = ("joyful", "skill-use", "resisted", "exposures")  # the others go against it


def choose(clinic: Clinic) -> None:
    """Add what was chosen for whom, and that it was."""
    for member in CAST:
        if (asked := member.asked) is None:
            continue
        plan_key, by = clinic.key("plan", member.name), clinic.accounts[member.therapist]
        at = clinic.at(clinic.day(asked.since), 0) - timedelta(hours=8)
        db.session.add(
            CheckInPlan(
                key=plan_key,
                participant_id=clinic.id(member.sign_in),
                question_set=asked.name,
                targets=sealed_targets(list(map(Target, asked.targets)), plan_key),
                goal=seal.close(CheckInPlan.goal, asked.goal, plan_key) if asked.goal else None,
                chosen_by_id=by.id,
                chosen_at=at,
            )
        )
        audit.record(by, "checkin_plan.choose", clinic.accounts[member.sign_in], plan_key, at=at)


def fit(clinic: Clinic, member: CastMember, days_left: int, row: Row) -> Row:
    """A check-in to the questions that this person was asked on that day: its answers, and those only they give."""
    asked = member.asked
    if asked is None or days_left >= asked.since:
        return row
    rng = clinic.rng("asked", member.name, days_left, row["entered_at"])
    chosen = latest(asked.name)
    questions = {one.id: one for one in chosen.asked(list(map(Target, asked.targets)))}
    named = {item: row[item] if item in questions else None for item in ITEMS}
    if "skills" in questions and row["skills"]:
        helped = list(questions["skills"].choices or ())[:-1]  # the last is that nothing has
        named["skills"] = rng.sample(helped, len(row["skills"]))
    answers = {item: _answer(one, row, rng) for item, one in questions.items() if item not in ITEMS}
    return (
        row
        | named
        | {
            "question_set": asked.name,
            "question_set_version": chosen.version,
            "answers": {item: value for item, value in answers.items() if value is not None},
            "plan_key": clinic.key("plan", member.name),
        }
    )


def _answer(one: Question, row: Row, rng: Random) -> Any:
    """An answer that goes with how the day went; None where it was skipped, or the mood was all that they gave."""
    if row["urges"] is None or rng.random() < 0.06:
        return None
    if one.id == ACTED:
        return "not_say" if rng.random() < 0.05 else "no"  # a yes would be a flag
    if one.id == "acted":
        return "not_say" if rng.random() < 0.05 else "yes" if row["urges"] >= 5 and rng.random() < 0.4 else "no"
    strain = 1 - row["mood"] / 10
    share = 1 - strain if one.id in GOES_WITH_MOOD else strain
    top = 6 if one.kind == "number" else one.high
    return max(one.low, min(top, round(top * share + rng.gauss(0, top / 10))))
