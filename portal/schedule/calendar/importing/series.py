"""Group times in a calendar file: series with their rule, events that are left out, and events that are refused."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal import clock, words
from portal.schedule.calendar.importing.components import Component, Property, Unreadable, components
from portal.schedule.calendar.importing.times import Times, day_in, is_day
from portal.schedule.calendar.importing.zones import Zones
from portal.schedule.groups import recurrence

MOST_SERIES = 200
MOST_WALLS = 50_000  # occurrences looked at in one file
MOST_REFUSED = 20  # then the file is refused as a whole
OLDEST = timedelta(days=20 * 366)
ONCE = "FREQ=DAILY;COUNT=1"
WITHIN_A_DAY = ("BYHOUR=", "BYMINUTE=", "BYSECOND=")
SPACE, ESCAPED = re.compile(r"\s+"), re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class SessionOverride:
    """A change of one session of a series: another time, another place, or none at all; None is as the series."""

    was: datetime
    wall_at: datetime | None = None
    place: tuple[str, str] | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class GroupSeries:
    """One group as the file has it from today on; wall times are naive in `zone`.

    `skips` are days without a session, `extra` wall times beyond the rule, `notes` what is not as in the file.
    """

    line: int
    uid: str
    title: str
    room: str
    video_url: str
    first_at: datetime
    zone: str
    minutes: int
    rule: str
    skips: tuple[date, ...] = ()
    extra: tuple[datetime, ...] = ()
    overrides: tuple[SessionOverride, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventAside:
    """An event that cannot be imported, and why."""

    line: int
    title: str
    reason: str


@dataclass(slots=True)
class FileContent:
    """All the events of a file: the series they make, and those that make none."""

    series: list[GroupSeries] = field(default_factory=list)
    left_out: list[EventAside] = field(default_factory=list)
    refused: list[EventAside] = field(default_factory=list)


class NotForSchedule(ValueError):
    """An event is nothing for the schedule; the message says why."""


def read(content: bytes, zone: str, now: datetime) -> FileContent:
    """The series in a file, in its order; `zone` is the program's, for times without one and times in UTC.

    Raises Unreadable for a file that is none, or that is too much.
    """
    held = components(content)
    reader = _Reader(Times(Zones(held, zone, now), zone), now)
    series, changes = _by_uid(held)
    found = FileContent()
    for uid, events in series.items():
        try:
            if uid and len(events) > 1:
                raise Unreadable(events[1].line, f"a second event has the UID of the one in line {events[0].line}.")
            found.series += [reader.series(event, uid, changes.pop(uid, [])) for event in events]
        except NotForSchedule as why:
            found.left_out.append(EventAside(events[0].line, _title(events[0]), str(why)))
        except Unreadable as refused:
            found.refused.append(EventAside(refused.line, _title(events[0]), refused.reason))
        _check_amount(found, events[0].line)
    for uid in changes.keys() - series.keys():
        event = changes[uid][0]
        reason = "changes one session of a series that is not here."
        found.left_out.append(EventAside(event.line, _title(event), reason))
    return found


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


def _check_amount(found: FileContent, line: int) -> None:
    if len(found.series) > MOST_SERIES:
        raise Unreadable(line, f"there are more than {MOST_SERIES} groups; export a shorter period.")
    if len(found.refused) > MOST_REFUSED:
        first = found.refused[0]
        raise Unreadable(first.line, f"{first.reason} More than {MOST_REFUSED} are like this.")


def _title(event: Component) -> str:
    return _text(event.first("SUMMARY"), 120) or "Without a name"


def _text(prop: Property | None, most: int) -> str:
    said = ESCAPED.sub(lambda held: " " if held[1] in "nN" else held[1], prop.value) if prop else ""
    return SPACE.sub(" ", said).strip()[:most].strip()


@dataclass
class _Reader:
    """The reader of one file's events, one after the other."""

    times: Times
    now: datetime
    looked_at: int = 0

    def series(self, event: Component, uid: str, changed: list[Component]) -> GroupSeries:
        """The series that one event makes; raises NotForSchedule and Unreadable."""
        start = _start(event, uid)
        zone = self.times.zone_of(start)
        first, today = self.times.wall(start, zone), clock.day_of(self.now, zone)
        _check_first_day(start, first.date(), today)
        minutes, (room, video_url) = self.times.minutes(event, start), _place(event)
        rule, walls = self._expanded(event, first, zone, today)
        extra = self._extra(event, zone)
        skips = self._skips(event, zone, first, set(walls))
        overrides, notes = self._overrides(changed, zone, minutes, {*walls, *extra}, (room, video_url))
        ahead = [wall for wall in walls if wall.date() >= today]
        gone = len(walls) - len(ahead)
        extra = [wall for wall in extra if wall.date() >= today and wall not in ahead]
        extra += [o.wall_at for o in overrides if o.wall_at and o.was.date() < today <= o.wall_at.date()]
        to_come = (wall for wall in ahead if wall.date() not in skips and clock.at_wall(wall, zone) > self.now)
        if not extra and not any(to_come):
            raise NotForSchedule("is over.")
        if not ahead:
            ahead, rule, extra = [min(extra)], ONCE, sorted(extra)[1:]
        return GroupSeries(
            line=event.line,
            uid=uid,
            title=_title(event),
            room=room,
            video_url=video_url,
            first_at=ahead[0],
            zone=zone,
            minutes=minutes,
            rule=_without_first(rule, gone),
            skips=tuple(sorted(day for day in skips if day >= today)),
            extra=tuple(sorted(set(extra))),
            overrides=tuple(o for o in overrides if o.was.date() >= today),
            notes=tuple(notes),
        )

    def _expanded(self, event: Component, first: datetime, zone: str, today: date) -> tuple[str, list[datetime]]:
        """The rule, and every wall time that it comes to."""
        if event.first("EXRULE"):
            raise Unreadable(event.properties["EXRULE"][0].line, "EXRULE cannot be imported; list the days as EXDATE.")
        repeats = event.first("RRULE")
        rule = repeats.value.strip().upper() if repeats else ONCE
        line = repeats.line if repeats else event.line
        if len(rule) > 200:
            raise Unreadable(line, "the rule for repeating is longer than 200 characters.")
        if any(part in rule for part in WITHIN_A_DAY):
            raise Unreadable(line, "the rule repeats within a day; make each time of the day an event of its own.")
        try:
            walls = [wall for wall, _ in recurrence.expand(first, rule, zone, today)]
        except ValueError as error:
            raise Unreadable(line, str(error)) from None
        self.looked_at += len(walls)
        if self.looked_at > MOST_WALLS:
            raise Unreadable(line, "the events of this file repeat too often; export a shorter period.")
        if not walls or walls[0] != first:
            raise Unreadable(line, "its first day does not fit its rule for repeating.")
        return rule, walls

    def _skips(self, event: Component, zone: str, first: datetime, walls: set[datetime]) -> set[date]:
        """The days that EXDATE takes out: a time counts if it is one of the rule's, a day without a time always."""
        days = set()
        for prop in event.properties.get("EXDATE", []):
            for value in prop.value.split(","):
                if is_day(prop, value):
                    days.add(day_in(prop, value))
                    continue
                wall = self.times.wall(prop, zone, value)
                if wall in walls or wall.time() == first.time():
                    days.add(wall.date())
        return days

    def _extra(self, event: Component, zone: str) -> list[datetime]:
        extra = []
        for prop in event.properties.get("RDATE", []):
            for value in prop.value.split(","):
                if "/" in value or is_day(prop, value):
                    raise Unreadable(
                        prop.line, "an RDATE with a day or a span cannot be imported; only one with a time can."
                    )
                extra.append(self.times.wall(prop, zone, value))
        if len(extra) > 100:
            raise Unreadable(event.properties["RDATE"][0].line, "there are more than 100 extra times (RDATE).")
        return extra

    def _overrides(
        self, changed: list[Component], zone: str, minutes: int, walls: set[datetime], place: tuple[str, str]
    ) -> tuple[list[SessionOverride], list[str]]:
        """The changes of single sessions in the file, and what of that cannot be imported."""
        overrides, notes, seen = [], [], set()
        for event in changed:
            named = event.properties["RECURRENCE-ID"][0]
            was = self._changed_time(named, zone, walls)
            if was in seen:
                raise Unreadable(named.line, "the same session is changed twice.")
            seen.add(was)
            if was is None or was not in walls:
                later = was is not None and walls and was > max(walls)
                which = (
                    "that is too far ahead; import it again closer to the time" if later else "that it does not have"
                )
                notes.append(f"Line {event.line} changes a session {which}.")
                continue
            overrides.append(self._override(event, was, zone, place))
            if not overrides[-1].cancelled and self._lasts(event, minutes) != minutes:
                notes.append(f"The session of {words.short_day(was.date())} keeps its {minutes} minutes.")
        return overrides, notes

    def _changed_time(self, named: Property, zone: str, walls: set[datetime]) -> datetime | None:
        """The wall time of the session that RECURRENCE-ID names; None for a day that has none."""
        if "RANGE" in named.parameters:
            raise Unreadable(named.line, "a change of this and all later sessions cannot be imported; end the series.")
        if not is_day(named):
            return self.times.wall(named, zone)
        day = day_in(named, named.value)
        return next((wall for wall in walls if wall.date() == day), None)

    def _override(self, event: Component, was: datetime, zone: str, place: tuple[str, str]) -> SessionOverride:
        if _status(event) == "CANCELLED":
            return SessionOverride(was, cancelled=True)
        start = event.first("DTSTART")
        if start is None or is_day(start):
            raise Unreadable(event.line, "the changed session does not say when it begins.")
        wall, there = self.times.wall(start, zone), _place(event) if event.first("LOCATION") else place
        return SessionOverride(was, wall if wall != was else None, there if there != place else None)

    def _lasts(self, event: Component, minutes: int) -> int:
        """The length of a changed session, which is that of its series where it says nothing."""
        start = event.first("DTSTART")
        says = start and (event.first("DTEND") or event.first("DURATION"))
        return self.times.minutes(event, start) if start and says else minutes


def _check_first_day(start: Property, first: date, today: date) -> None:
    if first < today - OLDEST:
        raise Unreadable(start.line, "it began more than 20 years ago.")
    if first > today + recurrence.MATERIALIZED:
        raise NotForSchedule("begins more than 26 weeks from now; import it again when it is closer.")


def _start(event: Component, uid: str) -> Property:
    """The beginning of an event, which is checked for what makes it no series at all."""
    if not uid or len(uid) > 255:
        raise Unreadable(event.line, "the event has no UID, so it could not be recognized later.")
    start = event.first("DTSTART")
    if start is None:
        raise Unreadable(event.line, "the event does not say when it begins (DTSTART).")
    if is_day(start):
        raise NotForSchedule("has no time; if the program is closed that day, add it to the holidays.")
    if _status(event) == "CANCELLED":
        raise NotForSchedule("is cancelled in the calendar.")
    if not _text(event.first("SUMMARY"), 120):
        raise Unreadable(event.line, "the event has no name (SUMMARY).")
    return start


def _status(event: Component) -> str:
    status = event.first("STATUS")
    return status.value.strip().upper() if status else ""


def _place(event: Component) -> tuple[str, str]:
    """The room and the video link that LOCATION names: one of the two."""
    said = _text(event.first("LOCATION"), 300)
    if said.lower().startswith("https://") and " " not in said:
        return "", said
    return said[:60].strip(), ""


def _without_first(rule: str, gone: int) -> str:
    """The rule without the first `gone` of its occurrences."""
    if rule == ONCE:
        return rule
    parts = [part.partition("=") for part in rule.split(";")]
    return ";".join(f"{name}={int(value) - gone}" if name == "COUNT" else f"{name}={value}" for name, _, value in parts)
