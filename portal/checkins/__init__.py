"""Check-ins: logging them, reading them back, and saying that someone has read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, seal
from portal.checkins import phrases, sets
from portal.checkins.check_in_versions import (
    COLUMNS,
    ITEMS,
    REVIEW_COLUMNS,
    WITH_PLAN,
    CheckInReview,
    CheckInVersion,
    positive_answers,
    with_steps,
)
from portal.checkins.models import CheckIn, CheckInPlan, Review
from portal.checkins.question_plans import QuestionPlan
from portal.checkins.sets import SHORTER, QuestionSet
from portal.db import append_version, db, new_key, reader
from portal.fields import Refused
from portal.flags.models import Flag, FlagReason
from portal.flags.raising import raise_flag
from portal.people import Person
from portal.people.models import Account

WAITS = timedelta(days=7)  # how long a check-in that was written without a signal may be on its way
# Columns of the table, not of the class: the hot pages read plain rows, and so skip what the mapper would do with them.
_check_ins, _newer = CheckIn.__table__.c, CheckIn.__table__.alias().c
# The order of moments within a day: by when they were written, wherever they waited.
BY_TIME = (func.coalesce(_check_ins.written_at, _check_ins.entered_at), _check_ins.entered_at)
# Whether a check-in was not changed afterward.
IS_LATEST = ~exists().where(
    _newer.participant_id == _check_ins.participant_id,
    _newer.key == _check_ins.key,
    _newer.version == _check_ins.version + 1,
)
_first = aliased(CheckIn)
_FIRST_ENTERED_AT = (
    select(_first.entered_at)
    .where(
        CheckIn.version > 1,
        _first.participant_id == CheckIn.participant_id,
        _first.key == CheckIn.key,
        _first.version == 1,
    )
    .scalar_subquery()
)
# Check-ins in their latest version. Statements are made once: putting one together takes longer than the database does.
_CURRENT: Select[Any] = (
    select(*COLUMNS, _FIRST_ENTERED_AT.label("first_entered_at"))
    .select_from(CheckIn)
    .outerjoin(CheckInPlan, WITH_PLAN)
    .where(IS_LATEST)
)
_check_in = reader(CheckInVersion, _CURRENT)
_BETWEEN = _CURRENT.where(
    CheckIn.participant_id.in_(bindparam("ids", expanding=True)),
    CheckIn.for_day.between(bindparam("first"), bindparam("last")),
).order_by(CheckIn.participant_id, CheckIn.for_day, *BY_TIME)


def between(participant_ids: Collection[int], first: date, last: date) -> list[CheckInVersion]:
    """The check-ins of these people for the days `first` to `last`, by person, day and time of entry."""
    rows = db.session.execute(_BETWEEN, {"ids": list(participant_ids), "first": first, "last": last})
    return [_check_in(row) for row in rows]


@dataclass(frozen=True, slots=True)
class CheckInAround:
    """A check-in, the `entries` around it, whether a version of it `raised` a flag, and whether it is `reviewed`."""

    entry: CheckInVersion
    raised: bool
    reviewed: bool
    entries: list[CheckInVersion]


def around(participant: Person, key: str, first: date, last: date) -> CheckInAround:
    """The check-in called `key`, with all of the days `first` to `last`. One read; raises NotFound."""
    raised = exists().where(
        FlagReason.check_in_key == key, FlagReason.flag_id == Flag.id, Flag.participant_id == participant.id
    )
    reviewed = exists().where(Review.participant_id == participant.id, Review.check_in_key == key)
    rows = db.session.execute(
        _CURRENT.add_columns(raised.label("raised"), reviewed.label("reviewed"))
        .where(CheckIn.participant_id == participant.id, or_(CheckIn.key == key, CheckIn.for_day.between(first, last)))
        .order_by(CheckIn.for_day, *BY_TIME)
    ).all()
    entries = [_check_in(row) for row in rows]
    for entry, row in zip(entries, rows, strict=True):
        if entry.key == key:
            around_it = [one for one in entries if first <= one.for_day <= last]
            return CheckInAround(entry, row.raised, row.reviewed, around_it)
    raise NotFound


def find(participant: Person, key: str) -> CheckInVersion:
    """The check-in of `participant` called `key`, in its latest version; raises NotFound."""
    if (found := _latest(participant, key)) is None:
        raise NotFound
    return found


def on_day(participant: Person, day: date) -> list[CheckInVersion]:
    """The check-ins of `participant` for `day`, the last one last."""
    return between([participant.id], day, day)


def log(
    participant: Person,
    answers: dict[str, Any],
    key: str,
    now: datetime,
    seconds_taken: int | None = None,
    *,
    plan: QuestionPlan | None = None,
    question_set: QuestionSet | None = None,
    written_at: datetime | None = None,
    item_seconds: dict[str, int] | None = None,
) -> CheckInVersion:
    """Keep a check-in under the form's `key` and return it.

    The same key with the same answers is a replay: nothing is added. With other answers it is the next version, in
    which a question that `answers` does not hold keeps its answer. A positive answer raises a flag each time it is
    given. `answers` holds `for_day`, the named items and, by id, those of the `question_set` that was asked (the
    plan's, unless it says another); None is a skip. `written_at` is when it was written, for what waited without a
    signal. Raises Refused for a day that is over: no check-in for it can be written or changed any more.
    """
    usual = plan or QuestionPlan(None, sets.latest(sets.DEFAULT))
    asked = replace(usual, question_set=question_set or usual.question_set)

    def next_version(latest: CheckInVersion | None) -> CheckIn | None:
        asks, named, more = _in_all(latest, asked, answers)
        if _is_same(latest, named, more, asks):
            return None
        version = _version_after(latest, written_at or now)
        if latest is None:
            _check_day(answers["for_day"], participant, written_at or now, now)
        return CheckIn(
            participant_id=participant.id,
            key=key,
            version=version,
            question_set=asks.question_set.name,
            question_set_version=asks.question_set.version,
            answers=more,
            plan_key=asks.key,
            entered_at=now,
            written_at=written_at,
            zone=participant.zone,
            seconds_taken=seconds_taken,
            item_seconds=item_seconds,
            **named | {"note": sealed_note(named["note"], participant.id, key, version)},
        )

    kept, is_new = append_version(lambda: _latest(participant, key), next_version)
    if is_new:
        audit.record(participant, "check_in.log" if kept.version == 1 else "check_in.change", participant, key)
        for code in positive_answers(answers):
            raise_flag(participant, code, key, now)
    return kept


def _in_all(
    latest: CheckInVersion | None, asked: QuestionPlan, answers: dict[str, Any]
) -> tuple[QuestionPlan, dict[str, Any], dict[str, Any]]:
    """The questions of the version after `latest`, its named items, and the given ones of all others.

    The short set takes nothing away that was asked before. Where a form did not ask, the answer to a question that
    means the same stands.
    """
    asks, stands = asked, dict[str, Any]()
    if latest:
        asks = latest.asked_under if asked.question_set.name == SHORTER != latest.question_set else asked
        same_targets = latest.plan_key == asks.key
        items = [one.id for one in asks.questions if same_targets or not one.id.startswith("target-")]
        stands = {item: latest.given(item) for item in items}
    given = stands | answers
    named = {item: given.get(item) for item in (*ITEMS, "for_day")}
    return asks, named, {item: value for item, value in given.items() if item not in named and value is not None}


def _version_after(latest: CheckInVersion | None, written: datetime) -> int:
    """The number of the version after `latest`; Refused where its day, and the day after, were over by then."""
    if latest is None:
        return 1
    if latest.for_day < clock.day_of(written, latest.zone) - timedelta(days=1):
        raise Refused("for_day", phrases.TOO_OLD_TO_CHANGE)
    return latest.version + 1


def _check_day(day: date, participant: Person, written: datetime, now: datetime) -> None:
    """Refuse a new check-in that is not for the day it was written on, or the one before, or waited for too long."""
    today = clock.day_of(written, participant.zone)
    if not now - WAITS <= written <= now or not today - timedelta(days=1) <= day <= today:
        raise Refused("for_day", phrases.TOO_OLD)


def _is_same(latest: CheckInVersion | None, named: dict[str, Any], more: dict[str, Any], asks: QuestionPlan) -> bool:
    """Whether a check-in holds these answers already, to the same questions in the same words."""
    asked = asks.question_set
    if (
        latest is None
        or (latest.question_set, latest.question_set_version) != (asked.name, asked.version)
        or latest.answers != more
    ):
        return False
    reworded = any(item.startswith("target-") for item in more) and latest.plan_key != asks.key
    return not reworded and all(getattr(latest, item) == value for item, value in named.items())


def _latest(participant: Person, key: str) -> CheckInVersion | None:
    row = db.session.execute(_CURRENT.where(CheckIn.participant_id == participant.id, CheckIn.key == key)).first()
    return _check_in(row) if row else None


def review(therapist: Person, participant: Person, entry: CheckInVersion, reply: str | None, now: datetime) -> None:
    """`therapist` has read `entry`, and may answer. The same again, be it at the same moment, adds nothing."""
    review_key, reply = new_key(), reply or None

    def next_review(before: list[CheckInReview] | None) -> Review | None:
        own = (r for r in before or () if r.by_id == therapist.id and r.check_in_version == entry.version)
        if any(reply in (None, one.reply) or (one.reply and reply == one.first_reply) for one in own):
            return None
        return Review(
            key=review_key,
            participant_id=participant.id,
            check_in_key=entry.key,
            number=len(before or ()) + 1,
            check_in_version=entry.version,
            by_id=therapist.id,
            at=now,
            reply=sealed_reply(reply, review_key),
        )

    _, is_new = append_version(lambda: reviews_of(participant, [entry.key]), next_review)
    if is_new:
        audit.record(therapist, "check_in.reply" if reply else "check_in.review", participant, entry.key)


def review_all(therapist: Person, participant: Person, entries: Sequence[CheckInVersion], now: datetime) -> None:
    """`therapist` has read these versions. What they have read before stays as it is."""
    for entry in entries:
        review(therapist, participant, entry, None, now)


def sealed_note(note: str | None, participant_id: int, key: str, version: int) -> bytes | None:
    """A note as the row of this version keeps it."""
    return None if note is None else seal.close(CheckIn.note, note, participant_id, key, version)


def sealed_reply(reply: str | None, review_key: str) -> bytes | None:
    """A reply as the row of its review keeps it."""
    return None if reply is None else seal.close(Review.reply, reply, review_key)


_REVIEWS = with_steps(select(*REVIEW_COLUMNS).join(Account, Account.id == Review.by_id)).order_by(Review.at)
_review = reader(CheckInReview, _REVIEWS)


def reviews_of(participant: Person, keys: Sequence[str]) -> list[CheckInReview]:
    """The reviews of these check-ins, the oldest first."""
    mine = Review.participant_id == participant.id, Review.check_in_key.in_(keys)
    return [_review(row) for row in db.session.execute(_REVIEWS.where(*mine))]
