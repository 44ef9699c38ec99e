"""The sessions to come to instead of a group session that is missed: seats that are free, and fit."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, cast, exists, null, or_, select, union, union_all

from portal.db import Instant, db, reader, spelled_out
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule.meetings import LONGEST, Meeting, SessionLink, accounts, link_columns, meeting_columns
from portal.schedule.models import Track
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.places import enrolled, places_of, seats, sessions
from portal.schedule.seats import capacity
from portal.schedule.seats.busy import BusyHours
from portal.schedule.seats.models import BusyTime, SeatHold

AHEAD = timedelta(days=14)  # how far ahead seats are offered, and a session may be that they are offered for
LATELY = timedelta(days=7)  # how long ago it may have been missed
MOST = 8

tracks = Track.__table__
holds, busy_times = SeatHold.__table__, BusyTime.__table__


@dataclass(frozen=True, slots=True)
class OwnTime:
    """A time that a participant is not free: a `place` in a `session`, or a seat there on `hold`.

    It is `instead` of the session of this key, if it makes up for one; `until` is when the hold ends.
    """

    what: str
    session: SessionLink
    instead: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """The choice instead of the `missed` session: all that is `free`, or `why_not`; what they `took`, or `hold`."""

    missed: OwnMeeting
    free: tuple[Meeting, ...] = ()
    took: OwnTime | None = None
    hold: OwnTime | None = None
    why_not: str = ""

    @property
    def offers(self) -> tuple[Meeting, ...]:
        """As many as one can look over, without the one that they hold."""
        return tuple(offer for offer in self.free if not self.hold or offer.key != self.hold.session.key)[:MOST]

    def has(self, key: str) -> bool:
        return any(offer.key == key for offer in self.free)

    def is_same_topic(self, offer: Meeting) -> bool:
        return bool(offer.topic) and offer.topic.casefold() == self.missed.topic.casefold()


def why_no_seat(missed: OwnMeeting, program: ProgramFacts, now: datetime) -> str:
    """The reason that no seat is offered instead of `missed`, as a sentence; "" when one may be."""
    if missed.kind != "group" or missed.kind not in program.counted_kinds:
        return "Call us to find another time for this one."
    if not now - LATELY <= missed.time.start <= now + AHEAD:
        return "You can find a make-up seat for a session of the last 7 days or the next 14."
    if missed.is_cancelled or missed.absent or missed.attendance in ("missed", "excused"):
        return ""
    if missed.attendance:
        return "You came to this one, so there is nothing to make up."
    if missed.time.end <= now:
        return "Nobody has marked yet who came to this one."
    return "You have your place in this one. If you can't make it, tell us, and you can find a make-up seat."


_missed = sessions.alias()
_FREE: Select[Any] = (
    select(*meeting_columns())
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


# Everything that takes the time of `me`, in one read; each NULL says its type, for PostgreSQL.
_seat, _instead = seats.alias(), sessions.alias()
_makes_up = exists().where(
    _seat.c.session_id == sessions.c.id,
    _seat.c.participant_id == bindparam("me"),
    _seat.c.instead_of_id == select(_missed.c.id).where(_missed.c.key == bindparam("missed")).scalar_subquery(),
)
_near = and_(sessions.c.starts_at > bindparam("since"), sessions.c.starts_at <= bindparam("until"))
_places = union(
    *places_of(lambda who: who == bindparam("me"), sessions.c.status != "cancelled", or_(_near, _makes_up))
).subquery()
_session = (*link_columns(sessions, "session."), _instead.c.key.label("instead"))
_busy_hours = (busy_times.c.weekday, busy_times.c.starts, busy_times.c.ends)
_no_hours = [cast(null(), column.type).label(f"hours.{column.name}") for column in _busy_hours]
_until = cast(null(), Instant()).label("until")
_TAKEN = union_all(
    select(spelled_out("place").label("what"), *_session, _until, *_no_hours)
    .select_from(_places)
    .join(sessions, sessions.c.id == _places.c.session_id)
    .outerjoin(_seat, and_(_seat.c.session_id == sessions.c.id, _seat.c.participant_id == bindparam("me")))
    .outerjoin(_instead, _instead.c.id == _seat.c.instead_of_id),
    select(spelled_out("hold"), *_session, holds.c.expires_at, *_no_hours)
    .select_from(holds)
    .join(sessions, sessions.c.id == holds.c.session_id)
    .outerjoin(_instead, _instead.c.id == holds.c.instead_of_id)
    .where(holds.c.participant_id == bindparam("me"), holds.c.expires_at > bindparam("now")),
    select(
        spelled_out("busy"),
        *(cast(null(), column.type) for column in (*_session, holds.c.expires_at)),
        *_busy_hours,
    ).where(busy_times.c.participant_id == bindparam("me")),
)
_offer = reader(Meeting, _FREE)
_hours = reader(BusyHours, _TAKEN, within="hours.")
_own_time = reader(OwnTime, _TAKEN, beside=("hours.weekday", "hours.starts", "hours.ends"))


def offer_seats(participant: Person, program: ProgramFacts, missed: OwnMeeting, now: datetime) -> SeatChoice:
    """The choice of `participant` instead of `missed`, a session of theirs, in two reads.

    On offer are sessions of other tracks that take people in and have some, within 14 days, in a place that is known,
    with a free seat, that are in the way of nothing of theirs: the same topic first, then the soonest.
    """
    span = {"since": now - LONGEST, "until": now + AHEAD}
    asked = {"me": participant.id, "now": now, "missed": missed.key, **span}
    rows = db.session.execute(_TAKEN, asked).all()
    taken = [_own_time(row) for row in rows if row.what != "busy"]
    if took := _instead_of(missed, taken, "place"):
        return SeatChoice(missed, took=took)
    if words := why_no_seat(missed, program, now):
        return SeatChoice(missed, why_not=words)
    held = _instead_of(missed, taken, "hold")
    others = [one.session.time for one in taken if one is not held]  # the seat held for this goes with another choice
    hours = [_hours(row) for row in rows if row.what == "busy"]
    offers = map(_offer, db.session.execute(_FREE, asked))
    free = [
        offer
        for offer in offers
        if not any(offer.time.overlaps(other) for other in others)
        and not any(busy.touch(offer.time, program.zone) for busy in hours)
    ]
    choice = SeatChoice(missed, hold=held)
    return replace(choice, free=tuple(sorted(free, key=lambda offer: not choice.is_same_topic(offer))))


def _instead_of(missed: OwnMeeting, taken: list[OwnTime], what: str) -> OwnTime | None:
    return next((one for one in taken if one.what == what and one.instead == missed.key), None)
