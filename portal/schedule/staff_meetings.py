"""Sessions as staff see them: who leads what, the program's week, and how many belong to each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select, true
from werkzeug.exceptions import NotFound

from portal.db import db, read, reader
from portal.people import Person, coordinators_only
from portal.schedule.meetings import LONGEST, Meeting, accounts, meeting_columns
from portal.schedule.models import ATTENDED, Track
from portal.schedule.places import absences, attendances, number_expected, number_per_session, seats, sessions

tracks = Track.__table__


@dataclass(frozen=True, slots=True)
class StaffMeeting(Meeting):
    """A meeting as staff have it: `expected` people belong to it, attendance is taken for `taken` of them, `came` of
    those were there, and `absent` have said that they cannot come.

    `capacity` is how many seats its track has, and `names` those of the people who come where it is not a group, one
    a line.
    """

    leader_key: str
    track_key: str | None
    track: str | None
    capacity: int | None
    expected: int
    taken: int
    came: int
    absent: int
    names: str | None

    @property
    def people(self) -> list[str]:
        """The names of those who come, where it is not a group."""
        return sorted(self.names.split("\n")) if self.names else []

    def can_be_taken(self, now: datetime) -> bool:
        """Whether attendance can be taken: it has begun and was not cancelled."""
        return not self.is_cancelled and self.time.start <= now

    def is_to_take(self, now: datetime) -> bool:
        """Whether attendance can be taken, and is not yet for somebody who belongs to it."""
        return self.can_be_taken(now) and self.taken < self.expected


_taken = select(func.count(attendances.c.participant_id.distinct())).where(attendances.c.session_id == sessions.c.id)
_newer = attendances.alias()
_came = select(func.count()).where(
    attendances.c.session_id == sessions.c.id,
    attendances.c.status.in_(ATTENDED),
    ~exists().where(
        _newer.c.session_id == attendances.c.session_id,
        _newer.c.participant_id == attendances.c.participant_id,
        _newer.c.version > attendances.c.version,
    ),
)
_absent = select(func.count(absences.c.participant_id)).where(
    absences.c.session_id == sessions.c.id, absences.c.withdrawn_at.is_(None)
)
_comes = accounts.alias()
_names = (
    select(func.aggregate_strings(_comes.c.name, "\n"))
    .select_from(seats)
    .join(_comes, _comes.c.id == seats.c.participant_id)
    .where(seats.c.session_id == sessions.c.id, sessions.c.kind != "group")
)
SESSIONS = (
    select(
        *meeting_columns(),
        accounts.c.key.label("leader_key"),
        tracks.c.key.label("track_key"),
        tracks.c.title.label("track"),
        tracks.c.capacity,
        number_expected().label("expected"),
        number_per_session(_taken).label("taken"),
        number_per_session(_came).label("came"),
        number_per_session(_absent).label("absent"),
        _names.correlate(sessions).scalar_subquery().label("names"),
    )
    .select_from(sessions)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .outerjoin(tracks, tracks.c.id == sessions.c.track_id)
    .order_by(sessions.c.starts_at, sessions.c.title, sessions.c.id)
)
_WITHIN = SESSIONS.where(sessions.c.starts_at >= bindparam("start"), sessions.c.starts_at < bindparam("end"))
_LED = _WITHIN.where(sessions.c.facilitator_id == bindparam("me"))
_meeting = reader(StaffMeeting, SESSIONS)


def led_by(therapist: Person, start: datetime, end: datetime) -> list[StaffMeeting]:
    """The sessions that `therapist` leads from `start` to before `end`, by time."""
    rows = db.session.execute(_LED, {"me": therapist.id, "start": start, "end": end})
    return [_meeting(row) for row in rows]


_AHEAD = (
    select(*meeting_columns())
    .select_from(sessions)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .where(
        sessions.c.facilitator_id.in_(bindparam("leaders", expanding=True)),
        sessions.c.status != "cancelled",
        sessions.c.starts_at > bindparam("start"),
        sessions.c.starts_at < bindparam("end"),
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_ahead = reader(Meeting, _AHEAD)


def next_by_leader(
    coordinator: Person, leader_ids: Collection[int], now: datetime, until: datetime
) -> dict[int, Meeting]:
    """The session that each of these leads now or, before `until`, next; without those who lead none."""
    coordinators_only(coordinator)
    rows = read(_AHEAD, leaders=list(leader_ids), start=now - LONGEST, end=until) if leader_ids else []
    ahead = [meeting for meeting in map(_ahead, rows) if meeting.time.end > now]
    return {meeting.leader_id: meeting for meeting in reversed(ahead)}


def of_program(coordinator: Person, start: datetime, end: datetime) -> list[StaffMeeting]:
    """Every session from `start` to before `end`, by time: what a coordinator sees. Raises NotFound for others."""
    coordinators_only(coordinator)
    return [_meeting(row) for row in db.session.execute(_WITHIN, {"start": start, "end": end})]


def is_called(staff: Person, key: str) -> ColumnElement[bool]:
    """A session is the one called `key`, and is a coordinator's or one that the therapist leads."""
    theirs = true() if staff.role == "coordinator" else sessions.c.facilitator_id == staff.id
    return and_(sessions.c.key == key, theirs)


def called(staff: Person, key: str) -> StaffMeeting:
    """The session called `key`, for a coordinator or who leads it; raises NotFound for all others."""
    row = db.session.execute(SESSIONS.where(is_called(staff, key))).first()
    if row is None:
        raise NotFound
    return _meeting(row)


def count_to_come(coordinator: Person, now: datetime, leader: Person | None = None) -> int:
    """Count the program's sessions that are planned and still to come; or those that `leader` leads."""
    coordinators_only(coordinator)
    to_come = sessions.c.status == "planned", sessions.c.starts_at > now
    theirs = [sessions.c.facilitator_id == leader.id] if leader else []
    return db.session.scalar(select(func.count()).select_from(sessions).where(*to_come, *theirs)) or 0
