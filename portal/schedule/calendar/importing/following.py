"""The sessions of a group that follow a file: what it has other than last time, but for what was changed here.

Three are compared: what the file said last, what it says now, and what is here. Where the file says what it said, what
is here stays. Where what is here is what the file said, it follows. Where both changed, or there is a note, a topic, a
seat or attendance, it stays as it is unless somebody says that it should follow.
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert, select

from portal import clock, words
from portal.db import db
from portal.schedule import sessions
from portal.schedule.calendar.importing.differences import KINDS, SessionDifference, as_in_file, in_words, values_of
from portal.schedule.calendar.importing.last_import import LastImport
from portal.schedule.calendar.importing.overrides import FileSession
from portal.schedule.groups import recurrence
from portal.schedule.meetings import Place
from portal.schedule.models import Attendance, Seat, Session, Track

OWN_TOPIC = Session.own_topic & (Session.topic != "")  # written by hand


@dataclass(slots=True)
class _Merge:
    """One session, here or in the file or in both, and what of it follows or is held."""

    occurrence: datetime
    row: Session | None
    base: FileSession | None
    theirs: FileSession | None
    follows: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)


class Following:
    """The sessions of `track` that follow a file, since it was last imported (`base`).

    `over` names the reasons that hold nothing back: note, topic, seat, came, hand, group. `by_hand` are the columns of
    the track that were changed here and in the file, as they were here, and its days.
    """

    def __init__(
        self,
        track: Track,
        base: LastImport,
        now: datetime,
        over: Collection[str] = (),
        by_hand: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.track, self.base, self.over, self.by_hand, self.now = track, base, over, by_hand, now
        self.differences: list[SessionDifference] = []
        self.changes: list[dict[str, Any]] = []
        self.apart: dict[datetime, FileSession | None] = {}
        rows = select(Session).where(Session.track_id == track.id).order_by(Session.occurrence)
        self.rows = {row.occurrence: row for row in db.session.scalars(rows) if row.occurrence}
        self.reasons = _reasons(track)

    def follow(self, wanted: Mapping[datetime, FileSession], since: date, *, days: bool, grows: bool) -> None:
        """Let the sessions be those that are `wanted`, by occurrence; those known `since` that are not, are over.

        `days` is whether sessions come and go, `grows` whether those come that the nights would add by themselves.
        """
        for merge in list(self._merges(wanted, since, days, grows)):
            self._take(merge)
        db.session.flush()

    def change(self, wanted: Mapping[datetime, FileSession | None]) -> None:
        """Let these sessions be as the file has them, or be over, and look at no other."""
        for at, theirs in wanted.items():
            if row := self.rows.get(at):
                self._take(_Merge(at, row, self.base.session(at), theirs))
        db.session.flush()

    def _take(self, merge: _Merge) -> None:
        self._decide(merge)
        self._note(merge)
        self._apply(merge)

    def _merges(self, wanted: Mapping[datetime, FileSession], since: date, days: bool, grows: bool) -> Iterator[_Merge]:
        """Each session once: by its occurrence, or by its day where its time is another now."""
        left: dict[date, list[datetime]] = defaultdict(list)
        for at in self._known_beyond(wanted, since):
            left[at.date()].append(at)
        for at, theirs in wanted.items():
            if at in self.rows:
                yield _Merge(at, self.rows[at], self.base.session(at), theirs)
            elif days and self._is_ahead(theirs):
                if had := next(filter(self.base.session, left[at.date()]), None):
                    left[at.date()].remove(had)
                    yield self._renamed(had, at, theirs)
                elif grows or theirs != self.base.session(at):
                    yield _Merge(at, None, self.base.session(at), theirs)
        for at in itertools.chain(*left.values()) if days else ():
            yield _Merge(at, self.rows[at], self.base.session(at), None)

    def _known_beyond(self, wanted: Collection[datetime], since: date) -> list[datetime]:
        """The occurrences of sessions to come that are not among the wanted."""
        return [
            at for at, row in self.rows.items() if at not in wanted and at.date() >= since and row.starts_at > self.now
        ]

    def _renamed(self, had: datetime, at: datetime, theirs: FileSession) -> _Merge:
        """A session whose rule has another time on its day: it is known by that from now on."""
        row = self.rows[had]
        row.occurrence = None
        db.session.flush()  # no two may be the same in between
        row.occurrence = at
        return _Merge(at, row, self.base.session(had), theirs)

    def _is_ahead(self, one: FileSession) -> bool:
        return clock.at_wall(one.wall_at, one.zone) > self.now

    def _decide(self, merge: _Merge) -> None:
        """Find out what follows and what is held back, and what the file is taken to have said from now on."""
        mine, base, theirs = as_in_file(merge.row), merge.base, merge.theirs
        if merge.row is None:
            merge.follows = ["added"]
        elif self._has_begun(merge.row, theirs) or theirs in (base, mine):
            pass
        elif theirs is None:
            self._sort(merge, "cancelled", self._why(merge, () if mine == base else ("wall_at",)))
        elif mine is None:
            self._sort(merge, "restored", self._by_whom() if base else "")
        else:
            self._compare(merge, mine, theirs)
        self._remember(merge)

    def _compare(self, merge: _Merge, mine: FileSession, theirs: FileSession) -> None:
        """Sort each thing of a session that takes place here and in the file."""
        for kind, names in KINDS.items():
            here, said = values_of(mine, names), values_of(merge.base, names)
            if values_of(theirs, names) not in (said, here):
                self._sort(merge, kind, self._why(merge, names if here != said else ()))

    def _has_begun(self, row: Session, theirs: FileSession | None) -> bool:
        """Whether a session has begun, and the file does not put it off."""
        put_off = theirs is not None and row.status == "planned" and self._is_ahead(theirs)
        return row.starts_at <= self.now and not put_off

    def _sort(self, merge: _Merge, kind: str, why: str) -> None:
        if why:
            merge.why[kind] = why
        (merge.held if why and why not in self.over else merge.follows).append(kind)

    def _why(self, merge: _Merge, by_hand: tuple[str, ...]) -> str:
        """The reason to leave a session as it is; "" for none."""
        if merge.row and (reasons := self.reasons.get(merge.row.id)):
            return next((why for why in reasons if why not in self.over), reasons[0])
        if not by_hand:
            return ""
        as_group = any(name in self.by_hand and getattr(merge.row, name) == self.by_hand[name] for name in by_hand)
        return "group" if as_group else "hand"

    def _by_whom(self) -> str:
        """The reason why a session was called off here: alone, or with others by the group's days."""
        return "group" if "days" in self.by_hand else "hand"

    def _remember(self, merge: _Merge) -> None:
        """The file said this, but for what was held back, which is offered again."""
        said = merge.theirs
        if {"cancelled", "restored"} & set(merge.held):
            said = merge.base
        elif merge.held and said and merge.base:
            said = replace(said, **{name: getattr(merge.base, name) for kind in merge.held for name in KINDS[kind]})
        self.apart[merge.occurrence] = said

    def _note(self, merge: _Merge) -> None:
        """Put into words what is other."""
        mine, theirs = as_in_file(merge.row), merge.theirs
        for kind in (*merge.follows, *merge.held):
            shown = mine or theirs
            at = shown.wall_at if shown else merge.occurrence
            was, becomes = in_words(kind, mine, theirs) if mine and theirs else ("", "")
            why = merge.why.get(kind, "")
            self.differences.append(SessionDifference(kind, at, was, becomes, why, kind in merge.follows))

    def _apply(self, merge: _Merge) -> None:
        row, theirs = merge.row, merge.theirs
        if row is None and theirs and merge.follows:
            db.session.execute(insert(Session), [self._row(theirs)])
        elif row and merge.follows == ["cancelled"]:
            row.status = "cancelled"
            self._tell(row, {"kind": "cancelled"})
        elif row and theirs and merge.follows == ["restored"]:
            row.status = "planned"
            self._tell(row, {"kind": "restored"})
            self._change(
                row,
                theirs,
                [
                    kind
                    for kind, names in KINDS.items()
                    if values_of(as_in_file(row), names) != values_of(theirs, names)
                ],
            )
        elif row and theirs:
            self._change(row, theirs, merge.follows)

    def _row(self, one: FileSession) -> dict[str, Any]:
        instant = clock.at_wall(one.wall_at, one.zone)
        names = ("minutes", "title", "room", "video_url", "wall_at", "zone")
        row = recurrence.session_row(self.track, one.occurrence, instant)
        return row | {name: getattr(one, name) for name in names} | {"local_day": one.wall_at.date()}

    def _change(self, row: Session, theirs: FileSession, kinds: list[str]) -> None:
        if "moved" in kinds:
            start = clock.at_wall(theirs.wall_at, theirs.zone)
            if start != row.starts_at:
                self._tell(row, {"kind": "moved", "new_at": start})
            row.wall_at, row.zone, row.starts_at, row.local_day = (
                theirs.wall_at,
                theirs.zone,
                start,
                theirs.wall_at.date(),
            )
        if "lasts" in kinds:
            said, becomes = words.counted(row.minutes, "minute"), words.counted(theirs.minutes, "minute")
            self._tell(row, {"kind": "lasts", "was": said, "becomes": becomes})
            row.minutes = theirs.minutes
        if "placed" in kinds:
            place = Place(theirs.room, theirs.video_url)
            self._tell(row, sessions.placed(Place(row.room, row.video_url), place))
            row.room, row.video_url = theirs.room, theirs.video_url
        if "named" in kinds:
            row.title = theirs.title
            row.touch(self.now)

    def _tell(self, row: Session, change: dict[str, Any]) -> None:
        self.changes.append({"session_id": row.id, "old_at": row.starts_at} | change)
        row.touch(self.now)

    def lead(self, was: int, leader_id: int, names: Mapping[int, str]) -> int:
        """Let `leader_id` lead the sessions to come that the leader before would have led; how many."""
        theirs = [row for row in self.rows.values() if row.facilitator_id == was and row.starts_at > self.now]
        for row in theirs:
            row.facilitator_id = leader_id
            if row.status == "planned":
                self._tell(row, {"kind": "led", "was": names[was], "becomes": names[leader_id]})
        return len(theirs)


def _reasons(track: Track) -> dict[int, list[str]]:
    """By session, what was given to it here, and would be lost or be wrong if it were another."""
    mine = select(Session.id, Session.note, OWN_TOPIC.label("has_topic")).where(Session.track_id == track.id)
    found: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(mine.where((Session.note != "") | OWN_TOPIC)):
        found[row.id] += ["note"] if row.note else []
        found[row.id] += ["topic"] if row.has_topic else []
    for why, table in (("seat", Seat), ("came", Attendance)):
        ids = select(table.session_id).join(Session, Session.id == table.session_id).where(Session.track_id == track.id)
        for session_id in db.session.scalars(ids.distinct()):
            found[session_id].append(why)
    return {session_id: why for session_id, why in found.items() if why}
