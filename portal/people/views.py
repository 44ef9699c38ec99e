"""The coordinator's list of people."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, web
from portal.access import coordinators, rules
from portal.db import db
from portal.people import directory
from portal.people.care import reviews

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/")
@coordinators
@rules("program", "people.view")
def index() -> ResponseReturnValue:
    people = directory.directory(current_user, clock.now())
    waiting = reviews.waiting(current_user, clock.now())
    audit.record(current_user, "people.view")
    db.session.commit()
    return web.render("people/index.html", people=people, waiting=waiting)
