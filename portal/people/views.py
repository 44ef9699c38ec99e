"""What signing in, signing out and the coordinator's list of people show."""

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from portal import access, audit, clock, program, web
from portal.access import anyone, coordinators
from portal.db import db
from portal.people import directory, sign_in
from portal.people.forms import SignInForm

blueprint = Blueprint("people", __name__)

HOME = {"participant": "today.show", "therapist": "caseload.index", "coordinator": "people.index"}


@blueprint.get("/")
@anyone
def home() -> ResponseReturnValue:
    role = current_user.role
    return redirect(url_for(HOME[role] if role else "people.sign_in_new"), 303)


@blueprint.get("/sign-in")
@anyone
def sign_in_new() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for(".home"), 303)
    form = SignInForm(data={"next": access.safe_next(request.args.get("next"))})
    return web.render("people/sign_in.html", form=form, sent=request.args.get("sent"), wrong=False, wait=0)


@blueprint.post("/sign-in")
@anyone
def sign_in_create() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return web.render("people/sign_in.html", status=422, form=form, sent=None, wrong=False, wait=0)
    now, address = clock.now(), request.remote_addr or ""
    if wait := sign_in.wait(form.email.data, address, now):
        slow = web.render("people/sign_in.html", status=429, form=form, sent=None, wrong=False, wait=wait)
        slow.headers["Retry-After"] = str(wait)
        return slow
    person = sign_in.check(form.email.data, form.password.data)
    if person is None:
        sign_in.failed(form.email.data, address, now)
        db.session.commit()
        return web.render("people/sign_in.html", status=422, form=form, sent=None, wrong=True, wait=0)
    return _enter(person, access.safe_next(form.next.data))


def _enter(person: sign_in.Person, target: str | None) -> ResponseReturnValue:
    """Open a session under a new token; whatever cookie the browser had before is worth nothing now."""
    token = sign_in.start(person, clock.now())
    audit.record(person, "session.start")
    db.session.commit()
    session.clear()
    login_user(sign_in.visitor(token, clock.now()))
    return redirect(target or url_for(".home"), 303)


@blueprint.post("/sign-out")
@anyone
def sign_out() -> ResponseReturnValue:
    """Leaving works whatever else does not: without the database the cookie is cleared all the same."""
    known = program.if_known()
    if sign_in.end(session.get("_user_id", ""), clock.now()):
        db.session.commit()
    session.clear()
    leaves = known and request.form.get("quick") == "1"
    response = redirect(known.exit_site if known and leaves else url_for(".sign_in_new"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/people/")
@coordinators
def index() -> ResponseReturnValue:
    participants, staff = directory.directory(current_user, clock.now())
    audit.record(current_user, "people.view")
    db.session.commit()
    return web.render("people/index.html", participants=participants, staff=staff)
