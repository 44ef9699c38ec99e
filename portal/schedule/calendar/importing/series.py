"""Group times in a calendar file, read event by event: none that cannot be taken stops the others."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock
from portal.schedule.calendar.importing import occurrences, overrides, rules
from portal.schedule.calendar.importing.components import Component, Property, Unreadable, components
from portal.schedule.calendar.importing.content import EventAside, FileContent, GroupSeries, SeriesChange, is_ahead
from portal.schedule.calendar.importing.occurrences import CANCELLED, IS_OVER, TOO_FAR
from portal.schedule.calendar.importing.overrides import FileSession
from portal.schedule.calendar.importing.rules import EventClock, EventRule, rule_of
from portal.schedule.calendar.importing.times import Times
from portal.schedule.calendar.importing.venues import LONGEST_LINK, LONGEST_ROOM, place_of, plain
from portal.schedule.calendar.importing.zones import Zones
from portal.schedule.groups import recurrence

MOST_SERIES = 200
MOST_WALLS = 50_000  # occurrences looked at in one file
OLDEST = timedelta(days=20 * 366)
LOOK_BACK = timedelta(days=60)  # in which a session is still known that was moved to a day to come
LONGEST_TITLE, LONGEST_UID = 120, 255
LeaderOf = Callable[[str], int | None]  # by email


class NotForSchedule(ValueError):
    """An event is nothing for the schedule; the message says why."""


def read(content: bytes, zone: str, now: datetime, leader_of: LeaderOf = lambda _: None) -> FileContent:
    """The series in a file, in its order. `zone` is the program's, for times that name none if the file names none.

    Raises Unreadable for a file that is none, or that is too much.
    """
    held = components(content)
    zones = Zones(held, zone, now)
    reader = _Reader(Times(zones, _zone_of_all(held, zones) or zone), now, leader_of)
    series, changes = _by_uid(held)
    found = reader.found
    found.uids = frozenset(uid for uid in (*series, *changes) if uid)
    found.is_whole = not any(one.word("METHOD") in ("CANCEL", "REQUEST", "REPLY") for one in held)
    for uid, events in series.items():
        reader.take(uid, events, changes.pop(uid, []))
        if len(found.series) > MOST_SERIES:
            raise Unreadable(events[0].line, f"there are more than {MOST_SERIES} groups; export a shorter period.")
    for uid, events in changes.items():
        reader.take_changes(uid, events)
    return found


def _zone_of_all(held: Iterable[Component], zones: Zones) -> str | None:
    """The zone that X-WR-TIMEZONE names for all that names none."""
    named = next((one.first("X-WR-TIMEZONE") for one in held if one.first("X-WR-TIMEZONE")), None)
    try:
        found = zones.named(named.value) if named else None
    except ValueError:
        return None
    return None if found == "UTC" else found


def _by_uid(held: Iterable[Component]) -> tuple[dict[str, list[Component]], dict[str, list[Component]]]:
    """The events of a file by their UID: those that make a series, and those that change a session of one."""
    series: dict[str, list[Component]] = defaultdict(list)
    changes: dict[str, list[Component]] = defaultdict(list)
    for event in held:
        if event.kind == "VEVENT":
            named = event.first("UID")
            kind = changes if event.first("RECURRENCE-ID") else series
            kind[named.value.strip() if named else ""].append(event)
    return series, changes


def _title(event: Component) -> str:
    return plain(event.first("SUMMARY"))[:LONGEST_TITLE].strip() or "Without a name"


@dataclass
class _Reader:
    """The reader of one file's events, one after the other: none that cannot be taken stops the others."""

    times: Times
    now: datetime
    leader_of: LeaderOf
    found: FileContent = field(default_factory=FileContent)
    looked_at: int = 0

    def take(self, uid: str, events: list[Component], changed: list[Component]) -> None:
        """Read the events of one UID, which are one series; those without a UID are told one by one."""
        for event in [_latest(events)] if uid else events:
            try:
                if isinstance(event, Unreadable):
                    raise event
                self.found.series.append(self._series(event, uid, changed))
            except NotForSchedule as why:
                self.found.left_out.append(EventAside(events[0].line, _title(events[0]), str(why), uid))
            except Unreadable as refused:
                self.found.refused.append(EventAside(refused.line, _title(events[0]), refused.reason, uid))
            if self.looked_at > MOST_WALLS:
                raise Unreadable(events[0].line, "the events of this file repeat too often; export a shorter period.")

    def take_changes(self, uid: str, events: list[Component]) -> None:
        """Read changes of sessions whose series is not in the file."""
        read = overrides.apart(events, self.times)
        self._refuse(events, read.refused, uid)
        if read.found:
            self.found.changes.append(SeriesChange(events[0].line, uid, _title(events[0]), tuple(read.found)))

    def _refuse(self, events: list[Component], refused: list[Unreadable], uid: str) -> None:
        self.found.refused += [EventAside(one.line, _title(events[0]), one.reason, uid) for one in refused]

    def _series(self, event: Component, uid: str, changed: list[Component]) -> GroupSeries:
        """The series that one event makes; raises NotForSchedule and Unreadable."""
        start = _start(event, uid, self.times)
        own = EventClock.of(self.times, start)
        today = clock.day_of(self.now, own.zone)
        if own.first.date() < today - OLDEST:
            raise Unreadable(start.line, "it began more than 20 years ago.")
        (room, video_url), title, minutes = place_of(event), _title(event), self.times.minutes(event, start)
        plain_one = FileSession(own.first, own.first, minutes, title, room[:LONGEST_ROOM].strip(), video_url, own.zone)
        notes = _shortened(event, room, video_url)
        if len(video_url) > LONGEST_LINK:
            plain_one = replace(plain_one, video_url="")
        rule, ended = self._rule(event, own, today)
        extra = occurrences.extra_times(event, own)
        among = frozenset({*rule.walls, *extra})
        off = occurrences.days_off(event, own, among)
        changes = overrides.within(changed, own, plain_one, among, rule)
        self._refuse(changed, changes.refused, uid)
        sessions = {} if ended else {wall: replace(plain_one, occurrence=wall, wall_at=wall) for wall in among - off}
        if not ended:
            changes.change(sessions)
        held = [
            one for _, one in sorted(sessions.items()) if max(one.occurrence, one.wall_at).date() >= today - LOOK_BACK
        ]
        series = GroupSeries(
            event.line, uid, title, plain_one.room, plain_one.video_url, own.first, own.zone, minutes, rule.text
        )
        if not ended and not is_ahead(held, self.now):
            ended = IS_OVER
        met, not_met = ({wall.date() for wall in rule.walls if (wall in sessions) == on} for on in (True, False))
        return replace(
            series,
            **occurrences.from_today(rule, own, today, ended, changes.last_day),
            skips=() if ended else tuple(sorted(day for day in (not_met - met) | changes.off_later if day >= today)),
            sessions=tuple(held),
            extra=frozenset(wall for wall in sessions if wall not in rule.walls),
            asked=occurrences.in_short(rule, own, ended, occurrences.said_off(event, own), changes.cancelled, extra),
            leader_id=self._leader(event),
            ended=ended,
            notes=(*filter(None, [self._zone_note(start)]), *rule.notes, *notes, *changes.notes),
        )

    def _rule(self, event: Component, own: EventClock, today: date) -> tuple[EventRule, str]:
        """The rule of an event, and why it has no session to come, as far as that is known by now."""
        cancelled = event.word("STATUS") == "CANCELLED" or _is_cancelling(event)
        ended = CANCELLED if cancelled else TOO_FAR if own.first.date() > today + recurrence.MATERIALIZED else ""
        try:
            rule = rule_of(event, own, max(today, own.first.date()))
        except Unreadable:
            if not ended:
                raise
            rule = EventRule(rules.ONCE, (own.first,))
        self.looked_at += len(rule.walls)
        return rule, ended

    def _leader(self, event: Component) -> int | None:
        """The leader: the organizer, or else the only one who is invited, if they are therapists here."""
        organizer = event.first("ORGANIZER")
        leads = self.leader_of(_email(organizer)) if organizer else None
        invited = {self.leader_of(_email(one)) for one in event.properties.get("ATTENDEE", []) if _comes(one)} - {None}
        return leads or (invited.pop() if len(invited) == 1 else None)

    def _zone_note(self, start: Property) -> str | None:
        return self.times.zones.notes.get(start.parameters.get("TZID", "").strip())


def _latest(events: list[Component]) -> Any:
    """The event that counts of those with one UID: the one with the highest SEQUENCE, if it has it alone."""
    turns = [int(word) if (word := event.word("SEQUENCE")).isdecimal() else 0 for event in events]
    last = [event for event, turn in zip(events, turns, strict=True) if turn == max(turns)]
    if len(last) == 1 or all(
        one.properties.keys() == last[0].properties.keys() and _alike(one, last[0]) for one in last
    ):
        return last[0]
    return Unreadable(last[1].line, f"a second event has the UID of the one in line {last[0].line}.")


def _alike(one: Component, other: Component) -> bool:
    """Whether two events say the same, though in other lines."""
    return all(
        [(held.parameters, held.value) for held in one.properties[name]]
        == [(held.parameters, held.value) for held in other.properties[name]]
        for name in one.properties
    )


def _start(event: Component, uid: str, times: Times) -> Property:
    """The beginning of an event, which is checked for what makes it no series at all."""
    if event.fault:
        raise event.fault
    if not uid or len(uid) > LONGEST_UID:
        raise Unreadable(event.line, "the event has no UID, so it could not be recognized later.")
    start = event.first("DTSTART")
    if start is None:
        raise Unreadable(event.line, "the event does not say when it begins (DTSTART).")
    if times.is_all_day(event, start):
        raise NotForSchedule("it lasts all day; if the program is closed then, write it under Closed days.")
    if not plain(event.first("SUMMARY")) and not _is_cancelling(event):
        raise Unreadable(event.line, "the event has no name (SUMMARY).")
    return start


def _is_cancelling(event: Component) -> bool:
    """Whether the file is a message that takes back what it names."""
    return bool(event.inside and event.inside.word("METHOD") == "CANCEL")


def _shortened(event: Component, room: str, video_url: str) -> list[str]:
    """The notes about all of an event that is longer than the schedule has room for."""
    notes = []
    if len(plain(event.first("SUMMARY"))) > LONGEST_TITLE:
        notes.append(f"Its name is longer than {LONGEST_TITLE} characters; the rest is left out.")
    if len(room) > LONGEST_ROOM:
        notes.append(f"Its place is longer than {LONGEST_ROOM} characters; the rest is left out.")
    if len(video_url) > LONGEST_LINK:
        notes.append(f"Its video link is longer than {LONGEST_LINK} characters, so it is left out.")
    return notes


def _email(prop: Property) -> str:
    said = prop.value.strip()
    return said[7:] if said.lower().startswith("mailto:") else prop.parameters.get("EMAIL", said)


def _comes(attendee: Property) -> bool:
    return attendee.parameters.get("PARTSTAT", "").upper() != "DECLINED"
