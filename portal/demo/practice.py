"""The reading and practice of the demo clinic: places in readings, drafts, finished exercises, safety plans."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from portal import library
from portal.db import db
from portal.demo import texts
from portal.demo.cast import ADA, CAST, CastMember, Clinic
from portal.exercises import EXERCISES, seal_answers
from portal.exercises.models import Practice
from portal.library.models import Reading

Row = dict[str, Any]

AUDIENCE = {"morning": "substance-use", "evening": "substance-use", "ocd": "ocd-anxiety"}
BODY = ("chest", "stomach", "throat", "jaw", "hands", "legs")

WORKSHEETS = texts.read("worksheets", list)
REFLECTIONS = texts.read("reflections", str)
URGES = texts.read("urges", list)


def fill(clinic: Clinic) -> None:
    """Add readings, practices, safety plans, and a draft that Ada has not finished."""
    db.session.execute(insert(Reading), [row for member in CAST for row in _readings(clinic, member)])
    db.session.execute(insert(Practice), [row for member in CAST for row in _practices(clinic, member)])


def wave(rng: Random, urges: list[str]) -> Row:
    """An urge ridden out, more often than not."""
    before = rng.randrange(5, 10)
    return {
        "urge": rng.choice(urges),
        "before": before,
        "body": rng.sample(BODY, rng.randrange(1, 4)),
        "minutes": rng.choice(("5", "10", "10", "20")),
        "after": max(0, before - rng.randrange(0, 6)),
        "acted": rng.choice(("no", "no", "no", "no", "partly", "yes")),
        "helped": rng.choice(URGES["helped"]),
    }


def breath(rng: Random) -> Row:
    """Three minutes of slow breathing."""
    before = rng.randrange(2, 7)
    return {
        "before": before,
        "pace": rng.choice(("4-6", "4-6", "4-8", "5-5")),
        "after": min(10, before + rng.randrange(0, 4)),
        "helped": rng.choice(("helped", "a_little", "a_little", "not_today")),
    }


def _readings(clinic: Clinic, member: CastMember) -> Iterator[Row]:
    """The readings of `member`: more the longer they are here, and one only begun."""
    rng, person = clinic.rng("readings", member.name), clinic.id(member.sign_in)
    shelf = library.IN_ORDER
    fitting = [material for material in shelf if {"all", AUDIENCE[member.track]} & set(material.audience)]
    read = min(member.started // 9 + rng.randrange(2), len(fitting) - 1)
    for place, material in enumerate(fitting[: read + 1]):
        days_ago = member.started - member.started * (place + 1) // (read + 2)
        at = _evening(clinic, days_ago, rng.uniform(18, 22))
        done = place < read
        reflection = REFLECTIONS.get(material.slug) if done and rng.random() < 0.4 else None
        yield {
            "participant_id": person,
            "slug": material.slug,
            "parts_read": len(material.parts) if done else 1,
            "finished_at": at if done else None,
            "reflection": library.sealed_reflection(reflection, person, material.slug),
            "reflected_at": at + timedelta(minutes=3) if reflection else None,
            "updated_at": at,
        }


def _evening(clinic: Clinic, days_ago: int, hour: float) -> datetime:
    return min(clinic.at(clinic.day(days_ago), hour), clinic.now - timedelta(hours=1))


def _practices(clinic: Clinic, member: CastMember) -> Iterator[Row]:
    """The practices of `member`, and a safety plan for every other one; Ada also has a draft."""
    rng = clinic.rng("practices", member.name)
    number, ocd = CAST.index(member), member.track == "ocd"
    for days_ago in sorted(rng.sample(range(1, member.started), min(member.started // 6, 6)), reverse=True):
        at = _evening(clinic, days_ago, rng.uniform(16, 22))
        if ocd or rng.random() < 0.5:  # which urges to do a ritual somebody sits with is for their therapist to choose
            yield _practice(clinic, member, "slow-breath", breath(rng), at, 3)
        else:
            yield _practice(clinic, member, "the-wave", wave(rng, URGES["urges"]), at, 12)
    if member.started > 20:
        thought = WORKSHEETS["thoughts"][2 if ocd else number % 2]
        yield _practice(clinic, member, "notice-and-weigh", thought, _evening(clinic, 6 + number % 9, 19.2), 16)
        if number % 3 == 1:
            problem = WORKSHEETS["problems"][member.track == "evening"]
            yield _practice(clinic, member, "six-steps", problem, _evening(clinic, 4 + number % 7, 17.5), 19)
    if number % 2 == 0:
        yield from _safety_plans(clinic, member, WORKSHEETS["safety_plans"][number // 2 % 2])
    if member.name == ADA:
        [draft] = WORKSHEETS["drafts"]
        yield _practice(clinic, member, "six-steps", draft, _evening(clinic, 1, 21.3), 11) | {"finished_at": None}


def _safety_plans(clinic: Clinic, member: CastMember, plan: Row) -> Iterator[Row]:
    """The versions of a safety plan, which grew: first without two of its parts, then without one, then whole."""
    for days, later in ((2, {"company", "safer"}), (13, {"safer"}), (34, set())):
        if days == 2 or days < member.started:
            answers = {name: held for name, held in plan.items() if name not in later}
            at = clinic.at(clinic.day(member.started - days), 14)
            yield _practice(clinic, member, "safety-plan", answers, at, 24)


def _practice(clinic: Clinic, member: CastMember, slug: str, answers: Row, at: datetime, minutes: int) -> Row:
    practice_key = clinic.key("practice", member.name, slug, at)
    return {
        "key": practice_key,
        "participant_id": clinic.id(member.sign_in),
        "slug": slug,
        "version": EXERCISES[slug].version,
        "answers": seal_answers(answers, practice_key),
        "started_at": at - timedelta(minutes=minutes),
        "updated_at": at,
        "finished_at": at,
    }
