"""The page of Today."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock, today
from portal.access import participants, rules
from portal.door.guard import visitor
from portal.web import render

blueprint = Blueprint("today", __name__)


@blueprint.get("/today")
@participants
@rules("self")
def show() -> ResponseReturnValue:
    me = visitor()
    page = today.join_day(me, me.program, clock.now())
    return render("today/show.html", today=page, plan=page.safety_plan)
