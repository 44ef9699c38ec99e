"""One group that is made of an event in a calendar file, or follows the event that it was made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal import audit, clock
from portal.db import db
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule import sessions
from portal.schedule.calendar.importing.content import GroupSeries, SeriesChange
from portal.schedule.calendar.importing.following import Following
from portal.schedule.calendar.importing.last_import import COLUMNS, LastImport, last_import, made_of
from portal.schedule.calendar.importing.outcome import ImportChoices, ImportStep
from portal.schedule.calendar.importing.overrides import FileSession
from portal.schedule.calendar.importing.series import LOOK_BACK
from portal.schedule.groups import tracks
from portal.schedule.groups.tracks import TrackPlan
from portal.schedule.models import Session, Track

REASON = "Imported from the calendar."
GONE = "gone"  # asked of a group that its calendar has no more
COMES_OR_GOES = {"added", "cancelled", "restored"}


@dataclass(frozen=True, slots=True)
class GroupImport:
    """An import as its groups need it: who does it, what they chose, the program, and the names of who can lead."""

    coordinator: Person
    choices: ImportChoices
    program: ProgramFacts
    names: Mapping[int, str]
    now: datetime

    def open(self, series: GroupSeries, source: str) -> ImportStep:
        """Make a group, with its sessions to come, of an event that none was made of before."""
        leader_id = self.choices.leaders.get(series.line) or series.leader_id or self.choices.leader_id
        names = ("title", "room", "video_url", "first_at", "zone", "minutes", "rule", "skips")
        said: dict[str, Any] = {name: getattr(series, name) for name in names}
        if self.choices.capacity:
            said["capacity"] = self.choices.capacity
        plan = TrackPlan(facilitator_id=leader_id, **said)
        track = Track(**plan.columns(), imported_as=series.uid, imported_from=source)
        db.session.add(track)
        db.session.flush()
        audit.record(self.coordinator, "track.open", subject=track.key)
        step, following = self._step(series, track, is_new=True), Following(track, last_import(track), self.now)
        self._follow_sessions(series, track, following, step, days=True, grows=True)
        self._finish(track, following, step)
        plain = FileSession(series.first_at, series.first_at, **{name: getattr(series, name) for name in COLUMNS})
        _keep(LastImport(plain, series.asked, made_of(track), series.leader_id, leader_id), track, following.apart)
        return step

    def follow(self, series: GroupSeries, track: Track, source: str) -> ImportStep:
        """Let a group that is here be as the file has it, but for what was changed here."""
        step, base, over = self._step(series, track), last_import(track), self.choices.over_at(series.line)
        by_hand, plain = self._follow_columns(series, track, base, step)
        asks, own_rule = series.asked != base.asked, base.made != made_of(track)
        if asks and own_rule:
            step.by_hand.append("days")
            by_hand["days"] = track.rule
        takes = asks and (not own_rule or "group" in over)
        if takes:
            track.first_at, track.rule = series.first_at, series.rule
            track.skips = [day.isoformat() for day in series.skips]
        following = Following(track, base, self.now, over, by_hand)
        self._follow_sessions(series, track, following, step, days=takes or not own_rule, grows=takes)
        self._lead(series, track, base, following, step)
        led_by = track.facilitator_id if series.leader_id != base.leader_id else base.led_by
        if takes and not any(one.follows for one in following.differences) and _rule(series.asked) != _rule(base.asked):
            step.turned.append(("days", "", ""))
        self._finish(track, following, step)
        track.imported_from = track.imported_from or source
        asked = series.asked if takes else base.asked
        said = LastImport(plain, asked, made_of(track) if takes else base.made, series.leader_id, led_by)
        since = clock.day_of(self.now, track.zone) - LOOK_BACK
        known = {at: one for at, one in base.apart.items() if at.date() >= since}
        _keep(said, track, {**known, **following.apart})
        return step

    def change(self, change: SeriesChange, track: Track) -> ImportStep:
        """Let single sessions of a group follow a message about them."""
        base = last_import(track)
        step = ImportStep(change.line, track.title, track.key, False, track.facilitator_id)
        following = Following(track, base, self.now, self.choices.over_at(change.line))
        wanted: dict[datetime, FileSession | None] = {}
        for one in (one.in_zone(base.plain.zone) for one in change.overrides):
            said = base.session(one.was)
            wanted[one.was] = one.of(said) if said and not one.cancelled else None
        following.change(wanted)
        self._finish(track, following, step)
        _keep(base, track, {**base.apart, **following.apart})
        return step

    def end(self, track: Track) -> None:
        """End a group that its calendar has no more."""
        yesterday, base = clock.day_of(self.now, track.zone) - timedelta(days=1), last_import(track)
        rows = select(Session.occurrence).where(Session.track_id == track.id, Session.starts_at > self.now)
        apart = {**base.apart, **{at: None for at in db.session.scalars(rows) if at}}
        tracks.end_track(self.coordinator, track, yesterday, REASON, self.now)
        _keep(replace(base, asked=(GONE,), made=made_of(track)), track, apart)

    def _step(self, series: GroupSeries, track: Track, *, is_new: bool = False) -> ImportStep:
        place = series.room or ("by video" if series.video_url else "")
        more: dict[str, Any] = {"minutes": series.minutes, "place": place, "zone": series.zone, "notes": series.notes}
        return ImportStep(
            series.line, series.title, track.key, is_new, track.facilitator_id, ended=series.ended, **more
        )

    def _follow_columns(
        self, series: GroupSeries, track: Track, base: LastImport, step: ImportStep
    ) -> tuple[dict[str, Any], FileSession]:
        """Let the group itself follow; what of it was changed here as well, and what the file is taken to have said."""
        by_hand: dict[str, Any] = {}
        said = {name: getattr(base.plain, name) for name in COLUMNS}
        for name, was in list(said.items()):
            mine, theirs = getattr(track, name), getattr(series, name)
            if theirs not in (was, mine) and mine != was:
                by_hand[name] = mine
                step.by_hand.append(name)
                if "group" not in self.choices.over_at(series.line):
                    continue
            said[name] = theirs
            if theirs not in (was, mine):
                step.turned.append((name, str(mine), str(theirs)))
                setattr(track, name, theirs)
        return by_hand, replace(base.plain, occurrence=series.first_at, wall_at=series.first_at, **said)

    def _follow_sessions(
        self, series: GroupSeries, track: Track, following: Following, step: ImportStep, *, days: bool, grows: bool
    ) -> None:
        off = self.program.holidays if track.skips_holidays else ()
        wanted = {
            one.occurrence: one
            for one in series.sessions
            if one.occurrence in series.extra or one.wall_at.date().isoformat() not in off
        }
        following.follow(wanted, clock.day_of(self.now, series.zone) - LOOK_BACK, days=days, grows=grows)
        step.doubled = [one.wall_at for one in series.ahead(self.now) if clock.is_doubled(one.wall_at, one.zone)]

    def _lead(
        self, series: GroupSeries, track: Track, base: LastImport, following: Following, step: ImportStep
    ) -> None:
        """Let who was chosen lead, or whom the file names other than before, if nobody else was chosen here since."""
        was, becomes = track.facilitator_id, self.choices.leaders.get(series.line)
        if becomes is None and series.leader_id != base.leader_id and was == base.led_by:
            becomes = series.leader_id
        if becomes and becomes != was:
            track.facilitator_id = step.leader_id = becomes
            following.lead(was, becomes, self.names)
            step.turned.append(("facilitator_id", self.names[was], self.names[becomes]))
        if self.choices.capacity and track.capacity != self.choices.capacity:
            step.turned.append(("capacity", str(track.capacity), str(self.choices.capacity)))
            track.capacity = self.choices.capacity

    def _finish(self, track: Track, following: Following, step: ImportStep) -> None:
        """Tell those who come, and let topics follow."""
        step.differences = sorted(following.differences, key=lambda one: (one.wall_at, one.kind))
        sessions.note_changes(self.coordinator, following.changes, REASON, self.now)
        if track.topics and any(one.follows and one.kind in COMES_OR_GOES for one in step.differences):
            step.topics = tracks.give_topics(track, self.now)
        if step.what == "changed":
            audit.record(self.coordinator, "track.change", subject=track.key)
        db.session.flush()


def _keep(said: LastImport, track: Track, apart: Mapping[datetime, FileSession | None]) -> None:
    """Keep what the file said on the track: of single sessions only what is not as in all others."""
    base = replace(said, apart={})
    replace(said, apart={at: one for at, one in apart.items() if one != base.session(at)}).keep_on(track)


def _rule(asked: tuple[str, ...]) -> set[str]:
    """The rule itself, of all that a file says of days and times: without single days."""
    return {part for part in asked if part[:1] not in "+-"}
