"""The append-only record of who saw and did what."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ForeignKey, Index, String, exists, insert, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db import Base, Instant, db


class AuditEvent(Base):
    """One read or write. Never changed and never deleted: triggers refuse both.

    `what` is a noun and a verb ("check_in.log"); `subject` is the opaque key of the row it is about. No clinical
    content and no names are kept here.
    """

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (Index(None, "participant_id", "at"), Index(None, "actor_id", "at"))


LOOK = "record.view"
ONE_SITTING = timedelta(minutes=10)


class HasId(Protocol):
    @property
    def id(self) -> int: ...


def record(actor: HasId | None, what: str, participant: HasId | None = None, subject: str | None = None) -> None:
    """Add the event to the caller's transaction: it stands or falls with what it tells of."""
    db.session.add(
        AuditEvent(
            at=clock.now(),
            actor_id=actor.id if actor else None,
            participant_id=participant.id if participant else None,
            what=what,
            subject=subject,
        )
    )


def record_look(actor: HasId, participant: HasId) -> None:
    """Note that a member of staff sees a participant's record: one row a sitting, however often they filter it."""
    now = clock.now()
    seen = exists().where(
        AuditEvent.actor_id == actor.id,
        AuditEvent.participant_id == participant.id,
        AuditEvent.what == LOOK,
        AuditEvent.at > now - ONE_SITTING,
    )
    row = {"at": now, "actor_id": actor.id, "participant_id": participant.id, "what": LOOK}
    columns = [literal(value, AuditEvent.__table__.c[name].type).label(name) for name, value in row.items()]
    db.session.execute(insert(AuditEvent).from_select(list(row), select(*columns).where(~seen)))
