"""The forms to review a check-in, with nothing but the tap or with a reply, and to choose the questions of somebody."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired

from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.forms import ReplyForm
from portal.checkins.question_plans import LONGEST_GOAL, LONGEST_TARGET, QuestionPlan
from portal.checkins.sets import Target, to_choose
from portal.drafts.forms import Form, is_kept
from portal.fields import Choice, number_sent, text
from portal.people import FoundParticipant

PLACES = ("first", "second", "third")
HARMS = "This is about hurting themselves"


class ReviewForm(ReplyForm):
    """`version` is the version of the check-in that the page showed. The form to mark as seen has no reply at all."""

    version = HiddenField(filters=[number_sent])

    def __init__(self, key: str, **more: Any) -> None:
        super().__init__(**more)
        self.reply.id = f"reply-{key}"

    def validate_reply(self, field: Any) -> None:
        if field.raw_data and not field.data:
            raise ValidationError("Write a few words, or mark it as seen instead.")

    def version_read(self, latest: int) -> int:
        """The version that was read; the first where a damaged form does not say."""
        return max(1, min(self.version.data or 1, latest))


class CorrectionForm(ReplyForm):
    """A reply as it is to stand. A save is a version, and of two by its writer the later one stands."""

    versions = True

    def validate_reply(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Write a few words, or take your reply back instead.")


class SeenAllForm(FlaskForm):
    """The button for all that a page showed; `shown` has each check-in with the version that was read."""

    shown = SelectMultipleField(validate_choice=False)

    @staticmethod
    def name_of(entry: CheckInVersion) -> str:
        """A version of a check-in as the form says it."""
        return f"{entry.key}:{entry.version}"

    def names_of(self, entries: Iterable[CheckInVersion]) -> str:
        """Versions of check-ins as one field says them."""
        return " ".join(map(self.name_of, entries))

    @property
    def named(self) -> set[str]:
        """The versions that the form says were read."""
        return {name for sent in self.shown.data or () for name in sent.split()}


def reply_forms(
    participant: FoundParticipant, keys: Iterable[str], sent: Mapping[str, ReviewForm]
) -> dict[str, ReviewForm]:
    """The forms to reply to these check-ins: those `sent`, those with a draft, and under "" the empty one of the rest.

    There is none where the record is open for reading alone; the page of one that was refused gives back that one.
    """
    if participant.opened_until:
        return {}
    to = {key: url_for("caseload.review", key=participant.key, entry=key) for key in keys}
    typed = {key: ReviewForm(key, sent_to=path) for key, path in to.items() if not sent and is_kept(path)}
    empty = ReviewForm("", formdata=None, sent_to=url_for("caseload.review", key=participant.key, entry="-"))
    return {"": empty, **typed, **sent}


class QuestionsForm(Form):
    """The set that somebody is asked from now on, up to three targets in their own words, and what they do it for.

    A target can be marked as hurting oneself, and the questions about that can be added to a set without them.
    """

    asks = Choice("What the check-in asks", validators=[InputRequired("Choose one of these.")])
    first = text("First target", LONGEST_TARGET)
    second = text("Second target", LONGEST_TARGET)
    third = text("Third target", LONGEST_TARGET)
    first_harms = BooleanField(HARMS)
    second_harms = BooleanField(HARMS)
    third_harms = BooleanField(HARMS)
    self_harm = BooleanField("Ask about urges to hurt themselves, and whether they did")
    goal = text("What they do this for", LONGEST_GOAL)

    def __init__(self, plan: QuestionPlan, **more: Any) -> None:
        held = dict(zip(PLACES, plan.targets, strict=False))
        targets = {place: one.words for place, one in held.items()}
        harms = {f"{place}_harms": one.self_harm for place, one in held.items()}
        chosen = {"asks": plan.question_set.name, "goal": plan.goal, "self_harm": plan.self_harm_set is not None}
        super().__init__(data=chosen | targets | harms, **more)
        self.asks.choices = {one.name: one.title for one in to_choose()}

    @property
    def places(self) -> list[tuple[Any, Any]]:
        """The field of each target, and the one that marks it."""
        return [(self[place], self[f"{place}_harms"]) for place in PLACES]

    @property
    def targets(self) -> list[Target]:
        """Those that were written, in order."""
        return [Target(words.data, harms.data) for words, harms in self.places if words.data]

    def validate_second(self, field: Any) -> None:
        self._is_new(field, self.first)

    def validate_third(self, field: Any) -> None:
        self._is_new(field, self.first, self.second)

    def _is_new(self, field: Any, *others: Any) -> None:
        if field.data and field.data.casefold() in [(other.data or "").casefold() for other in others]:
            raise ValidationError("This target is already on the list.")
