"""The rows of homework: what a therapist gave to one person, what they said of it, and what a session agreed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import Base, Instant, Key

KINDS = ("exercise", "reading", "measure", "own")
MOST_TIMES = 7
MOST_LINES = 3  # of what a session agreed


class Homework(Base):
    """One thing to do that `given_by_id` gave to one participant: `times` of it, by a session or by a day.

    `slug` names the exercise, reading or measure; an own line has none. `text` is sealed JSON of its `words`, for an
    own line, and of `why`, for any. What was given to several people at once has one `batch`, in which each has one.
    It is due before the session `due_session_id`, or before the next of the same group when that one is cancelled; or
    by the end of `due_day`, on the calendar of the program. What is `weekly` is due so many times in every week, Monday
    to Sunday on the calendar of its participant, up to `due_day`. `withdrawn_at` is when its therapist took it back.
    """

    __tablename__ = "homework"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    batch: Mapped[str] = mapped_column(String(64))
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(8))
    slug: Mapped[str] = mapped_column(String(60), default="")
    text: Mapped[bytes] = seal.column("key")
    times: Mapped[int] = mapped_column(SmallInteger, default=1)
    due_session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    due_day: Mapped[date | None] = mapped_column(Date)
    weekly: Mapped[bool] = mapped_column(default=False)
    given_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("batch", "participant_id"),
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        CheckConstraint("(kind = 'own') = (slug = '')", name="slug"),
        CheckConstraint("(due_session_id is null) != (due_day is null)", name="due"),
        CheckConstraint("not (weekly and due_day is null)", name="weekly"),
        CheckConstraint(f"times between 1 and {MOST_TIMES}", name="times"),
        CheckConstraint("withdrawn_at is null or withdrawn_at >= given_at", name="withdrawn"),
        Index(None, "participant_id", "given_at"),
        Index(None, "due_session_id"),
    )


class HomeworkAnswer(Base):
    """One thing that its participant said of a homework, in order: that they did it once, or that they are stuck.

    `words`, sealed, is what got in the way, if they said so. Nothing is changed or taken away.
    """

    __tablename__ = "homework_answers"

    homework_id: Mapped[int] = mapped_column(ForeignKey("homework.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    what: Mapped[str] = mapped_column(String(5))
    words: Mapped[bytes | None] = seal.column("homework_id", "number")
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("what in ('done', 'stuck')", name="what"),)


class Agreement(Base):
    """A version of the lines that the people of one session wrote together at its end. The highest version counts.

    `lines` is sealed JSON of MOST_LINES texts in order, each "" where nothing stands; `number` is how many stand.
    """

    __tablename__ = "agreements"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lines: Mapped[bytes] = seal.column("session_id", "version")
    number: Mapped[int] = mapped_column(SmallInteger)
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"number between 0 and {MOST_LINES}", name="number"),
        CheckConstraint("version >= 1", name="version"),
    )
