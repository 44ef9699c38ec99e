"""Pages of one session: a new one, and one with all that changes it."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, drafts
from portal.access import coordinators, form_on, rules, staff
from portal.db import db
from portal.people import Person
from portal.schedule import staff_meetings
from portal.schedule.groups import enrolment, tracks
from portal.schedule.sessions import acts, overview, phrases
from portal.schedule.sessions.forms import SessionForm
from portal.web import render

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/sessions/new")
@coordinators
@rules("program", "people.view")
def new() -> ResponseReturnValue:
    typed, kept_at = drafts.kept(current_user, request.path)
    form = SessionForm(tracks.leaders(), _choices(enrolment.participants(current_user)), typed)
    answer = _new(form, kept_at=kept_at)
    audit.record(current_user, "people.view")
    db.session.commit()
    return answer


@blueprint.post("/sessions/")
@coordinators
@rules("program", "session.plan", "seat.give")
@form_on("sessions.new")
def create() -> ResponseReturnValue:
    people, now = enrolment.participants(current_user), clock.now()
    form = SessionForm(tracks.leaders(), _choices(people))
    made = acts.planned(current_user, form, people, current_user.program.zone, now) if form.validate() else None
    if made is None:
        return _new(form, form.status)
    drafts.drop(current_user, url_for(".new"))
    target = url_for(".show", key=made.key, saved="planned")
    db.session.commit()
    return redirect(target, 303)


def _choices(people: list[Person]) -> dict[str, str]:
    return {person.key: person.name for person in people}


def _new(form: SessionForm, status: int = 200, kept_at: Any = None) -> ResponseReturnValue:
    return render("schedule/sessions/new.html", status=status, form=form, kept_at=kept_at)


@blueprint.get("/sessions/<key>/plan")
@staff
@rules("leads", "roster.view")
def show(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    typed, kept_at = drafts.kept(current_user, request.path)
    answer = _show(session, typed=typed, kept_at=kept_at)
    audit.record(current_user, "roster.view", subject=key)
    db.session.commit()
    return answer


@blueprint.post("/sessions/<key>/move")
@staff
@rules("leads", "session.move")
@form_on("sessions.show")
def move(key: str) -> ResponseReturnValue:
    return _act(key, "move")


@blueprint.post("/sessions/<key>/cancel")
@staff
@rules("leads", "session.cancel")
@form_on("sessions.show")
def cancel(key: str) -> ResponseReturnValue:
    return _act(key, "cancel")


@blueprint.post("/sessions/<key>/restore")
@coordinators
@rules("program", "session.restore")
@form_on("sessions.show")
def restore(key: str) -> ResponseReturnValue:
    return _act(key, "restore")


@blueprint.post("/sessions/<key>/substitute")
@coordinators
@rules("program", "session.substitute")
@form_on("sessions.show")
def substitute(key: str) -> ResponseReturnValue:
    return _act(key, "substitute")


@blueprint.post("/sessions/<key>/place")
@staff
@rules("leads", "session.place")
@form_on("sessions.show")
def place(key: str) -> ResponseReturnValue:
    return _act(key, "place")


@blueprint.post("/sessions/<key>/describe")
@staff
@rules("leads", "session.describe")
@form_on("sessions.show")
def describe(key: str) -> ResponseReturnValue:
    return _act(key, "describe")


def _act(key: str, act: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    form = acts.form_for(current_user, session, act, request.form)
    done = acts.done(current_user, session, act, form, clock.now()) if form.validate() else None
    if done is None:
        return _show(session, form.status, acted=(act, form))
    drafts.drop(current_user, url_for(".show", key=key))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved=act), 303)


def _show(
    session: staff_meetings.StaffMeeting, status: int = 200, acted: Any = (None, None), **more: Any
) -> ResponseReturnValue:
    now, typed = clock.now(), more.pop("typed", None)
    may = acts.may(current_user, session)
    forms = {act: acts.form_for(current_user, session, act, typed) for act in may}
    forms |= {acted[0]: acted[1]} if acted[0] else {}
    return render(
        "schedule/sessions/show.html",
        status=status,
        planned=overview.of(current_user, session, now),
        session=session,
        forms=forms,
        act=acted[0],
        kinds=phrases.ACTS,
        now=now,
        today=clock.day_of(now, session.time.zone),
        saved=request.args.get("saved"),
        **{"kept_at": None, **more},
    )
