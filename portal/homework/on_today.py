"""The part of homework that Today shows: what is due, how far it is, and what was agreed last."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, exists, or_

from portal.db import Offered, in_one_text, offer
from portal.homework import DUE_DAY, DUE_KIND, FROM, MOST_DUE, PROGRESS, GivenHomework
from portal.homework.agreements import STANDS, SessionAgreement
from portal.homework.models import Agreement, Homework
from portal.schedule.places import enrolled, enrollments, seats, sessions

_homework, _agreements, _sessions = Homework.__table__.c, Agreement.__table__.c, sessions.c
TRUE = ("1", "true")  # as the databases write it in a text
_facts = in_one_text(
    _homework.kind,
    _homework.slug,
    _homework.times,
    DUE_DAY,
    DUE_KIND,
    PROGRESS.started,
    PROGRESS.said,
    _homework.weekly,
)
_is_enrolled = exists().where(enrollments.c.participant_id == bindparam("me"), enrolled()).correlate(sessions)
_has_seat = exists().where(seats.c.participant_id == bindparam("me"), seats.c.session_id == _sessions.id)
OFFERS = (
    offer("homework", _homework.key, _homework.given_at, number=PROGRESS.done, author=_facts, body=_homework.text)
    .select_from(FROM)
    .where(_homework.participant_id == bindparam("me"), _homework.withdrawn_at.is_(None))
    .where(or_(DUE_DAY.is_(None), bindparam("today") <= DUE_DAY))
    .order_by(DUE_DAY, _homework.given_at)
    .limit(MOST_DUE),
    offer(
        "agreed",
        _sessions.title,
        _agreements.at,
        number=_agreements.session_id,
        author=in_one_text(_agreements.version, _sessions.local_day),
        body=_agreements.lines,
    )
    .select_from(Agreement.__table__)
    .join(sessions, _sessions.id == _agreements.session_id)
    .where(STANDS, _sessions.starts_at >= bindparam("since"), or_(_is_enrolled, _has_seat))
    .order_by(_sessions.starts_at.desc())
    .limit(1),
)


def latest_agreement(offered: Offered) -> SessionAgreement | None:
    """The lines of the participant's last session that agreed any, within a week; None without one."""
    for row in offered.get("agreed", ()):
        version, day = row.author.split("|")
        return SessionAgreement(
            session_id=row.number,
            version=int(version),
            sealed=row.body,
            session=row.name,
            day=date.fromisoformat(day),
            by="",
            at=row.at,
        )
    return None


def due(offered: Offered) -> list[GivenHomework]:
    """The homework that is due and not over, what is due first first."""
    return [_given(row) for row in offered.get("homework", ())]


def _given(row: Any) -> GivenHomework:
    kind, slug, times, due_day, before, started, said, weekly = row.author.split("|")
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
        started=started in TRUE,
        said=said or None,
        said_at=None,
        weekly=weekly in TRUE,
    )
