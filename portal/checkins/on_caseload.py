"""The check-ins of a caseload: of each person the numbers of their last days, and the latest check-in.

They are read as plain columns: no note, and only what the caseload compares and counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Text, bindparam, cast, exists, select, type_coerce

from portal.checkins import BY_TIME, IS_LATEST
from portal.checkins.floors import FloorAnswer, floors_in
from portal.checkins.models import CheckIn, Review
from portal.checkins.usual_range import ITEMS, Series
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
    are those of all check-ins that nobody has read, and of all those of the latest day.
    """

    series: Series
    missed: list[bool]
    latest: LatestCheckIn | None
    unread: int
    floors: tuple[FloorAnswer, ...] = ()


_check_ins, _reviews = CheckIn.__table__.c, Review.__table__.c
_NUMBERS = (
    select(
        _check_ins.participant_id,
        _check_ins.for_day,
        *(_check_ins[item] for item in ITEMS),
        _check_ins.key,
        _check_ins.substance_use,
        _check_ins.medication,
        _check_ins.safety,
        cast(_check_ins.answers, Text).label("more"),  # read where nobody has seen it, which is seldom
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
    return {person_id: _recent(rows, firsts[person_id], count) for person_id, rows in held.items()}


def _recent(rows: Sequence[Any], first: date, count: int) -> RecentDays:
    """The days of one person, from their rows by day and time, which are turned into columns: that is quick to read."""
    read = dict(zip(_LABELS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_LABELS, ())
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
    return RecentDays(series, missed, latest, unread, floors_in(read))
