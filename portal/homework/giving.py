"""The people homework is given to, and the session before which it is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from werkzeug.exceptions import NotFound

from portal import clock, words
from portal.db import db
from portal.homework import Assignment, give
from portal.homework.forms import OWN, WEEKS, GiveForm
from portal.homework.models import Homework
from portal.homework.pieces import HomeworkPiece, piece_called
from portal.people import OPEN_PARTICIPANT, PERSON, Person, person_in
from portal.people.models import Account
from portal.schedule import own_meetings, staff_meetings
from portal.schedule.attendance.roster import PLACES
from portal.schedule.meetings import Meeting
from portal.schedule.models import Session
from portal.schedule.staff_meetings import StaffMeeting

AHEAD = timedelta(days=28)  # within which a next group is looked for


def next_group(participant: Person, now: datetime) -> Meeting | None:
    """The next group of `participant` that is to take place; None where none is planned."""
    coming = own_meetings.between(participant, now, now + AHEAD)
    groups = (one for one in coming if one.kind == "group" and not one.is_cancelled and one.time.start > now)
    return next(groups, None)


def group_after(session: StaffMeeting) -> Session | None:
    """The next session of the same group after this one that is to take place."""
    this = select(Session.track_id).where(Session.id == session.id).scalar_subquery()
    follows = Session.track_id == this, Session.starts_at > session.time.start, Session.status != "cancelled"
    return db.session.scalars(select(Session).where(*follows).order_by(Session.starts_at).limit(1)).first()


def led_session(leader: Person, key: str, now: datetime) -> StaffMeeting:
    """The session called `key` while `leader` may give something to its people: while its brief is open to them.

    Raises NotFound at any other time, and for anybody else.
    """
    session = staff_meetings.called(leader, key)
    if leader.id != session.leader_id or not session.has_brief(now):
        raise NotFound
    return session


def people_of(session: StaffMeeting) -> list[Person]:
    """Everyone who belongs to `session`, by name."""
    belong = select(*PERSON).join(PLACES, PLACES.c.participant_id == Account.id).where(OPEN_PARTICIPANT)
    rows = db.session.execute(belong.order_by(Account.name, Account.id), {"session": session.id})
    return [person_in(row) for row in rows]


def topic_piece(session: StaffMeeting) -> HomeworkPiece | None:
    """The worksheet of the session's topic, or else its reading; None where it has neither."""
    return piece_called("exercise", session.worksheet) or piece_called("reading", session.material)


@dataclass(frozen=True, slots=True)
class TopicHomework:
    """The homework that the topic of a session brings: a piece, due before `group`, the next one; given or not yet."""

    piece: HomeworkPiece
    group: Session
    batch: str
    is_given: bool

    def due_in_words(self, now: datetime) -> str:
        """The day by which it is due: "before the group on Fri, Mar 13"."""
        today = clock.day_of(now, self.group.zone)
        return f"before the group {words.on_day(self.group.local_day, today)}"


def topic_homework(session: StaffMeeting) -> TopicHomework | None:
    """The homework of the session's topic; None where it brings none, or no group follows."""
    piece, group = topic_piece(session), group_after(session)
    if piece is None or group is None:
        return None
    batch = f"topic-{session.key}"
    is_given = db.session.scalar(select(exists().where(Homework.batch == batch)))
    return TopicHomework(piece, group, batch, bool(is_given))


def give_topic(leader: Person, session: StaffMeeting, topic: TopicHomework, now: datetime) -> None:
    """Give the homework of the session's topic, once, to everyone who belongs to it."""
    given = Assignment(topic.piece.kind, topic.piece.slug, "", "", 1, topic.group.id, None, topic.batch)
    give(leader, people_of(session), given, now)


def before(day_of_group: datetime, zone: str, now: datetime) -> str:
    """The words for the choice that it is due before a group: "Before the next group, Mon, Dec 7"."""
    day = clock.day_of(day_of_group, zone)
    return f"Before the next group, {words.inside(words.short_day(day, clock.day_of(now, zone)))}"


def assignment(form: GiveForm, due_session_id: int | None) -> Assignment:
    """The thing that the form gives; `due_session_id` is the group before which it is due, if that is chosen."""
    kind, _, slug = str(form.piece.data).partition(":")
    due = str(form.due.data)
    weeks = {"week": 1, "weekly": WEEKS}.get(due)
    due_day = form.today + timedelta(weeks=weeks) if weeks else form.day.data if due == "day" else None
    return Assignment(
        kind=kind,
        slug=slug,
        words=form.own.data if kind == OWN else "",
        why=form.why.data or "",
        times=form.times.data,
        due_session_id=due_session_id if due_day is None else None,
        due_day=due_day,
        batch=form.key.data,
        weekly=due == "weekly",
    )
