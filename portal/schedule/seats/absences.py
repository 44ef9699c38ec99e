"""A participant says beforehand that they cannot come to a session, and why if they like; and takes it back."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, seal
from portal.db import db, write
from portal.people import Person
from portal.schedule.models import Session
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.seats.models import Absence
from portal.schedule.staff_meetings import StaffMeeting


def can_be_said(meeting: OwnMeeting, now: datetime) -> bool:
    """Whether it still makes a difference: the session takes place, and is not over."""
    return not meeting.is_cancelled and now < meeting.time.end


def say(participant: Person, meeting: OwnMeeting, reason: str, now: datetime) -> None:
    """Note that `participant` cannot come to `meeting`; a reason takes the place of the one before.

    Said again with the same words it is said once. Raises ValueError for a session that is over or cancelled.
    """
    if not can_be_said(meeting, now):
        raise ValueError("This session is over or was cancelled, so there is nothing to tell us.")
    stands, text = _standing(participant, meeting.key), reason.strip()
    if stands and _opened(stands) == text:
        return
    session_id = meeting.id
    sealed = seal.close(Absence.reason, text, session_id, participant.id) if text else None
    said = {"reason": sealed, "said_at": stands.said_at if stands else now, "withdrawn_at": None}
    if not _change(participant, session_id, said):
        try:
            with db.session.begin_nested():
                row = {"session_id": session_id, "participant_id": participant.id, **said}
                db.session.execute(insert(Absence).values(row))
        except IntegrityError:  # a second tap was here a moment ago
            _change(participant, session_id, said)
    audit.record(participant, "absence.say", participant, meeting.key)


def withdraw(participant: Person, meeting: OwnMeeting, now: datetime) -> None:
    """Note that `participant` comes after all. Their place was never gone, even if a seat was given in the meantime."""
    theirs = (Absence.session_id == meeting.id, Absence.participant_id == participant.id)
    taken_back = update(Absence).where(*theirs, Absence.withdrawn_at.is_(None)).values(withdrawn_at=now)
    if write(taken_back):
        audit.record(participant, "absence.withdraw", participant, meeting.key)


def reason_of(participant: Person, meeting: OwnMeeting) -> str:
    """The words of `participant` with an absence that stands; "" without one, and without words."""
    stands = _standing(participant, meeting.key)
    return _opened(stands) if stands else ""


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
    return {row.participant_id: _opened(row) for row in rows}


def _opened(row: Any) -> str:
    """The reason in a row that also has the columns it is sealed by."""
    return seal.open(Absence.reason, row.reason, row.session_id, row.participant_id) if row.reason else ""


def _standing(participant: Person, key: str) -> Any:
    """The absence that `participant` said and did not take back, as a row; None without one."""
    return db.session.execute(
        select(Absence.session_id, Absence.participant_id, Absence.reason, Absence.said_at)
        .join(Session, Session.id == Absence.session_id)
        .where(Session.key == key, Absence.participant_id == participant.id, Absence.withdrawn_at.is_(None))
    ).first()


def _change(participant: Person, session_id: int, said: dict[str, Any]) -> bool:
    theirs = (Absence.session_id == session_id, Absence.participant_id == participant.id)
    return write(update(Absence).where(*theirs).values(said)) == 1
