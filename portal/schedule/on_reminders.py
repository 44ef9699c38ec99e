"""The part of the schedule that reminders tell of: sessions that begin soon, and changes of those still ahead."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, exists, or_, select, union

from portal.db import db, reader
from portal.schedule import session_changes
from portal.schedule.meetings import SessionLink, link_columns
from portal.schedule.models import SessionChange
from portal.schedule.places import absences_of, places_of, sessions

_acts = SessionChange.__table__
Picks = Callable[[Any], ColumnElement[bool]]  # of a column of account ids: whether it is about one of those who asked


@dataclass(frozen=True, slots=True)
class PlaceToCome:
    """A place of one person, who comes to the session or leads it, in a `session` that begins soon."""

    account_id: int
    session: SessionLink


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A change of a session in which one person has a place; `key` names the act, made `at` then by `by_id`.

    `is_seen` says that the person has said that they saw it.
    """

    account_id: int
    key: str
    kind: str
    at: datetime
    by_id: int
    old_at: datetime
    new_at: datetime | None
    zone: str
    minutes: int
    is_seen: bool = False

    @property
    def over(self) -> datetime:
        """The end of the session, at its old time or its new one, whichever is later."""
        return max(self.old_at, self.new_at or self.old_at) + timedelta(minutes=self.minutes)


def _places(who: Picks, *which: ColumnElement[bool]) -> Subquery:
    """The places in these sessions of those whom `who` picks: of those who come, and of who leads them."""
    leads = select(sessions.c.facilitator_id, sessions.c.id).where(who(sessions.c.facilitator_id), *which)
    return union(*places_of(who, *which), leads).subquery()


def places_to_come(who: Picks, now: datetime, until: datetime) -> list[PlaceToCome]:
    """The places, by time, in sessions that begin after `now` and up to `until`, of those who have not said no."""
    places = _places(who, sessions.c.status == "planned", sessions.c.starts_at > now, sessions.c.starts_at <= until)
    found = (
        select(places.c.participant_id.label("account_id"), *link_columns(sessions, "session."))
        .join(sessions, sessions.c.id == places.c.session_id)
        .where(~exists().where(absences_of(places)))
        .order_by(sessions.c.starts_at, sessions.c.id, places.c.participant_id)
    )
    return list(map(reader(PlaceToCome, found), db.session.execute(found)))


def latest_changes(who: Picks, now: datetime, since: datetime) -> list[PlaceChange]:
    """The latest change of each session that is still ahead, or was to be, made after `since`: by person and act."""
    statement = _lately_changed(who, now, since)
    rows = db.session.execute(statement).all()
    latest: dict[int, int] = {}
    for row in rows:
        latest[row.session_id] = max(row.id, latest.get(row.session_id, 0))
    unseen = {(one.participant_id, one.change_key) for one in session_changes.unseen(now, latest)}
    read = reader(PlaceChange, statement, beside={"id", "session_id"})
    standing = [read(row) for row in rows if row.id == latest[row.session_id]]
    return [replace(one, is_seen=(one.account_id, one.key) not in unseen) for one in standing]


def _lately_changed(who: Picks, now: datetime, since: datetime) -> Select:
    lately = _acts.c.at > since, or_(_acts.c.old_at > now, _acts.c.new_at > now)
    places = _places(who, exists().where(_acts.c.session_id == sessions.c.id, *lately))
    told = (_acts.c[name] for name in ("id", "session_id", "key", "kind", "at", "by_id", "old_at", "new_at"))
    return (
        select(places.c.participant_id.label("account_id"), sessions.c.zone, sessions.c.minutes, *told)
        .select_from(places)
        .join(sessions, sessions.c.id == places.c.session_id)
        .join(_acts, _acts.c.session_id == sessions.c.id)
        .where(*lately)
        .order_by(places.c.participant_id, _acts.c.at, _acts.c.key, _acts.c.old_at, _acts.c.id)
    )
