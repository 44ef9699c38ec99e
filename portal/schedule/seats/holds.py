"""A make-up seat is held for ten minutes, taken, and given up: of many who want the last one, exactly one gets it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import bindparam, delete, insert, select, update

from portal import audit, people
from portal.db import db, reader, write
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule import own_meetings
from portal.schedule.meetings import Meeting, SessionLink, accounts, link_columns, meeting_columns
from portal.schedule.models import Seat, Session
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.places import seats, sessions
from portal.schedule.seats import offers
from portal.schedule.seats.models import Absence, SeatHold
from portal.schedule.seats.offers import SeatChoice, holds

KEPT_FOR = timedelta(minutes=10)
_PLAIN = {"synchronize_session": False}  # no row of these is held in memory


class NotFree(ValueError):
    """The seat is not to be had; `choice` is what is left, if anything."""

    def __init__(self, choice: SeatChoice) -> None:
        super().__init__("This seat is no longer free.")
        self.choice = choice


class Begun(ValueError):
    """The session of the seat has begun, and a seat is given up before that."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A seat that somebody has in one session instead of another one of theirs, the `missed`."""

    seat: SessionLink
    missed: SessionLink


@dataclass(frozen=True, slots=True)
class ChosenSeat:
    """A seat that somebody holds or has: `until` is when the hold ends or ended, None for a seat that is theirs."""

    offer: Meeting
    until: datetime | None

    def is_kept(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


_CHOSEN = (
    select(*meeting_columns(), holds.c.expires_at, seats.c.session_id.label("seat"))
    .select_from(sessions)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .outerjoin(holds, (holds.c.session_id == sessions.c.id) & (holds.c.participant_id == bindparam("me")))
    .outerjoin(seats, (seats.c.session_id == sessions.c.id) & (seats.c.participant_id == bindparam("me")))
    .where(sessions.c.key == bindparam("key"))
)
_offer = reader(Meeting, _CHOSEN, beside=("expires_at", "seat"))


def find_seat(participant: Person, key: str) -> ChosenSeat | None:
    """The seat in the session called `key` that `participant` holds, held, or has; None where there is none."""
    row = db.session.execute(_CHOSEN, {"me": participant.id, "key": key}).first()
    if row is None or (row.expires_at is None and row.seat is None):
        return None
    return ChosenSeat(_offer(row), None if row.seat else row.expires_at)


_missed = sessions.alias()
_SWAPS = (
    select(*link_columns(sessions, "seat."), *link_columns(_missed, "missed."))
    .select_from(seats)
    .join(sessions, sessions.c.id == seats.c.session_id)
    .join(_missed, _missed.c.id == seats.c.instead_of_id)
    .where(sessions.c.status != "cancelled")
    .order_by(sessions.c.starts_at)
)
_swap = reader(Swap, _SWAPS)


def read_swaps(participant: Person, keys: Collection[str]) -> list[Swap]:
    """The make-up seats of `participant` that have to do with these sessions, by their keys: in one, or instead of."""
    about = sessions.c.key.in_(keys) | _missed.c.key.in_(keys)
    return [_swap(row) for row in db.session.execute(_SWAPS.where(seats.c.participant_id == participant.id, about))]


def hold_seat(participant: Person, program: ProgramFacts, missed: OwnMeeting, key: str, now: datetime) -> None:
    """Keep a seat in the session called `key` for ten minutes; one held instead of the same session is let go.

    Held again it is held once, and no longer for it: nobody keeps a seat from others by asking again and again.
    Raises NotFree, and leaves nothing waiting, when the seat is not on offer.
    """
    session_id = _first_in_line(participant, key, now)
    choice = offers.offer_seats(participant, program, missed, now)
    if session_id is None or not choice.has(key):
        _say_not_free(choice)
    if choice.hold and choice.hold.session.key == key:
        return
    _forget_holds(participant, missed, session_id)
    row = {"session_id": session_id, "participant_id": participant.id, "expires_at": now + KEPT_FOR}
    db.session.execute(insert(SeatHold).values(**row, instead_of_id=missed.id))
    audit.record(participant, "seat.hold", participant, key)


def take_seat(participant: Person, program: ProgramFacts, missed: OwnMeeting, key: str, now: datetime) -> None:
    """Give `participant` a free seat in the session called `key` instead of `missed`; taken again it is taken once.

    A hold that ran out is no obstacle while the seat is free. Raises NotFree when it is not on offer.
    """
    session_id = _first_in_line(participant, key, now)
    choice = offers.offer_seats(participant, program, missed, now)
    if choice.took and choice.took.session.key == key:
        return
    if session_id is None or not choice.has(key):
        _say_not_free(choice)
    _forget_holds(participant, missed, session_id)
    row = {"session_id": session_id, "participant_id": participant.id, "made_at": now}
    db.session.execute(insert(Seat).values(**row, instead_of_id=missed.id))
    audit.record(participant, "seat.take", participant, key)


def release(participant: Person, missed: OwnMeeting, key: str) -> None:
    """Let others have the seat that `participant` holds; none that is held is no error."""
    theirs = (SeatHold.participant_id == participant.id, SeatHold.instead_of_id == missed.id)
    held = delete(SeatHold).where(*theirs, SeatHold.session_id == _id_of(key))
    if write(held, **_PLAIN):
        audit.record(participant, "seat.let_go", participant, key)


def give_up_seat(participant: Person, missed_key: str, key: str, now: datetime) -> date | None:
    """Give back a seat that `participant` took instead of another session, and say on which day that is.

    One that they do not have any more is no error: None. Raises NotFound for a missed session that was never theirs,
    and Begun once the session has begun.
    """
    theirs = (Seat.participant_id == participant.id, Seat.instead_of_id == _id_of(missed_key))
    ahead = select(sessions.c.id).where(sessions.c.key == key, sessions.c.starts_at > now).scalar_subquery()
    given = delete(Seat).where(*theirs, Seat.session_id == ahead)
    if write(given, **_PLAIN):
        said = (Absence.participant_id == participant.id, Absence.session_id == _id_of(key))
        taken_back = update(Absence).where(*said, Absence.withdrawn_at.is_(None)).values(withdrawn_at=now)
        db.session.execute(taken_back, execution_options=_PLAIN)  # it is theirs no more
        audit.record(participant, "seat.give_up", participant, key)
        return db.session.scalar(select(sessions.c.local_day).where(sessions.c.key == key))
    own_meetings.called(participant, missed_key)
    seat = find_seat(participant, key)
    if seat and seat.until is None and seat.offer.time.start <= now:
        raise Begun
    return None


def _first_in_line(participant: Person, key: str, now: datetime) -> int | None:
    """The id of the session called `key`, if it is still to come; until the end of this transaction nobody else's.

    Writing first makes all others who want a seat in it wait here, and then find what was given. The second write
    does the same between two pages of one person, so that they cannot come to take two seats at once. Holds that ran
    out go: one that waits here with an older `now` would take its own for alive, when another has had the seat.
    """
    asked = update(Session).where(Session.key == key, Session.status == "planned", Session.starts_at > now)
    taken = asked.values(status="planned").returning(Session.id)
    session_id = db.session.execute(taken, execution_options=_PLAIN).scalar()
    people.hold(participant)
    if session_id is not None:
        over = delete(SeatHold).where(SeatHold.session_id == session_id, SeatHold.expires_at <= now)
        db.session.execute(over, execution_options=_PLAIN)
    return session_id


def _say_not_free(choice: SeatChoice) -> NoReturn:
    """Nothing was written that should stay, and whoever waits in line need not wait for this answer."""
    db.session.rollback()
    raise NotFree(choice)


def _forget_holds(participant: Person, missed: OwnMeeting, session_id: int) -> None:
    """Forget what `participant` holds instead of `missed`, and their old hold of this session."""
    old = (SeatHold.session_id == session_id) | (SeatHold.instead_of_id == missed.id)
    mine = delete(SeatHold).where(SeatHold.participant_id == participant.id, old)
    db.session.execute(mine, execution_options=_PLAIN)


def _id_of(key: str) -> Any:
    return select(sessions.c.id).where(sessions.c.key == key).scalar_subquery()
