"""The form of a check-in, made from its question set. Everything but mood may be left out; a skip is never a value."""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, TextAreaField
from wtforms import Form as AnyForm
from wtforms.validators import InputRequired, ValidationError

from portal import clock, words
from portal.checkins import WAITS, phrases
from portal.checkins.check_in_versions import positive_answers, strong_urges
from portal.checkins.question_plans import QuestionPlan
from portal.checkins.set_rules import TAP
from portal.checkins.sets import BY_SLUG, MOST_TARGETS, SHORTER, Question, QuestionSet, Target, hours, latest
from portal.drafts.forms import Form
from portal.fields import DAMAGED, Choice, Choices, FormKey, Number, OpenedAt, text

AHEAD = timedelta(minutes=5)  # how far a phone's clock may be ahead
LONGEST_ITEM = 3600  # seconds
BESIDE = {"csrf_token", "whose", "made", "change"}  # what is sent with every form
FIRST = ("mood", "safety")  # what a folded form asks at once
EMPTY: tuple[Any, ...] = (None, "", [])
NEEDED = "Choose a number from 0 to 10. It is the only question we need."
UNKNOWN = "This had an answer to a question that is not on this form. We left it out. Read it over and save again."


class CheckInDayField(Choice):
    """The day a check-in is for: one of those offered, and not before the stay `began`. Today is never refused:
    somebody who has an account here may need to say something before their first day."""

    today: date
    began: date | None = None

    def pre_validate(self, form: AnyForm) -> None:
        if self.began and self.data and self.data < min(self.began, self.today):
            raise ValidationError(
                f"Check-ins begin on {words.short_day(self.began)}, the first day of your program here."
            )
        if self.data and self.data > self.today:
            raise ValidationError("That day is still to come. A check-in is for today or for yesterday.")
        if self.data not in self.choices:
            raise ValidationError("A check-in is for today or for yesterday.")


class Hours(Choice):
    """A number that can be chosen in two places, a few to tap and a list of all; two different ones are refused."""

    def process(self, formdata: Any, *more: Any, **named: Any) -> None:
        if formdata is not None:
            both = [*formdata.getlist(self.name), *formdata.getlist(self.name + TAP)]
            formdata = MultiDict((self.name, value) for value in both)
        super().process(formdata, *more, **named)

    def process_formdata(self, valuelist: list[str]) -> None:
        chosen = [value for value in valuelist if value != ""]
        super().process_formdata(chosen[:1])
        if len({self.coerce(value) for value in chosen[1:]} - {self.data}) > 0:
            first, self.data = self.data, None
            raise ValueError(f"You chose {first:g} h and another number. Choose one of them.")


def a_day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


class CheckInForm(Form):
    """The part that all sets share; `form_of` adds the questions of one.

    A `folded` form asks at once for mood and safety; the `rest` is behind "Ask me more". Sent without it, the rest
    counts as not asked.
    """

    versions = True
    for_day: CheckInDayField
    key = FormKey()
    opened = OpenedAt()
    asked = HiddenField()
    plan = HiddenField()
    written_at = HiddenField()
    item_seconds = HiddenField()
    folded = HiddenField()
    more = HiddenField()  # the button at the end of what was folded

    def __init__(
        self,
        *args: Any,
        plan: QuestionPlan,
        now: datetime,
        zone: str,
        asks_safety: bool = True,
        damaged: bool = False,
        is_folded: bool | None = None,
        **more: Any,
    ) -> None:
        self.not_given: set[str] = set()
        super().__init__(*args, **more)
        self.asks, self.now, self.damaged = plan, now, damaged
        self._leave_out(plan, asks_safety)
        if is_folded is not None:
            self.folded.data = "1" if is_folded and not plan.is_shorter else ""
        self.questions = tuple(one for one in plan.questions if one.id in self)
        for question in self.questions:
            self[question.id].label.text = question.text
        self._offer(clock.day_of(self.written or now, zone), clock.day_of(now, zone), plan.began)
        self.asked.data, self.plan.data = plan.question_set.slug, plan.key or ""

    def _leave_out(self, plan: QuestionPlan, asks_safety: bool) -> None:
        """Take away what is about safety while that is not asked, and the targets that there are not."""
        about_safety = {one.id for one in plan.questions if one.is_about_safety and not asks_safety}
        self.left_out = {item for item in about_safety if not self._was_asked_before(item)}
        unused = {f"target-{n}" for n in range(len(plan.targets) + 1, MOST_TARGETS + 1)}
        for item in self.left_out | (unused & self._fields.keys()):
            del self[item]

    def _was_asked_before(self, item: str) -> bool:
        """Whether the form that was sent asked this, and was answered: it was open when safety was switched off."""
        asked = item in self._made.marks or bool(self.written_at.data)
        return self.is_sent and asked and self[item].data not in EMPTY

    def _offer(self, day: date, today: date, began: date | None) -> None:
        """Let it be for the day on which it is written, or the one before."""
        before = day - timedelta(days=1)
        names = {today: "Today", today - timedelta(days=1): "Yesterday"}
        self.for_day.today, self.for_day.began = day, began
        self.for_day.choices = {one: names.get(one, words.short_day(one)) for one in (day, before)}
        if not self.for_day.raw_data and self.for_day.data not in self.for_day.choices:
            self.for_day.data = day
        self.offered = [one for one in (day, before) if began is None or one >= min(began, day)]

    @property
    def written(self) -> datetime | None:
        """The moment it was written, as the form says, if it can be true; None for what is sent at once."""
        try:
            at = datetime.fromisoformat(self.written_at.data or "")
        except ValueError:
            return None
        return min(at, self.now) if at.tzinfo and self.now - WAITS <= at <= self.now + AHEAD else None

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.for_day.data and self.written_at.data and not self.written:
            self.for_day.errors = [phrases.TOO_OLD]
            self.written_at.data, valid = "", False
        if "mood" in self and self["mood"].data is None and not self["mood"].errors:
            self["mood"].errors, valid = [NEEDED], False
        if self.damaged or self.key.is_damaged:
            self.form_errors.append(DAMAGED)
            valid = False
        names = {name for name in request.form if not name.startswith("_")}
        taps = {one.id + TAP for one in self.questions if one.kind == "hours"}
        if names - BESIDE - taps - self.left_out - self._fields.keys():
            self.form_errors.append(UNKNOWN)
            valid = False
        return valid

    def _keep(self, name: str) -> None:
        """A question that the form which was sent did not have: its answer is no skip."""
        self.not_given.add(name)
        super()._keep(name)

    @property
    def first(self) -> list[Question]:
        """The questions of a folded form that are asked at once."""
        return [one for one in self.questions if one.id in FIRST]

    @property
    def rest(self) -> list[Question]:
        """The questions of a folded form that are folded."""
        return [one for one in self.questions if one.id not in FIRST]

    @property
    def is_open(self) -> bool:
        """Whether the rest is unfolded: asked for, or with something in it."""
        fields = [self[one.id] for one in self.rest]
        return bool(self.more.data) or any(field.errors or field.data not in EMPTY for field in fields)

    @property
    def says_unsafe(self) -> bool:
        """Whether an answer in it brings help first, once it is sent."""
        given = {one.id: self[one.id].data for one in self.questions}
        return bool(positive_answers(given) or strong_urges(self.questions, given))

    @property
    def asked_set(self) -> QuestionSet:
        """The set that was asked: the short one where the rest stayed folded."""
        return latest(SHORTER) if self.folded.data and not self.is_open else self.asks.question_set

    @property
    def answers(self) -> dict[str, Any]:
        """The answers to what was asked, by item, as `checkins.log` takes them; a skip is None."""
        asked = self.first if self.asked_set.name == SHORTER else self.questions
        found = {one.id: self[one.id].data for one in asked if one.id not in self.not_given}
        found["for_day"] = self.for_day.data
        return {item: None if value in EMPTY else value for item, value in found.items()}

    @property
    def check_in(self) -> dict[str, Any]:
        """The check-in that was sent, by the names that `checkins.log` has for it."""
        return {
            "answers": self.answers,
            "key": self.key.data,
            "seconds_taken": self.opened.seconds(self.written or self.now),
            "plan": self.asks,
            "question_set": self.asked_set,
            "written_at": self.written,
            "item_seconds": self.seconds_by_item(),
        }

    def seconds_by_item(self) -> dict[str, int] | None:
        """The seconds that each item took, where the browser could tell; what is no such number is left out."""
        try:
            told = json.loads(self.item_seconds.data or "")
        except (ValueError, RecursionError):
            return None
        known = {one.id for one in self.questions}
        pairs = told.items() if isinstance(told, dict) else ()
        return {i: n for i, n in pairs if i in known and type(n) is int and 0 <= n <= LONGEST_ITEM} or None


def form_of(plan: QuestionPlan, **more: Any) -> CheckInForm:
    """The form of what somebody is asked."""
    lent = plan.self_harm_set.slug if plan.self_harm_set else None
    return _class_of(plan.question_set.slug, lent)(plan=plan, **more)


@lru_cache(maxsize=32)
def _class_of(slug: str, lent: str | None) -> type[CheckInForm]:
    """A form class with a field for every question, and for three targets: a form drops what it does not ask."""
    questions = BY_SLUG[slug].asked([Target("")] * MOST_TARGETS, BY_SLUG[lent] if lent else None)
    fields: dict[str, Any] = {one.id: _field(one) for one in questions}
    fields["for_day"] = CheckInDayField(phrases.FOR_DAY, coerce=a_day)
    return type("CheckInForm", (CheckInForm,), fields)


def _field(one: Question) -> Field:
    if one.kind == "text":
        return text(one.text, field=TextAreaField)
    if one.kind == "number":
        return Number(one.text, one.low, one.high)
    if one.kind == "hours":
        return Hours(one.text, choices={n: hours(n) for n in one.numbers}, coerce=float)
    if one.kind == "choices":
        return Choices(one.text, choices=dict(one.choices or {}))
    if one.choices:
        return Choice(one.text, choices=dict(one.choices))
    anchors = one.anchors or {}
    named = {int(n): f"{n:g}: {anchors[int(n)]}" if anchors else f"{n:g}" for n in one.numbers}
    needed = [] if one.optional else [InputRequired(NEEDED)]
    return Choice(one.text, choices=named, coerce=int, validators=needed)


class MoodForm(FlaskForm):
    """The one number on Today that starts a check-in."""

    mood = Choice(latest("daily").by_id["mood"].text, choices={n: str(n) for n in range(11)}, coerce=int)


class ReplyForm(Form):
    reply = text("Your reply", field=TextAreaField)
