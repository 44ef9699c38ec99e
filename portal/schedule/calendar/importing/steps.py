"""The steps of an import, event by event: groups that are new, that follow the file, and that it has no more."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import exists, func, select

from portal import audit, clock
from portal.db import db, new_key, reader
from portal.fields import Refused
from portal.people import Person, coordinators_only
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.schedule import clashes
from portal.schedule.calendar.importing.content import EventAside, FileContent, GroupSeries, SeriesChange
from portal.schedule.calendar.importing.following import OWN_TOPIC
from portal.schedule.calendar.importing.group_following import GroupImport
from portal.schedule.calendar.importing.outcome import ImportChoices, ImportOutcome, ImportStep, MissingGroup
from portal.schedule.clashes import Clash
from portal.schedule.meetings import LONGEST
from portal.schedule.models import Seat, Session, Track, TrackEnrollment

MOST_NEW = 2_000  # sessions in one import
STAYS = "What was imported before stays as it is."
_MISSING = (
    select(
        Track.key,
        Track.title,
        func.count().label("ahead"),
        func.count().filter(Session.note != "").label("noted"),
        func.count().filter(OWN_TOPIC).label("topics"),
        func.count().filter(exists().where(Seat.session_id == Session.id)).label("seats"),
    )
    .join(Session, Session.track_id == Track.id)
    .group_by(Track.id, Track.key, Track.title)
    .order_by(Track.title, Track.id)
)
_missing_group = reader(MissingGroup, _MISSING)


def take_over(
    coordinator: Person, content: FileContent, choices: ImportChoices, program: ProgramFacts, now: datetime
) -> ImportOutcome:
    """Let the schedule follow a file from now on.

    What was imported under the same UID before is changed, and what is as in the file is left alone. An event that
    cannot be taken is among the refused of the outcome, and does not stop the others. Raises Refused for too much.
    """
    coordinators_only(coordinator)
    imported = db.session.scalars(select(Track).where(Track.imported_as.is_not(None)))
    known = {track.imported_as or "": track for track in imported}
    ours = {uid: track for uid, track in known.items() if uid in content.uids}
    run = _Run(coordinator, choices, program, now, ours)
    run.take_all(content)
    missing = _missing(ours, known, now) if content.is_whole else []
    ended = run.end(track for track in known.values() if track.key in choices.ended & {one.key for one in missing})
    found = run.find_clashes()
    if run.touched:
        audit.record(coordinator, "track.import")
    left, refused = (tuple(sorted(asides, key=lambda one: one.line)) for asides in (run.left_out, run.refused))
    return ImportOutcome(tuple(run.steps), tuple(found), left, refused, tuple(missing), ended)


def empty(coordinator: Person) -> list[tuple[str, str]]:
    """(key, name) of the groups from a calendar that nobody was given a place in, by name."""
    coordinators_only(coordinator)
    used = exists().where(TrackEnrollment.track_id == Track.id)
    rows = select(Track.key, Track.title).where(Track.imported_as.is_not(None), ~used).order_by(Track.title, Track.id)
    return [(row.key, row.title) for row in db.session.execute(rows)]


def _with_word(aside: EventAside, ours: Mapping[str, Track]) -> EventAside:
    """An event that is not taken, with a word about the group that it made before, if it made one."""
    return replace(aside, reason=f"{aside.reason} {STAYS}") if aside.uid in ours else aside


def _missing(ours: Mapping[str, Track], known: Mapping[str, Track], now: datetime) -> list[MissingGroup]:
    """The groups that came from the same calendar, with sessions to come, that the file does not have any more."""
    sources = {track.imported_from for track in ours.values()} - {None}
    gone = [track.id for uid, track in known.items() if uid not in ours and track.imported_from in sources]
    ahead = (Session.track_id.in_(gone), Session.status == "planned", Session.starts_at > now)
    return [_missing_group(row) for row in db.session.execute(_MISSING.where(*ahead))]


class _Run:
    """One import as it goes on, event by event: none that cannot be taken stops the others."""

    def __init__(
        self,
        coordinator: Person,
        choices: ImportChoices,
        program: ProgramFacts,
        now: datetime,
        ours: Mapping[str, Track],
    ) -> None:
        self.choices, self.now, self.ours = choices, now, ours
        accounts = db.session.execute(select(Account.id, Account.name))
        names = {account.id: account.name for account in accounts}
        self.groups = GroupImport(coordinator, choices, program, names, now)
        self.steps: list[ImportStep] = []
        self.refused: list[EventAside] = []
        self.left_out: list[EventAside] = []
        self.touched: set[int] = set()

    def take_all(self, content: FileContent) -> None:
        """Let the schedule follow all events of a file."""
        self.refused = [_with_word(aside, self.ours) for aside in content.refused]
        self.left_out = [_with_word(aside, self.ours) for aside in content.left_out]
        source = next((track.imported_from for track in self.ours.values() if track.imported_from), None) or new_key()
        events: list[GroupSeries | SeriesChange] = [*content.series, *content.changes]
        for event in events:
            track = self.ours.get(event.uid)
            if track is None and event.ended:
                self.left_out.append(EventAside(event.line, event.title, event.ended, event.uid))
            else:
                self._take(event, track, source)

    def _take(self, event: GroupSeries | SeriesChange, track: Track | None, source: str) -> None:
        """Let the schedule follow one event, or only see what that would be, if it is not among those taken."""
        attempt = db.session.begin_nested()
        try:
            step = self._taken(event, track, source)
        except ValueError as error:
            attempt.rollback()
            self.refused.append(EventAside(event.line, event.title, f"{str(error).rstrip('.')}.", event.uid))
            return
        taken = self.choices.taken
        step.is_taken = taken is None or step.line in taken or (step.what == "same" and not step.held)
        self.steps.append(step)
        if sum(one.count("added") for one in self.steps if one.is_taken) > MOST_NEW:
            raise Refused("file", f"This makes more than {MOST_NEW:,} sessions; import a part of it.")
        if not step.is_taken:
            attempt.rollback()
            return
        attempt.commit()
        if step.what != "same":
            self.touched.update(db.session.scalars(select(Track.id).where(Track.key == step.key)))

    def _taken(self, event: GroupSeries | SeriesChange, track: Track | None, source: str) -> ImportStep:
        if isinstance(event, GroupSeries):
            return self.groups.follow(event, track, source) if track else self.groups.open(event, source)
        assert track  # a change alone makes no group
        return self.groups.change(event, track)

    def end(self, gone: Iterable[Track]) -> int:
        """End groups that the calendar has no more; how many."""
        ended = list(gone)
        for track in ended:
            self.groups.end(track)
            self.touched.add(track.id)
        return len(ended)

    def find_clashes(self) -> list[Clash]:
        """All that is in the way of what was changed, kept with its reason."""
        weeks = _weeks(self.touched, self.now)
        found = [clash for ids in weeks for clash in clashes.clashes_of(ids, self.now)]
        clashes.explain([session_id for ids in weeks for session_id in ids], found, self.choices.clash_reason)
        return found


def _weeks(track_ids: Collection[int], now: datetime) -> list[list[int]]:
    """The sessions to come of these tracks, by week."""
    mine = select(Session.local_day, Session.id).where(
        Session.track_id.in_(track_ids), Session.starts_at > now - LONGEST
    )
    weeks: dict[date, list[int]] = defaultdict(list)
    for day, session_id in db.session.execute(mine.order_by(Session.starts_at, Session.id)):
        weeks[clock.monday_of(day)].append(session_id)
    return list(weeks.values())
