"""The rows of the audit record: its events, and the end of their chain."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant, only_rows

FIRST_MAC = "0" * 64


OF_PROGRAM = ("program.change", "on_call.begin", "on_call.end")  # the changes that the Program page lists


class AuditEvent(Base):
    """One read or write. Never changed and never deleted: triggers refuse both. Kept for good.

    `what` is a noun and a verb ("check_in.log"); `subject` is the opaque key of the row it is about. No clinical
    content and no names are kept here. `mac` is an HMAC-SHA256 over the row and the `mac` before it, so that a
    row that was changed, taken out or put elsewhere shows. The people are named without foreign keys: with one, the
    end of the chain would wait for whoever changes an account, and they for the chain. Accounts are never deleted.
    """

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None]
    participant_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index(None, "participant_id", "at"),
        Index(None, "actor_id", "at"),
        Index("ix_audit_events_of_program", "id", **only_rows(what.in_(OF_PROGRAM))),
    )


class AuditHead(Base):
    """The end of the chain. Taking it is the lock under which rows are appended.

    `broken_at` is set by a check that found a break: nothing is written until the operator says that it goes on.
    """

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    last_id: Mapped[int] = mapped_column(default=0)
    mac: Mapped[str] = mapped_column(String(64), default=FIRST_MAC)
    broken_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
