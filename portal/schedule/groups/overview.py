"""Group tracks as a coordinator plans them: what there is of each, and each act looked at before it is saved."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, func, or_, select, true, union
from werkzeug.exceptions import NotFound

from portal import clock, words
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.schedule import clashes
from portal.schedule.groups import enrolment, tracks, weekly
from portal.schedule.groups.forms import EndForm, PeopleForm, TrackForm
from portal.schedule.groups.weekly import Weekly
from portal.schedule.meetings import LONGEST
from portal.schedule.models import Session, Track, TrackEnrolment
from portal.schedule.places import places_of
from portal.schedule.sessions import phrases
from portal.schedule.sessions.looks import Made, settled

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
    """A session of a track that is still to come. `occurrence` is the wall time that its rule gave it."""

    key: str
    starts_at: datetime
    zone: str
    minutes: int
    status: str
    topic: str
    leader: str
    room: str
    occurrence: datetime | None

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


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
    """The sessions of `track` still to come, by time, cancelled ones too."""
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
            Session.occurrence,
        )
        .join(Account, Account.id == Session.facilitator_id)
        .where(Session.track_id == track.id, Session.starts_at > now)
        .order_by(Session.starts_at, Session.id)
    )
    return [Coming(*row) for row in rows]


def when(track: Track, to_come: Sequence[Coming], today: date) -> str:
    """When `track` meets, in words: what it did by an earlier rule first, while sessions of that are to come."""
    since = track.first_at.date()
    earlier = [one for one in to_come if one.occurrence and one.occurrence.date() < since and one.status == "planned"]
    now_is = weekly.in_words(track.rule, track.first_at, track.minutes, track.zone)
    if not earlier:
        return now_is
    days: dict[tuple[time, int], set[int]] = defaultdict(set)
    for one in earlier:
        if one.occurrence:
            days[one.occurrence.time(), one.minutes].add(one.occurrence.weekday())
    spans = [
        f"{Weekly(tuple(on)).words}, {phrases.span(datetime.combine(since, at), minutes)}"
        for (at, minutes), on in sorted(days.items())
    ]
    until = phrases.day(since - timedelta(days=1), today)
    return f"Until {until}: {'; '.join(spans)}. From {phrases.day(since, today)}: {now_is}"


def next_day(to_come: Sequence[Coming], today: date) -> date:
    """The day of the next session that is planned; `today` without one."""
    days = [clock.day_of(one.starts_at, one.zone) for one in to_come if one.status == "planned"]
    return max(today, days[0]) if days else today


def busy(track: Track, to_come: Sequence[Coming]) -> dict[str, str]:
    """By the key of a participant, the other session that they have at the time of one of the next of `track`."""
    soon = [one for one in to_come if one.status == "planned"][:NEXT]
    if not soon:
        return {}
    near = or_(*(and_(Session.starts_at > one.starts_at - LONGEST, Session.starts_at < one.ends_at) for one in soon))
    others = (Session.status == "planned", near, func.coalesce(Session.track_id, 0) != track.id)
    places = union(*places_of(lambda _: true(), *others)).subquery()
    rows = db.session.execute(
        select(Account.key, Session.title, Session.starts_at, Session.minutes)
        .select_from(places)
        .join(Session, Session.id == places.c.session_id)
        .join(Account, Account.id == places.c.participant_id)
        .order_by(Session.starts_at.desc(), Session.id)
    )
    return {
        row.key: row.title
        for row in rows
        if any(
            row.starts_at < one.ends_at and one.starts_at < row.starts_at + timedelta(minutes=row.minutes)
            for one in soon
        )
    }


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
        past = bool(form.past.data)
        track, outcome = tracks.open_track(coordinator, form.plan, program, now, past=past)
        ids, form.behind = ahead(track, now), outcome.behind
        said, today = phrases.opened(outcome, past), clock.day_of(now, track.zone)
        return Made(track, ids, said, clashes.of(ids, now), today=today)

    return settled(form, make)


def changed(coordinator: Person, track: Track, form: TrackForm, program: ProgramFacts, now: datetime) -> Track | None:
    """`track` as `form` plans it, or None with what there is to look at in the form."""

    def make() -> Made:
        outcome = tracks.change_track(coordinator, track, form.plan, form.reason.data or "", program, now)
        ids = ahead(track, now)
        today = clock.day_of(now, track.zone)
        return Made(track, ids, phrases.changed(outcome, today), clashes.of(ids, now), today=today)

    return settled(form, make)


def ended(coordinator: Person, track: Track, form: EndForm, now: datetime) -> Track | None:
    """`track` with its last day, or None with what there is to look at in the form."""

    def make() -> Made:
        last_day = form.last_day.data
        late = tracks.end_track(coordinator, track, last_day, form.reason.data or "", now)
        are = "is" if late == 1 else "are"
        said = [f"{words.weekday(last_day)}, {last_day.year}, is the last day."]
        return Made(
            track, (), [*said, *([f"{words.counted(late, 'session')} after it {are} cancelled."] if late else [])]
        )

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
        too_many = (
            [f"{words.counted(full, 'session')} to come {have} more people than seats ({track.capacity})."]
            if full
            else []
        )
        today = clock.day_of(now, track.zone)
        return Made(track, {clash.session_id for clash in found}, too_many, found, today=today)

    return settled(form, make)
