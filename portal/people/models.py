"""What people are: accounts, their sign-ins, and the care relationships that say who may see whom."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant, Key

ROLES = ("participant", "therapist", "coordinator")


class Account(Base):
    """One person who can sign in. `email` holds an address, or a sign-in name for someone without one."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    role: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    called: Mapped[str] = mapped_column(String(40), doc="what the person likes to be called")
    email: Mapped[str] = mapped_column(String(254), unique=True, doc="lower case")
    password_hash: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint(f"role in {ROLES}", name="role"),)


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token; this row holds only its SHA-256.

    `ended_at` is set by sign-out; the idle and the absolute limit are reckoned when read.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class FailedSignIn(Base):
    """One wrong password, or one unknown name. Names and addresses are kept only as keyed hashes."""

    __tablename__ = "failed_sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64))
    address_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index(None, "name_hash", "address_hash", "at"),
        Index(None, "address_hash", "at"),
    )


class CareRelationship(Base):
    """A therapist treats a participant from one day on, until the relationship ends. All access hangs on this row."""

    __tablename__ = "care_relationships"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("role in ('primary', 'covering')", name="role"),
        CheckConstraint("participant_id <> therapist_id", name="two_people"),
        Index(None, "therapist_id", "participant_id"),
        Index(None, "participant_id"),
        Index(
            "uq_care_relationships_one_primary",
            "participant_id",
            unique=True,
            sqlite_where=(role == "primary") & ended_at.is_(None),
            postgresql_where=(role == "primary") & ended_at.is_(None),
        ),
    )


class Draft(Base):
    """What someone typed and has not sent yet: one per person and form address, never anybody else's.

    `typed` is a list of [field, text] pairs, in the order of the form.
    """

    __tablename__ = "drafts"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(200), primary_key=True)
    typed: Mapped[list[list[str]]] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(Instant)
