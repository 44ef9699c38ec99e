"""The part of a participant's practice that Today shows: drafts to go on with, and the safety plan in short."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam

from portal.db import Offered, offer
from portal.exercises import EXERCISES, SAFETY_PLAN, open_answers, shorten_safety_plan
from portal.exercises.definition import Exercise
from portal.exercises.models import Practice

MOST_DRAFTS = 2


@dataclass(frozen=True, slots=True)
class DraftToFinish:
    """An exercise that was begun, and when it was saved last."""

    exercise: Exercise
    saved_at: datetime


_practices = Practice.__table__.c
_mine = _practices.participant_id == bindparam("me")
_latest_first = (_practices.updated_at.desc(), _practices.id.desc())
OFFERS = (
    offer("safety_plan", _practices.key, _practices.updated_at, body=_practices.answers)
    .where(_mine, _practices.slug == SAFETY_PLAN, _practices.finished_at.is_not(None))
    .order_by(*_latest_first)
    .limit(1),
    offer("draft", _practices.slug, _practices.updated_at)
    .where(_mine, _practices.slug != SAFETY_PLAN, _practices.finished_at.is_(None))
    .order_by(*_latest_first)
    .limit(MOST_DRAFTS),
)


def drafts(offered: Offered) -> list[DraftToFinish]:
    """The drafts that can be continued, the latest first."""
    rows = [row for row in offered.get("draft", ()) if row.name in EXERCISES]
    return [DraftToFinish(EXERCISES[row.name], row.at) for row in rows]


def safety_plan_in_short(offered: Offered) -> list[str]:
    """The current safety plan in short lines; empty before there is one."""
    return [
        line for row in offered.get("safety_plan", ()) for line in shorten_safety_plan(open_answers(row.body, row.name))
    ]
