"""Pages of one session: a new one, and one with all that changes it."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock
from portal.access import accepts, coordinators, rules, staff
from portal.db import db
from portal.people.directory import participants, therapists
from portal.schedule import staff_meetings
from portal.schedule.sessions import overview, phrases
from portal.schedule.sessions.forms import CHANGES, ChangeForm, NewSessionForm, change_forms
from portal.schedule.staff_meetings import StaffMeeting
from portal.web import render

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/sessions/new")
@coordinators
@rules("program", "people.view")
def new() -> ResponseReturnValue:
    form = NewSessionForm(therapists(current_user), participants(current_user))
    answer = render("schedule/sessions/new.html", form=form)
    audit.record(current_user, "people.view")
    db.session.commit()
    return answer


@blueprint.post("/sessions/")
@coordinators
@rules("program", "session.plan", "seat.give")
@accepts(NewSessionForm, on="sessions.new")
def create() -> ResponseReturnValue:
    form = NewSessionForm(therapists(current_user), participants(current_user))
    if not form.keep(current_user, current_user.program, clock.now()):
        return render("schedule/sessions/new.html", status=form.status, form=form)
    target = url_for(".show", key=form.session.key, saved="planned")
    db.session.commit()
    return redirect(target, 303)


@blueprint.get("/sessions/<key>/plan")
@staff
@rules("leads", "roster.view")
def show(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    answer = _show(session)
    audit.record(current_user, "roster.view", subject=key)
    db.session.commit()
    return answer


def _add_change(form_of_change: type[ChangeForm]) -> None:
    """Add the view that takes one change of a session, at the address that its form names."""
    audience, whose = (coordinators, "program") if form_of_change.for_coordinators else (staff, "leads")

    @blueprint.post(f"/sessions/<key>/{form_of_change.name}", endpoint=form_of_change.name)
    @audience
    @rules(whose, f"session.{form_of_change.name}")
    @accepts(form_of_change, on="sessions.show")
    def change(key: str) -> ResponseReturnValue:
        session = staff_meetings.called(current_user, key)
        form = form_of_change(current_user, session)
        if not form.keep(current_user.program, clock.now()):
            return _show(session, form.status, sent=form)
        db.session.commit()
        return redirect(url_for(".show", key=key, saved=form.name), 303)


for _form_of_change in CHANGES:
    _add_change(_form_of_change)


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
    )
