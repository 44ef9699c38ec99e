"""Group tracks as a coordinator plans them: what there is of each, and each act looked at before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.schedule import clashes, enrolment, tracks
from portal.schedule.models import Session, Track, TrackEnrolment
from portal.schedule.planning import weekly, words
from portal.schedule.planning.looks import Made, settled
from portal.schedule.planning.tracks.forms import EndForm, PeopleForm, TrackForm

NEXT = 10  # sessions that the page of a track names


@dataclass(frozen=True, slots=True)
class TrackLine:
    """A track as the list of tracks shows it: `people` have a place on `today`, `ahead` sessions are to come."""

    key: str
    title: str
    leader: str
    room: str
    first_at: datetime
    zone: str
    minutes: int
    rule: str
    capacity: int
    people: int
    ahead: int

    @property
    def when(self) -> str:
        return weekly.in_words(self.rule, self.first_at, self.minutes, self.zone)


@dataclass(frozen=True, slots=True)
class Coming:
    """A session of a track that is still to come."""

    key: str
    starts_at: datetime
    zone: str
    minutes: int
    status: str
    topic: str
    leader: str
    room: str


def every(coordinator: Person, now: datetime) -> list[TrackLine]:
    """All tracks, those with sessions to come first, by name; raises NotFound for anyone but a coordinator."""
    if coordinator.role != "coordinator":
        raise NotFound
    today = clock.day_of(now, coordinator.zone)
    people = (
        select(func.count(TrackEnrolment.participant_id.distinct()))
        .where(
            TrackEnrolment.track_id == Track.id,
            TrackEnrolment.starts_on <= today,
            func.coalesce(TrackEnrolment.ends_on, date.max) >= today,
        )
        .correlate(Track)
        .scalar_subquery()
    )
    ahead = (
        select(func.count())
        .where(Session.track_id == Track.id, Session.status == "planned", Session.starts_at > now)
        .correlate(Track)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Track.key,
            Track.title,
            Account.name,
            Track.room,
            Track.first_at,
            Track.zone,
            Track.minutes,
            Track.rule,
            Track.capacity,
            people,
            ahead,
        )
        .join(Account, Account.id == Track.facilitator_id)
        .order_by(ahead == 0, Track.title, Track.id)
    )
    return [TrackLine(*row) for row in rows]


def coming(track: Track, now: datetime) -> list[Coming]:
    """The next sessions of `track`, cancelled ones too."""
    rows = db.session.execute(
        select(
            Session.key,
            Session.starts_at,
            Session.zone,
            Session.minutes,
            Session.status,
            Session.topic,
            Account.name,
            Session.room,
        )
        .join(Account, Account.id == Session.facilitator_id)
        .where(Session.track_id == track.id, Session.starts_at > now)
        .order_by(Session.starts_at, Session.id)
        .limit(NEXT)
    )
    return [Coming(*row) for row in rows]


def ahead(track: Track, now: datetime) -> list[int]:
    """The ids of the sessions of `track` that are planned and still to come."""
    planned = (Session.track_id == track.id, Session.status == "planned", Session.starts_at > now)
    return list(db.session.scalars(select(Session.id).where(*planned)))


def why_anyway(track: Track) -> str:
    """Why sessions of `track` were planned although somebody was taken; "" when none was."""
    given = select(func.max(Session.clash_reason)).where(Session.track_id == track.id)
    return db.session.scalar(given) or ""


def opened(coordinator: Person, form: TrackForm, program: ProgramFacts, now: datetime) -> Track | None:
    """The track that `form` plans, or None with what there is to look at in the form."""

    def make() -> Made:
        track, outcome = tracks.open_track(coordinator, form.plan, program, now)
        ids = ahead(track, now)
        return Made(track, ids, words.doubled(outcome.doubled), clashes.of(ids, now))

    return settled(form, make)


def changed(coordinator: Person, track: Track, form: TrackForm, program: ProgramFacts, now: datetime) -> Track | None:
    """`track` as `form` plans it, or None with what there is to look at in the form."""

    def make() -> Made:
        outcome = tracks.change_track(coordinator, track, form.plan, form.reason.data or "", program, now)
        ids = ahead(track, now)
        return Made(track, ids, words.changed(outcome), clashes.of(ids, now))

    return settled(form, make)


def ended(coordinator: Person, track: Track, form: EndForm, now: datetime) -> Track | None:
    """`track` with its last day, or None with what there is to look at in the form."""

    def make() -> Made:
        last_day = form.last_day.data
        late = tracks.end_track(coordinator, track, last_day, form.reason.data or "", now)
        are = "is" if late == 1 else "are"
        said = [f"{clock.weekday(last_day)}, {last_day.year}, is the last day."]
        return Made(track, (), [*said, *([f"{words.number(late)} after it {are} cancelled."] if late else [])])

    return settled(form, make)


def joined(
    coordinator: Person, track: Track, people: Sequence[Person], form: PeopleForm, now: datetime
) -> Track | None:
    """`track` with the people that `form` names, or None with what there is to look at in the form."""

    def make() -> Made:
        chosen = [person for person in people if person.key in form.people.data]
        for person in chosen:
            enrolment.enrol(coordinator, track, person, form.starts_on.data, form.ends_on.data, now)
        ids, names = ahead(track, now), {person.name for person in chosen}
        found = [c for c in clashes.of(ids, now) if c.kind == "person" and c.who in names]
        full = enrolment.full_days(track, now)
        have = "has" if full == 1 else "have"
        too_many = [f"{words.number(full)} to come {have} more people than seats ({track.capacity})."] if full else []
        return Made(track, {clash.session_id for clash in found}, too_many, found)

    return settled(form, make)
