"""The coordinator's list of people, and the page of those who wait."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, web
from portal.access import coordinators, rules
from portal.db import db
from portal.flags import phrases
from portal.flags.email_status import email_status
from portal.office.people import waiting
from portal.people import directory
from portal.people.care import reviews
from portal.people.care.on_call import on_call

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/")
@coordinators
@rules("program", "people.view")
def index() -> ResponseReturnValue:
    people = directory.directory(current_user, clock.now())
    to_review, waits = reviews.waiting(current_user, clock.now()), waiting.count_waiting(current_user)
    audit.record(current_user, "people.view")
    db.session.commit()
    return web.render("office/people/index.html", people=people, waiting=to_review, waits=waits)


@blueprint.get("/people/waiting")
@coordinators
@rules("program", "waiting.view")
def wait() -> ResponseReturnValue:
    """Those who wait, in one list: it is no look at anybody's record, which the page does not hold."""
    now, facts = clock.now(), current_user.program
    listed = waiting.waiting_list(current_user, facts, now)
    called, email = on_call(clock.day_of(now, facts.zone)), email_status(facts, now)
    audit.record(current_user, "waiting.view")
    db.session.commit()
    return web.render("office/people/waiting.html", listed=listed, called=called, email=email, now=now, phrases=phrases)
