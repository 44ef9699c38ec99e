"""The schedule: when a participant meets whom, what was moved or cancelled, and whether they came."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule.models import SessionChange
from portal.schedule.places import attendances, latest_attendance, places_of, sessions
from portal.schedule.staff import (
    RosterRow,
    SessionRow,
    cancel,
    led_by,
    move,
    roster,
    session_for,
    take_attendance,
    week_of_program,
    where_in_words,
)

__all__ = [
    "Change",
    "MeetingRow",
    "RosterRow",
    "SessionRow",
    "cancel",
    "led_by",
    "meetings",
    "move",
    "next_meetings",
    "roster",
    "session_for",
    "take_attendance",
    "week_of_program",
]

DOORS_OPEN = timedelta(minutes=10)  # before a session, its video room can be joined
LONGEST = timedelta(minutes=720)
LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Change:
    """A move from `old_at` to `new_at`, or a cancellation; `by_program` unless a participant made it."""

    kind: str
    old_at: datetime
    new_at: datetime | None
    reason: str
    by_program: bool


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One session as one participant sees it: their attendance in its latest version, all changes in order.

    `wall_at` is naive in `zone`, the clock it was agreed on; `attended` is the minutes entered for someone
    who came late or left early.
    """

    key: str
    kind: str
    title: str
    facilitator: str
    room: str
    video_url: str
    bring: str
    wall_at: datetime
    zone: str
    minutes: int
    starts_at: datetime
    local_day: date
    status: str
    attendance: str | None
    attended: int | None
    changes: tuple[Change, ...] = ()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def doors_at(self) -> datetime:
        """When its video room opens."""
        return self.starts_at - DOORS_OPEN

    @property
    def wall_start(self) -> datetime:
        """When it begins on its own clock, aware."""
        return clock.local(self.starts_at, self.zone)

    @property
    def wall_end(self) -> datetime:
        return clock.local(self.ends_at, self.zone)

    @property
    def is_cancelled(self) -> bool:
        return self.status == "cancelled"

    @property
    def moves(self) -> list[Change]:
        """The moves, oldest first: each `old_at` is a place where the session no longer is."""
        return [change for change in self.changes if change.kind == "moved"]

    @property
    def change(self) -> Change | None:
        """The latest change."""
        return self.changes[-1] if self.changes else None

    @property
    def where(self) -> str:
        return where_in_words(self.room, self.video_url)

    def can_join(self, now: datetime) -> bool:
        """Whether the video room is open: from ten minutes before the session to its end."""
        return self.video_url.startswith("https://") and not self.is_cancelled and self.doors_at <= now < self.ends_at


accounts, changes = Account.__table__, SessionChange.__table__
_MEETING = (
    sessions.c.key,
    sessions.c.kind,
    sessions.c.title,
    accounts.c.name,
    sessions.c.room,
    sessions.c.video_url,
    sessions.c.bring,
    sessions.c.wall_at,
    sessions.c.zone,
    sessions.c.minutes,
    sessions.c.starts_at,
    sessions.c.local_day,
    sessions.c.status,
)


def _meetings(places: Any) -> Select:
    """The meetings of `places`, one row for each change of each, in order of person, time and change."""
    changer = accounts.alias()
    return (
        select(
            places.c.participant_id,
            *_MEETING,
            attendances.c.status,
            attendances.c.minutes,
            changes.c.kind,
            changes.c.old_at,
            changes.c.new_at,
            changes.c.reason,
            changer.c.role != "participant",
        )
        .select_from(places)
        .join(sessions, sessions.c.id == places.c.session_id)
        .join(accounts, accounts.c.id == sessions.c.facilitator_id)
        .outerjoin(attendances, latest_attendance(places))
        .outerjoin(changes, changes.c.session_id == sessions.c.id)
        .outerjoin(changer, changer.c.id == changes.c.by_id)
        .order_by(places.c.participant_id, sessions.c.starts_at, sessions.c.id, changes.c.id)
    )


def _read(rows: Iterable[Any]) -> list[tuple[int, MeetingRow]]:
    """Rows of `_meetings` as (participant_id, meeting), the changes of one meeting gathered in it."""
    read: list[tuple[int, MeetingRow]] = []
    for participant_id, *columns in rows:
        facts, change = columns[:-5], columns[-5:]
        told = (Change(*change),) if change[0] else ()
        if read and read[-1][0] == participant_id and read[-1][1].key == facts[0]:
            meeting = read[-1][1]
            read[-1] = (participant_id, replace(meeting, changes=meeting.changes + told))
        else:
            read.append((participant_id, MeetingRow(*(*facts, told))))
    return read


def _within(column: Any) -> ColumnElement[bool]:
    return and_(column >= bindparam("start"), column < bindparam("end"))


def _mine(participant_id: Any) -> ColumnElement[bool]:
    return participant_id == bindparam("me")


def _theirs(participant_id: Any) -> ColumnElement[bool]:
    return participant_id.in_(bindparam("people", expanding=True))


# Built once: what is asked never changes, only about whom and when.
_OF_ONE = _meetings(
    union(
        *places_of(
            _mine,
            or_(
                _within(sessions.c.starts_at),
                exists().where(
                    changes.c.session_id == sessions.c.id,
                    changes.c.kind == "moved",
                    _within(changes.c.old_at),
                ),
            ),
        )
    ).subquery()
)


def meetings(participant: Person, start: datetime, end: datetime) -> list[MeetingRow]:
    """The sessions of `participant` that begin from `start` to before `end`, by time; cancelled ones too.

    One that was moved out of this span is among them, so that its old place can point to the new one.
    """
    rows = db.session.execute(_OF_ONE, {"me": participant.id, "start": start, "end": end})
    return [meeting for _, meeting in _read(rows)]


def _next_places() -> Select:
    """Of each of the people, the first place still to begin, and those that may be going on."""
    among = union(*places_of(_theirs, sessions.c.status != "cancelled", _within(sessions.c.starts_at))).subquery()
    begun = sessions.c.starts_at <= bindparam("now")
    ranked = (
        select(
            among,
            begun.label("begun"),
            func.row_number()
            .over(partition_by=(among.c.participant_id, begun), order_by=(sessions.c.starts_at, sessions.c.id))
            .label("rank"),
        )
        .join(sessions, sessions.c.id == among.c.session_id)
        .subquery()
    )
    return select(ranked.c.participant_id, ranked.c.session_id).where(or_(ranked.c.begun, ranked.c.rank == 1))


_NEXT = _meetings(_next_places().subquery())


def next_meetings(participant_ids: Collection[int], now: datetime) -> dict[int, MeetingRow]:
    """What each of these people is in now or comes to next within 14 days; those without are left out."""
    rows = db.session.execute(
        _NEXT,
        {"people": list(participant_ids), "now": now, "start": now - LONGEST, "end": now + LOOK_AHEAD},
    )
    coming: dict[int, MeetingRow] = {}
    for participant_id, meeting in _read(rows):
        if meeting.ends_at > now:
            coming.setdefault(participant_id, meeting)
    return coming
