"""The page of the program's settings."""

from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal import clock, drafts, program
from portal.access import coordinators, form_on, rules
from portal.db import db
from portal.door.factors import factor_changes
from portal.office.forms import DirectionsForm, SettingsForm
from portal.web import render

blueprint = Blueprint("office", __name__)


@blueprint.get("/program")
@coordinators
@rules("program")
def show() -> ResponseReturnValue:
    typed, kept_at = drafts.kept(current_user, request.path)
    way = typed if typed and "directions" in typed else None
    return _page(_settings(None if way else typed), way=_way(way), kept_at=kept_at, saved=request.args.get("saved"))


@blueprint.post("/program")
@coordinators
@rules("program", "program.change", fresh=True)
def update() -> ResponseReturnValue:
    form = SettingsForm()
    if not form.validate():
        return _page(form, 422)
    program.change_settings(current_user, **form.settings)
    if form.settings["needs_second_factor"] and not current_user.program.needs_second_factor:
        factor_changes.ask_of_participants(clock.now())
    drafts.drop(current_user, request.path)
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


@blueprint.post("/program/directions")
@coordinators
@rules("program", "program.change")
@form_on("office.show")
def direct() -> ResponseReturnValue:
    way = DirectionsForm()
    if not way.validate():
        return _page(_settings(), 422, way=way)
    program.set_directions(current_user, way.directions.data or "")
    drafts.drop(current_user, url_for(".show"))
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


def _settings(typed: MultiDict | None = None) -> SettingsForm:
    facts = current_user.program
    now_set = {
        "shown_as": facts.shown_as,
        "needs_second_factor": "yes" if facts.needs_second_factor else "no",
        "idle_minutes": facts.idle_minutes,
    }
    return SettingsForm(typed, data=now_set)


def _way(typed: MultiDict | None = None) -> DirectionsForm:
    return DirectionsForm(typed, data={"directions": current_user.program.directions})


def _page(form: SettingsForm, status: int = 200, **more: object) -> ResponseReturnValue:
    facts = current_user.program
    today = clock.day_of(clock.now(), facts.zone)
    closed = [day for day in map(date.fromisoformat, sorted(facts.holidays)) if day >= today]
    context = {"facts": facts, "closed": closed, "kept_at": None, "saved": None, "way": more.pop("way", None) or _way()}
    return render("office/show.html", status=status, form=form, **context | more)
