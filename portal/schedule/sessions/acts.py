"""What changes one session, each act looked at before it is saved; and new sessions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from portal import clock, program, schedule
from portal.people import Person
from portal.schedule import SessionRow, clashes
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

Act = Callable[[SessionRow, Any, Person, datetime], list[str]]


def _move(session: SessionRow, form: MoveForm, by: Person, now: datetime) -> list[str]:
    wall = form.wall_at
    if clock.at_wall(wall, session.zone) <= now:
        raise ValueError(OVER)
    schedule.move(session, wall, form.reason.data or "", by, now, form.minutes)
    said = phrases.far(session.local_day, wall.date(), clock.day_of(now, session.zone))
    return said + (phrases.doubled([wall]) if phrases.is_doubled(wall, session.zone) else [])


def _cancel(session: SessionRow, form: ReasonedForm, by: Person, now: datetime) -> list[str]:
    schedule.cancel(session, form.reason.data or "", by, now)
    return []


def _restore(session: SessionRow, form: ReasonedForm, by: Person, now: datetime) -> list[str]:
    schedule.restore(session, form.reason.data or "", by, now)
    return []


def _substitute(session: SessionRow, form: SubstituteForm, by: Person, now: datetime) -> list[str]:
    leader = about.therapist(session, form.leader.data)
    if leader is None:
        raise ValueError("Choose one of the therapists shown.")
    schedule.substitute(session, leader, form.reason.data or "", by, now)
    return []


def _place(session: SessionRow, form: PlaceForm, by: Person, now: datetime) -> list[str]:
    schedule.place(session, form.room.data or "", form.video_url.data or "", form.reason.data or "", by, now)
    return []


def _describe(session: SessionRow, form: DescribeForm, by: Person, now: datetime) -> list[str]:
    title, topic, bring, note = (field.data or "" for field in (form.title, form.topic, form.bring, form.note))
    schedule.describe(session, title, topic, bring, note, by, now)
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


def may(staff: Person, session: SessionRow) -> list[str]:
    """The acts that `staff` may do to `session` as it is now."""
    open_to_all = [act for act in ACTS if staff.role == "coordinator" or act not in ONLY_COORDINATORS]
    if session.status == "planned":
        return [act for act in open_to_all if act != "restore"]
    return [act for act in open_to_all if act == "restore" and session.status == "cancelled"]


def form_for(staff: Person, session: SessionRow, act: str, typed: MultiDict | None) -> ActForm:
    """The form of one act, filled with what was typed into it, or else with how `session` is now."""
    made, mine = ACTS[act][0], typed if typed and any(name.startswith(f"{act}-") for name in typed) else None
    now_is = {name: getattr(session, name) for name in ("room", "video_url", "title", "topic", "bring", "note")}
    said = now_is | {"day": session.wall_at.date(), "starts": session.wall_at.time()}
    return made(session, staff, mine, prefix=act, data=said)


def done(staff: Person, session: SessionRow, act: str, form: ActForm, now: datetime) -> SessionRow | None:
    """`session` once the act is done to it, or None with what there is to look at in the form."""

    def make() -> Made:
        said = ACTS[act][1](session, form, staff, now)
        off = clashes.off([session.id], program.current().holidays) if act in ON_A_DAY else []
        found = off + (clashes.of([session.id], now) if act in CLASHING else [])
        today = clock.day_of(now, session.zone)
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
