"""The pages of signing in and signing out."""

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, program, rates, web
from portal.access import anyone, rules
from portal.db import db
from portal.door import entrance, factors, known, sign_in, tries
from portal.door.factors import changes
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
    return web.render("door/sign_in.html", form=form, sent=request.args.get("sent"), wrong=False, wait=0)


@blueprint.post("/sign-in")
@anyone
@rules("link", "session.start", "session.refuse", limit="30 per 5 minutes")
def sign_in_create() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _again(form)
    name, now = form.email.data, clock.now()
    one = tries.take(f"name:{name}", rates.place(), now, known.device_for(name))
    if one.wait:
        return _again(form, 429, wait=one.wait)
    person, how = sign_in.check(name, form.password.data), "password"
    if person is None:
        person, how = changes.code_alone(name, form.password.data, program.current(), now), "recovery"
    if person is None:
        audit.record(None, "session.refuse", subject=contacts.hash_of(name))
        db.session.commit()
        return _again(form, wrong=True)
    tries.succeeded(one)
    answer = _let_in(person, how, web.safe_next(form.next.data), shared=form.shared.data)
    db.session.commit()
    return answer


def _again(form: SignInForm, status: int = 422, *, wrong: bool = False, wait: int = 0) -> ResponseReturnValue:
    """The form with what was typed, but the password: the same for a name that somebody has and one that nobody has."""
    answer = web.render("door/sign_in.html", status=status, form=form, sent=None, wrong=wrong, wait=wait)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _let_in(person: Person, how: str, target: str | None, *, shared: bool) -> ResponseReturnValue:
    """After the right password: in, or on to the second factor, which a recovery code stands in for."""
    stage = "full" if how == "recovery" else factors.stage_after(person, program.current())
    if stage == "full":
        return entrance.enter(person, how, target, shared=shared)
    return entrance.begin(person, stage, how, target, shared=shared)


@blueprint.post("/sign-out")
@anyone
@rules("self", "session.end")
def sign_out() -> ResponseReturnValue:
    """Leaving works whatever else does not: without the database the cookie is cleared all the same."""
    facts, token = program.if_known(), session.get("_user_id") or session.get(entrance.ARRIVING, "")
    try:
        if sign_in.end(token, clock.now()):
            db.session.commit()
    except audit.AuditBroken:
        sign_in.end_off_the_record(token, clock.now())
        db.session.commit()
    session.clear()
    leaves = facts and request.form.get("quick") == "1"
    response = redirect(facts.exit_site if facts and leaves else url_for(".sign_in_new"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
