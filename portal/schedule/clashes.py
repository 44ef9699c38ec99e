"""What is in the way of a plan: somebody, or a room, that is somewhere else at that time, or a day without sessions."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, union, update

from portal import words
from portal.db import db
from portal.people.models import Account
from portal.schedule.meetings import LONGEST
from portal.schedule.models import Session, Track
from portal.schedule.places import places_of

VERBS = {
    "facilitator": "leads",
    "room": "is used by",
    "person": "comes to",
    "closed": "is closed on",
    "skipped": "does not meet on",
}
OFF = ("closed", "skipped")


@dataclass(frozen=True, slots=True)
class Clash:
    """Two sessions want the same `who` at once: `kind` is facilitator, room or person. Both times are wall times.

    `session_id` is the one that was asked about. Of kind closed and skipped it is the day that is in the way: the
    program is closed then, or its group, which is `who`, does not meet.
    """

    kind: str
    who: str
    title: str
    wall_at: datetime
    other: str
    other_at: datetime
    session_id: int

    @property
    def words(self) -> str:
        """ "Dr Cho leads Skills group then (Mon, Mar 9, 1:00 pm)."."""
        if self.kind in OFF:
            return f"{self.who} {self.verb} {words.weekday(self.wall_at.date())}, {self.wall_at.year}."
        when = f"{words.short_day(self.other_at.date())}, {words.hour(self.other_at)}"
        return f"{self.who} {self.verb} {self.other} at that time ({when})."

    @property
    def verb(self) -> str:
        """ "leads", "is used by": what `who` does with the other."""
        return VERBS[self.kind]


@dataclass(frozen=True, slots=True)
class _Row:
    """One planned session, as it is compared."""

    id: int
    title: str
    facilitator_id: int
    facilitator: str
    room: str
    wall_at: datetime
    starts_at: datetime
    minutes: int

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def of(session_ids: Collection[int], now: datetime, people: Collection[int] = ()) -> list[Clash]:
    """What is in the way of these sessions, as they are in the caller's transaction, by time.

    Only sessions that are planned and not over count. Their own people are looked at, and `people` as if they came.
    """
    ours = _rows(Session.id.in_(session_ids), Session.starts_at > now - LONGEST)
    if not ours:
        return []
    first, last = min(row.starts_at for row in ours), max(row.ends_at for row in ours)
    others = _rows(Session.starts_at > first - LONGEST, Session.starts_at < last)
    coming = _people(session_ids, people, first - LONGEST, last)
    begins = [other.starts_at for other in others]
    found = []
    for row in ours:
        near = others[bisect_right(begins, row.starts_at - LONGEST) : bisect_left(begins, row.ends_at)]
        for other in near:
            if other.id != row.id and row.starts_at < other.ends_at:
                found += _between(row, other, coming)
    return found


def off(session_ids: Collection[int], holidays: Collection[str]) -> list[Clash]:
    """Which of these sessions are on a day that is off: one of `holidays` (ISO days), or one their group skips.

    A group that meets on days the program is closed has none of those in its way.
    """
    rows = db.session.execute(
        select(
            Session.id, Session.title, Session.wall_at, Track.title.label("group"), Track.skips_holidays, Track.skips
        )
        .outerjoin(Track, Track.id == Session.track_id)
        .where(Session.id.in_(session_ids))
        .order_by(Session.starts_at, Session.id)
    )
    found = []
    for row in rows:
        day = row.wall_at.date().isoformat()
        if day in holidays and row.skips_holidays is not False:
            found.append(Clash("closed", "The program", row.title, row.wall_at, "", row.wall_at, row.id))
        elif day in (row.skips or ()):
            found.append(Clash("skipped", row.group, row.title, row.wall_at, "", row.wall_at, row.id))
    return found


def explain(session_ids: Collection[int], found: Collection[Clash], reason: str) -> None:
    """Keep `reason` with those of these sessions that have a clash among the `found`; the others need none any more."""
    clashing = {clash.session_id for clash in found}
    for ids, why in ((set(session_ids) - clashing, ""), (clashing, reason.strip())):
        differing = update(Session).where(Session.id.in_(ids), Session.clash_reason != why).values(clash_reason=why)
        db.session.execute(differing, execution_options={"synchronize_session": False})


def _rows(*which: Any) -> list[_Row]:
    columns = (
        Session.id,
        Session.title,
        Session.facilitator_id,
        Account.name,
        Session.room,
        Session.wall_at,
        Session.starts_at,
        Session.minutes,
    )
    planned = select(*columns).join(Account, Account.id == Session.facilitator_id).where(Session.status == "planned")
    rows = db.session.execute(planned.where(*which).order_by(Session.starts_at, Session.id))
    return [_Row(*row) for row in rows]


def _people(
    session_ids: Collection[int], people: Collection[int], start: datetime, end: datetime
) -> dict[int, dict[int, str]]:
    """By session, the names by id of those who come, among all who come to one of `session_ids`, and `people`."""
    own = union(*places_of(lambda _: Session.id.in_(session_ids))).subquery()
    ids = {*people, *db.session.scalars(select(own.c.participant_id))}
    within = (Session.starts_at > start, Session.starts_at < end)
    places = union(*places_of(lambda who: who.in_(ids), *within)).subquery()
    rows = db.session.execute(
        select(places.c.session_id, Account.id, Account.name).join(Account, Account.id == places.c.participant_id)
    )
    coming: dict[int, dict[int, str]] = {}
    for session_id, person_id, name in rows:
        coming.setdefault(session_id, {})[person_id] = name
    if people:
        named = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(people)))
        extra = {row.id: row.name for row in named}
        for session_id in session_ids:
            coming[session_id] = coming.get(session_id, {}) | extra
    return coming


def _between(row: _Row, other: _Row, coming: dict[int, dict[int, str]]) -> list[Clash]:
    who = []
    if row.facilitator_id == other.facilitator_id:
        who.append(("facilitator", row.facilitator))
    if row.room and row.room.strip().lower() == other.room.strip().lower():
        who.append(("room", row.room))
    both = coming.get(row.id, {}).keys() & coming.get(other.id, {}).keys()
    who += [("person", coming[row.id][person]) for person in sorted(both)]
    return [Clash(kind, name, row.title, row.wall_at, other.title, other.wall_at, row.id) for kind, name in who]
