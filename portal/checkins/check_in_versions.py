"""A check-in as it is read: one version of it as plain values, in the words it was asked in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists
from sqlalchemy.orm import aliased

from portal import clock, seal
from portal.checkins import phrases, sets
from portal.checkins.models import CheckIn, CheckInPlan, ReplyStep, Review
from portal.checkins.question_plans import QuestionPlan, opened_targets
from portal.checkins.sets import BY_SLUG, DECLINED, HELP_FROM, NOT_ASKED, Question, QuestionSet, Target
from portal.people.models import Account

POSITIVE: tuple[str | None, ...] = ("yes_safe", "yes_talk")
ACTED = "acted_self_harm"
ITEMS = ("mood", "anxiety", "urges", "sleep_hours", "medication", "substance_use", "skills", "note", "safety")


@dataclass(frozen=True, slots=True)
class AnswerInWords:
    """The answer to one question in words. `state` is "given", "skipped", "declined" or "not asked"."""

    name: str
    words: str
    state: str = "given"


@dataclass(frozen=True, slots=True)
class CheckInVersion:
    """One version of a check-in, as plain values; `answers` are those beyond the named items, the given ones alone.

    `chosen_set` is the set that somebody chose for this person, which a short check-in did not ask.
    """

    participant_id: int
    for_day: date
    key: str
    version: int
    mood: int
    anxiety: int | None
    urges: int | None
    sleep_hours: float | None
    medication: str | None
    substance_use: str | None
    skills: list[str] | None
    sealed_note: bytes | None
    safety: str | None
    entered_at: datetime
    zone: str
    question_set: str = phrases.QUESTION_SET[0]
    question_set_version: int = phrases.QUESTION_SET[1]
    answers: Mapping[str, Any] = field(default_factory=dict)
    plan_key: str | None = None
    written_at: datetime | None = None
    sealed_targets: bytes | None = None
    self_harm_set: str | None = None
    chosen_set: str | None = None
    first_entered_at: datetime | None = None

    @property
    def note(self) -> str | None:
        """The words that they wrote; opened when they are read, since most lists show no note."""
        row = (self.participant_id, self.key, self.version)
        return None if self.sealed_note is None else seal.open(CheckIn.note, self.sealed_note, *row)

    @property
    def at(self) -> datetime:
        """The moment it was written: the same as when it was entered, but for what waited where there was no signal."""
        return self.written_at or self.entered_at

    @property
    def late(self) -> bool:
        """First entered on a later day than the one it is about; a change the day after is not late."""
        return clock.day_of(self.first_entered_at or self.entered_at, self.zone) > self.for_day

    @property
    def positive(self) -> bool:
        """Whether an answer in it raises a flag: a yes to the safety question, or to having hurt oneself."""
        return bool(positive_answers({"safety": self.safety, ACTED: self.given(ACTED)}))

    @property
    def urges_to_self_harm(self) -> list[tuple[str, int]]:
        """The urges to hurt oneself that bring help first, each as (name, number)."""
        strong = any(type(given) is int and given >= HELP_FROM for given in self.answers.values())
        return strong_urges(self.questions, self.answers) if strong else []

    @property
    def brings_help(self) -> bool:
        """Whether people to reach come before anything else on the page after it."""
        return self.positive or bool(self.urges_to_self_harm)

    @property
    def asked_by(self) -> QuestionSet:
        """The version of the question set that it answers."""
        return sets.SETS[self.question_set, self.question_set_version]

    @property
    def asked_under(self) -> QuestionPlan:
        """The question plan as it was when it was asked."""
        lent = BY_SLUG.get(self.self_harm_set or "")
        return QuestionPlan(self.plan_key, self.asked_by, self.targets, self_harm_set=lent)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The participant's own targets as they were worded then."""
        return opened_targets(self.sealed_targets, self.plan_key)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that were asked, in order."""
        return self.asked_under.questions

    def given(self, item: str) -> Any:
        """The answer to `item` as it is kept; None where there is none."""
        return getattr(self, item) if item in ITEMS else self.answers.get(item)

    def said(self, item: str, name: str = "") -> AnswerInWords:
        """The answer to `item` in words: "Skipped" for a skip, and "Not asked" for what its set does not ask."""
        asked = self.asked_by.by_id.get(item)
        if asked is None and (self.self_harm_set or item.startswith("target-")):
            asked = next((one for one in self.questions if one.id == item), None)
        if asked is None:
            return AnswerInWords(name or phrases.SHORT.get(item, item), NOT_ASKED, "not asked")
        return _said(asked, self.given(item))

    def all_said(self, asks_safety: bool = True) -> list[AnswerInWords]:
        """The answers to all that was asked, but for the note; of the short set also that there was no more."""
        asked = [one for one in self.questions if one.kind != "text" and (asks_safety or not one.is_about_safety)]
        short = self.asked_by.name == sets.SHORTER
        said = [_said(one, self.given(one.id)) for one in asked]
        return [*said, AnswerInWords(NOT_ASKED, "anything else", "not asked")] if short else said


def positive_answers(given: Mapping[str, Any]) -> list[str]:
    """The codes of flags.REASONS that these answers raise, by item."""
    return [
        *([given["safety"]] if given.get("safety") in POSITIVE else []),
        *([ACTED] if given.get(ACTED) == "yes" else []),
    ]


def strong_urges(questions: Iterable[Question], given: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The urges to hurt oneself from HELP_FROM on, each as (name, number)."""
    rated = [(one.short, given.get(one.id)) for one in questions if one.help_from]
    return [(name, number) for name, number in rated if number is not None and number >= HELP_FROM]


def _said(asked: Question, value: Any) -> AnswerInWords:
    state = "skipped" if value is None else "declined" if value == DECLINED else "given"
    return AnswerInWords(asked.short, asked.says(value), state)


@dataclass(frozen=True, slots=True)
class CheckInReview:
    """A therapist's mark that a version of a check-in was read: by whom and when, with the reply if there is one.

    `sealed_change` is the reply as its writer changed it the last time, in the step `change_number`. `ended` is None
    while they may still change it, or "seen" by the participant or "taken_back".
    """

    check_in_key: str
    check_in_version: int
    by_id: int
    by: str
    at: datetime
    sealed_reply: bytes | None
    review_key: str
    change_number: int | None
    sealed_change: bytes | None
    changed_at: datetime | None
    ended: str | None
    ended_at: datetime | None

    @property
    def reply(self) -> str | None:
        """The reply as it stands; None when they only read it, or took their reply back."""
        if self.sealed_reply is None or self.is_taken_back:
            return None
        if self.sealed_change is not None:
            return seal.open(ReplyStep.reply, self.sealed_change, self.review_key, self.change_number)
        return self.first_reply

    @property
    def first_reply(self) -> str | None:
        """The reply as it was sent; None when they only read it."""
        return None if self.sealed_reply is None else seal.open(Review.reply, self.sealed_reply, self.review_key)

    @property
    def is_answered(self) -> bool:
        """Whether a reply was sent, even if it was taken back."""
        return self.sealed_reply is not None

    @property
    def is_taken_back(self) -> bool:
        return self.ended == "taken_back"

    @property
    def can_change(self) -> bool:
        """Whether there is a reply that its writer may change or take back."""
        return self.is_answered and self.ended is None


# The columns of a CheckInVersion; the last three are of the question plan, which WITH_PLAN joins.
COLUMNS = (
    *(getattr(CheckIn, part.name) for part in fields(CheckInVersion) if part.name in CheckIn.__table__.c),
    CheckIn.note.label("sealed_note"),
    CheckInPlan.targets.label("sealed_targets"),
    CheckInPlan.self_harm_set,
    CheckInPlan.question_set.label("chosen_set"),
)
_change, _later, _end = aliased(ReplyStep), aliased(ReplyStep), aliased(ReplyStep)
# The columns of a CheckInReview, beside those of an account: the reader's name; `with_steps` joins those of its reply.
REVIEW_COLUMNS = (
    Review.check_in_key,
    Review.check_in_version,
    Review.by_id,
    Account.name.label("by"),
    Review.at,
    Review.reply.label("sealed_reply"),
    Review.key.label("review_key"),
    _change.number.label("change_number"),
    _change.reply.label("sealed_change"),
    _change.at.label("changed_at"),
    _end.kind.label("ended"),
    _end.at.label("ended_at"),
)
# The latest change of a reply, and its end; each is a row or none.
_WITH_CHANGE = and_(
    _change.review_key == Review.key,
    _change.kind == "changed",
    ~exists().where(
        _later.review_key == _change.review_key, _later.number > _change.number, _later.kind == _change.kind
    ),
)
_WITH_END = and_(_end.review_key == Review.key, _end.kind != "changed")
WITH_PLAN = (CheckInPlan.key == CheckIn.plan_key) & (CheckInPlan.participant_id == CheckIn.participant_id)


def with_steps(reviews: Any) -> Any:
    """A statement of REVIEW_COLUMNS, with what became of each reply."""
    return reviews.outerjoin(_change, _WITH_CHANGE).outerjoin(_end, _WITH_END)
