"""The private calendar: its page, its address, the feed itself, and one appointment as a file."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, program
from portal.access import anyone, form_on, members, rules
from portal.db import db
from portal.schedule.calendar import appointments, feed, ics
from portal.web import render

blueprint = Blueprint("calendar", __name__)


@blueprint.get("/calendar/")
@members
@rules("self")
def show() -> ResponseReturnValue:
    now = clock.now()
    return render(
        "schedule/calendar/show.html",
        made_at=feed.made_at(current_user),
        titles=appointments.titles(current_user, now),
        offer=feed.offer_token(current_user, now),
        now=now,
    )


@blueprint.post("/calendar/feed")
@members
@rules("self", "calendar.make", fresh="Make a new address")
@form_on("calendar.show")
def make() -> ResponseReturnValue:
    """The new address is shown here and now, to whoever sends the form, and kept nowhere."""
    token = feed.make(current_user, clock.now(), request.form.get("new_token", ""))
    db.session.commit()
    address = current_app.config["URL"].rstrip("/") + url_for(".read", token=token)
    return render("schedule/calendar/address.html", address=address)


@blueprint.post("/calendar/feed/revoke")
@members
@rules("self", "calendar.revoke")
@form_on("calendar.show")
def revoke() -> ResponseReturnValue:
    feed.revoke(current_user)
    db.session.commit()
    return redirect(url_for(".show", saved="revoked"), 303)


@blueprint.get("/calendar/<token>.ics")
@anyone
@rules("link", limit="60 per 5 minutes")
def read(token: str) -> ResponseReturnValue:
    """Whoever has the address reads it without signing in, and nothing is written."""
    person = feed.owner(token)
    if person is None:
        abort(404)
    response = _file(appointments.read_feed(person, clock.now()))
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/sessions/<key>/calendar.ics")
@members
@rules("self")
def one(key: str) -> ResponseReturnValue:
    response = _file([appointments.find(current_user, key)])
    response.headers["Content-Disposition"] = "attachment; filename=appointment.ics"
    return response


def _file(shown: list[appointments.Appointment]) -> Response:
    host = urlsplit(current_app.config["URL"]).hostname or "localhost"
    return Response(ics.write(shown, program.current().shown_as, host), mimetype="text/calendar")
