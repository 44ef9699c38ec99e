"""What the schedule is made of: group tracks, the sessions they become, seats, changes and attendance."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant, Key

KINDS = {
    "group": "Group",
    "one_to_one": "One-to-one",
    "family": "Family session",
    "medication": "Medicine check",
    "assessment": "Assessment",
}
STATUSES = ("planned", "cancelled", "held")
ATTENDANCE = {
    "present": "Came",
    "late": "Came late",
    "left_early": "Left early",
    "excused": "Excused",
    "missed": "Missed",
}


class Track(Base):
    """A group that repeats: an RRULE in local time, materialised into sessions for 26 weeks.

    `first_at` is naive wall time in `zone`; `rule` is the RRULE without DTSTART ("FREQ=WEEKLY;BYDAY=MO,WE,FR").
    `discreet_title` is what calendars and notices may show.
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

    __table_args__ = (CheckConstraint("minutes between 5 and 720", name="minutes"),)


class TrackEnrolment(Base):
    """A participant's place in a track, from one day to another; both days count."""

    __tablename__ = "track_enrolments"

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

    `occurrence` is the wall time the track's rule gave it, which a move never changes: it is the session's
    identity within its track. `local_day` is the wall date, kept for comparing with enrolment dates.
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

    __table_args__ = (
        CheckConstraint(f"kind in {tuple(KINDS)}", name="kind"),
        CheckConstraint(f"status in {STATUSES}", name="status"),
        CheckConstraint("minutes between 5 and 720", name="minutes"),
        CheckConstraint("(kind = 'group') = (track_id is not null)", name="track"),
        UniqueConstraint("track_id", "occurrence"),
        Index(None, "track_id", "starts_at"),
        Index(None, "facilitator_id", "starts_at"),
    )


class Seat(Base):
    """A participant's place in one session that is not theirs through a track."""

    __tablename__ = "seats"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)

    __table_args__ = (Index(None, "participant_id"),)


class SessionChange(Base):
    """A move or a cancellation, kept for good: what was, what is, why, who and when. Append-only."""

    __tablename__ = "session_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(9))
    old_at: Mapped[datetime] = mapped_column(Instant)
    new_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("kind in ('moved', 'cancelled')", name="kind"),
        CheckConstraint("(kind = 'moved') = (new_at is not null)", name="new_time"),
    )


class Attendance(Base):
    """Who came. Append-only: a correction is the next version; the highest version counts.

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
