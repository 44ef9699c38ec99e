"""The page of the brief, for who leads a session."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock
from portal.access import rules, therapists
from portal.caseload.brief import LATELY, SEEN, brief_of
from portal.db import db
from portal.homework.agreements import session_with_agreed
from portal.web import render

blueprint = Blueprint("brief", __name__)


@blueprint.get("/sessions/<key>/brief")
@therapists
@rules("brief", "brief.view")
def show(key: str) -> ResponseReturnValue:
    now = clock.now()
    session, agreed = session_with_agreed(current_user, key)
    brief = brief_of(current_user, session, now, current_user.program)
    for person in brief.not_looked_at:
        audit.record(current_user, SEEN, person, key)
    db.session.commit()
    return render(
        "caseload/brief/show.html",
        session=session,
        brief=brief,
        agreed=agreed,
        first_names=brief.first_names() if request.args.get("names") == "first" else {},
        days=LATELY,
        now=now,
        today=clock.day_of(now, session.time.zone),
    )
