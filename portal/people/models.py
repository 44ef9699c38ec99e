"""What people are: accounts, their sign-ins, and the care relationships that say who may see whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key

ROLES = ("participant", "therapist", "coordinator")


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


class Invitation(Base):
    """A one-use link or code. Only the keyed hash of its token is kept; it opens nothing once used or expired.

    `join` is a new account's first, `reset` lets a person set a new password, and `restore`, which only a
    coordinator starts, also takes away the second factors that were lost.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("purpose in ('join', 'reset', 'restore')", name="purpose"),
        CheckConstraint("expires_at > made_at", name="times"),
    )


class Authenticator(Base):
    """A person's authenticator app (TOTP): its secret, and the last 30-second step whose code was taken.

    A code of that step or an earlier one is refused: no code works twice. Until `confirmed_at` it is being set up.
    """

    __tablename__ = "authenticators"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret: Mapped[bytes] = seal.column("account_id")
    last_step: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)


class Passkey(Base):
    """One passkey of a person: the public half of a key that never leaves their device."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60), doc="what its owner calls it")
    made_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class SpentChallenge(Base):
    """A passkey challenge that was answered: no answer works twice."""

    __tablename__ = "spent_challenges"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class RecoveryCode(Base):
    """One of ten codes for the day a second factor is lost. Only its keyed hash is kept, and it works once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token; this row holds only its SHA-256.

    `stage` is "full" once everything that was asked was shown: before that it waits for the "second" factor, or for
    the person to "enrol" one, and opens nothing else. `how` says how it was shown. `confirmed_at` is when the person
    last proved that it is they. `ended_at` is set by sign-out; the idle and the absolute limit are reckoned when read.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    stage: Mapped[str] = mapped_column(String(6), default="full")
    how: Mapped[str] = mapped_column(String(10), default="password")
    shared: Mapped[bool] = mapped_column(default=False, doc="a device that others use too: 5 minutes, nothing kept")
    device: Mapped[str] = mapped_column(String(60), default="", doc='such as "Firefox on Android"')
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("stage in ('full', 'second', 'enrol')", name="stage"),
        CheckConstraint("how in ('password', 'totp', 'passkey', 'recovery', 'link')", name="how"),
    )


class KnownDevice(Base):
    """A browser that a person has signed in from. Its cookie grants nothing but tries of its own at the password."""

    __tablename__ = "known_devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime] = mapped_column(Instant)


class SignInTry(Base):
    """One try at a password or code that is not known to be right. Names and addresses are keyed hashes.

    It is written before the check and taken away when the check succeeds, so that tries at once cannot slip through.
    """

    __tablename__ = "sign_in_tries"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64))
    address_hash: Mapped[str] = mapped_column(String(64))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("known_devices.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index(None, "name_hash", "at"),
        Index(None, "address_hash", "at"),
        Index(None, "at"),
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


class Draft(Base):
    """What someone typed and has not sent yet: one per person and form address, never anybody else's.

    `typed` is a sealed list of [field, text] pairs, in the order of the form.
    """

    __tablename__ = "drafts"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(200), primary_key=True)
    typed: Mapped[bytes] = seal.column("account_id", "address")
    kept_at: Mapped[datetime] = mapped_column(Instant)
