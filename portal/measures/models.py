"""Measures of people: what was answered and what it came to, and how often each is asked of whom."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key, only_rows

EVERY = {
    "once": "Once",
    "weekly": "Every week",
    "two_weeks": "Every two weeks",
    "monthly": "Every four weeks",
    "one_to_one": "Before each one-to-one",
    "never": "Not asked",
}
MODES = ("self", "clinician")


class MeasureEntry(Base):
    """One version of one set of answers to an instrument, and its score. Append-only, as check-ins are.

    `answers` holds the given answers by item: an item without one was skipped. `event` is what the person wrote in
    the line of an instrument that asks about one event, if anything. The score is made once, when it is
    kept, and never reckoned again: `total` is None without one, `parts` has the subscales, `band` its name. `mode` is
    "self" for what the participant answered, and "clinician" for a total that a therapist entered.
    """

    __tablename__ = "measure_entries"

    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True, doc="made by the form, unique for the person")
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=1)
    slug: Mapped[str] = mapped_column(String(40))
    instrument_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(9))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    answers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    event: Mapped[bytes | None] = seal.column("participant_id", "key", "version")
    total: Mapped[int | None]
    prorated: Mapped[bool] = mapped_column(default=False)
    parts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    band: Mapped[str | None] = mapped_column(String(80))
    for_day: Mapped[date] = mapped_column(Date, doc="the participant's day on which it was answered")
    entered_at: Mapped[datetime] = mapped_column(Instant)
    zone: Mapped[str] = mapped_column(String(64))
    seconds_taken: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(f"mode in {MODES}", name="mode"),
        CheckConstraint("seconds_taken >= 0", name="seconds_taken"),
        Index(None, "participant_id", "slug", "entered_at"),
        Index(
            "uq_measure_entries_one_a_day",
            "participant_id",
            "slug",
            "for_day",
            unique=True,
            **only_rows((mode == "self") & (version == 1)),
        ),
    )


class MeasureReview(Base):
    """A therapist has read one version of the answers to an instrument. Append-only, like a Review."""

    __tablename__ = "measure_reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    measure_key: Mapped[str] = mapped_column(String(64))
    measure_version: Mapped[int] = mapped_column(SmallInteger)
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("participant_id", "measure_key", "measure_version"),)


class MeasureSchedule(Base):
    """One choice of how often an instrument is asked of a participant, from `chosen_at` on; the latest row holds.

    Without one, what the program says holds.
    """

    __tablename__ = "measure_plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    slug: Mapped[str] = mapped_column(String(40))
    every: Mapped[str] = mapped_column(String(10))
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    chosen_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"every in {tuple(EVERY)}", name="every"),
        Index(None, "participant_id", "slug", "chosen_at"),
    )
