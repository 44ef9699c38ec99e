"""The rows of flags: one open need of one participant for a person, with its reasons, its tier and its ending."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key, only_rows

TIERS = ("same_day", "urgent")
ACTIONS = {
    "contacted": "I reached them and we talked",
    "assessed": "I assessed their safety",
    "plan_reviewed": "We went over their safety plan",
    "emergency": "Emergency services are involved",
    "not_reached": "I could not reach them yet",
}


class Flag(Base):
    """A critical flag. Open until acknowledged with an action; at most one is open for a participant.

    A further positive answer joins the open flag and can only raise its tier. Rows are never deleted.
    """

    __tablename__ = "flags"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    tier: Mapped[str] = mapped_column(String(8))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str | None] = mapped_column(String(13))
    note: Mapped[bytes | None] = seal.column("key")

    __table_args__ = (
        CheckConstraint(f"tier in {TIERS}", name="tier"),
        CheckConstraint(f"action in {tuple(ACTIONS)}", name="action"),
        CheckConstraint(
            "(acknowledged_at is null) = (acknowledged_by_id is null) and (acknowledged_at is null) = (action is null)",
            name="ending",
        ),
        Index("uq_flags_one_open", "participant_id", unique=True, **only_rows(acknowledged_at.is_(None))),
    )


class FlagReason(Base):
    """One answer that raised or joined a flag. `check_in_key`, or `measure_key`, names what it was part of."""

    __tablename__ = "flag_reasons"

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flags.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), doc="a key of flags.REASONS")
    check_in_key: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    measure_key: Mapped[str | None] = mapped_column(String(64))
