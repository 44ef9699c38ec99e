"""The people homework is given to, and the session before which it is due."""

from datetime import datetime, timedelta

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal import clock, words
from portal.db import db
from portal.homework import Assignment
from portal.homework.forms import OWN, GiveForm
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


def before(day_of_group: datetime, zone: str, now: datetime) -> str:
    """The words for the choice that it is due before a group: "Before the next group, Mon, Dec 7"."""
    day = clock.day_of(day_of_group, zone)
    return f"Before the next group, {words.inside(words.short_day(day, clock.day_of(now, zone)))}"


def assignment(form: GiveForm, due_session_id: int | None) -> Assignment:
    """The thing that the form gives; `due_session_id` is the group before which it is due, if that is chosen."""
    kind, _, slug = str(form.piece.data).partition(":")
    in_a_week = form.today + timedelta(days=7)
    due_day = {"week": in_a_week, "day": form.day.data, "next": None}[str(form.due.data)]
    return Assignment(
        kind=kind,
        slug=slug,
        words=form.own.data if kind == OWN else "",
        why=form.why.data or "",
        times=form.times.data,
        due_session_id=due_session_id if due_day is None else None,
        due_day=due_day,
        batch=form.key.data,
    )
