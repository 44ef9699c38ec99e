"""Pages of one session: a new one, and one with all that changes it."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock
from portal.access import accepts, coordinators, rules, staff
from portal.db import db
from portal.schedule import staff_meetings
from portal.schedule.groups import enrollment, tracks
from portal.schedule.sessions import overview, phrases
from portal.schedule.sessions.forms import (
    CancelForm,
    ChangeForm,
    DescribeForm,
    MoveForm,
    NewSessionForm,
    PlaceForm,
    RestoreForm,
    SubstituteForm,
    change_forms,
)
from portal.schedule.staff_meetings import StaffMeeting
from portal.web import render

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/sessions/new")
@coordinators
@rules("program", "people.view")
def new() -> ResponseReturnValue:
    answer = _new(NewSessionForm(tracks.leaders(), enrollment.participants(current_user)))
    audit.record(current_user, "people.view")
    db.session.commit()
    return answer


@blueprint.post("/sessions/")
@coordinators
@rules("program", "session.plan", "seat.give")
@accepts(NewSessionForm, on="sessions.new")
def create() -> ResponseReturnValue:
    form = NewSessionForm(tracks.leaders(), enrollment.participants(current_user))
    if not form.keep(current_user, current_user.program, clock.now()):
        return _new(form, form.status)
    target = url_for(".show", key=form.session.key, saved="planned")
    db.session.commit()
    return redirect(target, 303)


def _new(form: NewSessionForm, status: int = 200) -> ResponseReturnValue:
    return render("schedule/sessions/new.html", status=status, form=form)


@blueprint.get("/sessions/<key>/plan")
@staff
@rules("leads", "roster.view")
def show(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    answer = _show(session)
    audit.record(current_user, "roster.view", subject=key)
    db.session.commit()
    return answer


@blueprint.post("/sessions/<key>/move")
@staff
@rules("leads", "session.move")
@accepts(MoveForm, on="sessions.show")
def move(key: str) -> ResponseReturnValue:
    return _change(key, MoveForm)


@blueprint.post("/sessions/<key>/cancel")
@staff
@rules("leads", "session.cancel")
@accepts(CancelForm, on="sessions.show")
def cancel(key: str) -> ResponseReturnValue:
    return _change(key, CancelForm)


@blueprint.post("/sessions/<key>/restore")
@coordinators
@rules("program", "session.restore")
@accepts(RestoreForm, on="sessions.show")
def restore(key: str) -> ResponseReturnValue:
    return _change(key, RestoreForm)


@blueprint.post("/sessions/<key>/substitute")
@coordinators
@rules("program", "session.substitute")
@accepts(SubstituteForm, on="sessions.show")
def substitute(key: str) -> ResponseReturnValue:
    return _change(key, SubstituteForm)


@blueprint.post("/sessions/<key>/place")
@staff
@rules("leads", "session.place")
@accepts(PlaceForm, on="sessions.show")
def place(key: str) -> ResponseReturnValue:
    return _change(key, PlaceForm)


@blueprint.post("/sessions/<key>/describe")
@staff
@rules("leads", "session.describe")
@accepts(DescribeForm, on="sessions.show")
def describe(key: str) -> ResponseReturnValue:
    return _change(key, DescribeForm)


def _change(key: str, kind: type[ChangeForm]) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    form = kind(current_user, session)
    if not form.keep(current_user.program, clock.now()):
        return _show(session, form.status, sent=form)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved=form.name), 303)


def _show(session: StaffMeeting, status: int = 200, sent: ChangeForm | None = None) -> ResponseReturnValue:
    now = clock.now()
    forms = {form.name: form for form in change_forms(current_user, session)}
    return render(
        "schedule/sessions/show.html",
        status=status,
        overview=overview.overview(current_user, session, now),
        session=session,
        forms=forms | ({sent.name: sent} if sent else {}),
        sent=sent,
        kinds=phrases.CHANGES,
        now=now,
        today=clock.day_of(now, session.time.zone),
        saved=request.args.get("saved"),
    )
