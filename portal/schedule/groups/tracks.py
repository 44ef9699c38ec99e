"""Group tracks: opened, changed from a day on, ended. A session that is there stays the same session."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select, update

from portal import audit, clock
from portal.audit.models import AuditEvent
from portal.db import db
from portal.fields import Refused, tidy
from portal.people import Person, coordinators_only
from portal.program import ProgramFacts
from portal.schedule import sessions
from portal.schedule.groups import recurrence, track_change
from portal.schedule.groups.track_change import TopicShift, TrackChange, TrackOutcome
from portal.schedule.models import Attendance, Seat, Session, SessionChange, Track, TrackEnrollment
from portal.schedule.seats.models import Absence, SeatHold
from portal.schedule.sessions import SAY_WHY

NO_SESSION = "This makes no session. Look at the first day, the days of the week and the last day."
IN_USE = "People have been in this track, so it cannot be removed. End it instead."


@dataclass(frozen=True, slots=True)
class Topic:
    """The subject of one session of a track; `material` and `worksheet` are slugs, or empty."""

    title: str
    material: str = ""
    worksheet: str = ""


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """All that a coordinator says of a track; the columns of Track, with days as dates and topics as Topics."""

    title: str
    facilitator_id: int
    first_at: datetime
    zone: str
    minutes: int
    rule: str
    discreet_title: str = "Appointment"
    cover_id: int | None = None
    room: str = ""
    video_url: str = ""
    bring: str = ""
    capacity: int = 12
    takes_make_ups: bool = True
    skips: tuple[date, ...] = ()
    skips_holidays: bool = True
    topics: tuple[Topic, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The values of the track's row."""
        row = {name: getattr(self, name) for name in self.__slots__}
        return row | {"skips": [day.isoformat() for day in self.skips], "topics": [asdict(t) for t in self.topics]}


def track_for(coordinator: Person, key: str) -> Track:
    """The track called `key`; raises NotFound for anyone but a coordinator."""
    coordinators_only(coordinator)
    track: Track = db.one_or_404(select(Track).where(Track.key == key))
    return track


def plan_of(track: Track) -> TrackPlan:
    """All that is said of `track` now."""
    row = {name: getattr(track, name) for name in TrackPlan.__slots__}
    skips = tuple(date.fromisoformat(day) for day in track.skips)
    return TrackPlan(**row | {"skips": skips, "topics": tuple(Topic(**topic) for topic in track.topics)})


def open_track(
    coordinator: Person, plan: TrackPlan, program: ProgramFacts, now: datetime, *, past: bool = False
) -> tuple[Track, TrackOutcome]:
    """Add a track and its sessions for 26 weeks: from today on, or with those of the `past` too.

    Raises Refused for a rule that does not hold (see recurrence.expand), and for one that makes no session.
    """
    coordinators_only(coordinator)
    today = clock.day_of(now, plan.zone)
    every = _occurrences(Track(**plan.columns()), today, program)
    track = Track(**(plan if past else _from(plan, today)).columns())
    wanted = [(wall, instant) for wall, instant in every if past or wall.date() >= today]
    if not wanted:
        raise Refused("starts_on", NO_SESSION)
    db.session.add(track)
    db.session.flush()
    behind = sum(wall.date() < today for wall, _ in every)
    outcome = TrackOutcome(recurrence.add(track, wanted), doubled=recurrence.doubled(wanted, track.zone), behind=behind)
    outcome.first, outcome.last = wanted[0][0], wanted[-1][0]
    give_topics(track, now)
    audit.record(coordinator, "track.open", subject=track.key)
    return track, outcome


def _from(plan: TrackPlan, today: date) -> TrackPlan:
    """`plan` from its first day that is not before `today`, in the weeks and with the end that it had."""
    if plan.first_at.date() >= today:
        return plan
    walls = [wall for wall, _ in recurrence.expand(plan.first_at, plan.rule, plan.zone, today)]
    ahead = [wall for wall in walls if wall.date() >= today]
    if not ahead:
        raise Refused("starts_on", NO_SESSION)
    parts = [f"COUNT={len(ahead)}" if part.upper().startswith("COUNT=") else part for part in plan.rule.split(";")]
    return replace(plan, first_at=ahead[0], rule=";".join(parts))


def change_track(
    coordinator: Person, track: Track, plan: TrackPlan, reason: str, program: ProgramFacts, now: datetime
) -> TrackOutcome:
    """Let what `plan` says hold from its first day on, and for nothing that has begun.

    A session keeps its identity: the one that the rule had on a day is the one that it has on that day now, moved if
    the time is another. A day that the rule left is cancelled, and said so; a new one is added. What has a seat,
    attendance or a note stays as it is, and is told in the outcome; what was changed by hand keeps what was changed.
    Raises as `open_track` does, and where nobody could be told why.
    """
    coordinators_only(coordinator)
    today = clock.day_of(now, track.zone)
    recurrence.materialize(track, today, program.holidays)  # what the old rule has before the new one
    db.session.execute(update(Track).where(Track.id == track.id).values(key=Track.key))  # a second change waits here
    change = TrackChange(track, plan.first_at.date(), now)
    same_topics = plan.topics == plan_of(track).topics
    for name, value in plan.columns().items():
        setattr(track, name, value)
    wanted = _occurrences(track, clock.day_of(now, track.zone), program)
    if not wanted:
        raise Refused("starts_on", NO_SESSION)
    change.follow([(wall, instant) for wall, instant in wanted if instant > now])
    if change.changes and not tidy(reason):
        raise Refused("reason", SAY_WHY)
    sessions.note_changes(coordinator, change.changes, reason, now)
    shifts = give_topics(track, now)
    change.outcome.topics = shifts if same_topics else []
    audit.record(coordinator, "track.change", subject=track.key)
    change.outcome.doubled = recurrence.doubled(wanted, track.zone)
    return change.outcome


def end_track(coordinator: Person, track: Track, last_day: date, reason: str, now: datetime) -> int:
    """Let `last_day` be the last of `track`: what is planned after it is cancelled; how many sessions that are.

    It counts on which day a session is by now, not on which the rule put it.
    """
    coordinators_only(coordinator)
    parts = [p for p in track.rule.split(";") if not p.upper().startswith(("COUNT=", "UNTIL="))]
    track.rule = ";".join([*parts, f"UNTIL={last_day:%Y%m%d}"])
    after = (Session.track_id == track.id, Session.status == "planned", Session.starts_at > now)
    late = db.session.scalars(
        select(Session).where(*after, Session.local_day > last_day).order_by(Session.starts_at)
    ).all()
    if late and not tidy(reason):
        raise Refused("reason", SAY_WHY)
    for session in late:
        session.status = "cancelled"
        session.touch(now)
    told = [{"session_id": session.id, "kind": "cancelled", "old_at": session.starts_at} for session in late]
    sessions.note_changes(coordinator, told, reason, now)
    audit.record(coordinator, "track.end", subject=track.key)
    return len(late)


def is_removable(track: Track) -> bool:
    """Whether nobody ever belonged to `track`, was in one of its sessions, or said anything of one."""
    mine = select(Session.id).where(Session.track_id == track.id)
    used = or_(
        exists().where(TrackEnrollment.track_id == track.id),
        exists().where(AuditEvent.what == "track.enroll", AuditEvent.subject == track.key),
        exists().where(Attendance.session_id.in_(mine)),
        exists().where(or_(Seat.session_id.in_(mine), Seat.instead_of_id.in_(mine))),
        exists().where(or_(SeatHold.session_id.in_(mine), SeatHold.instead_of_id.in_(mine))),
        exists().where(Absence.session_id.in_(mine)),
    )
    return not db.session.scalar(select(used))


def remove_track(coordinator: Person, track: Track) -> None:
    """Take `track` away with all its sessions, as if it had never been. Raises Refused once somebody was in it."""
    coordinators_only(coordinator)
    db.session.execute(update(Track).where(Track.id == track.id).values(key=Track.key))  # who would join waits here
    if not is_removable(track):
        raise Refused("", IN_USE)
    mine = select(Session.id).where(Session.track_id == track.id)
    audit.record(coordinator, "track.remove", subject=track.key)
    for gone in (
        delete(SessionChange).where(SessionChange.session_id.in_(mine)),
        delete(Session).where(Session.track_id == track.id),
        delete(Track).where(Track.id == track.id),
    ):
        db.session.execute(gone, execution_options={"synchronize_session": False})


def extend(program: ProgramFacts, now: datetime) -> tuple[int, list[str]]:
    """Materialize every track to 26 weeks from now; how many sessions that added. Run again, it adds none.

    A day on which the clocks jump over the track's time becomes one that it skips, and is said in the second value:
    nobody is there to refuse it to, and all other days should come.
    """
    added, skipped = 0, []
    for track in db.session.scalars(select(Track).order_by(Track.id)).all():
        while True:
            try:
                more = recurrence.materialize(track, clock.day_of(now, track.zone), program.holidays)
                break
            except clock.SkippedHour as jumped:
                track.skips = [*track.skips, jumped.wall.date().isoformat()]
                skipped.append(f"{track.title}: {jumped}. That day is skipped.")
        if more:
            give_topics(track, now, anew=False)
        added += more
    return added, skipped


def give_topics(track: Track, now: datetime, *, anew: bool = True) -> list[TopicShift]:
    """Let the sessions to come take the track's topics in turn, after those that were taken; the topics that shift.

    A cancelled session takes none, so that what it was to be about comes next. One that has a seat, attendance, a note
    or a topic written by hand keeps its own; unless `anew`, so does every other one that has a topic.
    """
    topics = track.topics or [asdict(Topic(""))]
    titles = [topic["title"] for topic in topics]
    kept = track_change.kept_ids(track)
    turn, shifts = 0, []
    every = select(Session).where(Session.track_id == track.id, Session.status != "cancelled")
    for session in db.session.scalars(every.order_by(Session.starts_at, Session.id)):
        is_own = session.own_topic or session.id in kept or (session.topic and not anew)
        if session.starts_at > now and not is_own:
            shifts += _give_topic(session, Topic(**topics[turn % len(topics)]), now)
        if session.topic in titles:
            turn = titles.index(session.topic) + 1
    db.session.flush()
    return shifts


def _give_topic(session: Session, topic: Topic, now: datetime) -> list[TopicShift]:
    """Let `session` be about `topic`; the shift, if it was about another before."""
    was, row = session.topic, (topic.title, topic.material, topic.worksheet)
    if (was, session.material, session.worksheet) != row:
        session.topic, session.material, session.worksheet = row
        session.touch(now)
    return [(session.wall_at, was, topic.title)] if was not in ("", topic.title) else []


def _occurrences(track: Track, today: date, program: ProgramFacts) -> list[tuple[datetime, datetime]]:
    """All that the rule of `track` comes to. Raises Refused for a rule that does not hold."""
    try:
        return recurrence.occurrences(track, today, program.holidays)
    except clock.SkippedHour as jumped:
        words = f"The clocks jump over this time: {jumped}. Choose another time, or skip that day."
        raise Refused("starts", words) from None
    except recurrence.TooManySessions:
        words = f"This makes more than {recurrence.MOST_INSTANCES:,} sessions. End it sooner."
        raise Refused("last_day", words) from None
    except ValueError:
        words = f"This lasts more than {recurrence.LONGEST_YEARS} years. End it sooner."
        raise Refused("last_day", words) from None
