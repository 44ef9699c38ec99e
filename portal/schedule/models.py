"""The rows of the schedule: group tracks, the sessions they become, seats, changes and attendance."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db import KEY_LENGTH, Base, Instant, Key, new_key

KINDS = {
    "group": "Group",
    "one_to_one": "One-to-one",
    "family": "Family session",
    "medication": "Medicine check",
    "assessment": "Assessment",
}
STATUSES = ("planned", "cancelled", "held")
CHANGES = ("moved", "cancelled", "restored", "led", "placed", "lasts")
ATTENDANCE = {
    "present": "Came",
    "late": "Came late",
    "left_early": "Left early",
    "excused": "Excused",
    "missed": "Missed",
}
ATTENDED = ("present", "late", "left_early")


class Track(Base):
    """A group that repeats: an RRULE in local time, materialized into sessions for 26 weeks.

    `first_at` is naive wall time in `zone`; `rule` is the RRULE without DTSTART ("FREQ=WEEKLY;BYDAY=MO,WE,FR"). Both
    are those in force: what an earlier rule made are sessions, and stay. `discreet_title` is what calendars and
    notices may show. `cover_id` leads when the facilitator cannot. `skips` holds ISO days without a session; with
    `skips_holidays` the program's holidays are such days too. `topics` are taken by the sessions in turn, each a
    {"title", "material", "worksheet"} of which the last two are slugs or empty. At most `capacity` people sit in one
    session; with `takes_make_ups` those of other groups may take a seat that is free. `imported_as` is the UID of the
    calendar event it came from, so that a second import changes it and makes no second one; `imported` is what the
    file said then, and `imported_from` is shared by all that came from one calendar.
    """

    __tablename__ = "tracks"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    title: Mapped[str] = mapped_column(String(120))
    discreet_title: Mapped[str] = mapped_column(String(60), default="Appointment")
    facilitator_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    room: Mapped[str] = mapped_column(String(60), default="")
    video_url: Mapped[str] = mapped_column(String(300), default="")
    bring: Mapped[str] = mapped_column(String(200), default="")
    first_at: Mapped[datetime] = mapped_column(DateTime)
    zone: Mapped[str] = mapped_column(String(64))
    minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(String(200))
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    capacity: Mapped[int] = mapped_column(default=12)
    takes_make_ups: Mapped[bool] = mapped_column(default=True)
    skips: Mapped[list[str]] = mapped_column(JSON, default=list)
    skips_holidays: Mapped[bool] = mapped_column(default=True)
    topics: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    imported_as: Mapped[str | None] = mapped_column(String(255), unique=True)
    imported_from: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    imported: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (
        CheckConstraint("minutes between 5 and 720", name="minutes"),
        CheckConstraint("capacity between 1 and 500", name="capacity"),
    )


class TrackEnrollment(Base):
    """A participant's place in a track, from one day to another; both days count."""

    __tablename__ = "track_enrollments"

    id: Mapped[int] = mapped_column(primary_key=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        Index(None, "participant_id", "track_id"),
        Index(None, "track_id"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="dates"),
    )


class Session(Base):
    """One meeting at one time. Wall time and zone are what was agreed; `starts_at` is what they come to.

    `occurrence` is the wall time the track's rule gives it, which a move never changes: it is the session's
    identity within its track. `local_day` is the wall date, kept for comparing with enrollment dates. `note` is for
    those who come. With `own_topic` the topic was written by hand, and no rule changes it. `sequence` rises and
    `changed_at` moves on with every change, for calendars that follow it. `clash_reason` is why it was planned
    although somebody, or the room, was taken.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(10))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("tracks.id"))
    occurrence: Mapped[datetime | None] = mapped_column(DateTime)
    title: Mapped[str] = mapped_column(String(120))
    discreet_title: Mapped[str] = mapped_column(String(60), default="Appointment")
    facilitator_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    room: Mapped[str] = mapped_column(String(60), default="")
    video_url: Mapped[str] = mapped_column(String(300), default="")
    bring: Mapped[str] = mapped_column(String(200), default="")
    wall_at: Mapped[datetime] = mapped_column(DateTime, doc="naive, in `zone`")
    zone: Mapped[str] = mapped_column(String(64))
    minutes: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(Instant, index=True)
    local_day: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(9), default="planned")
    topic: Mapped[str] = mapped_column(String(120), default="")
    material: Mapped[str] = mapped_column(String(60), default="")
    worksheet: Mapped[str] = mapped_column(String(60), default="")
    own_topic: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(300), default="")
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=lambda: clock.now())
    clash_reason: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (
        CheckConstraint(f"kind in {tuple(KINDS)}", name="kind"),
        CheckConstraint(f"status in {STATUSES}", name="status"),
        CheckConstraint("minutes between 5 and 720", name="minutes"),
        CheckConstraint("(kind = 'group') = (track_id is not null)", name="track"),
        UniqueConstraint("track_id", "occurrence"),
        Index(None, "track_id", "starts_at"),
        Index(None, "facilitator_id", "starts_at"),
    )

    def touch(self, now: datetime) -> None:
        """Note that it is not what it was, for calendars that follow it."""
        self.sequence, self.changed_at = self.sequence + 1, now


class Seat(Base):
    """A participant's place in one session that is not theirs through a track.

    `instead_of_id` is the session that it makes up for, where they took it for that.
    """

    __tablename__ = "seats"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    made_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index(None, "participant_id"),)


class SessionChange(Base):
    """A change for those who come to a session, kept for good: what was, what is, why, who and when. Append-only.

    `moved` has the times, `cancelled` and `restored` have none that is new; `led` (who leads it), `placed` (where it
    is) and `lasts` (how long) have the words for what was and what `becomes`. What one act of somebody's changes, in
    many sessions even, has one `key`.
    """

    __tablename__ = "session_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), index=True, default=new_key)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(9))
    old_at: Mapped[datetime] = mapped_column(Instant)
    new_at: Mapped[datetime | None] = mapped_column(Instant)
    was: Mapped[str | None] = mapped_column(String(400))
    becomes: Mapped[str | None] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"kind in {CHANGES}", name="kind"),
        CheckConstraint("(kind = 'moved') = (new_at is not null)", name="new_time"),
        CheckConstraint("(kind in ('led', 'placed', 'lasts')) = (becomes is not null)", name="words"),
    )


class ChangeSeen(Base):
    """A participant said "I have seen this" of one act that changed their sessions."""

    __tablename__ = "changes_seen"

    change_key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index(None, "participant_id"),)


class Attendance(Base):
    """The attendance of one person. Append-only: a correction is the next version; the highest version counts.

    `minutes` is entered for late and left early; for the others it is not asked.
    """

    __tablename__ = "attendances"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, default=1)
    status: Mapped[str] = mapped_column(String(10))
    minutes: Mapped[int | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"status in {tuple(ATTENDANCE)}", name="status"),
        CheckConstraint("minutes is null or minutes between 0 and 720", name="minutes"),
        CheckConstraint("(status in ('late', 'left_early')) = (minutes is not null)", name="minutes_when"),
        CheckConstraint("version >= 1", name="version"),
        Index(None, "participant_id", "session_id"),
    )
