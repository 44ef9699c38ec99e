"""The page of the program's settings."""

from dataclasses import asdict
from datetime import date

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, program
from portal.access import accepts, coordinators, rules
from portal.db import db
from portal.door.factors import factor_changes
from portal.flags.email_status import email_status
from portal.office.forms import DirectionsForm, SettingsForm
from portal.office.people.waiting import count_waiting
from portal.web import render

blueprint = Blueprint("office", __name__)


@blueprint.get("/program")
@coordinators
@rules("program")
def show() -> ResponseReturnValue:
    return _page(_settings(), DirectionsForm(obj=current_user.program))


@blueprint.post("/program")
@coordinators
@rules("program", "program.change", fresh=True)
@accepts(SettingsForm)
def update() -> ResponseReturnValue:
    form = _settings()
    if not form.validate():
        return _page(form, DirectionsForm(obj=current_user.program), 422)
    program.change_settings(current_user, **form.settings)
    if form.settings["needs_second_factor"] and not current_user.program.needs_second_factor:
        factor_changes.ask_of_participants(clock.now())
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


@blueprint.post("/program/directions")
@coordinators
@rules("program", "program.change")
@accepts(DirectionsForm, on="office.show")
def direct() -> ResponseReturnValue:
    way = DirectionsForm(obj=current_user.program)
    if not way.validate():
        return _page(_settings(), way, 422)
    program.change_settings(current_user, directions=way.directions.data or "")
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


def _settings() -> SettingsForm:
    facts = current_user.program
    needs = "yes" if facts.needs_second_factor else "no"
    return SettingsForm(data={**asdict(facts), "needs_second_factor": needs})


def _page(form: SettingsForm, way: DirectionsForm, status: int = 200) -> ResponseReturnValue:
    facts = current_user.program
    now = clock.now()
    today, email = clock.day_of(now, facts.zone), email_status(facts, now)
    closed = [day for day in map(date.fromisoformat, sorted(facts.holidays)) if day >= today]
    waits = count_waiting(current_user)
    said = {"facts": facts, "closed": closed, "email": email, "waits": waits, "now": now}
    return render("office/show.html", status=status, form=form, way=way, **said)
