"""The rows of flags: one open need of one participant for a person, with its reasons, its tier and its acts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key, only_rows

TIERS = ("same_day", "urgent")
CLOSING = ("contacted", "assessed", "plan_reviewed", "emergency_services")  # the acts after which a flag is closed
ACTS = ("tried", *CLOSING)
KINDS = (*ACTS, "note")


class Flag(Base):
    """A critical flag. Open until an act closes it; at most one is open for a participant.

    A further positive answer joins the open flag and can only raise its tier. Rows are never deleted.
    """

    __tablename__ = "flags"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    tier: Mapped[str] = mapped_column(String(8))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"tier in {TIERS}", name="tier"),
        Index("uq_flags_one_open", "participant_id", unique=True, **only_rows(closed_at.is_(None))),
    )


class FlagReason(Base):
    """One answer that raised or joined a flag. `check_in_key`, or `measure_key`, names what it was part of.

    `due_at` is the instant by which something is to be done about it, by the minutes and hours that held when it was
    given: settings that are changed later move no deadline and no past figure. It is null for a code without a tier,
    and where no hours were set.
    """

    __tablename__ = "flag_reasons"

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flags.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), doc="a key of flags.REASONS")
    check_in_key: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    measure_key: Mapped[str | None] = mapped_column(String(64))
    due_at: Mapped[datetime | None] = mapped_column(Instant)


class FlagAct(Base):
    """One thing that somebody did about a flag, or a note on it, before or after it was closed. Never changed.

    Who could not be reached is tried again: `again_by_id` names who of the care team does so, at `again_at`.
    """

    __tablename__ = "flag_acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    flag_id: Mapped[int] = mapped_column(ForeignKey("flags.id"), index=True)
    kind: Mapped[str] = mapped_column(String(18))
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[bytes | None] = seal.column("key")
    again_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    again_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        CheckConstraint("(again_at is null) = (again_by_id is null)", name="again"),
        CheckConstraint("(kind = 'tried') = (again_at is not null)", name="tried_again"),
        CheckConstraint("kind <> 'note' or note is not null", name="note"),
    )
