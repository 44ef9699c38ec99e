"""Who belongs to what: places in a track from one day to another, and sessions planned for some people alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, or_, select, update
from werkzeug.exceptions import NotFound

from portal import audit, clock, words
from portal.db import db, new_key
from portal.people import OPEN_PARTICIPANT, PERSON, Person
from portal.people.care import coordinators_only
from portal.people.models import Account
from portal.schedule.groups import recurrence
from portal.schedule.models import KINDS, Seat, Session, Track, TrackEnrolment

MOST_REPEATS = 26


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A participant's place in a track; both days count, and without `ends_on` it goes on."""

    key: str
    name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a coordinator says of a session that belongs to no track; `wall_at` is naive in `zone`.

    With `weeks` above 1 it takes place every week at that time, so many times.
    """

    kind: str
    title: str
    facilitator_id: int
    wall_at: datetime
    zone: str
    minutes: int
    weeks: int = 1
    discreet_title: str = "Appointment"
    room: str = ""
    video_url: str = ""
    bring: str = ""
    note: str = ""


def participants(coordinator: Person) -> list[Person]:
    """Everyone who can be given a place, by name; raises NotFound for anyone but a coordinator."""
    coordinators_only(coordinator)
    rows = db.session.execute(select(*PERSON).where(OPEN_PARTICIPANT).order_by(Account.name, Account.id))
    return [Person(*row) for row in rows]


def participant_called(coordinator: Person, key: str) -> Person:
    """The participant called `key`; raises NotFound where there is none, and for anyone but a coordinator."""
    coordinators_only(coordinator)
    row = db.session.execute(select(*PERSON).where(OPEN_PARTICIPANT, Account.key == key)).first()
    if row is None:
        raise NotFound
    return Person(*row)


def enrolled_in(track: Track) -> list[Enrolled]:
    """Who has, had or will have a place in `track`, by name and day."""
    rows = db.session.execute(
        select(Account.key, Account.name, TrackEnrolment.starts_on, TrackEnrolment.ends_on)
        .join(TrackEnrolment, TrackEnrolment.participant_id == Account.id)
        .where(TrackEnrolment.track_id == track.id)
        .order_by(Account.name, Account.id, TrackEnrolment.starts_on)
    )
    return [Enrolled(*row) for row in rows]


def staying(enrolled: Sequence[Enrolled]) -> set[str]:
    """The keys of those whose place has no last day."""
    return {person.key for person in enrolled if person.ends_on is None}


def places(enrolled: Sequence[Enrolled], today: date) -> int:
    """How many people have a place on `today` or will have one."""
    return len({person.key for person in enrolled if person.ends_on is None or person.ends_on >= today})


def enrol(
    coordinator: Person, track: Track, participant: Person, starts_on: date, ends_on: date | None, now: datetime
) -> None:
    """Give `participant` a place in `track`. Raises ValueError for days in the wrong order, and for a second place."""
    coordinators_only(coordinator)
    if ends_on and ends_on < starts_on:
        raise ValueError("The last day is before the first.")
    db.session.execute(update(Track).where(Track.id == track.id).values(key=Track.key))  # a second enrolment waits here
    held = select(TrackEnrolment.starts_on).where(
        TrackEnrolment.track_id == track.id,
        TrackEnrolment.participant_id == participant.id,
        or_(TrackEnrolment.ends_on.is_(None), TrackEnrolment.ends_on >= starts_on),
        TrackEnrolment.starts_on <= (ends_on or date.max),
    )
    if (since := db.session.scalar(held)) is not None:
        raise ValueError(f"{participant.name} has a place in {track.title} from {words.weekday(since)} already.")
    row = {"track_id": track.id, "participant_id": participant.id, "starts_on": starts_on, "ends_on": ends_on}
    db.session.execute(insert(TrackEnrolment).values(row))
    audit.record(coordinator, "track.enrol", participant, track.key)


def leave(coordinator: Person, track: Track, participant: Person, last_day: date) -> None:
    """Let `last_day` be the last of the place that `participant` has; one that had not begun by then is taken back."""
    coordinators_only(coordinator)
    theirs = (TrackEnrolment.track_id == track.id, TrackEnrolment.participant_id == participant.id)
    db.session.execute(delete(TrackEnrolment).where(*theirs, TrackEnrolment.starts_on > last_day))
    db.session.execute(
        update(TrackEnrolment)
        .where(*theirs, or_(TrackEnrolment.ends_on.is_(None), TrackEnrolment.ends_on > last_day))
        .values(ends_on=last_day)
    )
    audit.record(coordinator, "track.leave", participant, track.key)


def full_days(track: Track, now: datetime) -> int:
    """At how many sessions to come more people belong to `track` than it has seats."""
    spans = db.session.execute(
        select(TrackEnrolment.starts_on, TrackEnrolment.ends_on).where(TrackEnrolment.track_id == track.id)
    ).all()
    planned = (Session.track_id == track.id, Session.status == "planned", Session.starts_at > now)
    days = db.session.scalars(select(Session.local_day).where(*planned))
    count = [sum(since <= day and (until is None or until >= day) for since, until in spans) for day in days]
    return sum(people > track.capacity for people in count)


def plan_session(coordinator: Person, plan: SessionPlan, people: Sequence[Person], now: datetime) -> list[Session]:
    """Plan a session for `people`, or one every week; the sessions, flushed.

    Raises ValueError for a kind that has a track, for nobody, for a time that is over, and clock.SkippedHour.
    """
    coordinators_only(coordinator)
    if plan.kind not in KINDS or plan.kind == "group":
        raise ValueError("A group has a track: open or change it there.")
    if not people:
        raise ValueError("Choose who comes.")
    if not 1 <= plan.weeks <= MOST_REPEATS:
        raise ValueError(f"It can take place from 1 to {MOST_REPEATS} times.")
    rule = f"FREQ=WEEKLY;COUNT={plan.weeks}"
    times = recurrence.expand(plan.wall_at, rule, plan.zone, clock.day_of(now, plan.zone))
    if times[0][1] <= now:
        raise ValueError("This time is over.")
    told = {name: getattr(plan, name) for name in plan.__slots__ if name not in ("wall_at", "weeks")}
    planned = [
        Session(key=new_key(), wall_at=wall, starts_at=instant, local_day=wall.date(), **told)
        for wall, instant in times
    ]
    db.session.add_all(planned)
    db.session.flush()
    for session in planned:
        for person in people:
            give_seat(coordinator, session, person, now)
    audit.record(coordinator, "session.plan", subject=planned[0].key)
    return planned


def give_seat(coordinator: Person, session: Session, participant: Person, now: datetime) -> None:
    """Let `participant` belong to one session beside those of their tracks."""
    coordinators_only(coordinator)
    db.session.execute(insert(Seat).values(session_id=session.id, participant_id=participant.id, made_at=now))
    audit.record(coordinator, "seat.give", participant, session.key)
