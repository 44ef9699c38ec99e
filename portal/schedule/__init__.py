"""The schedule: when a participant meets whom, what was moved or cancelled, and whether they came."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.schedule import phrases
from portal.schedule.attendance import RosterRow, roster, still_to_take, take_attendance
from portal.schedule.changes import cancel, describe, move, place, restore, see, substitute, unseen
from portal.schedule.models import ChangeSeen, SessionChange
from portal.schedule.places import absences, absences_of, attendances, latest_attendance, places_of, sessions
from portal.schedule.staff import SessionRow, led_by, session_for, week_of_program, where_in_words

__all__ = [
    "Change",
    "MeetingRow",
    "RosterRow",
    "SessionRow",
    "cancel",
    "describe",
    "led_by",
    "meeting_called",
    "meetings",
    "meetings_of",
    "move",
    "next_meetings",
    "place",
    "restore",
    "roster",
    "see",
    "session_for",
    "still_to_take",
    "substitute",
    "take_attendance",
    "unseen",
    "week_of_program",
]

DOORS_OPEN = timedelta(minutes=10)  # before a session, its video room can be joined
LONGEST = timedelta(minutes=720)
LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Change:
    """A move from `old_at` to `new_at`, a cancellation, or what `was` and `becomes` in words.

    It belongs to the act `key`, made by `by`; `by_program` unless a participant made it. `seen` is when its
    participant said that they saw it.
    """

    key: str
    kind: str
    old_at: datetime
    new_at: datetime | None
    was: str | None
    becomes: str | None
    reason: str
    at: datetime
    by: str
    by_program: bool
    seen: datetime | None

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return phrases.closed(self.reason)


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One session as one participant sees it: their attendance in its latest version, all changes in order.

    `wall_at` is naive in `zone`, the clock it was agreed on; `attended` is the minutes entered for someone
    who came late or left early. `absent` is when they said that they cannot come, while that stands. `material` and
    `worksheet` are the slugs of what its topic brings, or empty.
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
    topic: str
    material: str
    worksheet: str
    note: str
    attendance: str | None
    attended: int | None
    absent: datetime | None
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
    def cancellation(self) -> Change | None:
        """Why it does not take place."""
        return next((c for c in reversed(self.changes) if c.kind == "cancelled"), None) if self.is_cancelled else None

    @property
    def to_see(self) -> Change | None:
        """The latest change, if its participant has not said yet that they saw it."""
        return self.change if self.change and self.change.seen is None else None

    @property
    def where(self) -> str:
        return where_in_words(self.room, self.video_url)

    def can_join(self, now: datetime) -> bool:
        """Whether the video room is open: from ten minutes before the session to its end."""
        return self.video_url.startswith("https://") and not self.is_cancelled and self.doors_at <= now < self.ends_at


accounts, acts, sightings = Account.__table__, SessionChange.__table__, ChangeSeen.__table__
_TOLD = 11  # columns of a Change
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
    sessions.c.topic,
    sessions.c.material,
    sessions.c.worksheet,
    sessions.c.note,
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
            absences.c.said_at,
            acts.c.key,
            acts.c.kind,
            acts.c.old_at,
            acts.c.new_at,
            acts.c.was,
            acts.c.becomes,
            acts.c.reason,
            acts.c.at,
            changer.c.name,
            changer.c.role != "participant",
            sightings.c.at,
        )
        .select_from(places)
        .join(sessions, sessions.c.id == places.c.session_id)
        .join(accounts, accounts.c.id == sessions.c.facilitator_id)
        .outerjoin(attendances, latest_attendance(places))
        .outerjoin(absences, absences_of(places))
        .outerjoin(acts, acts.c.session_id == sessions.c.id)
        .outerjoin(changer, changer.c.id == acts.c.by_id)
        .outerjoin(
            sightings,
            and_(sightings.c.change_key == acts.c.key, sightings.c.participant_id == places.c.participant_id),
        )
        .order_by(places.c.participant_id, sessions.c.starts_at, sessions.c.id, acts.c.id)
    )


def _read(rows: Iterable[Any]) -> list[tuple[int, MeetingRow]]:
    """Rows of `_meetings` as (participant_id, meeting), the changes of one meeting gathered in it."""
    read: list[tuple[int, MeetingRow]] = []
    for participant_id, *columns in rows:
        facts, change = columns[:-_TOLD], columns[-_TOLD:]
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


def _meetings_within(who: Callable[[Any], ColumnElement[bool]]) -> Select:
    """The meetings of those whom `who` picks that begin within the span, or did until they were moved."""
    moved_away = exists().where(acts.c.session_id == sessions.c.id, acts.c.kind == "moved", _within(acts.c.old_at))
    return _meetings(union(*places_of(who, or_(_within(sessions.c.starts_at), moved_away))).subquery())


# Built once: what is asked never changes, only about whom and when.
_OF_ONE, _OF_MANY = _meetings_within(_mine), _meetings_within(_theirs)


_CALLED = _meetings(union(*places_of(_mine, sessions.c.key == bindparam("key"))).subquery())


def meeting_called(participant: Person, key: str) -> MeetingRow:
    """The session called `key`, if `participant` has a place in it; raises NotFound for any other."""
    read = _read(db.session.execute(_CALLED, {"me": participant.id, "key": key}))
    if not read:
        raise NotFound
    return read[0][1]


def meetings(participant: Person, start: datetime, end: datetime) -> list[MeetingRow]:
    """The sessions of `participant` that begin from `start` to before `end`, by time; cancelled ones too.

    One that was moved out of this span is among them, so that its old place can point to the new one.
    """
    rows = db.session.execute(_OF_ONE, {"me": participant.id, "start": start, "end": end})
    return [meeting for _, meeting in _read(rows)]


def meetings_of(participant_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[MeetingRow]]:
    """`meetings` of each of these people, by their ids, in one read; [] for those who have none."""
    rows = db.session.execute(_OF_MANY, {"people": list(participant_ids), "start": start, "end": end})
    found: dict[int, list[MeetingRow]] = {participant_id: [] for participant_id in participant_ids}
    for participant_id, meeting in _read(rows):
        found[participant_id].append(meeting)
    return found


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
