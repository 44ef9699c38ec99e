"""A change of a group track: which session stays which, what moves, and what is left as it is."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, or_, select

from portal import clock
from portal.db import db
from portal.people.models import Account
from portal.schedule import sessions
from portal.schedule.groups import recurrence
from portal.schedule.meetings import Place
from portal.schedule.models import Attendance, Seat, Session, Track

FOLLOWS = ("title", "discreet_title", "facilitator_id", "room", "video_url", "bring", "minutes")
Occurrence = tuple[datetime, datetime]  # naive wall time, and the instant that it is
TopicShift = tuple[datetime, str, str]  # the wall time of a session, its topic before, and its topic now


@dataclass(slots=True)
class TrackOutcome:
    """All that a change of a track comes to: sessions added, moved, otherwise changed, and cancelled.

    `kept` are those that the rule would change or take away, left as they are because somebody has a seat in them,
    came, or they have a note: (wall time, title). `doubled` are wall times that the clocks show twice. Wall times are
    also those in `times`, (old, old minutes, new, new minutes); in `turned`, (when, what was, what becomes), for
    leaders and places; in `off` and `new`, cancelled and added; and in `own`, (when, what a session keeps that was
    changed by hand). `topics` are the topics that shift without being asked for: (when, what was, what becomes). Of a
    new track, `behind` of its sessions lie before today, and `first` and `last` are its ends.
    """

    added: int = 0
    moved: int = 0
    changed: int = 0
    cancelled: int = 0
    kept: list[tuple[datetime, str]] = field(default_factory=list)
    doubled: list[datetime] = field(default_factory=list)
    times: list[tuple[datetime, int, datetime, int]] = field(default_factory=list)
    turned: list[tuple[datetime, str, str]] = field(default_factory=list)
    off: list[datetime] = field(default_factory=list)
    new: list[datetime] = field(default_factory=list)
    own: list[tuple[datetime, str]] = field(default_factory=list)
    topics: list[TopicShift] = field(default_factory=list)
    behind: int = 0
    first: datetime | None = None
    last: datetime | None = None


def kept_ids(track: Track) -> set[int]:
    """The sessions of `track` that no rule changes: somebody has a seat in them, came, or they have a note."""
    has = or_(
        Session.note != "",
        exists().where(Attendance.session_id == Session.id),
        exists().where(Seat.session_id == Session.id),
    )
    return set(db.session.scalars(select(Session.id).where(Session.track_id == track.id, has)))


def ahead(track: Track, first_day: date, now: datetime) -> list[Session]:
    """The sessions that the rule of `track` put on `first_day` or later and after `now`, wherever they are by now."""
    mine = select(Session).where(Session.track_id == track.id).order_by(Session.occurrence)
    return [
        session
        for session in db.session.scalars(mine)
        if session.occurrence is not None
        and session.occurrence.date() >= first_day
        and clock.at_wall(session.occurrence, session.zone, strict=False) > now
    ]


class TrackChange:
    """One change of a track: what it was `before`, its sessions with the occurrence each `had`, and their `changes`.

    It is begun while `track` still is what it was.
    """

    def __init__(self, track: Track, first_day: date, now: datetime) -> None:
        self.track, self.now = track, now
        self.before = {name: getattr(track, name) for name in FOLLOWS}
        self.had = {session: session.occurrence for session in ahead(track, first_day, now) if session.occurrence}
        self.kept = kept_ids(track)
        self.names = {row.id: row.name for row in db.session.execute(select(Account.id, Account.name))}
        self.outcome = TrackOutcome()
        self.changes: list[dict[str, Any]] = []

    def follow(self, wanted: list[Occurrence]) -> None:
        """Let the sessions follow to `wanted`, which are those of the new rule after now."""
        for session in self.had:
            session.occurrence = None  # each is known anew, and no two may be the same in between
        db.session.flush()
        new = []
        for session, occurrence in self._pairs(wanted):
            if session is None:
                new.append(occurrence)
            elif occurrence is None:
                self._leave(session)
            else:
                self._follow(session, *occurrence)
        db.session.flush()
        self.outcome.added = recurrence.add(self.track, new)
        self.outcome.new = [wall for wall, _ in new]

    def _pairs(self, wanted: list[Occurrence]) -> Iterator[Any]:
        """(session, occurrence) where a session stays on its day; one without the other where it does not."""
        exact = {wall: session for session, wall in self.had.items()}
        by_day: dict[date, list[Session]] = defaultdict(list)
        times = {wall for wall, _ in wanted}
        for session, wall in self.had.items():
            if wall not in times:
                by_day[wall.date()].append(session)
        for wall, instant in wanted:
            waiting = by_day[wall.date()]
            yield exact.get(wall) or (waiting.pop(0) if waiting else None), (wall, instant)
        for left in by_day.values():
            for each in left:
                yield each, None

    def _follow(self, session: Session, wall: datetime, instant: datetime) -> None:
        """Let a session be what the track is now, but for what was changed by hand."""
        had, session.occurrence = self.had[session], wall
        by_hand = session.wall_at != had
        moves = not by_hand and (session.starts_at, session.zone) != (instant, self.track.zone)
        differs = [name for name in FOLLOWS if getattr(session, name) == self.before[name] != getattr(self.track, name)]
        if session.starts_at <= self.now:
            return
        self._note_own(session, by_hand and had != wall, bool(moves or differs))
        if not (moves or differs):
            return
        if session.id in self.kept:
            self.outcome.kept.append((session.wall_at, session.title))
            return
        goes = (wall, instant) if moves else (session.wall_at, session.starts_at)
        if session.status == "planned":
            self._note_changes(session, differs, *goes)
        for name in differs:
            setattr(session, name, getattr(self.track, name))
        if moves:
            session.wall_at, session.starts_at = goes
            session.zone, session.local_day = self.track.zone, wall.date()
        session.touch(self.now)

    def _note_own(self, session: Session, own_time: bool, changes: bool) -> None:
        """Note all that a session keeps of its own, where the track is changed in that, or the session in something."""
        if session.status != "planned" or session.id in self.kept:
            return
        mine = [
            name for name in FOLLOWS if getattr(session, name) not in (self.before[name], getattr(self.track, name))
        ]
        turns = [name for name in mine if getattr(self.track, name) != self.before[name]]
        if not (own_time or turns or (changes and mine)):
            return
        own = self._in_words(session)
        keeps = ["its time"] if own_time else []
        keeps += [own[name] for name in mine if name in own]
        if keeps:
            self.outcome.own.append((session.wall_at, " and ".join(keeps)))

    def _in_words(self, session: Session) -> dict[str, str]:
        """All that a session can keep of its own, in words."""
        return {
            "facilitator_id": self.names[session.facilitator_id],
            "room": session.room or "no room",
            "video_url": "its video link" if session.video_url else "no video link",
            "minutes": f"{session.minutes} minutes",
            "title": f"the name {session.title}",
            "bring": "what to bring",
        }

    def _note_changes(self, session: Session, differs: list[str], wall: datetime, instant: datetime) -> None:
        """Note all that those who come have to be told of."""
        told = {"session_id": session.id, "old_at": session.starts_at}
        if instant != session.starts_at:
            self.changes.append(told | {"kind": "moved", "new_at": instant})
            self.outcome.moved += 1
        elif differs:
            self.outcome.changed += 1
        minutes = self.track.minutes if "minutes" in differs else session.minutes
        if instant != session.starts_at or "minutes" in differs:
            self.outcome.times.append((session.wall_at, session.minutes, wall, minutes))
        if "facilitator_id" in differs:
            was, becomes = self.names[session.facilitator_id], self.names[self.track.facilitator_id]
            self.changes.append(told | {"kind": "led", "was": was, "becomes": becomes})
            self.outcome.turned.append((wall, was, becomes))
        if {"room", "video_url"} & set(differs):
            room = self.track.room if "room" in differs else session.room
            link = self.track.video_url if "video_url" in differs else session.video_url
            change = sessions.placed(Place(session.room, session.video_url), Place(room, link))
            self.changes.append(told | change)
            self.outcome.turned.append((wall, change["was"], change["becomes"]))
        if "minutes" in differs:
            was, becomes = f"{session.minutes} minutes", f"{self.track.minutes} minutes"
            self.changes.append(told | {"kind": "lasts", "was": was, "becomes": becomes})

    def _leave(self, session: Session) -> None:
        """The rule has no session on this day any more."""
        session.occurrence = self.had[session]
        if session.status != "planned" or session.starts_at <= self.now:
            return
        if session.id in self.kept:
            self.outcome.kept.append((session.wall_at, session.title))
            return
        session.status = "cancelled"
        session.touch(self.now)
        self.changes.append({"session_id": session.id, "kind": "cancelled", "old_at": session.starts_at})
        self.outcome.cancelled += 1
        self.outcome.off.append(session.wall_at)
