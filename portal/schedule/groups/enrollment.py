"""Places of people in a group track, from one day to another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, bindparam, delete, func, insert, or_, select, update

from portal import audit, clock, words
from portal.db import Instant, db, read, reader
from portal.fields import Refused
from portal.people import Person, coordinators_only
from portal.people.models import Account
from portal.schedule.groups import weekly
from portal.schedule.models import Track, TrackEnrollment
from portal.schedule.places import enrolled, enrollments, has_left, number_per_session, sessions


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A participant's place in a track; both days count, and without `ends_on` it goes on.

    `has_left` says that they are in the program no more: nobody expects them until they come back.
    """

    key: str
    name: str
    starts_on: date
    ends_on: date | None
    has_left: bool


_now, _today = bindparam("now", type_=Instant()), bindparam("today", type_=Date())
_left = has_left(TrackEnrollment.participant_id, _now, _today)
_ENROLLED = (
    select(Account.key, Account.name, TrackEnrollment.starts_on, TrackEnrollment.ends_on, _left.label("has_left"))
    .join(TrackEnrollment, TrackEnrollment.participant_id == Account.id)
    .order_by(Account.name, Account.id, TrackEnrollment.starts_on)
)
_enrolled = reader(Enrollment, _ENROLLED)

_TITLES = (
    select(TrackEnrollment.participant_id, Track.title)
    .distinct()
    .join(Track, Track.id == TrackEnrollment.track_id)
    .where(
        TrackEnrollment.participant_id.in_(bindparam("people", expanding=True)),
        or_(TrackEnrollment.ends_on.is_(None), TrackEnrollment.ends_on >= bindparam("today", type_=Date())),
    )
    .order_by(Track.title)
)


def tracks_by_person(participant_ids: Collection[int], today: date) -> dict[int, list[str]]:
    """The titles of the tracks in which these people have a place `today` or will have one, by name; [] for none."""
    found: dict[int, list[str]] = {participant_id: [] for participant_id in participant_ids}
    rows = read(_TITLES, people=list(participant_ids), today=today)
    for row in rows:
        found[row.participant_id].append(row.title)
    return found


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """A place of one person in a track, with the days and times of the track; `ends_on` None where it goes on."""

    key: str
    title: str
    rule: str
    first_at: datetime
    minutes: int
    zone: str
    starts_on: date
    ends_on: date | None

    @property
    def when(self) -> str:
        return weekly.in_words(self.rule, self.first_at, self.minutes, self.zone)


_PLACES = (
    select(
        *(Track.key, Track.title, Track.rule, Track.first_at, Track.minutes, Track.zone),
        TrackEnrollment.starts_on,
        TrackEnrollment.ends_on,
    )
    .join(TrackEnrollment, TrackEnrollment.track_id == Track.id)
    .order_by(Track.title, TrackEnrollment.starts_on)
)
_read_place = reader(TrackPlace, _PLACES)


def places_of_person(participant: Person, today: date) -> list[TrackPlace]:
    """The places that `participant` has `today` or will have, by title."""
    goes_on = or_(TrackEnrollment.ends_on.is_(None), TrackEnrollment.ends_on >= today)
    rows = db.session.execute(_PLACES.where(TrackEnrollment.participant_id == participant.id, goes_on))
    return [_read_place(row) for row in rows]


def enrollments_of(track: Track, now: datetime) -> list[Enrollment]:
    """Everyone who has, had or will have a place in `track`, by name and day."""
    when = {"now": now, "today": clock.day_of(now, track.zone)}
    rows = db.session.execute(_ENROLLED.where(TrackEnrollment.track_id == track.id), when)
    return [_enrolled(row) for row in rows]


def staying(enrollments: Sequence[Enrollment]) -> set[str]:
    """The keys of those whose place has no last day."""
    return {person.key for person in enrollments if person.ends_on is None}


def places(enrollments: Sequence[Enrollment], today: date) -> int:
    """The number of people who have a place on `today` or will have one."""
    here = [person for person in enrollments if not person.has_left]
    return len({person.key for person in here if person.ends_on is None or person.ends_on >= today})


def enroll(
    coordinator: Person, track: Track, participant: Person, starts_on: date, ends_on: date | None, now: datetime
) -> None:
    """Give `participant` a place in `track`. Raises Refused for days in the wrong order, and for a second place."""
    coordinators_only(coordinator)
    if ends_on and ends_on < starts_on:
        raise Refused("people", "The last day is before the first.")
    db.session.execute(update(Track).where(Track.id == track.id).values(key=Track.key))  # a second one waits here
    held = select(TrackEnrollment.starts_on).where(
        TrackEnrollment.track_id == track.id,
        TrackEnrollment.participant_id == participant.id,
        or_(TrackEnrollment.ends_on.is_(None), TrackEnrollment.ends_on >= starts_on),
        TrackEnrollment.starts_on <= (ends_on or date.max),
    )
    if (since := db.session.scalar(held)) is not None:
        raise Refused("people", f"{participant.name} already has a place in {track.title} from {words.weekday(since)}.")
    row = {"track_id": track.id, "participant_id": participant.id, "starts_on": starts_on, "ends_on": ends_on}
    db.session.execute(insert(TrackEnrollment).values(row))
    audit.record(coordinator, "track.enroll", participant, track.key)


def leave(coordinator: Person, track: Track, participant: Person, last_day: date) -> None:
    """Let `last_day` be the last of the place that `participant` has; one that had not begun by then is taken back."""
    coordinators_only(coordinator)
    theirs = (TrackEnrollment.track_id == track.id, TrackEnrollment.participant_id == participant.id)
    db.session.execute(delete(TrackEnrollment).where(*theirs, TrackEnrollment.starts_on > last_day))
    db.session.execute(
        update(TrackEnrollment)
        .where(*theirs, or_(TrackEnrollment.ends_on.is_(None), TrackEnrollment.ends_on > last_day))
        .values(ends_on=last_day)
    )
    audit.record(coordinator, "track.leave", participant, track.key)


def full_days(track: Track, now: datetime) -> int:
    """The number of sessions to come to which more people belong than `track` has seats."""
    planned = sessions.c.track_id == track.id, sessions.c.status == "planned", sessions.c.starts_at > now
    come = select(func.count(enrollments.c.participant_id.distinct())).where(
        enrolled(), ~has_left(enrollments.c.participant_id)
    )
    count = db.session.scalars(select(number_per_session(come)).where(*planned))
    return sum(people > track.capacity for people in count)
