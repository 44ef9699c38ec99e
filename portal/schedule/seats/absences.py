"""A participant says beforehand that they cannot come to a session, and why if they like; and takes it back."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from portal import audit, seal
from portal.db import add_once, db, write
from portal.fields import Refused, tidy
from portal.people import Person
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.seats.models import Absence
from portal.schedule.staff_meetings import StaffMeeting


def can_be_said(meeting: OwnMeeting, now: datetime) -> bool:
    """Whether it still makes a difference: the session takes place, and is not over."""
    return not meeting.is_cancelled and now < meeting.time.end


def say(participant: Person, meeting: OwnMeeting, reason: str, now: datetime) -> None:
    """Note that `participant` cannot come to `meeting`; a reason takes the place of the one before.

    Said again with the same words it is said once. Raises Refused for a session that is over or cancelled.
    """
    _check_time(meeting, now)
    standing, text = _standing(participant, meeting), tidy(reason)
    if standing and _open_reason(standing) == text:
        return
    sealed = seal.close(Absence.reason, text, meeting.id, participant.id) if text else None
    absence = {"reason": sealed, "said_at": standing.said_at if standing else now, "withdrawn_at": None}
    change = update(Absence).where(*_is_of(participant, meeting)).values(absence)
    row = Absence(session_id=meeting.id, participant_id=participant.id, **absence)
    if not (write(change) or add_once(row)):
        db.session.execute(change)  # a second tap was here a moment ago
    audit.record(participant, "absence.say", participant, meeting.key)


def withdraw(participant: Person, meeting: OwnMeeting, now: datetime) -> None:
    """Note that `participant` comes after all. Their place was never gone, even if a seat was given in the meantime.

    Raises Refused as for saying it.
    """
    _check_time(meeting, now)
    standing = (*_is_of(participant, meeting), Absence.withdrawn_at.is_(None))
    if write(update(Absence).where(*standing).values(withdrawn_at=now)):
        audit.record(participant, "absence.withdraw", participant, meeting.key)


def _check_time(meeting: OwnMeeting, now: datetime) -> None:
    if not can_be_said(meeting, now):
        raise Refused("", "This session is over or was cancelled, so there is nothing to tell us.")


def reason_of(participant: Person, meeting: OwnMeeting) -> str:
    """The words of `participant` with an absence that stands; "" without one, and without words."""
    standing = _standing(participant, meeting)
    return _open_reason(standing) if standing else ""


def reasons(session: StaffMeeting, staff: Person) -> dict[int, str]:
    """The reasons of those who cannot come to `session`, by their ids: for the therapist who leads it alone.

    A coordinator sees who comes, and never what participants write.
    """
    if staff.role != "therapist" or staff.id != session.leader_id:
        return {}
    rows = db.session.execute(
        select(Absence.session_id, Absence.participant_id, Absence.reason).where(
            Absence.session_id == session.id, Absence.withdrawn_at.is_(None), Absence.reason.is_not(None)
        )
    )
    return {row.participant_id: _open_reason(row) for row in rows}


def _open_reason(row: Any) -> str:
    """The reason in a row that also has the columns it is sealed by."""
    return seal.open(Absence.reason, row.reason, row.session_id, row.participant_id) if row.reason else ""


def _is_of(participant: Person, meeting: OwnMeeting) -> tuple[ColumnElement[bool], ...]:
    return Absence.session_id == meeting.id, Absence.participant_id == participant.id


def _standing(participant: Person, meeting: OwnMeeting) -> Any:
    """The absence that `participant` said and did not take back, as a row; None without one."""
    columns = (Absence.session_id, Absence.participant_id, Absence.reason, Absence.said_at)
    return db.session.execute(
        select(*columns).where(*_is_of(participant, meeting), Absence.withdrawn_at.is_(None))
    ).first()
