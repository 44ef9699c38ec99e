"""The reading of one participant: how far they came in a material, and what they wrote beside it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant


class Reading(Base):
    """One participant and one material. `parts_read` counts from the first part; reading state only grows."""

    __tablename__ = "readings"

    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    parts_read: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    reflection: Mapped[bytes | None] = seal.column("participant_id", "slug")
    reflected_at: Mapped[datetime | None] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("parts_read >= 0", name="parts_read"),
        CheckConstraint("(reflection is null) = (reflected_at is null)", name="reflected"),
    )
