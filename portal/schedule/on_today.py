"""The part of the schedule that Today shows: unseen changes of sessions to come, and groups joined and left."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, bindparam, func, or_, select

from portal import clock, words
from portal.db import Offered, in_one_text, offer
from portal.schedule import phrases, week
from portal.schedule.meetings import MeetingChange, Time
from portal.schedule.models import Track
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.places import enrolled, enrollments, sessions

A_DAY = timedelta(days=1)
LATELY, SOON = timedelta(days=7), timedelta(days=14)  # how long ago or ahead somebody may join a group, or leave it


@dataclass(frozen=True, slots=True)
class SessionNews:
    """An act of somebody's that its participant has not seen yet: all it changed in a session, and the `others`."""

    meeting: OwnMeeting
    changes: list[MeetingChange]
    others: "tuple[SessionNews, ...]" = ()

    @property
    def change(self) -> MeetingChange:
        return self.changes[0]

    @property
    def was(self) -> Time:
        """The time that it had before this, or has."""
        return self.change.old if self.change.kind in ("moved", "cancelled") else self.meeting.time

    def time_in_words(self, now: datetime) -> str:
        """The time of the session as it is now: "Fri 3:30 pm"."""
        return phrases.near_moment(self.meeting.time.local_start, clock.day_of(now, self.meeting.time.zone))

    def old_time_in_words(self, now: datetime) -> str:
        """The time that it was moved from: the hour alone where the day stays the same."""
        old, new = self.was.local_start, self.meeting.time.local_start
        if old.date() == new.date():
            return words.hour(old)
        return phrases.near_moment(old, clock.day_of(now, self.meeting.time.zone))

    @property
    def other_days(self) -> str:
        """The days of the others, the first ones by name; "" without any."""
        return phrases.on_days(other.was.day for other in self.others)


def session_news(meetings: Iterable[OwnMeeting], now: datetime) -> list[SessionNews]:
    """The changes, however long ago, that were not seen, of what is not over; what one act changed is told once."""
    acts: dict[str, list[SessionNews]] = {}
    for meeting in (meeting for meeting in meetings if meeting.changes and meeting.time.end > now):
        unseen = (change for change in week.standing_changes(meeting) if change.seen is None)
        for key, changes in groupby(unseen, key=attrgetter("key")):
            acts.setdefault(key, []).append(SessionNews(meeting, list(changes)))
    return [SessionNews(first.meeting, first.changes, tuple(others)) for first, *others in acts.values()]


@dataclass(frozen=True, slots=True)
class GroupNews:
    """A group that a participant joins, `first` being their first day in it, or whose `last` day for them is near."""

    title: str
    first: date | None = None
    last: date | None = None


def _day_of_session(which: Any) -> ScalarSelect[Any]:
    """The first or the last day on which the enrolled meet."""
    held = select(which(sessions.c.local_day)).where(enrolled(), sessions.c.status != "cancelled")
    return held.correlate(enrollments).scalar_subquery()


def _is_near(day: Any) -> ColumnElement[bool]:
    return and_(day >= bindparam("first_day"), day <= bindparam("last_day"))


_tracks, _enrollments = Track.__table__, enrollments.c
_first_session, _last_session = _day_of_session(func.min), _day_of_session(func.max)
OFFERS = (
    offer(
        "enrollment",
        _tracks.c.title,
        number=_tracks.c.id,
        author=in_one_text(_enrollments.starts_on, _enrollments.ends_on, _first_session, _last_session),
    )
    .select_from(enrollments)
    .join(_tracks, _tracks.c.id == _enrollments.track_id)
    .where(
        _enrollments.participant_id == bindparam("me"),
        or_(_is_near(_enrollments.starts_on), _is_near(_enrollments.ends_on)),
    ),
)


@dataclass(frozen=True, slots=True)
class _Enrollment:
    """One enrollment in a group: its days, and those of its first and last session."""

    starts: date
    ends: date | None
    first: date | None
    last: date | None


def group_news(offered: Offered, today: date) -> list[GroupNews]:
    """The groups that are joined until their first day is over, and those left, where `today` is the program's day.

    Where one enrollment goes on in the next, nothing is joined and nothing left.
    """
    titles: dict[int, str] = {}
    by_track: dict[int, list[_Enrollment]] = {}
    for row in offered.get("enrollment", ()):
        starts, *others = row.author.split("|")
        titles.setdefault(row.number, row.name)
        by_track.setdefault(row.number, []).append(
            _Enrollment(date.fromisoformat(starts), *map(clock.parse_day, others))
        )
    return [news for track, held in by_track.items() for one in held for news in _news(titles[track], one, held, today)]


def _news(title: str, one: _Enrollment, of_track: list[_Enrollment], today: date) -> Iterator[GroupNews]:
    goes_on_from = any(each.starts < one.starts and each.ends and each.ends >= one.starts - A_DAY for each in of_track)
    goes_on_in = one.ends and any(one.starts < each.starts <= one.ends + A_DAY for each in of_track)
    if one.first and one.first >= today and today - LATELY <= one.starts <= today + SOON and not goes_on_from:
        yield GroupNews(title, first=one.first)
    if one.last and one.last >= today and one.ends and one.ends <= today + SOON and not goes_on_in:
        yield GroupNews(title, last=one.last)
