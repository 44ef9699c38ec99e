"""An overview of one session, for coordinators and for who leads it, before they change it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule.attendance.roster import RosterRow, read_roster
from portal.schedule.meetings import MeetingChange, acts
from portal.schedule.models import Session, Track
from portal.schedule.session_changes import changes_where, unseen
from portal.schedule.staff_meetings import StaffMeeting


@dataclass(frozen=True, slots=True)
class SessionOverview:
    """One session with all that the page which changes it shows.

    `not_seen` names who has not seen its latest change, `leaders` are (key, name) of who could lead it instead, the
    cover of its track first.
    """

    session: StaffMeeting
    people: list[RosterRow]
    history: list[MeetingChange]
    not_seen: list[str]
    leaders: list[tuple[str, str]]
    clash_reason: str

    @property
    def cannot_come(self) -> list[str]:
        return [person.name for person in self.people if person.absent]

    @property
    def free(self) -> int | None:
        """Seats that are left, below 0 when there are too few; None where seats are not counted."""
        seats = self.session.capacity
        return None if seats is None else seats - self.session.expected


def overview(staff: Person, session: StaffMeeting, now: datetime) -> SessionOverview:
    """Everything about `session`, which is one that `staff` may change."""
    history = [one.change for one in reversed(changes_where(acts.c.session_id == session.id))]
    return SessionOverview(
        session=session,
        people=read_roster(session),
        history=history,
        not_seen=[one.name for one in unseen(now, [session.id])] if history else [],
        leaders=substitutes(session) if staff.role == "coordinator" else [],
        clash_reason=db.session.scalar(select(Session.clash_reason).where(Session.id == session.id)) or "",
    )


def substitutes(session: StaffMeeting) -> list[tuple[str, str]]:
    """(key, name) of who could lead `session` instead, the cover of its track first."""
    cover = select(Track.cover_id).where(Track.key == session.track_key).scalar_subquery()
    rows = db.session.execute(
        select(Account.key, Account.name)
        .where(Account.role == "therapist", Account.disabled_at.is_(None), Account.id != session.leader_id)
        .order_by(case((Account.id == cover, 0), else_=1), Account.name)
    )
    return [(row.key, row.name) for row in rows]
