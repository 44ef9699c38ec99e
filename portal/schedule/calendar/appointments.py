"""Sessions as a calendar may show them: when, where and whether, and nothing that tells what for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, union
from werkzeug.exceptions import NotFound

from portal.db import db, reader
from portal.people import Person
from portal.schedule.meetings import Time, time_columns
from portal.schedule.places import places_of, sessions

BACK, AHEAD = timedelta(days=30), timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One session as a calendar shows it; `title` is the discreet one."""

    key: str
    title: str
    time: Time
    room: str
    status: str
    sequence: int
    changed_at: datetime


_SHOWN = select(
    sessions.c.key,
    sessions.c.discreet_title.label("title"),
    *time_columns(sessions),
    sessions.c.room,
    sessions.c.status,
    sessions.c.sequence,
    sessions.c.changed_at,
)
_appointment = reader(Appointment, _SHOWN)


def _shown(person: Person, *which: Any) -> Select:
    """The appointments of `person` by time: a participant's places, and what anyone else leads."""
    found = _SHOWN.where(*which).order_by(sessions.c.starts_at, sessions.c.id)
    if person.role != "participant":
        return found.where(sessions.c.facilitator_id == person.id)
    theirs = union(*places_of(lambda who: who == person.id, *which)).subquery()
    return found.where(sessions.c.id.in_(select(theirs.c.session_id)))


def _feed(person: Person, now: datetime) -> Select:
    return _shown(person, sessions.c.starts_at >= now - BACK, sessions.c.starts_at < now + AHEAD)


def read_feed(person: Person, now: datetime) -> list[Appointment]:
    """The sessions of `person` from 30 days back to 26 weeks ahead, by time; cancelled ones too."""
    return [_appointment(row) for row in db.session.execute(_feed(person, now))]


def titles(person: Person, now: datetime) -> list[str]:
    """The discreet titles that stand in the calendar of `person`, each once, by letter."""
    shown = _feed(person, now).order_by(None).with_only_columns(sessions.c.discreet_title)
    return sorted(db.session.scalars(shown.distinct()))


def find(person: Person, key: str) -> Appointment:
    """The session called `key`, for a participant with a place in it, who leads it, or a coordinator.

    Raises NotFound for everybody else.
    """
    called = sessions.c.key == key
    found = _SHOWN.where(called) if person.role == "coordinator" else _shown(person, called)
    row = db.session.execute(found).first()
    if row is None:
        raise NotFound
    return _appointment(row)
