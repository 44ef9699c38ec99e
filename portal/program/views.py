"""Pages of the program: its settings as they are, and two addresses where machines ask whether it lives."""

from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock
from portal.access import anyone, coordinators
from portal.program import readiness
from portal.web import render

blueprint = Blueprint("program", __name__)

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/program")
@coordinators
def show() -> ResponseReturnValue:
    facts = current_user.program
    today = clock.day_of(clock.now(), facts.zone)
    closed = [day for day in map(date.fromisoformat, sorted(facts.holidays)) if day >= today]
    return render("program/show.html", facts=facts, closed=closed)


@blueprint.get("/healthz")
@anyone
def alive() -> ResponseReturnValue:
    return "ok\n", 200, PLAIN


@blueprint.get("/readyz")
@anyone
def ready() -> ResponseReturnValue:
    trouble = readiness.trouble()
    return (f"{trouble}\n", 503, PLAIN) if trouble else ("ok\n", 200, PLAIN)
