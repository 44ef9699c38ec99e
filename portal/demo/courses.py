"""The courses that a person can be on: for each the answers of one day. No dates, no database."""

from dataclasses import dataclass
from random import Random
from typing import Any

from portal.checkins.sets import DEFAULT, latest
from portal.demo import texts

_SKILLS = next(question for question in latest(DEFAULT).items if question.id == "skills")
HELPED = tuple(skill for skill in _SKILLS.choices or () if skill != "nothing_yet")


@dataclass(frozen=True, slots=True)
class Course:
    """A person's values as they lie now, and how they came there.

    `drift` is points of mood gained in a week (anxiety and urges fall as mood rises). In the last `turn` days
    mood is lower by `fall`, and anxiety and urges are higher. In the last `silent` days there is no check-in.
    `answers` is the share of days with one.
    """

    mood: float
    anxiety: float
    urges: float
    sleep: float
    drift: float = 0.0
    answers: float = 0.85
    turn: int = 0
    fall: float = 0.0
    silent: int = 0


COURSES = texts.read("courses", Course)


def _within(value: float, highest: int) -> int:
    return max(0, min(highest, round(value)))


def answers(course: Course, rng: Random, days_left: int, takes_medicine: bool, weighs_use: bool) -> dict[str, Any]:
    """One check-in's answers, `days_left` days before today; an item that was skipped is None.

    `takes_medicine` and `weighs_use` say whether those two questions mean anything to this person.
    """
    chance = rng.random
    weeks = days_left / 7
    turned = course.fall if days_left < course.turn else 0.0
    noise = rng.gauss(0, 0.45 if days_left < 4 else 0.95)
    strain = course.drift * weeks + turned * 0.85 - noise * 0.45
    rest = course.sleep - course.drift * weeks * 0.5 - turned * 0.7 + rng.gauss(0, 0.6)
    brief = chance() < 0.06

    def skipped(share: float) -> bool:
        return brief or chance() < share

    return {
        "mood": _within(course.mood - course.drift * weeks - turned + noise, 10),
        "anxiety": None if skipped(0.05) else _within(course.anxiety + strain + rng.gauss(0, 0.5), 10),
        "urges": None if skipped(0.06) else _within(course.urges + strain + rng.gauss(0, 0.5), 10),
        "sleep_hours": None if skipped(0.07) else _within(rest * 2, 28) / 2,
        "medication": None if skipped(0.06) else _medication(rng, takes_medicine),
        "substance_use": None if skipped(0.08) else _use(rng, weighs_use),
        "skills": None if skipped(0.15) else rng.sample(HELPED, int(chance() * 3.4)) or ["nothing_yet"],
        "safety": None if skipped(0.1) else ("not_say" if chance() < 0.015 else "no"),
    }


def _medication(rng: Random, takes_medicine: bool) -> str:
    if not takes_medicine:
        return "none"
    draw = rng.random()
    return "yes" if draw < 0.9 else "some" if draw < 0.96 else "no"


def _use(rng: Random, weighs_use: bool) -> str:
    draw = rng.random()
    if not weighs_use or draw < 0.955:
        return "no"
    return "yes" if draw < 0.985 else "not_say"
