"""The part of the exercises that a therapist sees of a person: how often each was practiced, and when last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func

from portal import clock, words
from portal.db import Offered, offer
from portal.exercises import EXERCISES, SAFETY_PLAN
from portal.exercises.models import Practice

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class PracticeCount:
    """The number of times that an exercise was finished, and the last one."""

    slug: str
    last: datetime
    count: int


_practices = Practice.__table__.c
OFFERS = (
    offer("practice", _practices.slug, func.max(_practices.finished_at), number=func.count())
    .where(_practices.participant_id == bindparam("me"), _practices.finished_at.is_not(None))
    .group_by(_practices.slug),
)


def count_practices(offered: Offered) -> dict[str, PracticeCount]:
    """The exercises that somebody has practiced, the safety plan among them, by slug."""
    return {row.name: PracticeCount(row.name, row.at, row.number) for row in offered.get("practice", ())}


def practice_facts(practiced: dict[str, PracticeCount], zone: str) -> list[tuple[str, str]]:
    """(name, words) of what was practiced and whether there is a safety plan; days are those of `zone`."""
    plan = practiced.get(SAFETY_PLAN)
    written = f"Written, last changed {_day(plan, zone)}" if plan else "Not written yet"
    known = [one for one in practiced.values() if one.slug in EXERCISES and one.slug != SAFETY_PLAN]
    latest = sorted(known, key=lambda one: one.last, reverse=True)
    named = ", ".join(f"{EXERCISES[one.slug].title} {words.times(one.count)}" for one in latest[:MOST_NAMED])
    return [
        ("Practice", f"{named}; last {_day(latest[0], zone)}" if latest else "None yet"),
        ("Safety plan", written),
    ]


def _day(practice: PracticeCount, zone: str) -> str:
    return words.month_day(clock.day_of(practice.last, zone))
