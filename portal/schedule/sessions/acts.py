"""What changes one session, each act looked at before it is saved; and new sessions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from portal import clock, program
from portal.people import Person
from portal.schedule import changes, clashes
from portal.schedule.groups import enrolment
from portal.schedule.models import Session
from portal.schedule.sessions import overview as about
from portal.schedule.sessions import phrases
from portal.schedule.sessions.forms import (
    OVER,
    ActForm,
    DescribeForm,
    MoveForm,
    PlaceForm,
    ReasonedForm,
    SessionForm,
    SubstituteForm,
)
from portal.schedule.sessions.looks import Made, settled
from portal.schedule.staff_meetings import StaffMeeting

Act = Callable[[StaffMeeting, Any, Person, datetime], list[str]]


def _move(session: StaffMeeting, form: MoveForm, by: Person, now: datetime) -> list[str]:
    wall = form.wall_at
    if clock.at_wall(wall, session.time.zone) <= now:
        raise ValueError(OVER)
    changes.move(session, wall, form.reason.data or "", by, now, form.minutes)
    said = phrases.far(session.time.day, wall.date(), clock.day_of(now, session.time.zone))
    return said + (phrases.doubled([wall]) if phrases.is_doubled(wall, session.time.zone) else [])


def _cancel(session: StaffMeeting, form: ReasonedForm, by: Person, now: datetime) -> list[str]:
    changes.cancel(session, form.reason.data or "", by, now)
    return []


def _restore(session: StaffMeeting, form: ReasonedForm, by: Person, now: datetime) -> list[str]:
    changes.restore(session, form.reason.data or "", by, now)
    return []


def _substitute(session: StaffMeeting, form: SubstituteForm, by: Person, now: datetime) -> list[str]:
    leader = about.therapist(session, form.leader.data)
    if leader is None:
        raise ValueError("Choose one of the therapists shown.")
    changes.substitute(session, leader, form.reason.data or "", by, now)
    return []


def _place(session: StaffMeeting, form: PlaceForm, by: Person, now: datetime) -> list[str]:
    changes.place(session, form.room.data or "", form.video_url.data or "", form.reason.data or "", by, now)
    return []


def _describe(session: StaffMeeting, form: DescribeForm, by: Person, now: datetime) -> list[str]:
    title, topic, bring, note = (field.data or "" for field in (form.title, form.topic, form.bring, form.note))
    changes.describe(session, title, topic, bring, note, by, now)
    return []


ACTS: dict[str, tuple[type[ActForm], Act]] = {
    "move": (MoveForm, _move),
    "substitute": (SubstituteForm, _substitute),
    "place": (PlaceForm, _place),
    "describe": (DescribeForm, _describe),
    "cancel": (ReasonedForm, _cancel),
    "restore": (ReasonedForm, _restore),
}
CLASHING = ("move", "substitute", "place", "restore")
ON_A_DAY = ("move", "restore")
ONLY_COORDINATORS = ("substitute", "restore")


def may(staff: Person, session: StaffMeeting) -> list[str]:
    """The acts that `staff` may do to `session` as it is now."""
    open_to_all = [act for act in ACTS if staff.role == "coordinator" or act not in ONLY_COORDINATORS]
    if session.status == "planned":
        return [act for act in open_to_all if act != "restore"]
    return [act for act in open_to_all if act == "restore" and session.status == "cancelled"]


def form_for(staff: Person, session: StaffMeeting, act: str, typed: MultiDict | None) -> ActForm:
    """The form of one act, filled with what was typed into it, or else with how `session` is now."""
    made, mine = ACTS[act][0], typed if typed and any(name.startswith(f"{act}-") for name in typed) else None
    now_is = {name: getattr(session, name) for name in ("title", "topic", "bring", "note")}
    now_is |= {"room": session.place.room, "video_url": session.place.video}
    said = now_is | {"day": session.time.day, "starts": session.time.local_start.time()}
    return made(session, staff, mine, prefix=act, data=said)


def done(staff: Person, session: StaffMeeting, act: str, form: ActForm, now: datetime) -> StaffMeeting | None:
    """`session` once the act is done to it, or None with what there is to look at in the form."""

    def make() -> Made:
        said = ACTS[act][1](session, form, staff, now)
        off = clashes.off([session.id], program.current().holidays) if act in ON_A_DAY else []
        found = off + (clashes.of([session.id], now) if act in CLASHING else [])
        today = clock.day_of(now, session.time.zone)
        return Made(session, [session.id] if act in CLASHING else (), said, found, today=today)

    return settled(form, make)


def planned(coordinator: Person, form: SessionForm, people: list[Person], zone: str, now: datetime) -> Session | None:
    """The session that `form` plans, the first where there are several; None with what to look at in the form."""

    def make() -> Made:
        chosen = [person for person in people if person.key in form.people.data]
        made = enrolment.plan_session(coordinator, form.plan(zone), chosen, now)
        ids = [session.id for session in made]
        twice = [session.wall_at for session in made if phrases.is_doubled(session.wall_at, zone)]
        found = clashes.off(ids, program.current().holidays) + clashes.of(ids, now)
        return Made(made[0], ids, phrases.doubled(twice), found, today=clock.day_of(now, zone))

    return settled(form, make)
