"""A session as one value, whoever looks at it: its time, its place, who leads it, and what was changed in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from portal import clock, words
from portal.db import db, reader
from portal.people.models import Account
from portal.schedule.models import SessionChange, Track
from portal.schedule.places import sessions

DOORS_OPEN = timedelta(minutes=10)  # before a session, its video room can be joined
BRIEF_OPENS = timedelta(hours=1)  # before a session, who leads it can read about those who come
LONGEST = timedelta(minutes=720)

accounts, acts = Account.__table__, SessionChange.__table__


@dataclass(frozen=True, slots=True)
class Time:
    """The time of a session: it begins at the instant `start`, was agreed on the clock of `zone`, and has `minutes`.

    `day` is the day on that clock on which it begins.
    """

    start: datetime
    zone: str
    minutes: int
    day: date

    @classmethod
    def at(cls, start: datetime, zone: str, minutes: int) -> "Time":
        """The time of a session of `zone` that begins at `start`."""
        return cls(start, zone, minutes, clock.day_of(start, zone))

    @property
    def end(self) -> datetime:
        """The instant at which it is over."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def local_start(self) -> datetime:
        """The start on its own clock, aware."""
        return clock.local(self.start, self.zone)

    @property
    def local_end(self) -> datetime:
        """The end on its own clock, aware."""
        return clock.local(self.end, self.zone)

    def overlaps(self, other: "Time") -> bool:
        """Whether nobody can be at both."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a session: a `room`, the address of its `video` room, both, or neither yet."""

    room: str
    video: str

    @property
    def words(self) -> str:
        """ "Room 204, or by video", "by video"; "" when neither is known."""
        if self.room and self.video:
            return f"{self.room}, or by video"
        return self.room or ("by video" if self.video else "")


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session. `material` and `worksheet` are the slugs of what its topic brings, or empty."""

    id: int
    key: str
    kind: str
    status: str
    title: str
    leader: str
    leader_id: int
    topic: str
    material: str
    worksheet: str
    bring: str
    note: str
    time: Time
    place: Place

    @property
    def is_cancelled(self) -> bool:
        return self.status == "cancelled"

    @property
    def doors_at(self) -> datetime:
        """The instant at which its video room opens."""
        return self.time.start - DOORS_OPEN

    def can_join(self, now: datetime) -> bool:
        """Whether the video room is open: from ten minutes before the session to its end."""
        is_open = self.doors_at <= now < self.time.end
        return is_open and self.place.video.startswith("https://") and not self.is_cancelled

    @property
    def brief_opens_at(self) -> datetime:
        """The instant from which who leads it can read about those who come."""
        return self.time.start - BRIEF_OPENS

    def has_brief(self, now: datetime) -> bool:
        """Whether who leads it can read about those who come: from an hour before it to the end of its day."""
        closes_at = clock.start_of(self.time.day + timedelta(days=1), self.time.zone)
        return self.brief_opens_at <= now < closes_at and not self.is_cancelled


@dataclass(frozen=True, slots=True)
class TrackMeeting(Meeting):
    """A meeting with what its track says of it; all of that is None for one that belongs to no track.

    `track` is the title of the track, `occurrence` the wall time that its rule gave the session. The track does not
    meet on the ISO days that it `skips`; with `skips_holidays` it does not on days the program is closed.
    """

    track: str | None
    occurrence: datetime | None
    skips: list[str] | None
    skips_holidays: bool | None


@dataclass(frozen=True, slots=True)
class SessionLink:
    """The little that a line needs to name a session and lead to it."""

    key: str
    title: str
    time: Time


@dataclass(frozen=True, slots=True)
class MeetingChange:
    """A change of one session: a move from `old` to `new`, a cancellation, or what `was` and `becomes` in words.

    It belongs to the act `key`, made by `by`; `by_program` unless a participant made it. `zone` and `minutes` are those
    that the session has now. `seen` is when the participant who reads it said that they saw it.
    """

    key: str
    kind: str
    zone: str
    minutes: int
    old_at: datetime
    new_at: datetime | None
    was: str | None
    becomes: str | None
    reason: str
    at: datetime
    by: str
    by_program: bool
    seen: datetime | None = None

    @property
    def old(self) -> Time:
        """The time that it had, or would have had."""
        return Time.at(self.old_at, self.zone, self.minutes)

    @property
    def new(self) -> Time | None:
        """The time that a move gave it."""
        return Time.at(self.new_at, self.zone, self.minutes) if self.new_at else None

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return words.closed(self.reason)


def time_columns(table: Any, within: str = "") -> Sequence[ColumnElement[Any]]:
    """The columns that a Time is read from, of sessions or an alias of theirs."""
    columns = {"start": "starts_at", "zone": "zone", "minutes": "minutes", "day": "local_day"}
    return [table.c[name].label(f"{within}time.{label}") for label, name in columns.items()]


def meeting_columns(within: str = "") -> Sequence[ColumnElement[Any]]:
    """The columns that a Meeting is read from, of sessions joined with the accounts of those who lead them."""
    alike = ("id", "key", "kind", "status", "title", "topic", "material", "worksheet", "bring", "note")
    columns = {
        **{name: sessions.c[name] for name in alike},
        "leader": accounts.c.name,
        "leader_id": sessions.c.facilitator_id,
        "place.room": sessions.c.room,
        "place.video": sessions.c.video_url,
    }
    return [*(column.label(within + name) for name, column in columns.items()), *time_columns(sessions, within)]


_TRACK_MEETINGS = (
    select(*meeting_columns(), Track.title.label("track"), sessions.c.occurrence, Track.skips, Track.skips_holidays)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .outerjoin(Track, Track.id == sessions.c.track_id)
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_track_meeting = reader(TrackMeeting, _TRACK_MEETINGS)


def track_meetings(*which: ColumnElement[bool]) -> list[TrackMeeting]:
    """The sessions that fulfil these conditions, by time, each with what its track says of it."""
    return [_track_meeting(row) for row in db.session.execute(_TRACK_MEETINGS.where(*which))]


def change_columns(changers: Any, within: str = "") -> Sequence[ColumnElement[Any]]:
    """The columns that a MeetingChange is read from, of sessions joined with `acts` and with those who acted."""
    columns = {
        **{name: acts.c[name] for name in ("key", "kind", "old_at", "new_at", "was", "becomes", "reason", "at")},
        "zone": sessions.c.zone,
        "minutes": sessions.c.minutes,
        "by": changers.c.name,
        "by_program": changers.c.role != "participant",
    }
    return [column.label(within + name) for name, column in columns.items()]


def link_columns(table: Any, within: str) -> Sequence[ColumnElement[Any]]:
    """The columns that a SessionLink is read from, of sessions or an alias of theirs."""
    columns = [table.c[name].label(within + name) for name in ("key", "title")]
    return [*columns, *time_columns(table, within)]
