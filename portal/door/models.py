"""The rows behind the door: invitations, second factors, sign-ins, known devices and tries."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key


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
    """One signed-in browser. The cookie holds a random token; this row holds only its keyed hash.

    `stage` is "full" once everything that was asked was shown: before that it waits for the "second" factor, or for
    the person to "enroll" one, and opens nothing else. `how` says how it was shown. `confirmed_at` is when the person
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
        CheckConstraint("stage in ('full', 'second', 'enroll')", name="stage"),
        CheckConstraint("how in ('password', 'totp', 'passkey', 'recovery', 'link')", name="how"),
    )


class InterruptedForm(Base):
    """A form that was sent when a new proof was asked for first: sealed, one for each sign-in, and taken once."""

    __tablename__ = "interrupted_forms"

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_ins.id"), primary_key=True)
    key: Mapped[Key]
    sent: Mapped[bytes] = seal.column("sign_in_id")
    kept_at: Mapped[datetime] = mapped_column(Instant)


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
