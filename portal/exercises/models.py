"""The rows of practice: each time somebody did an exercise, what they shared, what was approved, what they chose."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key, only_rows


class Practice(Base):
    """One practice of one exercise. `answers`, sealed JSON, maps field names to what was given; a field left
    out was skipped.

    A draft may change until it is finished; a finished practice never changes. The safety plan is the
    latest finished practice of its definition, so every earlier version stays.
    """

    __tablename__ = "practices"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    slug: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(doc="version of the definition that was answered")
    answers: Mapped[bytes] = seal.column("key")
    started_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("finished_at is null or finished_at >= started_at", name="times"),
        Index(None, "participant_id", "slug", "updated_at"),
        Index("uq_practices_one_draft", "participant_id", "slug", unique=True, **only_rows(finished_at.is_(None))),
    )


class PracticeShare(Base):
    """One finished practice that its participant lets their care team read, from `shared_at` until `ended_at`."""

    __tablename__ = "practice_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"))
    shared_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("ended_at is null or ended_at >= shared_at", name="times"),
        Index("uq_practice_shares_open", "practice_id", unique=True, **only_rows(ended_at.is_(None))),
    )


class StepApproval(Base):
    """The approval of one row of a practice, counted from 0, by a therapist of the care team, until `ended_at`."""

    __tablename__ = "step_approvals"

    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"))
    row: Mapped[int]
    therapist_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    approved_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("row >= 0", name="row"),
        CheckConstraint("ended_at is null or ended_at >= approved_at", name="times"),
        Index("uq_step_approvals_open", "practice_id", "row", unique=True, **only_rows(ended_at.is_(None))),
    )


class ExerciseChoice(Base):
    """A participant's own choice about one exercise: `pinned` is offered first, `hidden` is not offered to them."""

    __tablename__ = "exercise_choices"

    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    choice: Mapped[str] = mapped_column(String(6))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("choice in ('pinned', 'hidden')", name="choice"),)
