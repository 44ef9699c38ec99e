"""Sessions as staff see them: who leads what, the program's week, and how many belong to each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule.models import Track
from portal.schedule.places import absences, attendances, enrolled, enrolments, seats, sessions

accounts, tracks = Account.__table__, Track.__table__


def where_in_words(room: str, video_url: str) -> str:
    """ "Room 204, or by video", "by video"; "" when neither is known."""
    if room and video_url:
        return f"{room}, or by video"
    return room or ("by video" if video_url else "")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as staff see it: `expected` people belong to it, attendance is taken for `taken` of them, and
    `absent` of them have said that they cannot come.

    `capacity` is how many seats its track has, and `people` names those who come where it is not a group, on pages
    that show it.
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
    has_both = exists().where(enrolments.c.participant_id == seats.c.participant_id, enrolled())
    in_track = (
        select(func.count(enrolments.c.participant_id.distinct()))
        .where(enrolled())
        .correlate(sessions)
        .scalar_subquery()
    )
    seated = (
        select(func.count())
        .select_from(seats)
        .where(
            seats.c.session_id == sessions.c.id,
            ~has_both.correlate(sessions, seats),
        )
        .correlate(sessions)
        .scalar_subquery()
    )
    taken = (
        select(func.count(attendances.c.participant_id.distinct()))
        .where(attendances.c.session_id == sessions.c.id)
        .correlate(sessions)
        .scalar_subquery()
    )
    absent = (
        select(func.count())
        .select_from(absences)
        .where(absences.c.session_id == sessions.c.id, absences.c.withdrawn_at.is_(None))
        .correlate(sessions)
        .scalar_subquery()
    )
    return (
        select(
            sessions.c.id,
            sessions.c.key,
            sessions.c.kind,
            sessions.c.title,
            accounts.c.name,
            accounts.c.key,
            tracks.c.key,
            sessions.c.room,
            sessions.c.video_url,
            sessions.c.bring,
            sessions.c.topic,
            sessions.c.note,
            sessions.c.wall_at,
            sessions.c.zone,
            sessions.c.minutes,
            sessions.c.starts_at,
            sessions.c.local_day,
            sessions.c.status,
            in_track + seated,
            taken,
            absent,
            tracks.c.capacity,
        )
        .select_from(sessions)
        .join(accounts, accounts.c.id == sessions.c.facilitator_id)
        .outerjoin(tracks, tracks.c.id == sessions.c.track_id)
        .order_by(sessions.c.starts_at, sessions.c.title, sessions.c.id)
    )


_SESSIONS = _sessions()  # built once: what is asked never changes, only which


def led_by(therapist: Person, start: datetime, end: datetime) -> list[SessionRow]:
    """What `therapist` leads from `start` to before `end`, by time; with names where it is not a group."""
    mine = (sessions.c.facilitator_id == therapist.id, sessions.c.starts_at >= start, sessions.c.starts_at < end)
    return _named(*mine)


def week_of_program(coordinator: Person, start: datetime, end: datetime, *, named: bool = False) -> list[SessionRow]:
    """Every session from `start` to before `end`, by time: what a coordinator sees.

    `named` has the names of those who come where it is not a group.
    """
    if coordinator.role != "coordinator":
        raise NotFound
    within = (sessions.c.starts_at >= start, sessions.c.starts_at < end)
    if named:
        return _named(*within)
    return [SessionRow(*row) for row in db.session.execute(_SESSIONS.where(*within))]


def _named(*which: ColumnElement[bool]) -> list[SessionRow]:
    """The sessions that `which` picks, with names where it is not a group."""
    seated = db.session.execute(
        select(seats.c.session_id, accounts.c.name)
        .select_from(seats)
        .join(sessions, sessions.c.id == seats.c.session_id)
        .join(accounts, accounts.c.id == seats.c.participant_id)
        .where(*which, sessions.c.kind != "group")
        .order_by(accounts.c.name)
    )
    people: dict[int, tuple[str, ...]] = {}
    for session_id, name in seated:
        people[session_id] = (*people.get(session_id, ()), name)
    return [SessionRow(*(*row, people.get(row.id, ()))) for row in db.session.execute(_SESSIONS.where(*which))]


def session_for(staff: Person, key: str) -> SessionRow:
    """The session called `key`, for a coordinator or who leads it; raises NotFound for all others."""
    query = _SESSIONS.where(sessions.c.key == key)
    if staff.role != "coordinator":
        query = query.where(sessions.c.facilitator_id == staff.id)
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound
    return SessionRow(*row)
