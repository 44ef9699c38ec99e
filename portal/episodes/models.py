"""The rows of episodes: a participant's time in the program, from start to discharge."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key, only_rows


class Episode(Base):
    """One stay. The level of care is a coded value {system, code, display}; New York does not place by ASAM.

    `ended_on` is the last day of a finished one; where it was not noted, it is the day that was planned.
    """

    __tablename__ = "episodes"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    care_system: Mapped[str] = mapped_column(String(80))
    care_code: Mapped[str] = mapped_column(String(20))
    care_display: Mapped[str] = mapped_column(String(80))
    weekly_hours: Mapped[int] = mapped_column(doc="target, hours a week")
    starts_on: Mapped[date] = mapped_column(Date)
    planned_end: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(8), default="active")

    __table_args__ = (
        CheckConstraint("status in ('planned', 'active', 'finished')", name="status"),
        CheckConstraint("weekly_hours between 0 and 60", name="weekly_hours"),
        CheckConstraint("planned_end is null or planned_end >= starts_on", name="dates"),
        CheckConstraint("ended_on is null or (ended_on >= starts_on and status = 'finished')", name="end"),
        Index(None, "participant_id"),
        Index("uq_episodes_one_active", "participant_id", unique=True, **only_rows(status == "active")),
    )
