"""The therapists on call: the program's list, to whom a safety flag goes that nobody else has."""

from collections.abc import Collection, Iterable
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
    """A therapist with an open account, on call `since` then, or not; `is_away` today, or can be reached."""

    therapist: Person
    since: datetime | None
    is_away: bool


_THERAPISTS = (
    select(
        *person_columns("therapist."),
        OnCall.since,
        is_away(Account.id, bindparam("today", type_=Date())).label("is_away"),
    )
    .outerjoin(OnCall, OnCall.therapist_id == Account.id)
    .where(Account.role == "therapist", Account.disabled_at.is_(None))
    .order_by(Account.name, Account.id)
)
_LIST = _THERAPISTS.where(OnCall.since.is_not(None))
_read_one = reader(OnCallTherapist, _THERAPISTS)


def on_call(today: date) -> list[OnCallTherapist]:
    """The list by name, as of `today` in the program's zone, without those whose account is switched off."""
    return [_read_one(row) for row in db.session.execute(_LIST, {"today": today})]


def open_therapists(coordinator: Person, today: date) -> list[OnCallTherapist]:
    """Every therapist with an open account by name, on the list or not, as of `today` in the program's zone."""
    coordinators_only(coordinator)
    return [_read_one(row) for row in db.session.execute(_THERAPISTS, {"today": today})]


def put_on_call(actor: Person | None, therapist: Person, now: datetime) -> None:
    """Add `therapist` to the list; a second tap changes nothing."""
    if _put_on(actor, therapist, now):
        changed(now)


def take_off_call(coordinator: Person, therapist: Person, now: datetime) -> None:
    """Take `therapist` off the list. Raises Refused while safety is asked about and nobody else could be reached."""
    change_list(coordinator, (), [therapist], now)
    changed(now)


def change_list(coordinator: Person, joining: Collection[Person], leaving: Collection[Person], now: datetime) -> None:
    """Put the ones on the list and take the others off it, at once; what hangs on it is told by `care.changed`.

    Raises Refused while safety is asked about and nobody of the new list could be reached, today or on a day to come.
    """
    coordinators_only(coordinator)
    today = clock.day_of(now, program.current().zone)
    if leaving and program.current().asks_safety:
        days = [today, *_days_that_change(leaving, today, None)]
        if gap := next(filter(None, (_gap(on_call(day), leaving, joining, day) for day in days)), None):
            raise Refused("on_call", NOBODY_LEFT.format(day=words.weekday(gap)))
    for one in joining:
        _put_on(coordinator, one, now)
    for one in leaving:
        _take_off(coordinator, one)


def hand_on_call_over(
    actor: Person, leaving: Person, successor: Person | None, first: date, last: date | None, now: datetime
) -> None:
    """Leave nobody's safety flag alone while `leaving` is away from `first` to `last`, or for good where that is None.

    It asks for a `successor`, by Refused, on a day on which nobody else of the list could be reached. Where no other
    therapist's account is open there is nobody to ask for: then the safety question goes off, on the day.
    """
    called = on_call(first)
    if program.current().asks_safety and any(one.therapist.id == leaving.id for one in called):
        ways = [leaving], [successor] if successor else []
        gap = _gap(called, *ways, first) or next(
            (day for day in _days_that_change([leaving], first, last) if _gap(on_call(day), *ways, day)),
            None,
        )
        if gap and (successor or _others(leaving)):
            raise Refused("on_call", NOBODY_LEFT.format(day=words.weekday(gap)))
    if successor:
        put_on_call(actor, successor, now)
    if last is None and _take_off(actor, leaving):
        changed(now)


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


def _days_that_change(leaving: Collection[Person], first: date, last: date | None) -> list[date]:
    """The days after `first`, to `last`, on which one more of the list may be away: the time away of others begins."""
    others = TimeAway.therapist_id.not_in([one.id for one in leaving])
    begins = select(TimeAway.first_day).where(TimeAway.first_day > first, others)
    if last:
        begins = begins.where(TimeAway.first_day <= last)
    return sorted(set(db.session.scalars(begins)))


def _gap(
    called: Iterable[OnCallTherapist], leaving: Collection[Person], joining: Collection[Person], day: date
) -> date | None:
    """The `day` itself where neither the list `called` without those `leaving` nor one `joining` is there; else None.

    It is asked before anything is written: what a verb refuses has left nothing behind.
    """
    gone = {one.id for one in leaving}
    there = any(one.therapist.id not in gone for one in _present(called))
    return None if there or any(_is_there(one, day) for one in joining) else day


def _is_there(therapist: Person, day: date) -> bool:
    return not any(one.first_day <= day for one in times_away_of(therapist, day))


def _put_on(actor: Person | None, therapist: Person, now: datetime) -> bool:
    is_new = add_once(OnCall(therapist_id=therapist.id, since=now))
    if is_new:
        audit.record(actor, "on_call.begin", None, therapist.key)
    return is_new


def _take_off(actor: Person | None, therapist: Person) -> bool:
    was_on = bool(write(delete(OnCall).where(OnCall.therapist_id == therapist.id)))
    if was_on:
        audit.record(actor, "on_call.end", None, therapist.key)
    return was_on
