"""The check-ins of a caseload: of each person the numbers of their last days, and the latest check-in.

They are read as plain columns: no note, and only what the caseload compares and counts. The words of a person's own
targets are opened only where those were answered, once for each of their question plans.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import DateTime, Text, bindparam, case, cast, exists, select, type_coerce

from portal.checkins import BY_TIME, IS_LATEST
from portal.checkins.floors import FloorAnswer, floors_in
from portal.checkins.models import CheckIn, CheckInPlan, Review
from portal.checkins.question_plans import opened_targets
from portal.checkins.sets import Target
from portal.checkins.urges import urges_in
from portal.checkins.usual_range import ITEMS, ComparedItem, Series
from portal.db import Instant, read

UNREAD_DAYS = 28


@dataclass(frozen=True, slots=True)
class LatestCheckIn:
    """The latest check-in of somebody: the day it is for, when it was entered, and the answer about safety in it."""

    for_day: date
    entered_at: datetime
    safety: str | None = None


@dataclass(frozen=True, slots=True)
class RecentDays:
    """One person's days, which end on their today: the `series` of the compared items, and which days were `missed`.

    `unread` counts the check-ins of the last UNREAD_DAYS that nobody has read in the version they have now. `floors`
    are those of all check-ins that nobody has read, and of all those of the latest day. `items` are the compared items:
    those that every set may ask, and the urges and targets of their own that the latest day has an answer to.
    """

    series: Series
    missed: list[bool]
    latest: LatestCheckIn | None
    unread: int
    floors: tuple[FloorAnswer, ...] = ()
    items: Mapping[str, ComparedItem] = field(default_factory=lambda: ITEMS)


_check_ins, _reviews, _plans = CheckIn.__table__.c, Review.__table__.c, CheckInPlan.__table__.c
_targets = (
    select(_plans.targets)
    .where(_plans.key == _check_ins.plan_key, _plans.participant_id == _check_ins.participant_id)
    .scalar_subquery()
)
_NUMBERS = (
    select(
        _check_ins.participant_id,
        _check_ins.for_day,
        *(_check_ins[item] for item in ITEMS),
        _check_ins.key,
        _check_ins.substance_use,
        _check_ins.medication,
        _check_ins.safety,
        cast(_check_ins.answers, Text).label("more"),
        _check_ins.plan_key,
        case((cast(_check_ins.answers, Text).contains('"target-'), _targets)).label("targets"),
        type_coerce(_check_ins.entered_at, DateTime).label("entered_at"),  # only the latest is made an instant
        exists()
        .where(
            _reviews.participant_id == _check_ins.participant_id,
            _reviews.check_in_key == _check_ins.key,
            _reviews.check_in_version >= _check_ins.version,
        )
        .label("is_read"),
    )
    .where(
        _check_ins.participant_id.in_(bindparam("ids", expanding=True)),
        _check_ins.for_day.between(bindparam("first"), bindparam("last")),
        IS_LATEST,
    )
    .order_by(_check_ins.participant_id, _check_ins.for_day, *BY_TIME)
)
_LABELS = tuple(_NUMBERS.selected_columns.keys())


def recent_days(todays: Mapping[int, date], count: int) -> dict[int, RecentDays]:
    """The last `count` days of these people, in one read; `todays` says which day it is for each of them."""
    firsts = {person_id: today - timedelta(days=count - 1) for person_id, today in todays.items()}
    span = {"first": min(firsts.values(), default=date.max), "last": max(todays.values(), default=date.max)}
    held: dict[int, list[Any]] = {person_id: [] for person_id in todays}
    for row in read(_NUMBERS, ids=list(todays), **span):
        person_id, day = row[:2]  # by place: names take four times longer, for each check-in
        if firsts[person_id] <= day <= todays[person_id]:
            held[person_id].append(row)
    opened = cache(opened_targets)  # a plan holds for weeks of check-ins
    return {person_id: _recent(rows, firsts[person_id], count, opened) for person_id, rows in held.items()}


def _recent(rows: Sequence[Any], first: date, count: int, opened: Callable[..., tuple[Target, ...]]) -> RecentDays:
    """The days of one person, from their rows by day and time, which are turned into columns: that is quick to read."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(_LABELS)
    read: dict[str, Sequence[Any]] = dict(zip(_LABELS, columns, strict=True))
    if any(read["targets"]):
        read["targets"] = list(map(opened, read["targets"], read["plan_key"]))
    else:
        read["targets"] = [()] * len(rows)
    places = [(day - first).days for day in read["for_day"]]
    series: dict[str, list[float | None]] = {item: [None] * count for item in ITEMS}
    for item, values in series.items():
        for place, value in zip(places, read[item], strict=True):
            if value is not None:  # as usual_range.answer_of_day; a call for each takes too long here
                values[place] = value
    missed = [True] * count
    for place in places:
        missed[place] = False
    unread = sum(not seen and place >= count - UNREAD_DAYS for seen, place in zip(read["is_read"], places, strict=True))
    if not rows:
        return RecentDays(series, missed, None, 0)
    latest = LatestCheckIn(read["for_day"][-1], Instant.aware(read["entered_at"][-1]), read["safety"][-1])
    own = _own_items(read)
    return RecentDays(
        series | _own_series(read, own, places, count), missed, latest, unread, floors_in(read), {**ITEMS, **own}
    )


def _own_items(read: Mapping[str, Sequence[Any]]) -> dict[str, ComparedItem]:
    """The urges beyond the named items that the latest day has an answer to, by id."""
    last = [place for place, day in enumerate(read["for_day"]) if day == read["for_day"][-1]]
    return {
        urge.id: urge.compared for place in last for urge, _ in urges_in(read["more"][place], read["targets"][place])
    }


def _own_series(
    read: Mapping[str, Sequence[Any]], own: Collection[str], places: Sequence[int], count: int
) -> dict[str, list[float | None]]:
    """The answers to them of each day, the last of a day."""
    series: dict[str, list[float | None]] = {name: [None] * count for name in own}
    answered = zip(places, read["more"], read["targets"], strict=True) if own else ()
    for place, more, targets in answered:
        for urge, given in urges_in(more, targets):
            if urge.id in series:
                series[urge.id][place] = given
    return series
