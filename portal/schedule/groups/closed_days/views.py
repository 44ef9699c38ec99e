"""The page of the days the program is closed."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock
from portal.access import accepts, coordinators, form_on, rules
from portal.db import db
from portal.schedule.groups import closed_days
from portal.schedule.groups.closed_days.forms import ClosedDaysForm
from portal.schedule.groups.fields import days_as_text
from portal.web import render

blueprint = Blueprint("closed_days", __name__)


@blueprint.get("/program/holidays")
@coordinators
@rules("program")
def edit() -> ResponseReturnValue:
    return _page(_form())


@blueprint.post("/program/holidays")
@coordinators
@rules("program", "program.change")
@accepts(ClosedDaysForm)
def update() -> ResponseReturnValue:
    form = _form()
    if not form.keep(current_user, current_user.program, clock.now()):
        return _page(form, form.status)
    db.session.commit()
    return redirect(url_for(".edit", saved="days"), 303)


@blueprint.post("/program/holidays/restore")
@coordinators
@rules("program", "session.restore")
@form_on("closed_days.edit")
def open_again() -> ResponseReturnValue:
    day = clock.parse_day(request.form.get("day"))
    if day is None:
        return redirect(url_for(".edit"), 303)
    taken = closed_days.reopen(current_user, day, current_user.program, clock.now())
    db.session.commit()
    return redirect(url_for(".edit", saved="some" if taken else "restored"), 303)


def _form() -> ClosedDaysForm:
    return ClosedDaysForm(data={"days": days_as_text(closed_days.held(current_user.program))})


def _page(form: ClosedDaysForm, status: int = 200) -> ResponseReturnValue:
    facts, now = current_user.program, clock.now()
    return render(
        "schedule/groups/closed_days/edit.html",
        status=status,
        form=form,
        open_again=closed_days.by_day(closed_days.restorable(facts, now)),
        held_days=[day for day in closed_days.held(facts) if day >= clock.day_of(now, facts.zone)],
    )
