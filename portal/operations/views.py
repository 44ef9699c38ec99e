"""The addresses at which machines ask: whether the portal lives, what it is called, where to report a weakness."""

from flask import Blueprint, abort, current_app, json, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import clock, program
from portal.access import anyone, rules
from portal.migrations import readiness
from portal.operations import wellknown

blueprint = Blueprint("operations", __name__)

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/manifest.webmanifest")
@anyone
@rules("nothing")
def manifest() -> ResponseReturnValue:
    facts = program.if_known() or abort(404)
    icon = url_for("static", filename="icons.svg")
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
