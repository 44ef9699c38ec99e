"""The reminders that somebody asked for, and the hours in which they want none."""

from datetime import datetime, time

from sqlalchemy import JSON, ForeignKey, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Instant


class ReminderChoice(Base):
    """The choice of one account: what it is emailed about. Nobody who has not asked is written to.

    `before` holds minutes before a session, `changes` is about changed sessions, `unseen` about changes that were not
    seen a day later, `check_in_at` the time of day for a word about checking in, and `measures` about those that are
    due. Between `quiet_from` and `quiet_until`, on the clock of the account's zone, nothing is sent; equal
    times mean no quiet hours. `stop_hash` is the keyed hash of the token in every message that stops them all.
    """

    __tablename__ = "reminder_choices"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    before: Mapped[list[int]] = mapped_column(JSON, default=list)
    changes: Mapped[bool] = mapped_column(default=False)
    unseen: Mapped[bool] = mapped_column(default=False)
    quiet_from: Mapped[time] = mapped_column(Time, default=time(21))
    quiet_until: Mapped[time] = mapped_column(Time, default=time(8))
    stop_hash: Mapped[str] = mapped_column(String(64), unique=True)
    chosen_at: Mapped[datetime] = mapped_column(Instant)
    check_in_at: Mapped[time | None] = mapped_column(Time)
    measures: Mapped[bool] = mapped_column(default=False)
