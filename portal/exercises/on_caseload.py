"""The part of the exercises that a therapist sees of a person: how often each was practiced, and when last."""

from typing import Any

from sqlalchemy import bindparam, func

from portal import clock, words
from portal.db import Offered, offer
from portal.exercises import EXERCISES
from portal.exercises.definition import SAFETY_PLAN
from portal.exercises.models import Practice, PracticeShare

MOST_NAMED = 3


_practices, _shares = Practice.__table__.c, PracticeShare.__table__.c
OFFERS = (
    offer("practice", _practices.slug, func.max(_practices.finished_at), number=func.count())
    .where(_practices.participant_id == bindparam("me"), _practices.finished_at.is_not(None))
    .group_by(_practices.slug),
    offer("shared_practice", _practices.key, _shares.shared_at)
    .where(_shares.practice_id == _practices.id, _shares.ended_at.is_(None))
    .where(_practices.participant_id == bindparam("me")),
)


def practices(offered: Offered) -> dict[str, Any]:
    """The exercises that somebody has finished, the safety plan among them, by slug: a `number` of times, last `at`."""
    return {row.name: row for row in offered.get("practice", ())}


def shared_number(offered: Offered) -> int:
    """The number of practices and plans that somebody shares with their care team now."""
    return len(offered.get("shared_practice", ()))


def practice_facts(practiced: dict[str, Any], zone: str) -> list[tuple[str, str]]:
    """(name, words) of what was practiced and whether there is a safety plan; days are those of `zone`."""
    plan = practiced.get(SAFETY_PLAN)
    written = f"Written, last changed {_day(plan, zone)}" if plan else "Not written yet"
    known = [row for slug, row in practiced.items() if slug in EXERCISES and slug != SAFETY_PLAN]
    latest = sorted(known, key=lambda row: row.at, reverse=True)
    named = ", ".join(f"{EXERCISES[row.name].title} {words.times(row.number)}" for row in latest[:MOST_NAMED])
    return [
        ("Practice", f"{named}; last {_day(latest[0], zone)}" if latest else "None yet"),
        ("Safety plan", written),
    ]


def _day(practice: Any, zone: str) -> str:
    return words.month_day(clock.day_of(practice.at, zone))
