"""The groups of a caseload around today: who is in which, who leads it, and who came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, union

from portal.db import db
from portal.schedule.models import Attendance, Session
from portal.schedule.places import latest_attendance, places_of

CAME = ("present", "late", "left_early")


@dataclass(frozen=True, slots=True)
class Group:
    """One group session of one participant; `attendance` is None before it is taken."""

    participant_id: int
    session_id: int
    facilitator_id: int
    starts_at: datetime
    local_day: date
    attendance: str | None


_PLACES = union(
    *places_of(
        lambda participant_id: participant_id.in_(bindparam("people", expanding=True)),
        Session.kind == "group",
        Session.status != "cancelled",
        Session.starts_at >= bindparam("start"),
        Session.starts_at < bindparam("end"),
    )
).subquery()
# Built once: what is asked never changes, only about whom and when.
_GROUPS = (
    select(
        _PLACES.c.participant_id,
        Session.id,
        Session.facilitator_id,
        Session.starts_at,
        Session.local_day,
        Attendance.status,
    )
    .select_from(_PLACES)
    .join(Session, Session.id == _PLACES.c.session_id)
    .outerjoin(Attendance, latest_attendance(_PLACES))
    .order_by(Session.starts_at, Session.id)
)


def groups_of(participant_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[Group]]:
    """The groups of these people that begin from `start` to before `end`, by time; cancelled ones left out."""
    held: dict[int, list[Group]] = {participant_id: [] for participant_id in participant_ids}
    for row in db.session.execute(_GROUPS, {"people": list(participant_ids), "start": start, "end": end}):
        held[row.participant_id].append(Group(*row))
    return held
