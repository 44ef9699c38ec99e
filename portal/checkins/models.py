"""The rows of check-ins: one moment of one day in the participant's own numbers and words, and who read it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, Float, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import seal
from portal.db import KEY_LENGTH, Base, Instant, Key

MEDICATION = ("yes", "some", "no", "none")
SUBSTANCE_USE = ("no", "yes", "not_say")
SAFETY = ("no", "yes_safe", "yes_talk", "not_say")
REPLY_STEPS = ("changed", "taken_back", "seen")


class CheckIn(Base):
    """One version of one check-in. Append-only: a change is the next version under the same `key`.

    An item that is NULL was asked and skipped (or not asked, if the question set does not hold it); `skills` is
    NULL when skipped and a list otherwise. `answers` holds what a question set asks beyond the named items, by item,
    the given ones alone. `plan_key` is the CheckInPlan whose words the person's own targets have; `written_at` is when
    it was written where there was no signal, None for what was sent at once. `item_seconds` holds how long each item
    took, for those of which the browser could tell.
    Rows lie in the order (participant, day), so that one person's last weeks are one short read at any size.
    """

    __tablename__ = "check_ins"

    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    for_day: Mapped[date] = mapped_column(Date, primary_key=True, doc="the participant's day it is about")
    key: Mapped[str] = mapped_column(String(64), primary_key=True, doc="made by the form, unique for the person")
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=1)
    question_set: Mapped[str] = mapped_column(String(40))
    question_set_version: Mapped[int] = mapped_column(SmallInteger)
    mood: Mapped[int] = mapped_column(SmallInteger)
    anxiety: Mapped[int | None] = mapped_column(SmallInteger)
    urges: Mapped[int | None] = mapped_column(SmallInteger)
    sleep_hours: Mapped[float | None] = mapped_column(Float)
    medication: Mapped[str | None] = mapped_column(String(4))
    substance_use: Mapped[str | None] = mapped_column(String(7))
    skills: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[bytes | None] = seal.column("participant_id", "key", "version")
    safety: Mapped[str | None] = mapped_column(String(8))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    zone: Mapped[str] = mapped_column(String(64), doc="the participant's zone when it was entered")
    seconds_taken: Mapped[int | None] = mapped_column(doc="from the form's load to Save, as the server saw it")
    plan_key: Mapped[str | None] = mapped_column(String(22))
    written_at: Mapped[datetime | None] = mapped_column(Instant)
    item_seconds: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        UniqueConstraint("participant_id", "key", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("mood between 0 and 10", name="mood"),
        CheckConstraint("anxiety between 0 and 10", name="anxiety"),
        CheckConstraint("urges between 0 and 10", name="urges"),
        CheckConstraint(
            "sleep_hours between 0 and 14 and sleep_hours * 2 = round(sleep_hours * 2)", name="sleep_hours"
        ),
        CheckConstraint(f"medication in {MEDICATION}", name="medication"),
        CheckConstraint(f"substance_use in {SUBSTANCE_USE}", name="substance_use"),
        CheckConstraint(f"safety in {SAFETY}", name="safety"),
        CheckConstraint("length(note) <= 8100", name="note"),
        CheckConstraint("seconds_taken >= 0", name="seconds_taken"),
        {"sqlite_with_rowid": False},
    )


class Review(Base):
    """A therapist read one version of a check-in, and may have answered. Append-only.

    `number` counts the reviews of one check-in, so that of the same one sent twice at once the database takes one.
    """

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    check_in_key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(SmallInteger, default=1)
    check_in_version: Mapped[int] = mapped_column(SmallInteger)
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    reply: Mapped[bytes | None] = seal.column("key")

    __table_args__ = (
        UniqueConstraint("participant_id", "check_in_key", "number"),
        Index(None, "participant_id", "at"),
        CheckConstraint("length(reply) <= 8100", name="reply"),
    )


class ReplyStep(Base):
    """A change of the reply of a review, or its end: taken back by its writer, or seen by its participant.

    Append-only. A step that is no change is the last one: the number of a step is taken once, so that of two that are
    made at the same moment one comes first, and the other is held against it. `reply` has the words of a change.
    """

    __tablename__ = "reply_steps"

    review_key: Mapped[str] = mapped_column(String(KEY_LENGTH), ForeignKey("reviews.key"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
    reply: Mapped[bytes | None] = seal.column("review_key", "number")

    __table_args__ = (
        CheckConstraint(f"kind in {REPLY_STEPS}", name="kind"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(kind = 'changed') = (reply is not null)", name="words"),
        CheckConstraint("length(reply) <= 8100", name="reply"),
    )


class CheckInPlan(Base):
    """The question plan of one participant from `chosen_at` on: a question set and their own targets.

    Append-only: the latest row holds, and the words of an older one stay those of the check-ins that were made under
    it. `targets` is a sealed list of up to three (words, whether it is about hurting oneself); `goal` is what they do
    it all for. `self_harm_set` is the file of the set whose questions about hurting oneself are asked too.
    """

    __tablename__ = "check_in_plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    participant_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    question_set: Mapped[str] = mapped_column(String(40))
    self_harm_set: Mapped[str | None] = mapped_column(String(40))
    targets: Mapped[bytes | None] = seal.column("key")
    goal: Mapped[bytes | None] = seal.column("key")
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    chosen_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index(None, "participant_id", "chosen_at"),)
