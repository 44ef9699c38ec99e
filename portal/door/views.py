"""The pages of signing in and signing out."""

from datetime import datetime

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, program, rates, web
from portal.access import anyone, rules
from portal.db import db
from portal.door import factors, known_devices, passwords, sign_in_steps, sign_ins, throttle
from portal.door.factors import factor_changes
from portal.door.forms import SignInForm
from portal.people import Person, contacts

blueprint = Blueprint("door", __name__)

HOME = {"participant": "today.show", "therapist": "caseload.index", "coordinator": "people.index"}


@blueprint.get("/")
@anyone
@rules("nothing")
def home() -> ResponseReturnValue:
    role = current_user.role
    return redirect(url_for(HOME[role] if role else "door.sign_in_new"), 303)


@blueprint.get("/sign-in")
@anyone
@rules("nothing")
def sign_in_new() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for(".home"), 303)
    form = SignInForm(data={"next": web.safe_next(request.args.get("next"))})
    return web.render("door/sign_in.html", form=form, sent=request.args.get("sent"), wrong=False)


@blueprint.post("/sign-in")
@anyone
@rules("link", "session.start", "session.refuse", limit="30 per 5 minutes")
def sign_in_create() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _again(form)
    name, now = form.email.data, clock.now()
    one = throttle.take(f"name:{name}", rates.place(), now, known_devices.id_for(name))
    if one.wait:
        return _again(form, 429, wait=one.wait)
    person, how = _find_owner(name, form.password.data, now)
    if person is None:
        audit.record(None, "session.refuse", subject=contacts.hash_of(name))
        db.session.commit()
        return _again(form, wrong=True)
    throttle.forget(one)
    answer = _let_in(person, how, web.safe_next(form.next.data), shared=form.shared.data)
    db.session.commit()
    return answer


def _again(form: SignInForm, status: int = 422, *, wrong: bool = False, wait: int = 0) -> ResponseReturnValue:
    """The form with what was typed, but the password: the same for a name that somebody has and one that nobody has."""
    return web.render("door/sign_in.html", status=status, wait=wait, form=form, sent=None, wrong=wrong)


def _find_owner(name: str, typed: str, now: datetime) -> tuple[Person | None, str]:
    """The person whom a name and a password belong to, or a recovery code in its place; and which of the two it was."""
    if person := passwords.find_owner(name, typed):
        return person, "password"
    return factor_changes.find_owner(name, typed, program.current(), now), "recovery"


def _let_in(person: Person, how: str, target: str | None, *, shared: bool) -> ResponseReturnValue:
    """After the right password: in, or on to the second factor, which a recovery code stands in for."""
    stage = "full" if how == "recovery" else factors.stage_after(person, program.current())
    if stage == "full":
        return sign_in_steps.enter(person, how, target, shared=shared)
    return sign_in_steps.pause(person, stage, how, target, shared=shared)


@blueprint.post("/sign-out")
@anyone
@rules("self", "session.end")
def sign_out() -> ResponseReturnValue:
    """Leaving works whatever else does not: without the database the cookie is cleared all the same."""
    facts, token = program.if_known(), session.get("_user_id") or session.get(sign_in_steps.ARRIVING, "")
    try:
        if sign_ins.end(token, clock.now()):
            db.session.commit()
    except audit.AuditBroken:
        sign_ins.end_off_the_record(token, clock.now())
        db.session.commit()
    session.clear()
    leaves = facts and request.form.get("quick") == "1"
    response = redirect(facts.exit_site if facts and leaves else url_for(".sign_in_new"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
