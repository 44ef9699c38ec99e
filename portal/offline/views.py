"""The worker, the page and the token that a browser asks for ahead of bad signal."""

from flask import Blueprint, Response, current_app, g, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from portal import clock, offline, program, web
from portal.access import anyone, participants, rules
from portal.checkins import phrases
from portal.door import guard

blueprint = Blueprint("offline", __name__)


@blueprint.get("/offline")
@anyone
@rules("nothing")
def show() -> Response:
    """The page that is shown without a network: the same for everybody, whoever asks for it."""
    facts = program.if_known()
    form = offline.form(facts, clock.now()) if facts else None
    g.csrf_token = offline.NOBODYS
    return web.render("offline/show.html", me=None, form=form, FOR_DAY=phrases.FOR_DAY)


@blueprint.get("/sw.js")
@anyone
@rules("nothing")
def worker() -> ResponseReturnValue:
    """At the root, so that it answers for every address when the network does not."""
    script = offline.worker(show().get_data(as_text=True))
    return current_app.response_class(script, mimetype="text/javascript")


@blueprint.get("/offline/token")
@participants
@rules("self")
def token() -> ResponseReturnValue:
    """For whom this browser is signed in, as their forms say it, and a token for what waited."""
    return jsonify(whose=guard.form_owner(), token=generate_csrf())
