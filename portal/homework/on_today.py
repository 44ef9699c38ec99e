"""The part of homework that Today shows: what is due, and how far it is."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, or_

from portal.db import Offered, in_one_text, offer
from portal.homework import DONE, DUE_DAY, DUE_KIND, FROM, SAID, STARTED, GivenHomework
from portal.homework.models import Homework

_homework = Homework.__table__.c
_facts = in_one_text(_homework.kind, _homework.slug, _homework.times, DUE_DAY, DUE_KIND, STARTED, SAID)
OFFERS = (
    offer("homework", _homework.key, _homework.given_at, number=DONE, author=_facts, body=_homework.text)
    .select_from(FROM)
    .where(_homework.participant_id == bindparam("me"), _homework.withdrawn_at.is_(None))
    .where(or_(DUE_DAY.is_(None), bindparam("today") <= DUE_DAY))
    .order_by(DUE_DAY, _homework.given_at)
    .limit(5),
)


def due(offered: Offered) -> list[GivenHomework]:
    """The homework that is due and not over, what is due first first."""
    return [_given(row) for row in offered.get("homework", ())]


def _given(row: Any) -> GivenHomework:
    kind, slug, times, due_day, before, started, said = row.author.split("|")
    return GivenHomework(
        id=0,
        key=row.name,
        kind=kind,
        slug=slug,
        sealed=row.body,
        times=int(times),
        given_at=row.at,
        given_by="",
        due_day=date.fromisoformat(due_day) if due_day else None,
        before=before or None,
        done=row.number,
        started=started in ("1", "true"),
        said=said or None,
        said_at=None,
    )
