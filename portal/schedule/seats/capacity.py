"""The number of free seats of a session, as a part of queries.

How many seats a session has is its track's capacity. Taken is one for everybody who comes (enrolled on that day, or
with a seat of their own), but for those who said that they cannot; and one for each seat that is kept for somebody
who is deciding. Whoever takes back that they cannot come always gets in, for their place was never anybody else's:
if it was given in the meantime, one more than the capacity sits there, nobody loses a seat, and none is free there
until enough people cannot come. Who takes a seat is found out under a lock on the session (holds.py).
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select

from portal.schedule.models import Track
from portal.schedule.places import absences, number_expected, number_per_session, sessions
from portal.schedule.seats.models import SeatHold

tracks, holds = Track.__table__, SeatHold.__table__


def _comes(who: Any) -> ColumnElement[bool]:
    """They have not said that they cannot come."""
    return ~exists().where(
        absences.c.session_id == sessions.c.id, absences.c.participant_id == who, absences.c.withdrawn_at.is_(None)
    ).correlate_except(absences)


def free() -> ColumnElement[int]:
    """The number of free seats of a session for `me` at `now`, among sessions joined with tracks."""
    kept = select(func.count(holds.c.participant_id)).where(
        holds.c.session_id == sessions.c.id,
        holds.c.participant_id != bindparam("me"),
        holds.c.expires_at > bindparam("now"),
    )
    return tracks.c.capacity - number_expected(_comes) - number_per_session(kept)


def is_held_by_me() -> ColumnElement[bool]:
    """Whether the seat is theirs for the ten minutes promised, whoever else came in by now."""
    return exists().where(
        holds.c.session_id == sessions.c.id,
        holds.c.participant_id == bindparam("me"),
        holds.c.expires_at > bindparam("now"),
    )
