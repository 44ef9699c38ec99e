"""The groups of a caseload around today: who is in which, who leads it, and who came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, union

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
    zone: str
    attendance: str | None


def groups_of(participant_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[Group]]:
    """The groups of these people that begin from `start` to before `end`, by time; cancelled ones left out."""
    places = union(
        *places_of(
            lambda participant_id: participant_id.in_(participant_ids),
            Session.kind == "group",
            Session.status != "cancelled",
            Session.starts_at >= start,
            Session.starts_at < end,
        )
    ).subquery()
    rows = db.session.execute(
        select(
            places.c.participant_id,
            Session.id,
            Session.facilitator_id,
            Session.starts_at,
            Session.local_day,
            Session.zone,
            Attendance.status,
        )
        .select_from(places)
        .join(Session, Session.id == places.c.session_id)
        .outerjoin(Attendance, latest_attendance(places))
        .order_by(Session.starts_at, Session.id)
    )
    held: dict[int, list[Group]] = {participant_id: [] for participant_id in participant_ids}
    for row in rows:
        held[row.participant_id].append(Group(*row))
    return held
