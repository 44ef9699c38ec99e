"""The page of help: people to reach right now, with or without an account."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import exercises, web
from portal.access import anyone, rules

blueprint = Blueprint("help", __name__)


@blueprint.get("/help-now")
@anyone
@rules("self")
def show() -> ResponseReturnValue:
    plan = exercises.safety_plan_in_short(current_user) if current_user.role == "participant" else []
    return web.render("help/show.html", plan=plan)


@blueprint.get("/robots.txt")
@anyone
@rules("nothing")
def robots() -> ResponseReturnValue:
    """Nobody's robot reads the portal, but a calendar service may read the private address that somebody gave it."""
    return "User-agent: *\nAllow: /calendar/*.ics$\nDisallow: /\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
