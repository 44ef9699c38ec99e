"""What a participant may come to instead of a group session that they miss: seats that are free, and fit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    Time,
    and_,
    bindparam,
    cast,
    exists,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)

from portal import clock
from portal.db import Instant, db
from portal.people import Person
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.schedule import LONGEST, MeetingRow, where_in_words
from portal.schedule.models import Track
from portal.schedule.places import enrolled, places_of, seats, sessions
from portal.schedule.seats import busy, capacity
from portal.schedule.seats.models import BusyTime, SeatHold

AHEAD = timedelta(days=14)  # how far ahead seats are offered, and a session may be that they are offered for
LATELY = timedelta(days=7)  # how long ago it may have been missed
MOST = 8

tracks, accounts = Track.__table__, Account.__table__
holds, busy_times = SeatHold.__table__, BusyTime.__table__


@dataclass(frozen=True, slots=True)
class Offer:
    """A session of another group as somebody sees it who may come: nothing of those who belong to it, in no number."""

    key: str
    title: str
    topic: str
    facilitator: str
    room: str
    video_url: str
    bring: str
    zone: str
    minutes: int
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def wall_start(self) -> datetime:
        return clock.local(self.starts_at, self.zone)

    @property
    def wall_end(self) -> datetime:
        return clock.local(self.ends_at, self.zone)

    @property
    def day(self) -> date:
        return self.wall_start.date()

    @property
    def where(self) -> str:
        return where_in_words(self.room, self.video_url)


@dataclass(frozen=True, slots=True)
class Taken:
    """What takes a participant's time: a `place` in a session, a seat on `hold`, or `busy` hours of every week.

    A place or hold is `instead` of the session of this key; `until` is when the hold ends. Busy hours alone have the
    last three, in wall time of the program's zone, and nothing else.
    """

    what: str
    key: str
    title: str
    zone: str
    minutes: int
    starts_at: datetime
    instead: str | None
    until: datetime | None
    weekday: int
    starts: time
    ends: time

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def wall_start(self) -> datetime:
        return clock.local(self.starts_at, self.zone)

    def is_in_the_way(self, offer: Offer, zone: str) -> bool:
        if self.what == "busy":
            return busy.is_within(self.weekday, self.starts, self.ends, offer.starts_at, offer.ends_at, zone)
        return self.starts_at < offer.ends_at and offer.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody may come to instead of `missed`: all that is `free`, or `why_not`; what they `took`, or `hold`."""

    missed: MeetingRow
    free: tuple[Offer, ...] = ()
    took: Taken | None = None
    hold: Taken | None = None
    why_not: str = ""

    @property
    def offers(self) -> tuple[Offer, ...]:
        """As many as one can look over, without the one that they hold."""
        return tuple(offer for offer in self.free if not self.hold or offer.key != self.hold.key)[:MOST]

    def has(self, key: str) -> bool:
        return any(offer.key == key for offer in self.free)

    def is_same_topic(self, offer: Offer) -> bool:
        return bool(offer.topic) and offer.topic.casefold() == self.missed.topic.casefold()


def why_not(missed: MeetingRow, program: ProgramFacts, now: datetime) -> str:
    """Why no seat is offered instead of `missed`, as a sentence; "" when one may be."""
    if missed.kind != "group" or missed.kind not in program.counted_kinds:
        return "Another time for this one has to be agreed on with us."
    if not now - LATELY <= missed.starts_at <= now + AHEAD:
        return "Seats can be found for what was in the last 7 days or is in the next 14."
    if missed.is_cancelled or missed.absent or missed.attendance in ("missed", "excused"):
        return ""
    if missed.attendance:
        return "You came to this one, so there is nothing to make up for."
    if missed.ends_at <= now:
        return "Nobody has marked yet who came to this one."
    return "You have your place in this one. If you can't make it, tell us, and we look for another seat."


OFFER = (
    sessions.c.key,
    sessions.c.title,
    sessions.c.topic,
    accounts.c.name,
    sessions.c.room,
    sessions.c.video_url,
    sessions.c.bring,
    sessions.c.zone,
    sessions.c.minutes,
    sessions.c.starts_at,
)
_missed = sessions.alias()
_FREE: Select[Any] = (
    select(*OFFER)
    .select_from(sessions)
    .join(tracks, tracks.c.id == sessions.c.track_id)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .where(
        sessions.c.status == "planned",
        sessions.c.starts_at > bindparam("now"),
        sessions.c.starts_at <= bindparam("until"),
        tracks.c.takes_make_ups.is_(True),
        exists().where(enrolled()).correlate(sessions),  # a group that meets
        or_(sessions.c.room != "", sessions.c.video_url != ""),
        sessions.c.track_id != select(_missed.c.track_id).where(_missed.c.key == bindparam("missed")).scalar_subquery(),
        or_(capacity.free() > 0, capacity.is_held_by_me()),
    )
    .order_by(sessions.c.starts_at, sessions.c.id)
)


def _taken() -> Any:
    """Everything that takes the time of `me`, in one read; each NULL says its type, for PostgreSQL."""
    mine, instead = seats.alias(), sessions.alias()
    for_it = exists().where(
        mine.c.session_id == sessions.c.id,
        mine.c.participant_id == bindparam("me"),
        mine.c.instead_of_id == select(_missed.c.id).where(_missed.c.key == bindparam("missed")).scalar_subquery(),
    )
    near = and_(sessions.c.starts_at > bindparam("since"), sessions.c.starts_at <= bindparam("until"))
    on = sessions.c.status != "cancelled"
    places = union(*places_of(lambda who: who == bindparam("me"), on, or_(near, for_it))).subquery()
    session = (
        sessions.c.key.label("key"),
        sessions.c.title.label("title"),
        sessions.c.zone.label("zone"),
        sessions.c.minutes.label("minutes"),
        sessions.c.starts_at.label("starts_at"),
        instead.c.key.label("instead"),
    )
    hours = (
        cast(null(), Integer).label("weekday"),
        cast(null(), Time).label("starts"),
        cast(null(), Time).label("ends"),
    )
    theirs = and_(mine.c.session_id == places.c.session_id, mine.c.participant_id == places.c.participant_id)
    return union_all(
        select(
            literal_column("'place'", String).label("what"), *session, cast(null(), Instant()).label("until"), *hours
        )
        .select_from(places)
        .join(sessions, sessions.c.id == places.c.session_id)
        .outerjoin(mine, theirs)
        .outerjoin(instead, instead.c.id == mine.c.instead_of_id),
        select(literal_column("'hold'", String), *session, holds.c.expires_at, *hours)
        .select_from(holds)
        .join(sessions, sessions.c.id == holds.c.session_id)
        .outerjoin(instead, instead.c.id == holds.c.instead_of_id)
        .where(holds.c.participant_id == bindparam("me"), holds.c.expires_at > bindparam("now")),
        select(
            literal_column("'busy'", String),
            busy_times.c.key,
            busy_times.c.kind,
            cast(null(), String),
            cast(null(), Integer),
            cast(null(), Instant()),
            cast(null(), String),
            cast(null(), Instant()),
            busy_times.c.weekday,
            busy_times.c.starts,
            busy_times.c.ends,
        ).where(busy_times.c.participant_id == bindparam("me")),
    )


_TAKEN = _taken()


def instead_of(participant: Person, program: ProgramFacts, missed: MeetingRow, now: datetime) -> Choice:
    """What `participant` may come to instead of `missed`, a session of theirs, in two reads.

    On offer are sessions of other tracks that take people in and have some, within 14 days, in a place that is known,
    with a free seat, that are in the way of nothing of theirs: the same topic first, then the soonest.
    """
    asked = {
        "me": participant.id,
        "now": now,
        "since": now - LONGEST,
        "until": now + AHEAD,
        "missed": missed.key,
    }
    taken = [Taken(*row) for row in db.session.execute(_TAKEN, asked)]
    took = next((one for one in taken if one.what == "place" and one.instead == missed.key), None)
    if took:
        return Choice(missed, took=took)
    if words := why_not(missed, program, now):
        return Choice(missed, why_not=words)
    held = next((one for one in taken if one.what == "hold" and one.instead == missed.key), None)
    others = [one for one in taken if one is not held]  # the seat they hold for this goes when they choose another
    free = _fitting((Offer(*row) for row in db.session.execute(_FREE, asked)), others, program.zone)
    choice = Choice(missed, hold=held)
    return replace(choice, free=tuple(sorted(free, key=lambda offer: not choice.is_same_topic(offer))))


def _fitting(offers: Iterable[Offer], taken: list[Taken], zone: str) -> list[Offer]:
    return [offer for offer in offers if not any(one.is_in_the_way(offer, zone) for one in taken)]
