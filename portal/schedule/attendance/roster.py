"""The roster of a session: who came, what is still to take, and a record in which a correction replaces nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, and_, bindparam, exists, insert, select, union, update
from sqlalchemy.orm import aliased

from portal import audit
from portal.db import db, reader, write
from portal.fields import Refused
from portal.people import Person
from portal.people.models import Account
from portal.schedule.models import ATTENDANCE, Attendance, Seat, Session, TrackEnrollment
from portal.schedule.places import absences_of, enrolled, has_left, latest_attendance
from portal.schedule.staff_meetings import StaffMeeting, led_by

TIMED = ("late", "left_early")
LOOK_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """Somebody who belongs to a session, with their latest attendance there; None before it is taken.

    `absent` says that they told beforehand that they cannot come, `visits` that they make up another group's session.
    Where the attendance was corrected, `was` and `was_minutes` are the version before, and `changed_by` and
    `changed_at` say who made the latest, and when.
    """

    id: int
    key: str
    name: str
    status: str | None
    minutes: int | None
    absent: bool
    visits: bool
    was: str | None = None
    was_minutes: int | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing was said yet, by them or about them: who came with everyone else."""
        return self.status is None and not self.absent

    @property
    def was_in_words(self) -> str:
        """The version before: "missed", "came late, 100 minutes"; "" where nothing was corrected."""
        return _in_words(self.was, self.was_minutes)

    @property
    def is_in_words(self) -> str:
        """The same of the latest; "" before attendance is taken."""
        return _in_words(self.status, self.minutes)


def _in_words(status: str | None, minutes: int | None) -> str:
    if not status:
        return ""
    return ATTENDANCE[status].lower() + ("" if minutes is None else f", {minutes} minutes")


_here: BindParameter[int] = bindparam("session")
PLACES = union(  # through its track, by a seat, or by attendance once taken
    select(TrackEnrollment.participant_id, Session.id.label("session_id"))
    .join(Session, enrolled())
    .where(Session.id == _here, ~has_left(TrackEnrollment.participant_id)),
    select(Seat.participant_id, Seat.session_id)
    .join(Session, Session.id == Seat.session_id)
    .where(Session.id == _here, ~has_left(Seat.participant_id)),
    select(Attendance.participant_id, Attendance.session_id).where(Attendance.session_id == _here),
).subquery()
IS_ABSENT = exists().where(absences_of(PLACES))
_before, _changer = aliased(Attendance), aliased(Account)
VISITS = exists().where(
    Seat.session_id == PLACES.c.session_id,
    Seat.participant_id == PLACES.c.participant_id,
    Seat.instead_of_id.is_not(None),
)
_corrected = and_(
    _before.session_id == Attendance.session_id,
    _before.participant_id == Attendance.participant_id,
    _before.version == Attendance.version - 1,
)
_ROSTER = (
    select(
        Account.id,
        Account.key,
        Account.name,
        Attendance.status,
        Attendance.minutes,
        IS_ABSENT.label("absent"),
        VISITS.label("visits"),
        _before.status.label("was"),
        _before.minutes.label("was_minutes"),
        _changer.name.label("changed_by"),
        Attendance.at.label("changed_at"),
    )
    .select_from(PLACES)
    .join(Account, Account.id == PLACES.c.participant_id)
    .outerjoin(Attendance, latest_attendance(PLACES))
    .outerjoin(_before, _corrected)
    .outerjoin(_changer, _changer.id == Attendance.by_id)
    .order_by(Account.name, Account.id)
)
_row = reader(RosterRow, _ROSTER)


def read_roster(session: StaffMeeting) -> list[RosterRow]:
    """Everyone who belongs to `session`, by name."""
    return [_row(row) for row in db.session.execute(_ROSTER, {"session": session.id})]


def still_to_take(therapist: Person, shown_from: datetime, shown_to: datetime, now: datetime) -> list[StaffMeeting]:
    """The sessions that `therapist` led in the last 14 days, and has not said of everyone who came, by time.

    Without what begins from `shown_from` to before `shown_to`, which the page shows anyway.
    """
    return [
        session
        for session in led_by(therapist, now - LOOK_BACK, now)
        if session.is_to_take(now) and not shown_from <= session.time.start < shown_to
    ]


def left_in_words(people: Sequence[RosterRow]) -> str:
    """A count of those not marked yet: "2 left to mark: they said they can't come."; "" when everyone is."""
    left = [person for person in people if person.status is None]
    absent = sum(person.absent for person in left)
    if not left:
        return ""
    if not absent:
        return f"{len(left)} left to mark."
    if absent == len(left):
        return f"{len(left)} left to mark: they said they can't come."
    return f"{len(left)} left to mark, {absent} of them said they can't come."


def take_attendance(
    session: StaffMeeting, person: RosterRow | Person, status: str, minutes: int | None, by: Person, now: datetime
) -> bool:
    """Say how `person` attended; a correction is a new version. True if anything new was said.

    `minutes` is how long somebody was there who came late or left early, and None for the others. Raises Refused for
    a session that was cancelled or has not begun, and for minutes that cannot be.
    """
    if status not in ATTENDANCE or (status in TIMED) != (minutes is not None):
        raise Refused(f"minutes-{person.key}", "Minutes belong to those who came late or left early.")
    if minutes is not None and not 0 <= minutes <= session.time.minutes:
        raise Refused(f"minutes-{person.key}", f"The session has {session.time.minutes} minutes.")
    # Writing first makes a second save of the same page wait for this one, and then find what it said.
    held = write(
        update(Session)
        .where(Session.id == session.id, Session.status != "cancelled", Session.starts_at <= now)
        .values(status="held")
    )
    if not held:
        raise Refused("", "Attendance can be taken once a session has begun, unless it was cancelled.")
    latest = db.session.execute(
        select(Attendance.version, Attendance.status, Attendance.minutes)
        .where(Attendance.session_id == session.id, Attendance.participant_id == person.id)
        .order_by(Attendance.version.desc())
        .limit(1)
    ).first()
    if latest and (latest.status, latest.minutes) == (status, minutes):
        return False
    version = latest.version + 1 if latest else 1
    marked = {"session_id": session.id, "participant_id": person.id, "version": version}
    db.session.execute(insert(Attendance).values(**marked, status=status, minutes=minutes, by_id=by.id, at=now))
    audit.record(by, "attendance.take" if version == 1 else "attendance.correct", person, session.key)
    return True
