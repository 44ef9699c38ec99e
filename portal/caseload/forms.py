"""The forms to review a check-in, with nothing but the tap or with a reply, and to choose the questions of somebody."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import InputRequired

from portal.checkins.forms import ReplyForm
from portal.checkins.question_plans import LONGEST_GOAL, LONGEST_TARGET, QuestionPlan
from portal.checkins.sets import to_choose
from portal.fields import Choice, plain_text, tidy


class ReviewForm(ReplyForm):
    """`version` is the version of the check-in that the page showed. The form to mark as seen has no reply at all."""

    version = HiddenField()

    def __init__(self, key: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.reply.id = f"reply-{key}"

    def validate_reply(self, field: Any) -> None:
        if field.raw_data and not field.data:
            raise ValidationError("Write a few words, or mark it as seen instead.")

    def version_read(self, latest: int) -> int:
        """The version that was read; the first where a damaged form does not say."""
        sent = self.version.data or ""
        return max(1, min(int(sent), latest)) if sent.isdecimal() and len(sent) < 9 else 1


class QuestionsForm(FlaskForm):
    """The set that somebody is asked from now on, up to three targets in their own words, and what they do it for."""

    asks = Choice("What the check-in asks", validators=[InputRequired("Choose one of these.")])
    first = StringField("First target", filters=[tidy], validators=[plain_text])
    second = StringField("Second target", filters=[tidy], validators=[plain_text])
    third = StringField("Third target", filters=[tidy], validators=[plain_text])
    goal = StringField("What they do this for", filters=[tidy], validators=[plain_text])

    def __init__(self, plan: QuestionPlan, *args: Any, **more: Any) -> None:
        held = dict(zip(("first", "second", "third"), plan.targets, strict=False))
        super().__init__(*args, data={"asks": plan.question_set.name, "goal": plan.goal, **held}, **more)
        self.asks.choices = {one.name: one.title for one in to_choose()}

    @property
    def targets(self) -> list[str]:
        """Those that were written, in order."""
        return [one.data for one in (self.first, self.second, self.third) if one.data]

    def validate_first(self, field: Any) -> None:
        _fits(field, LONGEST_TARGET)

    def validate_second(self, field: Any) -> None:
        _fits(field, LONGEST_TARGET)
        self._is_new(field, self.first)

    def validate_third(self, field: Any) -> None:
        _fits(field, LONGEST_TARGET)
        self._is_new(field, self.first, self.second)

    def validate_goal(self, field: Any) -> None:
        _fits(field, LONGEST_GOAL)

    def _is_new(self, field: Any, *others: Any) -> None:
        if field.data and field.data.casefold() in [(other.data or "").casefold() for other in others]:
            raise ValidationError("This stands above already.")


def _fits(field: Any, longest: int) -> None:
    text = field.data or ""
    if len(text) > longest:
        raise ValidationError(f"This is {len(text) - longest} characters too long. {longest} fit.")
