"""Pages on which people see what is kept about them."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, records
from portal.access import participants, rules
from portal.records import words
from portal.web import render

blueprint = Blueprint("records", __name__, url_prefix="/my-record")


@blueprint.get("/looks")
@participants
@rules("self", fresh=True)
def looks() -> ResponseReturnValue:
    now = clock.now()
    page = records.looks(current_user, now, clock.parse_day(request.args.get("until")))
    return render("records/looks.html", looks=page, today=clock.day_of(now, current_user.zone), words=words)
