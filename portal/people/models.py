"""The rows of people: accounts, how participants are reached, who may see whom, who is away and who is on call."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key, only_rows

ROLES = ("participant", "therapist", "coordinator")
CARE_ROLES = ("primary", "covering", "on_call")  # the nearest first


class Account(Base):
    """One person who can sign in. `contact` is their address, or a sign-in name for someone without one.

    It is sealed, and found by `contact_hash`. Without a `password_hash` nobody signs in by password: the person was
    invited and has not joined yet, or has passkeys alone. Mail goes only to an address for which `mail_ok` says that
    nobody else reads it.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    role: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    called: Mapped[str] = mapped_column(String(40), doc="what the person likes to be called")
    contact: Mapped[bytes] = seal.column("key")
    contact_hash: Mapped[str] = mapped_column(String(64), unique=True)
    mail_ok: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    joined_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint(f"role in {ROLES}", name="role"),)


class ContactDetails(Base):
    """The ways to reach one participant: a row a person, and each of its columns None where nobody has said it.

    It is not the `contact` of an account, which they sign in with. `clinic_number` is the clinic's own number for
    them, set by coordinators alone and given once: `clinic_number_hash` sees to that. All else is the participant's,
    who saved it last at `confirmed_at`.
    """

    __tablename__ = "contact_details"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), unique=True)
    phone: Mapped[bytes | None] = seal.column("participant_id")
    may_leave_message: Mapped[bool | None]
    clinic_number: Mapped[bytes | None] = seal.column("participant_id")
    clinic_number_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    emergency_name: Mapped[bytes | None] = seal.column("participant_id")
    emergency_phone: Mapped[bytes | None] = seal.column("participant_id")
    emergency_tie: Mapped[bytes | None] = seal.column("participant_id", doc="how the two know each other")
    video_place: Mapped[bytes | None] = seal.column("participant_id")
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("may_leave_message is null or phone is not null", name="message"),
        CheckConstraint("(clinic_number is null) = (clinic_number_hash is null)", name="clinic_number"),
    )


class CareRelationship(Base):
    """A therapist treats a participant from one day on, until the relationship ends. All access hangs on this row.

    `ended_at` is the moment at which it ended, or at which it will: that of a time away ends by itself after the last
    day, that of somebody on call some days after the safety flag was closed. One primary therapist is there at a time.
    """

    __tablename__ = "care_relationships"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    time_away_id: Mapped[int | None] = mapped_column(ForeignKey("times_away.id"), index=True)

    __table_args__ = (
        CheckConstraint(f"role in {CARE_ROLES}", name="role"),
        CheckConstraint("participant_id <> therapist_id", name="two_people"),
        CheckConstraint("time_away_id is null or role = 'covering'", name="time_away"),
        Index(None, "therapist_id", "participant_id"),
        Index(None, "participant_id"),
        Index(
            "uq_care_relationships_one_primary",
            "participant_id",
            **only_rows((role == "primary") & ended_at.is_(None)),
            unique=True,
        ),
        Index(
            "uq_care_relationships_once_on_call",
            "participant_id",
            "therapist_id",
            **only_rows((role == "on_call") & ended_at.is_(None)),
            unique=True,
        ),
    )


class TimeAway(Base):
    """A therapist's time away, by days of the program's zone, and who covers for them. It may be cancelled."""

    __tablename__ = "times_away"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    therapist_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    covered_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("therapist_id <> covered_by_id", name="two_people"),
    )


class OnCall(Base):
    """A therapist to whom a safety flag goes that nobody else has: the program's list."""

    __tablename__ = "on_call"

    therapist_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


class BreakGlass(Base):
    """A therapist opened, in need and for an hour, the record of somebody they do not treat. Never deleted.

    The reason is theirs; a coordinator reviews it, and the participant sees that it happened.
    """

    __tablename__ = "break_glasses"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    therapist_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    reason: Mapped[bytes] = seal.column("key")
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    finding: Mapped[str | None] = mapped_column(String(9))

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("finding in ('justified', 'follow_up')", name="finding"),
        CheckConstraint(
            "(reviewed_at is null) = (reviewed_by_id is null) and (reviewed_at is null) = (finding is null)",
            name="review",
        ),
        CheckConstraint("therapist_id <> participant_id", name="two_people"),
        Index(None, "therapist_id", "participant_id", "ends_at"),
    )
