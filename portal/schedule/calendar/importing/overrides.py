"""Changes of single sessions in a calendar file: another time, length, name or place, or none at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from portal import clock, words
from portal.schedule.calendar.importing.components import Component, Property, Unreadable
from portal.schedule.calendar.importing.rules import EventClock, EventRule
from portal.schedule.calendar.importing.times import Times, is_day
from portal.schedule.calendar.importing.venues import LONGEST_LINK, LONGEST_ROOM, names_a_place, place_of, plain


@dataclass(frozen=True, slots=True)
class FileSession:
    """One session as a file has it. `occurrence` is the wall time that its rule gives it, by which it is known."""

    occurrence: datetime
    wall_at: datetime
    minutes: int
    title: str
    room: str
    video_url: str
    zone: str


@dataclass(frozen=True, slots=True)
class Override:
    """A change of the session that was to be at `was`; None is as in its series. All later ones move by `later`."""

    was: datetime
    zone: str
    cancelled: bool = False
    wall_at: datetime | None = None
    minutes: int | None = None
    title: str | None = None
    place: tuple[str, str] | None = None
    later: timedelta | None = None

    def of(self, one: FileSession) -> FileSession:
        """The session `one` as it is changed; only its `was` is moved to a time of its own."""
        if self.later is not None:
            one = replace(one, wall_at=one.occurrence + self.later)
        elif self.wall_at:
            one = replace(one, wall_at=self.wall_at)
        room, video_url = self.place or (one.room, one.video_url)
        minutes, title = self.minutes or one.minutes, self.title or one.title
        return replace(one, minutes=minutes, title=title, room=room, video_url=video_url)

    def in_zone(self, zone: str) -> "Override":
        """The same change, in the wall times of another zone."""
        if zone == self.zone:
            return self
        wall = self.wall_at and _elsewhere(self.wall_at, self.zone, zone)
        return replace(self, was=_elsewhere(self.was, self.zone, zone), wall_at=wall, zone=zone)


def _elsewhere(wall: datetime, zone: str, other: str) -> datetime:
    return clock.local(clock.at_wall(wall, zone, strict=False), other).replace(tzinfo=None)


@dataclass(slots=True)
class Overrides:
    """The changes of single sessions that a file has of one series, with what of that cannot be taken.

    `off_later` are days on which a session is cancelled that is not made yet, and `last_day` is where an endless series
    is another from then on. `plain` is a session without a change.
    """

    plain: FileSession | None = None
    found: list[Override] = field(default_factory=list)
    refused: list[Unreadable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    off_later: set[date] = field(default_factory=set)
    last_day: date | None = None

    @property
    def cancelled(self) -> set[datetime]:
        """The sessions that are called off, those too that are not made yet."""
        return {one.was for one in self.found if one.cancelled} | {
            datetime.combine(day, time.min) for day in self.off_later
        }

    def change(self, sessions: dict[datetime, FileSession]) -> None:
        """Change `sessions`, which are by occurrence."""
        for one in sorted(self.found, key=lambda each: (each.later is None, each.was)):
            if one.later is not None:
                for wall in [wall for wall in sessions if wall >= one.was]:
                    self._put(sessions, wall, one)
            else:
                self._put(sessions, one.was, one)

    def _put(self, sessions: dict[datetime, FileSession], wall: datetime, one: Override) -> None:
        if one.cancelled:
            sessions.pop(wall, None)
        elif self.plain:
            sessions[wall] = one.of(sessions.get(wall) or replace(self.plain, occurrence=wall, wall_at=wall))


def within(
    events: Iterable[Component], own: EventClock, plain_one: FileSession, among: frozenset[datetime], rule: EventRule
) -> Overrides:
    """The changes that `events` make in a series, on its `own` clocks and `among` its occurrences."""
    read = Overrides(plain_one)
    last = max(among, default=own.first)
    for event in _latest(events, read):
        named = event.properties["RECURRENCE-ID"][0]
        try:
            one = _override(event, own, _was(named, own, among), among)
        except Unreadable as why:
            stays = f"{why.reason.rstrip('.')}, so that session is as its series says."
            read.refused.append(Unreadable(why.line, stays))
            continue
        if one.was > last and rule.is_endless:
            _put_off(read, event, one)
            continue
        if one.later is not None and rule.is_endless:
            _end(read, one, last.date())
        read.found.append(one)
    return read


def _put_off(read: Overrides, event: Component, one: Override) -> None:
    """Note a change of a session that is not made yet."""
    if one.cancelled:
        read.off_later.add(one.was.date())
        return
    said = "changes a session that is too far ahead; import it again closer to the time."
    read.notes.append(f"Line {event.line} {said}")


def _end(read: Overrides, one: Override, last: date) -> None:
    """Note where an endless series is another from then on, which no rule of a group can say."""
    read.last_day = one.was.date() - timedelta(days=1) if one.cancelled else last
    if not one.cancelled:
        changes = f"The file changes all its sessions from {words.short_day(one.was.date())} on."
        read.notes.append(f"{changes} Import it again before {words.short_day(last)} for those after.")


def apart(events: Iterable[Component], times: Times) -> Overrides:
    """The changes that `events` make in a series that is not in the file."""
    read = Overrides()
    for event in _latest(events, read):
        named = event.properties["RECURRENCE-ID"][0]
        try:
            if is_day(named) or "RANGE" in named.parameters:
                words_ = "it changes sessions of a series that is not in this file; import the whole calendar."
                raise Unreadable(event.line, words_)
            own = EventClock.of(times, named)
            read.found.append(_override(event, own, own.first))
        except Unreadable as why:
            read.refused.append(why)
    return read


def _latest(events: Iterable[Component], read: Overrides) -> list[Component]:
    """The events that can be read, and of those that change one session, the one with the highest SEQUENCE."""
    held: dict[tuple[str, str], Component] = {}
    for event in events:
        if event.fault:
            read.refused.append(event.fault)
            continue
        named = event.properties["RECURRENCE-ID"][0]
        key = (named.value.strip(), named.parameters.get("TZID", ""))
        if key not in held or _turn(event) >= _turn(held[key]):
            held[key] = event
    return list(held.values())


def _turn(event: Component) -> int:
    word = event.word("SEQUENCE")
    return int(word) if word.isdecimal() else 0


def _was(named: Property, own: EventClock, among: frozenset[datetime]) -> datetime:
    """The wall time of the session that RECURRENCE-ID names, which may be by its day: the first of that."""
    day = own.day(named, named.value, among)
    if day is None:
        return own.wall(named, None, among)
    found = min((wall for wall in among if wall.date() == day), default=None)
    return found or datetime.combine(day, own.first.time())


def _override(event: Component, own: EventClock, was: datetime, among: frozenset[datetime] = frozenset()) -> Override:
    named = event.properties["RECURRENCE-ID"][0]
    ranged = "RANGE" in named.parameters
    if event.word("STATUS") == "CANCELLED" or (event.inside and event.inside.word("METHOD") == "CANCEL"):
        return Override(was, own.zone, cancelled=True, later=timedelta() if ranged else None)
    start = event.first("DTSTART")
    if start is None or is_day(start):
        raise Unreadable(event.line, "the changed session does not say when it begins.")
    as_first = not is_day(named) and own.is_as_first(named, among)
    wall = own.wall(start, None, frozenset({was}) if as_first else frozenset())
    says = event.first("DTEND") or event.first("DURATION")
    minutes = own.times.minutes(event, start) if says else None
    title = plain(event.first("SUMMARY"))[:120].strip() or None
    return Override(was, own.zone, False, wall, minutes, title, _place(event), wall - was if ranged else None)


def _place(event: Component) -> tuple[str, str] | None:
    if not names_a_place(event):
        return None
    room, video_url = place_of(event)
    return room[:LONGEST_ROOM].strip(), video_url if len(video_url) <= LONGEST_LINK else ""
