"""The coordinator's list of people, and the page of those who wait."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, web
from portal.access import coordinators, form_on, rules
from portal.db import db
from portal.fields import searched
from portal.flags import phrases
from portal.flags.email_status import email_status
from portal.office.people import participant_list, participant_overview, waiting
from portal.people import directory
from portal.people.care import reviews
from portal.people.care.on_call import on_call
from portal.people.directory import DirectoryEntry
from portal.schedule.models import ATTENDANCE

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/")
@coordinators
@rules("program", "people.view")
def index() -> ResponseReturnValue:
    return _list(request.args.get("show"), "", request.args.get("page"))


@blueprint.post("/people/search")
@coordinators
@rules("program", "people.view")
@form_on("people.index")
def search() -> ResponseReturnValue:
    """The same list, searched: what was typed comes in no address, and nothing of it is kept."""
    sent = request.form
    return _list(sent.get("show"), searched(sent.get("q")), sent.get("page"))


def _list(show: str | None, asked: str, page: str | None) -> ResponseReturnValue:
    now = clock.now()
    listed = participant_list.list_participants(current_user, show, asked, page, current_user.program.zone, now)
    to_review, waits = reviews.waiting(current_user, now), waiting.count_waiting(current_user)
    audit.record(current_user, "people.view")
    db.session.commit()
    return web.render(
        "office/people/index.html",
        fragment="office/people/_found.html",
        listed=listed,
        filters=participant_list.SHOW,
        waiting=to_review,
        waits=waits,
    )


@blueprint.get("/people/<key>/overview")
@coordinators
@rules("program", "participant.view")
def show(key: str) -> ResponseReturnValue:
    now = clock.now()
    overview = participant_overview.overview_of(current_user, key, current_user.program, now)
    audit.record(current_user, "participant.view", overview.person)
    db.session.commit()
    return web.render(
        "office/people/show.html",
        overview=overview,
        person=overview.person,
        marks=ATTENDANCE,
        phrases=phrases,
        now=now,
    )


@blueprint.get("/people/staff")
@coordinators
@rules("program", "people.view")
def staff() -> ResponseReturnValue:
    return _accounts(directory.staff(current_user, clock.now()), are_off=False)


@blueprint.get("/people/switched-off")
@coordinators
@rules("program", "people.view")
def switched_off() -> ResponseReturnValue:
    return _accounts(directory.switched_off(current_user, clock.now()), are_off=True)


def _accounts(entries: list[DirectoryEntry], *, are_off: bool) -> ResponseReturnValue:
    page = web.page_of(entries, request.args.get("page"))
    audit.record(current_user, "people.view")
    db.session.commit()
    return web.render("office/people/accounts.html", listed=page, are_off=are_off)


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
