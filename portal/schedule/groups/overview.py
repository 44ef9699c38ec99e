"""An overview of group tracks for coordinators: all of them, and one with its sessions to come."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Date, and_, bindparam, func, or_, select, true, union

from portal import clock, words
from portal.db import Instant, db, reader
from portal.people import Person, coordinators_only
from portal.people.models import Account
from portal.schedule.groups import phrases, weekly
from portal.schedule.meetings import LONGEST, Time, TrackMeeting, track_meetings
from portal.schedule.models import Session, Track, TrackEnrollment
from portal.schedule.phrases import weekdays
from portal.schedule.places import has_left, places_of, sessions

NEXT = 10  # sessions that the page of a track names


@dataclass(frozen=True, slots=True)
class TrackLine:
    """A track as the list of tracks shows it: `people` have a place on `today`, `ahead` sessions are to come."""

    key: str
    title: str
    leader: str
    room: str
    first_at: datetime
    zone: str
    minutes: int
    rule: str
    capacity: int
    people: int
    ahead: int

    @property
    def when(self) -> str:
        return weekly.in_words(self.rule, self.first_at, self.minutes, self.zone)


_PEOPLE = (
    select(func.count(TrackEnrollment.participant_id.distinct()))
    .where(
        TrackEnrollment.track_id == Track.id,
        TrackEnrollment.starts_on <= bindparam("today"),
        func.coalesce(TrackEnrollment.ends_on, date.max) >= bindparam("today"),
        ~has_left(TrackEnrollment.participant_id, bindparam("now", type_=Instant()), bindparam("today", type_=Date())),
    )
    .correlate(Track)
    .scalar_subquery()
)
_AHEAD = (
    select(func.count())
    .where(Session.track_id == Track.id, Session.status == "planned", Session.starts_at > bindparam("now"))
    .correlate(Track)
    .scalar_subquery()
)
_LINES = (
    select(
        *(Track.key, Track.title, Track.room, Track.first_at, Track.zone, Track.minutes, Track.rule, Track.capacity),
        Account.name.label("leader"),
        _PEOPLE.label("people"),
        _AHEAD.label("ahead"),
    )
    .join(Account, Account.id == Track.facilitator_id)
    .order_by(_AHEAD == 0, Track.title, Track.id)
)
_line = reader(TrackLine, _LINES)


def track_lines(coordinator: Person, now: datetime) -> list[TrackLine]:
    """All tracks, those with sessions to come first, by name; raises NotFound for anyone but a coordinator."""
    coordinators_only(coordinator)
    rows = db.session.execute(_LINES, {"today": clock.day_of(now, coordinator.zone), "now": now})
    return [_line(row) for row in rows]


def to_come(track: Track, now: datetime) -> list[TrackMeeting]:
    """The sessions of `track` still to come, by time, cancelled ones too."""
    return track_meetings(sessions.c.track_id == track.id, sessions.c.starts_at > now)


def meets(track: Track, meetings: Sequence[TrackMeeting], today: date) -> str:
    """The days and times of `track` in words: by an earlier rule first, while sessions of that are to come."""
    since = track.first_at.date()
    earlier = [one for one in meetings if one.occurrence and one.occurrence.date() < since and not one.is_cancelled]
    now_is = weekly.in_words(track.rule, track.first_at, track.minutes, track.zone)
    if not earlier:
        return now_is
    days: dict[tuple[time, int], set[int]] = defaultdict(set)
    for one in earlier:
        if one.occurrence:
            days[one.occurrence.time(), one.time.minutes].add(one.occurrence.weekday())
    spans = [
        f"{weekdays(on)}, {phrases.span(datetime.combine(since, at), minutes)}"
        for (at, minutes), on in sorted(days.items())
    ]
    until = words.short_day(since - timedelta(days=1), today)
    return f"Until {until}: {'; '.join(spans)}. From {words.short_day(since, today)}: {now_is}"


def next_day(meetings: Sequence[TrackMeeting], today: date) -> date:
    """The day of the next session that is planned; `today` without one."""
    days = [one.time.day for one in meetings if not one.is_cancelled]
    return max(today, days[0]) if days else today


def busy(track: Track, meetings: Sequence[TrackMeeting]) -> dict[str, str]:
    """By the key of a participant, the other session that they have at the time of one of the next of `track`."""
    soon = [one.time for one in meetings if not one.is_cancelled][:NEXT]
    if not soon:
        return {}
    near = or_(*(and_(Session.starts_at > time.start - LONGEST, Session.starts_at < time.end) for time in soon))
    others = (Session.status == "planned", near, func.coalesce(Session.track_id, 0) != track.id)
    places = union(*places_of(lambda _: true(), *others)).subquery()
    rows = db.session.execute(
        select(Account.key, Session.title, Session.starts_at, Session.zone, Session.minutes)
        .select_from(places)
        .join(Session, Session.id == places.c.session_id)
        .join(Account, Account.id == places.c.participant_id)
        .order_by(Session.starts_at.desc(), Session.id)
    )
    return {
        row.key: row.title
        for row in rows
        if any(time.overlaps(Time.at(row.starts_at, row.zone, row.minutes)) for time in soon)
    }


def planned_ids(track: Track, now: datetime) -> list[int]:
    """The ids of the sessions of `track` that are planned and still to come."""
    planned = (Session.track_id == track.id, Session.status == "planned", Session.starts_at > now)
    return list(db.session.scalars(select(Session.id).where(*planned)))


def why_anyway(track: Track) -> str:
    """The reason that sessions of `track` were planned although somebody was taken; "" when none was."""
    given = select(func.max(Session.clash_reason)).where(Session.track_id == track.id)
    return db.session.scalar(given) or ""
