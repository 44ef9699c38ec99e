"""The page of Today."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, today
from portal.access import participants, rules
from portal.web import render

blueprint = Blueprint("today", __name__)


@blueprint.get("/today")
@participants
@rules("self")
def show() -> ResponseReturnValue:
    page = today.join_day(current_user, current_user.program, clock.now())
    return render("today/show.html", today=page, plan=page.safety_plan)
