"""Pages of the program: its settings, and the addresses at which machines ask for it."""

from datetime import date

from flask import Blueprint, abort, current_app, json, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal import access, clock, program
from portal.access import anyone, coordinators, form_on, rules
from portal.db import db
from portal.program import readiness, wellknown
from portal.program.forms import DirectionsForm, SettingsForm
from portal.web import render

blueprint = Blueprint("program", __name__)

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/program")
@coordinators
@rules("program")
def show() -> ResponseReturnValue:
    typed, kept_at = access.kept_here()
    way = typed if typed and "directions" in typed else None
    return _page(_settings(None if way else typed), way=_way(way), kept_at=kept_at, saved=request.args.get("saved"))


@blueprint.post("/program")
@coordinators
@rules("program", "program.change", fresh=True)
def update() -> ResponseReturnValue:
    form = SettingsForm()
    if not form.validate():
        return _page(form, 422)
    program.change(current_user, **form.settings)
    if form.settings["needs_second_factor"] and not current_user.program.needs_second_factor:
        access.end_without_second_factor()
    access.drop_kept()
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


@blueprint.post("/program/directions")
@coordinators
@rules("program", "program.change")
@form_on("program.show")
def direct() -> ResponseReturnValue:
    way = DirectionsForm()
    if not way.validate():
        return _page(_settings(), 422, way=way)
    program.direct(current_user, way.directions.data or "")
    access.drop_kept(url_for(".show"))
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
    return render("program/show.html", status=status, form=form, **context | more)


@blueprint.get("/manifest.webmanifest")
@anyone
@rules("nothing")
def manifest() -> ResponseReturnValue:
    facts = program.if_known() or abort(404)
    icon = url_for("static", filename="mark.svg")
    kind = {"Content-Type": "application/manifest+json; charset=utf-8"}
    return json.dumps(wellknown.manifest(facts.shown_as, icon)), 200, kind


@blueprint.get("/.well-known/security.txt")
@anyone
@rules("nothing")
def security() -> ResponseReturnValue:
    contact = current_app.config["SECURITY_CONTACT"] or abort(404)
    return wellknown.security(contact, current_app.config["URL"], clock.now()), 200, PLAIN


@blueprint.get("/.well-known/change-password")
@anyone
@rules("nothing")
def change_password() -> ResponseReturnValue:
    return redirect("/account/password", 303)


@blueprint.get("/healthz")
@anyone
@rules("nothing")
def alive() -> ResponseReturnValue:
    return "ok\n", 200, PLAIN


@blueprint.get("/readyz")
@anyone
@rules("nothing")
def ready() -> ResponseReturnValue:
    trouble = readiness.trouble()
    return (f"{trouble}\n", 503, PLAIN) if trouble else ("ok\n", 200, PLAIN)
