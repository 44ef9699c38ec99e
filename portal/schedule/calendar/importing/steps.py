"""Steps of an import: tracks that are new, those that change, and those with nothing to do; whole or not at all."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, select

from portal import audit, clock
from portal.db import db
from portal.fields import Refused
from portal.people import Person, coordinators_only
from portal.program import ProgramFacts
from portal.schedule import clashes, sessions, staff_meetings
from portal.schedule.calendar.importing.series import GroupSeries
from portal.schedule.clashes import Clash
from portal.schedule.groups import recurrence, track_change, tracks
from portal.schedule.groups.tracks import TrackPlan
from portal.schedule.meetings import LONGEST
from portal.schedule.models import Session, Track, TrackEnrollment

REASON = "Imported from the calendar."
MOST_NEW = 2_000  # sessions in one import
LONG_AGO = timedelta(days=366 * 100)
SAID = {  # what of a track a file may change, in words
    "title": "name",
    "facilitator_id": "leader",
    "room": "room",
    "video_url": "video link",
    "minutes": "length",
    "capacity": "seats",
    "zone": "time zone",
}


@dataclass(slots=True)
class ImportStep:
    """All that one series does to its group track, which it may have made.

    The numbers are of sessions, and `differs` are words for what is not as it was. `kept` are the sessions left as
    they are because somebody has a seat in them, came, or they have a note; `doubled` are wall times that the clocks
    show twice.
    """

    series: GroupSeries
    is_new: bool
    added: int = 0
    moved: int = 0
    changed: int = 0
    cancelled: int = 0
    placed: int = 0
    differs: list[str] = field(default_factory=list)
    kept: list[tuple[datetime, str]] = field(default_factory=list)
    doubled: list[datetime] = field(default_factory=list)

    @property
    def what(self) -> str:
        """ "new", "changed", or "same" where there is nothing to do."""
        differs = self.differs or any((self.added, self.moved, self.changed, self.cancelled, self.placed))
        return "new" if self.is_new else "changed" if differs else "same"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """All that an import came to, and what is in the way of it."""

    steps: tuple[ImportStep, ...] = ()
    clashes: tuple[Clash, ...] = ()

    @property
    def what(self) -> str:
        """ "new" if any series is, else "changed", else "same"."""
        return next((what for what in ("new", "changed") if what in {step.what for step in self.steps}), "same")


def take_over(
    coordinator: Person,
    series: Sequence[GroupSeries],
    leader_id: int,
    capacity: int | None,
    clash_reason: str,
    program: ProgramFacts,
    now: datetime,
) -> ImportOutcome:
    """Let the schedule have these series from today on, led by `leader_id`, with `capacity` seats where one is given.

    What was imported under the same UID before is changed, and what is as in the file is left alone. Raises
    Refused, naming the line, for what cannot be; the caller then rolls back.
    """
    steps: list[ImportStep] = []
    for each in series:
        try:
            steps.append(_take_one(coordinator, each, leader_id, capacity, program, now))
        except ValueError as error:
            raise Refused("file", f"Line {each.line}: {error}") from None
        if sum(step.added for step in steps) > MOST_NEW:
            raise Refused("file", f"This makes more than {MOST_NEW:,} sessions; import a part of it.")
    touched = [step.series.uid for step in steps if step.what != "same"]
    weeks = _weeks(touched, now)
    found = [clash for ids in weeks for clash in clashes.clashes_of(ids, now)]
    clashes.explain([session_id for ids in weeks for session_id in ids], found, clash_reason)
    if touched:
        audit.record(coordinator, "track.import")
    return ImportOutcome(tuple(steps), tuple(found))


def empty(coordinator: Person) -> list[tuple[str, str]]:
    """(key, name) of the groups from a calendar that nobody was given a place in, by name."""
    coordinators_only(coordinator)
    used = exists().where(TrackEnrollment.track_id == Track.id)
    rows = select(Track.key, Track.title).where(Track.imported_as.is_not(None), ~used).order_by(Track.title, Track.id)
    return [(row.key, row.title) for row in db.session.execute(rows)]


def _take_one(
    coordinator: Person, series: GroupSeries, leader_id: int, capacity: int | None, program: ProgramFacts, now: datetime
) -> ImportStep:
    track = db.session.scalar(select(Track).where(Track.imported_as == series.uid))
    step = ImportStep(series, track is None)
    if track is None:
        plan = _columns(TrackPlan("", leader_id, series.first_at, series.zone, series.minutes, series.rule), series)
        plan = plan if capacity is None else replace(plan, capacity=capacity)
        track, outcome = tracks.open_track(coordinator, plan, program, now)
        track.imported_as = series.uid
        step.added, step.doubled = outcome.added, outcome.doubled
    else:
        before = tracks.plan_of(track)
        plan = replace(_columns(before, series), facilitator_id=leader_id, capacity=capacity or before.capacity)
        _follow(coordinator, track, before, plan, step, program, now)
    db.session.flush()
    _add_extra(coordinator, track, step, program, now)
    _override(coordinator, track, step, now)
    return step


def _columns(plan: TrackPlan, series: GroupSeries) -> TrackPlan:
    """`plan` with what the file says."""
    names = ("title", "room", "video_url", "first_at", "zone", "minutes", "rule", "skips")
    return replace(plan, **{name: getattr(series, name) for name in names})


def _follow(
    coordinator: Person,
    track: Track,
    before: TrackPlan,
    plan: TrackPlan,
    step: ImportStep,
    program: ProgramFacts,
    now: datetime,
) -> None:
    """Let a track that is there be as the file has it, if it is not."""
    today = clock.day_of(now, plan.zone)
    step.differs = [words for name, words in SAID.items() if getattr(before, name) != getattr(plan, name)]
    wanted = _times(plan, program, now)
    if _times(before, program, now) != wanted or _shape(before, today) != _shape(plan, today):
        step.differs.append("days and times")
    if not step.differs:
        return
    with _hidden(track, step.series.extra):
        gap = _planned(track, today, plan.first_at.date(), now)
        outcome = tracks.change_track(coordinator, track, plan, REASON, program, now)
    _cancel(coordinator, gap, now, step)  # the file begins later than the track did
    step.added, step.moved, step.changed = outcome.added, outcome.moved, outcome.changed
    step.cancelled += outcome.cancelled
    step.kept += outcome.kept
    step.doubled = outcome.doubled


@contextmanager
def _hidden(track: Track, extra: Sequence[datetime]) -> Iterator[None]:
    """Keep what a file adds beyond the rule out of the rule's sight, which would take it away."""
    mine = select(Session).where(Session.track_id == track.id, Session.occurrence.in_(extra))
    apart = [(session, session.occurrence) for session in db.session.scalars(mine) if session.occurrence]
    for session, was in apart:
        session.occurrence = was - LONG_AGO
    db.session.flush()
    yield
    for session, was in apart:
        session.occurrence = was
    db.session.flush()


def _planned(track: Track, start: date, end: date, now: datetime) -> list[Session]:
    """The planned sessions to come that the rule put on `start` or later and before `end`, and that nothing keeps."""
    rows = select(Session).where(
        Session.track_id == track.id,
        Session.status == "planned",
        Session.starts_at > now,
        Session.occurrence >= datetime.combine(start, time.min),
        Session.occurrence < datetime.combine(end, time.min),
    )
    kept = track_change.kept_ids(track)
    return [session for session in db.session.scalars(rows) if session.id not in kept]


def _cancel(coordinator: Person, gone: Sequence[Session], now: datetime, step: ImportStep) -> None:
    for session in gone:
        sessions.cancel(coordinator, staff_meetings.called(coordinator, session.key), REASON, now)
        step.cancelled += 1


def _times(plan: TrackPlan, program: ProgramFacts, now: datetime) -> list[tuple[datetime, datetime]]:
    """The sessions to come by the rule of `plan`."""
    today = clock.day_of(now, plan.zone)
    off = {*plan.skips, *(date.fromisoformat(day) for day in program.holidays if plan.skips_holidays)}
    try:
        return [one for one in recurrence.expand(plan.first_at, plan.rule, plan.zone, today, off) if one[1] > now]
    except ValueError:
        return []


def _shape(plan: TrackPlan, today: date) -> tuple[Any, ...]:
    """The parts of a rule that show only beyond the sessions there are, whether it is counted, and days it skips."""
    parts = {part for part in plan.rule.upper().split(";") if not part.startswith("COUNT=")}
    return sorted(parts), "COUNT=" in plan.rule.upper(), sorted(day for day in plan.skips if day >= today)


def _add_extra(coordinator: Person, track: Track, step: ImportStep, program: ProgramFacts, now: datetime) -> None:
    """Add the sessions beyond the rule that are not there, and cancel those that only an earlier file had."""
    series = step.series
    there = set(db.session.scalars(select(Session.occurrence).where(Session.track_id == track.id)))
    at = [(wall, clock.at_wall(wall, series.zone)) for wall in series.extra if wall not in there]
    step.added += recurrence.add(track, [(wall, instant) for wall, instant in at if instant > now])
    known = {*series.extra, *(wall for wall, _ in _times(tracks.plan_of(track), program, now))}
    ahead = _planned(track, clock.day_of(now, track.zone), date.max, now)
    _cancel(coordinator, [session for session in ahead if session.occurrence not in known], now, step)


def _override(coordinator: Person, track: Track, step: ImportStep, now: datetime) -> None:
    """Move, place or cancel single sessions as the file does; those that are so already stay."""
    for one in step.series.overrides:
        found = select(Session.key).where(Session.track_id == track.id, Session.occurrence == one.was)
        key = db.session.scalar(found)
        session = staff_meetings.called(coordinator, key) if key else None
        if session is None or session.status != "planned" or session.time.start <= now:
            continue
        if one.cancelled:
            sessions.cancel(coordinator, session, REASON, now)
            step.cancelled += 1
            continue
        if one.place is not None and one.place != (session.place.room, session.place.video):
            sessions.place(coordinator, session, *one.place, REASON, now)
            step.placed += 1
        if one.wall_at is not None and one.wall_at != session.time.local_start.replace(tzinfo=None):
            sessions.move(coordinator, session, one.wall_at, REASON, now)
            step.moved += 1


def _weeks(uids: list[str], now: datetime) -> list[list[int]]:
    """The sessions to come of the tracks imported under `uids`, by week: each is compared with its neighbors alone."""
    mine = select(Session.local_day, Session.id).join(Track, Track.id == Session.track_id)
    ahead = mine.where(Track.imported_as.in_(uids), Session.starts_at > now - LONGEST)
    weeks: dict[date, list[int]] = defaultdict(list)
    for day, session_id in db.session.execute(ahead.order_by(Session.starts_at, Session.id)):
        weeks[clock.monday_of(day)].append(session_id)
    return list(weeks.values())
