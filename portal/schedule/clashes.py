"""Clashes: somebody, or a room, that is somewhere else at the time of a session, or a day without sessions."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, union, update

from portal.db import db
from portal.fields import tidy
from portal.schedule.meetings import LONGEST, Meeting, TrackMeeting, accounts, track_meetings
from portal.schedule.models import Session
from portal.schedule.places import places_of, sessions


@dataclass(frozen=True, slots=True)
class Clash:
    """Two sessions want the same `who` at once: `kind` is facilitator, room or person. `meeting` was asked about.

    Without an `other` its day is in the way: of kind closed the program is closed then, and of kind skipped its group,
    which is `who`, does not meet.
    """

    kind: str
    who: str
    meeting: Meeting
    other: Meeting | None = None


_places = union(*places_of(lambda _: sessions.c.id.in_(bindparam("ids", expanding=True)))).subquery()
_COMING = select(_places.c.session_id, accounts.c.id, accounts.c.name).join(
    accounts, accounts.c.id == _places.c.participant_id
)


def clashes_of(session_ids: Collection[int], now: datetime, holidays: Collection[str] | None = None) -> list[Clash]:
    """All that is in the way of these sessions, as they are in the caller's transaction: days off first, by time.

    Only sessions that are planned and not over count. Days off count where the program's `holidays` are given.
    """
    planned = sessions.c.status == "planned"
    ours = track_meetings(planned, sessions.c.id.in_(session_ids), sessions.c.starts_at > now - LONGEST)
    if not ours:
        return []
    first, last = min(one.time.start for one in ours), max(one.time.end for one in ours)
    others = track_meetings(planned, sessions.c.starts_at > first - LONGEST, sessions.c.starts_at < last)
    pairs = list(_at_once(ours, others))
    coming: dict[int, dict[int, str]] = {meeting.id: {} for pair in pairs for meeting in pair}
    for row in db.session.execute(_COMING, {"ids": list(coming)}):
        coming[row.session_id][row.id] = row.name
    days = [clash for one in ours for clash in _with_day(one, holidays)]
    return days + [clash for one, other in pairs for clash in _between(one, other, coming)]


def explain(session_ids: Collection[int], found: Collection[Clash], reason: str) -> None:
    """Keep `reason` with those of these sessions that have a clash among the `found`; the others need none any more."""
    clashing = {clash.meeting.id for clash in found}
    for ids, why in ((set(session_ids) - clashing, ""), (clashing, tidy(reason))):
        differing = update(Session).where(Session.id.in_(ids), Session.clash_reason != why).values(clash_reason=why)
        db.session.execute(differing, execution_options={"synchronize_session": False})


def _at_once(ours: Sequence[Meeting], others: Sequence[Meeting]) -> Iterator[tuple[Meeting, Meeting]]:
    """The pairs of one of `ours` with each of the `others` that is at the same time; both are in order of time."""
    begins = [other.time.start for other in others]
    for one in ours:
        near = others[bisect_right(begins, one.time.start - LONGEST) : bisect_left(begins, one.time.end)]
        yield from ((one, other) for other in near if other.id != one.id and one.time.overlaps(other.time))


def _with_day(one: TrackMeeting, holidays: Collection[str] | None) -> list[Clash]:
    """The clash with its day: one of `holidays` (ISO days) unless its track meets then, or one that its track skips."""
    if holidays is None:
        return []
    day = one.time.day.isoformat()
    if day in holidays and one.skips_holidays is not False:
        return [Clash("closed", "The program", one)]
    return [Clash("skipped", one.track or "", one)] if day in (one.skips or ()) else []


def _between(one: Meeting, other: Meeting, coming: dict[int, dict[int, str]]) -> list[Clash]:
    who = []
    if one.leader_id == other.leader_id:
        who.append(("facilitator", one.leader))
    room = one.place.room
    if room and room.strip().lower() == other.place.room.strip().lower():
        who.append(("room", room))
    both = coming[one.id].keys() & coming[other.id].keys()
    who += [("person", coming[one.id][person]) for person in sorted(both)]
    return [Clash(kind, name, one, other) for kind, name in who]
