"""The rows of make-up seats: one that is held, a session that is missed, and hours that are taken."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key

BUSY = {"work": "Work", "school": "School", "family": "Family", "other": "Something else"}


class SeatHold(Base):
    """A make-up seat that is kept for a participant until `expires_at`, while they decide."""

    __tablename__ = "seat_holds"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index(None, "participant_id"),)


class Absence(Base):
    """A participant said beforehand that they cannot come to a session; it stands until `withdrawn_at`."""

    __tablename__ = "absences"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    reason: Mapped[bytes | None] = seal.column("session_id", "participant_id")
    said_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index(None, "participant_id"),)


class BusyTime(Base):
    """Hours of every week in which a participant cannot come: no make-up seat is offered there.

    `weekday` counts from Monday, 0; the times are wall time in the program's zone.
    """

    __tablename__ = "busy_times"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(6))
    weekday: Mapped[int]
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint(f"kind in {tuple(BUSY)}", name="kind"),
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint("starts < ends", name="times"),
    )
