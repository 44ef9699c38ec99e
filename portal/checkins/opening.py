"""Check-in forms as they are opened, and the questions by which one that was sent has to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from portal import access, checkins, clock, drafts
from portal.checkins import question_plans, sets
from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.models import CheckIn
from portal.checkins.question_plans import QuestionPlan
from portal.checkins.sets import BY_SLUG
from portal.drafts import Kept
from portal.people import Person
from portal.program import ProgramFacts

FORM = "/check-ins/"
JUST_SENT = timedelta(seconds=10)  # a draft that arrives so soon after its check-in was overtaken by it


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of a form that is opened: a check-in to change, a draft, or nothing.

    `earlier` is the key of today's last check-in and when it was. `kept_at` is when the draft was kept, for one that
    is worth a word; `from_today` says that it holds the number that was tapped on Today alone. `is_folded` says that it
    begins with mood and safety, and the rest behind "Ask me more".
    """

    plan: QuestionPlan
    values: Mapping[str, object]
    draft: Kept | None = None
    kept_at: datetime | None = None
    change: CheckInVersion | None = None
    earlier: tuple[str, datetime] | None = None
    is_folded: bool = False
    from_today: bool = False


def to_change(participant: Person, program: ProgramFacts, key: str, today: date) -> Opening:
    """The check-in called `key`, of today or yesterday, with the questions it answered; raises NotFound.

    Of a short one the rest can be answered now.
    """
    entry = checkins.find(participant, key)
    if entry.for_day < today - timedelta(days=1):
        raise NotFound
    is_short, plan = entry.question_set == sets.SHORTER, entry.asked_under
    if is_short:
        plan = replace(plan, question_set=sets.latest(entry.chosen_set or program.question_set))
    values = {one.id: entry.given(one.id) for one in plan.questions}
    draft = drafts.kept(participant, access.of_change(FORM, key))
    stands = values | {"key": entry.key, "for_day": entry.for_day}
    return Opening(plan, stands, draft, draft.at if draft else None, change=entry, is_folded=is_short)


def to_write(participant: Person, program: ProgramFacts, asks: str, for_day: date | None, now: datetime) -> Opening:
    """The form for `participant` now; folded where Today's mood number started it, or `asks` is "low"."""
    today = clock.day_of(now, participant.zone)
    draft = drafts.kept(participant, FORM)
    plan, (last_key, last_at) = question_plans.question_plan_with(participant, program, *_last_of(participant, today))
    started = draft is not None and set(draft.typed) == {"mood", "key"}
    is_sent = draft is not None and last_key is not None and last_key == draft.typed.get("key")
    if draft and (
        (is_sent and draft.at - last_at < JUST_SENT) or (started and clock.day_of(draft.at, participant.zone) != today)
    ):
        draft = None
    is_folded = asks == sets.SHORTER or (draft is not None and (started or bool(draft.typed.get("folded"))))
    if draft:
        kept_at = None if started else draft.at
        return Opening(plan, {}, _fitting(draft, plan, today), kept_at, is_folded=is_folded, from_today=started)
    earlier = (last_key, last_at) if last_key else None
    return Opening(plan, {"for_day": for_day}, earlier=earlier, is_folded=is_folded)


def _last_of(participant: Person, day: date) -> tuple[Any, Any]:
    """The key of the last check-in for `day`, and when it was written: columns to read beside the plan."""
    key, at = (
        select(column)
        .where(CheckIn.participant_id == participant.id, CheckIn.for_day == day)
        .order_by(*(moment.desc() for moment in checkins.BY_TIME))
        .limit(1)
        .scalar_subquery()
        for column in (CheckIn.key, checkins.BY_TIME[0])
    )
    return key, at


def _fitting(draft: Kept, plan: QuestionPlan, today: date) -> Kept:
    """A draft without what has become untrue since: answers to targets that were changed, and a day that is over."""
    untrue = set()
    if draft.typed.get("plan", "") != (plan.key or ""):
        untrue = {name for name in draft.typed if name.startswith("target-")}
    if clock.parse_day(draft.typed.get("for_day")) not in (today, today - timedelta(days=1)):
        untrue.add("for_day")
    return draft.without(untrue)


def as_sent(participant: Person, program: ProgramFacts, sent: MultiDict) -> tuple[QuestionPlan, bool]:
    """The plan and set that a form was made from, and whether it says so rightly.

    One that does not say is read by what holds now.
    """
    if not sent.get("asked"):
        return question_plans.question_plan_of(participant, program), True
    asked = BY_SLUG.get(sent["asked"])
    plan = question_plans.question_plan_called(participant, program, sent.get("plan") or None)
    if asked is None or plan is None:
        return question_plans.question_plan_of(participant, program), False
    return replace(plan, question_set=asked), True
