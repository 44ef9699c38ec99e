"""Sessions as staff see them: who leads what, who belongs to it, what changes it, and who came."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, func, insert, select, union, update
from werkzeug.exceptions import NotFound

from portal import audit, clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule.models import ATTENDANCE, Attendance, Seat, Session, Track, TrackEnrolment
from portal.schedule.places import absences_of, enrolled, latest_attendance
from portal.schedule.seats.models import Absence

TIMED = ("late", "left_early")


def where_in_words(room: str, video_url: str) -> str:
    """ "Room 204, or by video", "by video"; "" when neither is known."""
    if room and video_url:
        return f"{room}, or by video"
    return room or ("by video" if video_url else "")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as staff see it: `expected` people belong to it, attendance is taken for `taken` of them, and
    `absent` of them have said that they cannot come.

    `people` names them where it is not a group, for the therapist who leads it.
    """

    id: int
    key: str
    kind: str
    title: str
    facilitator: str
    facilitator_key: str
    track_key: str | None
    room: str
    video_url: str
    bring: str
    topic: str
    note: str
    wall_at: datetime
    zone: str
    minutes: int
    starts_at: datetime
    local_day: date
    status: str
    expected: int
    taken: int
    absent: int
    people: tuple[str, ...] = ()

    @property
    def wall_start(self) -> datetime:
        """When it begins on its own clock, aware."""
        return clock.local(self.starts_at, self.zone)

    @property
    def wall_end(self) -> datetime:
        return clock.local(self.starts_at + timedelta(minutes=self.minutes), self.zone)

    @property
    def where(self) -> str:
        return where_in_words(self.room, self.video_url)

    def can_be_taken(self, now: datetime) -> bool:
        """Whether attendance can be taken: it has begun and was not cancelled."""
        return self.status != "cancelled" and self.starts_at <= now


@dataclass(frozen=True, slots=True)
class RosterRow:
    """Who belongs to a session, with their latest attendance there; None before it is taken.

    `absent` says that they told beforehand that they cannot come, `visits` that they make up another group's session.
    """

    id: int
    key: str
    name: str
    status: str | None
    minutes: int | None
    absent: bool
    visits: bool


def _sessions() -> Select:
    """Sessions as staff see them, by time."""
    in_track = (
        select(func.count(TrackEnrolment.participant_id.distinct()))
        .where(enrolled())
        .correlate(Session)
        .scalar_subquery()
    )
    seated = (
        select(func.count())
        .select_from(Seat)
        .where(
            Seat.session_id == Session.id,
            ~exists().where(TrackEnrolment.participant_id == Seat.participant_id, enrolled()).correlate(Session, Seat),
        )
        .correlate(Session)
        .scalar_subquery()
    )
    taken = (
        select(func.count(Attendance.participant_id.distinct()))
        .where(Attendance.session_id == Session.id)
        .correlate(Session)
        .scalar_subquery()
    )
    absent = (
        select(func.count())
        .select_from(Absence)
        .where(Absence.session_id == Session.id, Absence.withdrawn_at.is_(None))
        .correlate(Session)
        .scalar_subquery()
    )
    return (
        select(
            Session.id,
            Session.key,
            Session.kind,
            Session.title,
            Account.name,
            Account.key,
            Track.key,
            Session.room,
            Session.video_url,
            Session.bring,
            Session.topic,
            Session.note,
            Session.wall_at,
            Session.zone,
            Session.minutes,
            Session.starts_at,
            Session.local_day,
            Session.status,
            in_track + seated,
            taken,
            absent,
        )
        .join(Account, Account.id == Session.facilitator_id)
        .outerjoin(Track, Track.id == Session.track_id)
        .order_by(Session.starts_at, Session.title, Session.id)
    )


def led_by(therapist: Person, start: datetime, end: datetime) -> list[SessionRow]:
    """What `therapist` leads from `start` to before `end`, by time; with names where it is not a group."""
    mine = (Session.facilitator_id == therapist.id, Session.starts_at >= start, Session.starts_at < end)
    seated = db.session.execute(
        select(Seat.session_id, Account.name)
        .join(Session, Session.id == Seat.session_id)
        .join(Account, Account.id == Seat.participant_id)
        .where(*mine, Session.kind != "group")
        .order_by(Account.name)
    )
    people: dict[int, tuple[str, ...]] = {}
    for session_id, name in seated:
        people[session_id] = (*people.get(session_id, ()), name)
    return [SessionRow(*(*row, people.get(row.id, ()))) for row in db.session.execute(_sessions().where(*mine))]


def week_of_program(coordinator: Person, start: datetime, end: datetime) -> list[SessionRow]:
    """Every session from `start` to before `end`, by time: what a coordinator sees."""
    if coordinator.role != "coordinator":
        raise NotFound
    rows = db.session.execute(_sessions().where(Session.starts_at >= start, Session.starts_at < end))
    return [SessionRow(*row) for row in rows]


def session_for(staff: Person, key: str) -> SessionRow:
    """The session called `key`, for a coordinator or who leads it; raises NotFound for all others."""
    query = _sessions().where(Session.key == key)
    if staff.role != "coordinator":
        query = query.where(Session.facilitator_id == staff.id)
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound
    return SessionRow(*row)


def roster(session: SessionRow) -> list[RosterRow]:
    """Who belongs to `session`, by name: through its track, by a seat, or by attendance once taken."""
    places = union(
        select(TrackEnrolment.participant_id, Session.id.label("session_id"))
        .join(Session, enrolled())
        .where(Session.id == session.id),
        select(Seat.participant_id, Seat.session_id).where(Seat.session_id == session.id),
        select(Attendance.participant_id, Attendance.session_id).where(Attendance.session_id == session.id),
    ).subquery()
    rows = db.session.execute(
        select(
            Account.id,
            Account.key,
            Account.name,
            Attendance.status,
            Attendance.minutes,
            exists().where(absences_of(places)),
            exists().where(
                Seat.session_id == places.c.session_id,
                Seat.participant_id == places.c.participant_id,
                Seat.instead_of_id.is_not(None),
            ),
        )
        .select_from(places)
        .join(Account, Account.id == places.c.participant_id)
        .outerjoin(Attendance, latest_attendance(places))
        .order_by(Account.name, Account.id)
    )
    return [RosterRow(*row) for row in rows]


def take_attendance(
    session: SessionRow,
    participant: RosterRow | Person,
    status: str,
    minutes: int | None,
    by: Person,
    now: datetime,
) -> bool:
    """Say how `participant` attended; a correction is a new version. True if anything new was said.

    `minutes` is how long someone was there who came late or left early, and None for the others. Raises
    ValueError for a session that was cancelled or has not begun, and for minutes that cannot be.
    """
    if status not in ATTENDANCE or (status in TIMED) != (minutes is not None):
        raise ValueError("Minutes belong to those who came late or left early.")
    if minutes is not None and not 0 <= minutes <= session.minutes:
        raise ValueError(f"The session has {session.minutes} minutes.")
    # Writing first makes a second save of the same page wait for this one, and then find what it said.
    held = db.session.execute(
        update(Session)
        .where(Session.id == session.id, Session.status != "cancelled", Session.starts_at <= now)
        .values(status="held")
    )
    if not held.rowcount:  # type: ignore[attr-defined]
        raise ValueError("Attendance can be taken once a session has begun, unless it was cancelled.")
    latest = db.session.execute(
        select(Attendance.version, Attendance.status, Attendance.minutes)
        .where(Attendance.session_id == session.id, Attendance.participant_id == participant.id)
        .order_by(Attendance.version.desc())
        .limit(1)
    ).first()
    if latest and (latest.status, latest.minutes) == (status, minutes):
        return False
    version = latest.version + 1 if latest else 1
    db.session.execute(
        insert(Attendance).values(
            session_id=session.id,
            participant_id=participant.id,
            version=version,
            status=status,
            minutes=minutes,
            by_id=by.id,
            at=now,
        )
    )
    audit.record(by, "attendance.take" if version == 1 else "attendance.correct", participant, session.key)
    return True
