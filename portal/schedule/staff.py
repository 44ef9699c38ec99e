"""Sessions as staff see them: who leads what, the program's week, and how many belong to each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, func, select
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule.models import Attendance, Seat, Session, Track, TrackEnrolment
from portal.schedule.places import enrolled
from portal.schedule.seats.models import Absence


def where_in_words(room: str, video_url: str) -> str:
    """ "Room 204, or by video", "by video"; "" when neither is known."""
    if room and video_url:
        return f"{room}, or by video"
    return room or ("by video" if video_url else "")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as staff see it: `expected` people belong to it, attendance is taken for `taken` of them, and
    `absent` of them have said that they cannot come.

    `capacity` is how many seats its track has, and `people` names those who come where it is not a group, for the
    therapist who leads it.
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
    capacity: int | None
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

    def is_to_take(self, now: datetime) -> bool:
        """Whether attendance can be taken, and is not yet for somebody who belongs to it."""
        return self.can_be_taken(now) and self.taken < self.expected


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
            Track.capacity,
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
