"""What a calendar file says of group times: series with their rule, what is left out and why, and what is refused."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock, words
from portal.schedule.calendar.importing.lines import Component, Property, Refused, components
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
class Override:
    """What one session of a series is instead: at another time, elsewhere, or not at all; None is as the series."""

    was: datetime
    wall_at: datetime | None = None
    place: tuple[str, str] | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Series:
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
    overrides: tuple[Override, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """An event that is not taken over, and why."""

    line: int
    title: str
    reason: str


@dataclass(slots=True)
class Found:
    """What is in a file."""

    series: list[Series] = field(default_factory=list)
    left_out: list[Aside] = field(default_factory=list)
    refused: list[Aside] = field(default_factory=list)


class LeftOut(ValueError):
    """An event is nothing for the schedule; the message says why."""


def read(content: bytes, zone: str, now: datetime) -> Found:
    """The series in a file, in its order; `zone` is the program's, for times without one and times in UTC.

    Raises Refused for a file that is none, or that is too much.
    """
    held = components(content)
    reader = _Reader(Times(Zones(held, zone, now), zone), now)
    masters: dict[str, list[Component]] = defaultdict(list)
    changed: dict[str, list[Component]] = defaultdict(list)
    for event in held:
        if event.kind == "VEVENT":
            named = event.first("UID")
            known = changed if event.first("RECURRENCE-ID") else masters
            known[named.value.strip() if named else ""].append(event)
    found = Found()
    for uid, (event, *again) in masters.items():
        try:
            if again and uid:
                raise Refused(again[0].line, f"a second event has the UID of the one in line {event.line}.")
            for each in [event, *again] if not uid else [event]:
                found.series.append(reader.series(each, uid, changed.pop(uid, [])))
        except LeftOut as why:
            found.left_out.append(Aside(event.line, _title(event), str(why)))
        except Refused as refused:
            found.refused.append(Aside(refused.line, _title(event), refused.reason))
        if len(found.series) > MOST_SERIES:
            raise Refused(event.line, f"there are more than {MOST_SERIES} groups; export a shorter time.")
        if len(found.refused) > MOST_REFUSED:
            raise Refused(found.refused[0].line, f"{found.refused[0].reason} More than {MOST_REFUSED} are like this.")
    for uid in changed.keys() - masters.keys():
        event = changed[uid][0]
        found.left_out.append(Aside(event.line, _title(event), "changes one session of a series that is not here."))
    return found


def _title(event: Component) -> str:
    return _text(event.first("SUMMARY"), 120) or "Without a name"


def _text(prop: Property | None, most: int) -> str:
    said = ESCAPED.sub(lambda held: " " if held[1] in "nN" else held[1], prop.value) if prop else ""
    return SPACE.sub(" ", said).strip()[:most].strip()


@dataclass
class _Reader:
    """Reads events one after the other."""

    times: Times
    now: datetime
    looked_at: int = 0

    def series(self, event: Component, uid: str, changed: list[Component]) -> Series:
        """What one event comes to; raises LeftOut and Refused."""
        line = event.line
        if not uid or len(uid) > 255:
            raise Refused(line, "the event has no UID, by which it would be known again.")
        start = event.first("DTSTART")
        if start is None:
            raise Refused(line, "the event does not say when it begins (DTSTART).")
        if is_day(start):
            raise LeftOut("has no time; if the program is closed that day, add it to the holidays.")
        if _status(event) == "CANCELLED":
            raise LeftOut("is cancelled in the calendar.")
        if not _text(event.first("SUMMARY"), 120):
            raise Refused(line, "the event has no name (SUMMARY).")
        zone = self.times.zone_of(start)
        first = self.times.wall(start, zone)
        today = clock.day_of(self.now, zone)
        if first.date() < today - OLDEST:
            raise Refused(start.line, "it began more than 20 years ago.")
        if first.date() > today + recurrence.MATERIALISED:
            raise LeftOut("begins more than 26 weeks from now; import it again when it is nearer.")
        minutes = self.times.minutes(event, start)
        rule, walls = self._expanded(event, first, zone, today)
        extra = self._extra(event, zone)
        skips = self._skips(event, zone, first, set(walls))
        overrides, notes = self._overrides(changed, zone, minutes, {*walls, *extra}, _place(event))
        ahead = [wall for wall in walls if wall.date() >= today]
        extra = [wall for wall in extra if wall.date() >= today and wall not in ahead]
        extra += [o.wall_at for o in overrides if o.wall_at and o.was.date() < today <= o.wall_at.date()]
        if not [w for w in ahead if w.date() not in skips and clock.at_wall(w, zone) > self.now] and not extra:
            raise LeftOut("is over.")
        if not ahead:
            ahead, rule, extra = [min(extra)], ONCE, sorted(extra)[1:]
        return Series(
            line=line,
            uid=uid,
            title=_title(event),
            room=_place(event)[0],
            video_url=_place(event)[1],
            first_at=ahead[0],
            zone=zone,
            minutes=minutes,
            rule=_from(rule, len(walls) - len([w for w in walls if w.date() >= today])),
            skips=tuple(sorted(day for day in skips if day >= today)),
            extra=tuple(sorted(set(extra))),
            overrides=tuple(o for o in overrides if o.was.date() >= today),
            notes=tuple(notes),
        )

    def _expanded(self, event: Component, first: datetime, zone: str, today: date) -> tuple[str, list[datetime]]:
        """The rule, and every wall time that it comes to."""
        if event.first("EXRULE"):
            raise Refused(event.properties["EXRULE"][0].line, "EXRULE is not taken over; list the days as EXDATE.")
        repeats = event.first("RRULE")
        rule = repeats.value.strip().upper() if repeats else ONCE
        line = repeats.line if repeats else event.line
        if len(rule) > 200:
            raise Refused(line, "the rule for repeating is longer than 200 characters.")
        if any(part in rule for part in WITHIN_A_DAY):
            raise Refused(line, "the rule repeats within a day; make each time of the day an event of its own.")
        try:
            walls = [wall for wall, _ in recurrence.expand(first, rule, zone, today)]
        except ValueError as error:
            raise Refused(line, str(error)) from None
        self.looked_at += len(walls)
        if self.looked_at > MOST_WALLS:
            raise Refused(line, "the events of this file repeat too often; export a shorter time.")
        if not walls or walls[0] != first:
            raise Refused(line, "its first day is none of those that its rule for repeating names.")
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
                    raise Refused(prop.line, "an RDATE with a day or a span is not taken over; a time would be.")
                extra.append(self.times.wall(prop, zone, value))
        if len(extra) > 100:
            raise Refused(event.properties["RDATE"][0].line, "there are more than 100 extra times (RDATE).")
        return extra

    def _overrides(
        self, changed: list[Component], zone: str, minutes: int, walls: set[datetime], place: tuple[str, str]
    ) -> tuple[list[Override], list[str]]:
        """What the file changes of single sessions, and what of that is not taken over."""
        overrides, notes, seen = [], [], set()
        for event in changed:
            named = event.properties["RECURRENCE-ID"][0]
            if "RANGE" in named.parameters:
                raise Refused(named.line, "a change of this and all later sessions is not taken over; end the series.")
            if is_day(named):
                day = day_in(named, named.value)
                was = next((wall for wall in walls if wall.date() == day), None)
            else:
                was = self.times.wall(named, zone)
            if was in seen:
                raise Refused(named.line, "the same session is changed twice.")
            seen.add(was)
            if was is None or was not in walls:
                later = was is not None and walls and was > max(walls)
                which = "that is too far ahead; import it again nearer the time" if later else "that it does not have"
                notes.append(f"Line {event.line} changes a session {which}.")
                continue
            start = event.first("DTSTART")
            if _status(event) == "CANCELLED":
                overrides.append(Override(was, cancelled=True))
            elif start is None or is_day(start):
                raise Refused(event.line, "the changed session does not say when it begins.")
            else:
                wall, there = self.times.wall(start, zone), _place(event) if event.first("LOCATION") else place
                overrides.append(Override(was, wall if wall != was else None, there if there != place else None))
                if (event.first("DTEND") or event.first("DURATION")) and self.times.minutes(event, start) != minutes:
                    notes.append(f"The session of {words.short_day(was.date())} keeps its {minutes} minutes.")
        return overrides, notes


def _status(event: Component) -> str:
    status = event.first("STATUS")
    return status.value.strip().upper() if status else ""


def _place(event: Component) -> tuple[str, str]:
    """The room and the video link that LOCATION names: one of the two."""
    said = _text(event.first("LOCATION"), 300)
    if said.lower().startswith("https://") and " " not in said:
        return "", said
    return said[:60].strip(), ""


def _from(rule: str, gone: int) -> str:
    """The rule without the first `gone` of its occurrences."""
    parts: list[Any] = []
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        parts.append(f"COUNT={int(value) - gone}" if name == "COUNT" and rule != ONCE else part)
    return ";".join(parts)
