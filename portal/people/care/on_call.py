"""The therapists on call: the program's list, to whom a safety flag goes that nobody else has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, bindparam, delete, select

from portal import audit, clock, program, words
from portal.db import add_once, db, reader, write
from portal.fields import Refused
from portal.people import Person, coordinators_only, is_away, person_columns
from portal.people.care import changed, times_away_of
from portal.people.models import Account, OnCall, TimeAway

NOBODY_LEFT = "Nobody else would be on call on {day}. Name someone, so that an answer about safety reaches a person."
NOBODY_ON_CALL = "Put someone on call first, so that an answer about safety always reaches a person."


@dataclass(frozen=True, slots=True)
class OnCallTherapist:
    """A therapist of the list with an open account, on it `since` then; `is_away` today, or can be reached."""

    therapist: Person
    since: datetime
    is_away: bool


_LIST = (
    select(
        *person_columns("therapist."),
        OnCall.since,
        is_away(Account.id, bindparam("today", type_=Date())).label("is_away"),
    )
    .join(OnCall, OnCall.therapist_id == Account.id)
    .where(Account.disabled_at.is_(None))
    .order_by(Account.name, Account.id)
)
_read_one = reader(OnCallTherapist, _LIST)


def on_call(today: date) -> list[OnCallTherapist]:
    """The list by name, as of `today` in the program's zone, without those whose account is switched off."""
    return [_read_one(row) for row in db.session.execute(_LIST, {"today": today})]


def put_on_call(actor: Person | None, therapist: Person, now: datetime) -> None:
    """Add `therapist` to the list; a second tap changes nothing."""
    if add_once(OnCall(therapist_id=therapist.id, since=now)):
        audit.record(actor, "on_call.begin", None, therapist.key)
        changed(now)


def take_off_call(coordinator: Person, therapist: Person, now: datetime) -> None:
    """Take `therapist` off the list. Raises Refused while safety is asked about and nobody else could be reached."""
    coordinators_only(coordinator)
    today = clock.day_of(now, program.current().zone)
    if program.current().asks_safety and _gap(on_call(today), therapist, None, today):
        raise Refused("on_call", NOBODY_LEFT.format(day=words.weekday(today)))
    _take_off(coordinator, therapist, now)


def hand_on_call_over(
    actor: Person, leaving: Person, successor: Person | None, first: date, last: date | None, now: datetime
) -> None:
    """Leave nobody's safety flag alone while `leaving` is away from `first` to `last`, or for good where that is None.

    It asks for a `successor`, by Refused, on a day on which nobody else of the list could be reached. Where no other
    therapist's account is open there is nobody to ask for: then the safety question goes off, on the day.
    """
    called = on_call(first)
    if program.current().asks_safety and any(one.therapist.id == leaving.id for one in called):
        gap = _gap(called, leaving, successor, first) or next(
            (day for day in _days_that_change(leaving, first, last) if _gap(on_call(day), leaving, successor, day)),
            None,
        )
        if gap and (successor or _others(leaving)):
            raise Refused("on_call", NOBODY_LEFT.format(day=words.weekday(gap)))
    if successor:
        put_on_call(actor, successor, now)
    if last is None:
        _take_off(actor, leaving, now)


def ask_about_safety(coordinator: Person, asks: bool, now: datetime) -> None:
    """Turn what may raise a safety flag on or off. Raises Refused for on, while nobody is on call."""
    coordinators_only(coordinator)
    if asks and not _present(on_call(clock.day_of(now, program.current().zone))):
        raise Refused("asks_safety", NOBODY_ON_CALL)
    program.change_settings(coordinator, asks_safety=asks)


def stop_asking_if_nobody_is_on_call(now: datetime) -> bool:
    """Turn the safety question off where nobody of the list can be reached today; whether that was so."""
    facts = program.current()
    alone = facts.asks_safety and not _present(on_call(clock.day_of(now, facts.zone)))
    if alone:
        program.change_settings(audit.PORTAL, asks_safety=False)
    return alone


def _present(everyone: Iterable[OnCallTherapist]) -> list[OnCallTherapist]:
    return [one for one in everyone if not one.is_away]


def _others(leaving: Person) -> bool:
    """Whether another therapist's account is open."""
    other = Account.role == "therapist", Account.disabled_at.is_(None), Account.id != leaving.id
    return db.session.scalar(select(Account.id).where(*other).limit(1)) is not None


def _days_that_change(leaving: Person, first: date, last: date | None) -> list[date]:
    """The days after `first`, to `last`, on which one more of the list may be away: the time away of others begins."""
    begins = select(TimeAway.first_day).where(TimeAway.first_day > first, TimeAway.therapist_id != leaving.id)
    if last:
        begins = begins.where(TimeAway.first_day <= last)
    return sorted(set(db.session.scalars(begins)))


def _gap(called: Iterable[OnCallTherapist], leaving: Person, successor: Person | None, day: date) -> date | None:
    """The `day` itself where neither the list `called` without `leaving` nor `successor` is there; else None.

    It is asked before anything is written: what a verb refuses has left nothing behind.
    """
    there = [one for one in _present(called) if one.therapist.id != leaving.id]
    return None if there or (successor and _is_there(successor, day)) else day


def _is_there(therapist: Person, day: date) -> bool:
    return not any(one.first_day <= day for one in times_away_of(therapist, day))


def _take_off(actor: Person | None, therapist: Person, now: datetime) -> None:
    if write(delete(OnCall).where(OnCall.therapist_id == therapist.id)):
        audit.record(actor, "on_call.end", None, therapist.key)
        changed(now)
