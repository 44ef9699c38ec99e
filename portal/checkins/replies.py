"""Replies to check-ins once they were sent: changed or taken back by their writer, until the participant saw them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal import audit, checkins, seal
from portal.checkins import phrases
from portal.checkins.check_in_versions import CheckInReview
from portal.checkins.models import ReplyStep, Review
from portal.db import append_version, db, reader
from portal.fields import Refused
from portal.people import Person


@dataclass(frozen=True, slots=True)
class StepOfReply:
    """One step of a reply: `kind` is one of models.REPLY_STEPS."""

    review_key: str
    number: int
    kind: str
    at: datetime
    sealed_reply: bytes | None

    @property
    def words(self) -> str | None:
        """The words of a change."""
        sealed = self.sealed_reply
        return None if sealed is None else seal.open(ReplyStep.reply, sealed, self.review_key, self.number)


_STEPS = select(
    ReplyStep.review_key, ReplyStep.number, ReplyStep.kind, ReplyStep.at, ReplyStep.reply.label("sealed_reply")
).order_by(ReplyStep.number)
_step = reader(StepOfReply, _STEPS)


def find(participant: Person, check_in_key: str, review_key: str) -> CheckInReview:
    """The review of a check-in of `participant` with the reply that is called so; raises NotFound."""
    for review in checkins.reviews_of(participant, [check_in_key]):
        if review.review_key == review_key and review.is_answered:
            return review
    raise NotFound


def steps_of(reply: CheckInReview) -> list[StepOfReply]:
    """All that became of a reply, the first step first."""
    return [_step(row) for row in db.session.execute(_STEPS.where(ReplyStep.review_key == reply.review_key))]


def changes_of(participant: Person) -> dict[str, list[StepOfReply]]:
    """The changes of all replies to `participant`, in their order, by the key of the review."""
    changes: dict[str, list[StepOfReply]] = {}
    to_them = _STEPS.join(Review, Review.key == ReplyStep.review_key).where(
        Review.participant_id == participant.id, ReplyStep.kind == "changed"
    )
    for row in db.session.execute(to_them):
        changes.setdefault(row.review_key, []).append(_step(row))
    return changes


def correct(therapist: Person, participant: Person, reply: CheckInReview, words: str, now: datetime) -> None:
    """Let a reply of `therapist` say `words` from now on. The same again adds nothing.

    Raises NotFound for a reply of somebody else, and Refused once it was seen or taken back.
    """
    first = _own(therapist, reply).first_reply

    def after(steps: list[StepOfReply]) -> ReplyStep | None:
        _refuse_ended(participant, steps)
        stands = steps[-1].words if steps else first
        number = len(steps) + 1
        sealed = seal.close(ReplyStep.reply, words, reply.review_key, number)
        return None if words == stands else ReplyStep(number=number, kind="changed", reply=sealed)

    if _append(reply, after, now):
        audit.record(therapist, "check_in.correct_reply", participant, reply.check_in_key)


def take_back(therapist: Person, participant: Person, reply: CheckInReview, now: datetime) -> None:
    """Take a reply of `therapist` off the participant's pages. The same again adds nothing.

    Raises NotFound for a reply of somebody else, and Refused once it was seen.
    """
    _own(therapist, reply)

    def after(steps: list[StepOfReply]) -> ReplyStep | None:
        if steps and steps[-1].kind == "taken_back":
            return None
        _refuse_ended(participant, steps)
        return ReplyStep(number=len(steps) + 1, kind="taken_back")

    if _append(reply, after, now):
        audit.record(therapist, "check_in.take_back_reply", participant, reply.check_in_key)


def see(participant: Person, reply: CheckInReview, change_number: int, now: datetime) -> bool:
    """`participant` has seen a reply as it was after so many changes; again is once. False if it changed meanwhile."""

    def after(steps: list[StepOfReply]) -> ReplyStep | None:
        if len(steps) != change_number or (steps and steps[-1].kind != "changed"):
            return None
        return ReplyStep(number=len(steps) + 1, kind="seen")

    if _append(reply, after, now):
        audit.record(participant, "check_in.see_reply", participant, reply.check_in_key)
    return any(step.kind == "seen" for step in steps_of(reply))


def _own(therapist: Person, reply: CheckInReview) -> CheckInReview:
    if reply.by_id != therapist.id:
        raise NotFound
    return reply


def _refuse_ended(participant: Person, steps: list[StepOfReply]) -> None:
    if steps and steps[-1].kind != "changed":
        raise Refused("reply", phrases.reply_ended(steps[-1].kind, participant.called))


def _append(reply: CheckInReview, after: Callable[[list[StepOfReply]], ReplyStep | None], now: datetime) -> bool:
    """Add the step `after` those there are, if it gives one; whether it did."""

    def next_step(steps: list[StepOfReply] | None) -> ReplyStep | None:
        if (step := after(steps or [])) is not None:
            step.review_key, step.at = reply.review_key, now
        return step

    return append_version(lambda: steps_of(reply), next_step)[1]
