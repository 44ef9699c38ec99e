"""Pages of second factors: showing one at sign-in, setting one up, and what the account page leads to."""

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from portal import audit, clock, rates, web
from portal.access import accepts, anyone, form_on, members, rules
from portal.db import db
from portal.door import browsers, factors, known_devices, sign_in_steps, throttle
from portal.door.factors import authenticator, factor_changes, passkeys
from portal.door.factors.forms import AuthenticatorForm, CodeForm, NewPasskeyForm, PasskeyForm
from portal.door.sign_ins import Arriving, Visitor
from portal.fields import Refused
from portal.people import Person
from portal.web import render

blueprint = Blueprint("factors", __name__)

WRONG = f"That code did not work. Check each letter or number. For an app, wait for the next one. {authenticator.CLOCK}"
STEPS = {"second": "factors.code_new", "enroll": "factors.enroll"}


@blueprint.app_template_global()
def passkey_request(purpose: str, person: Person | None = None) -> str:
    """Ask the browser for a passkey: the JSON that a page gives it."""
    return passkeys.request_options(purpose, person, clock.now())


def _arriving(stage: str) -> Arriving:
    """The person at this step of signing in; anybody else is sent to their own."""
    arriving = sign_in_steps.arriving()
    if arriving is None:
        abort(redirect(url_for("door.sign_in_new"), 303))
    if arriving.stage != stage:
        abort(redirect(url_for(STEPS[arriving.stage]), 303))
    return arriving


def _held(arriving: Arriving) -> Arriving:
    """The same, held until the transaction ends; one who may not go on by now is sent to begin again.

    The password may have changed meanwhile. And it alone leads to a first factor: whoever knows it adds none to one
    that the owner has set up since, in another browser.
    """
    if not factors.hold_arriving(arriving, clock.now()):
        abort(redirect(url_for("door.sign_in_new"), 303))
    return arriving


@blueprint.get("/sign-in/code")
@anyone
@rules("link")
def code_new() -> ResponseReturnValue:
    arriving = _arriving("second")
    return _ask(arriving, factors.factors_of(arriving), CodeForm())


@blueprint.post("/sign-in/code")
@anyone
@rules("link", "session.start", "session.refuse", limit="30 per 5 minutes")
def code_create() -> ResponseReturnValue:
    arriving, form, now = _arriving("second"), CodeForm(), clock.now()
    has = factors.factors_of(arriving)
    if not form.validate():
        return _ask(arriving, has, form, 422)
    one = throttle.take_code(arriving.key, rates.place(), now, known_devices.id_of(arriving))
    if one.wait:
        return _ask(arriving, has, form, 429, one.wait)
    how = factor_changes.take_code(_held(arriving), form.code.data, now, has)
    if how is None:
        form.code.errors = [WRONG]
        _record_refusal(arriving)
        return _ask(arriving, has, form, 422)
    throttle.forget(one)
    answer = sign_in_steps.enter(arriving, how, shared=arriving.shared)
    db.session.commit()
    return answer


def _record_refusal(person: Person | None) -> None:
    audit.record(person, "session.refuse")
    db.session.commit()


def _ask(arriving: Arriving, has: factors.Factors, form: CodeForm, status: int = 200, wait: int = 0) -> Response:
    return render("door/factors/code.html", status=status, wait=wait, arriving=arriving, has=has, form=form)


@blueprint.post("/sign-in/passkey")
@anyone
@rules("link", "session.start", "session.refuse", limit="30 per 5 minutes")
def enter() -> ResponseReturnValue:
    """A passkey is both factors at once: something one has, opened by a face, a finger or a PIN."""
    form = PasskeyForm()
    try:
        person = passkeys.person_of(form.checked(), clock.now())
    except Refused as refused:
        _record_refusal(None)
        step = STEPS[arriving.stage] if (arriving := sign_in_steps.arriving()) else "door.sign_in_new"
        return render("door/factors/refused.html", status=422, form=form, why=refused.words, step=step)
    target = web.safe_next(form.next.data)
    answer = sign_in_steps.enter(person, "passkey", target, shared=bool(form.shared.data))
    db.session.commit()
    return answer


@blueprint.get("/sign-in/second-factor")
@anyone
@rules("link")
def enroll() -> ResponseReturnValue:
    return _choose(_arriving("enroll"))


@blueprint.post("/sign-in/second-factor/authenticator")
@anyone
@rules("link", "factor.add", "factor.codes", "session.start", limit="30 per 5 minutes")
def enroll_authenticator() -> ResponseReturnValue:
    arriving, form = _held(_arriving("enroll")), AuthenticatorForm()
    if not form.confirms(arriving, clock.now()):
        return _choose(arriving, 422, form=form)
    return _in_with_codes(arriving, "totp")


@blueprint.post("/sign-in/second-factor/passkey")
@anyone
@rules("link", "factor.add", "factor.codes", "session.start", limit="30 per 5 minutes")
def enroll_passkey() -> ResponseReturnValue:
    arriving, form = _held(_arriving("enroll")), NewPasskeyForm()
    key = form.kept_for(arriving, clock.now())
    if key is None:
        return _choose(arriving, 422, new_passkey=form)
    return _in_with_codes(arriving, "passkey", key)


def _choose(arriving: Arriving, status: int = 200, **forms: Any) -> Response:
    return render(
        "door/factors/enroll.html",
        status=status,
        **_authenticator(arriving, forms.get("form")),
        **_new_passkey(arriving, forms.get("new_passkey")),
    )


def _in_with_codes(arriving: Arriving, how: str, key: str | None = None) -> Response:
    """A whole sign-in, and the recovery codes before its first page."""
    codes = factor_changes.note_added(arriving, clock.now(), key)
    answer = sign_in_steps.show_codes_first(codes, sign_in_steps.enter(arriving, how, shared=arriving.shared))
    db.session.commit()
    return answer


@blueprint.get("/account/authenticator")
@members
@rules("self", fresh=True)
def authenticator_new() -> ResponseReturnValue:
    return _authenticator_page(AuthenticatorForm())


@blueprint.post("/account/authenticator")
@members
@rules("self", "factor.add", "factor.codes", fresh="Add the app")
@accepts(AuthenticatorForm)
def authenticator_create() -> ResponseReturnValue:
    form, now = AuthenticatorForm(), clock.now()
    if not form.confirms(current_user, now):
        return _authenticator_page(form, 422)
    return _changed(factor_changes.note_added(current_user, now))


@blueprint.post("/account/authenticator/end")
@members
@rules("self", "factor.remove", fresh="Remove the app")
@form_on("factors.authenticator_new")
def authenticator_end() -> ResponseReturnValue:
    try:
        ended = factor_changes.end_authenticator(current_user, current_user.program, clock.now())
    except Refused as refused:
        return _authenticator_page(AuthenticatorForm(None), 422, kept=refused.words)
    return _removed(ended)


def _authenticator_page(form: AuthenticatorForm, status: int = 200, kept: str | None = None) -> Response:
    return render(
        "door/factors/authenticator.html",
        status=status,
        has=factors.factors_of(current_user),
        kept=kept,
        **_authenticator(current_user, form),
    )


def _authenticator(person: Visitor | Arriving, form: AuthenticatorForm | None) -> dict[str, Any]:
    form = form or AuthenticatorForm(None)
    return {"form": form, "setup": authenticator.setup_for(person, person.program.shown_as, form.setup.data)}


@blueprint.get("/account/passkeys")
@members
@rules("self", fresh=True)
def passkey_new() -> ResponseReturnValue:
    return _passkey_page(NewPasskeyForm(data={"name": browsers.name(request.user_agent.string)}))


@blueprint.post("/account/passkeys")
@members
@rules("self", "factor.add", "factor.codes", fresh="Add the passkey")
@accepts(NewPasskeyForm)
def passkey_create() -> ResponseReturnValue:
    form, now = NewPasskeyForm(), clock.now()
    key = form.kept_for(current_user, now)
    if key is None:
        return _passkey_page(form, 422)
    return _changed(factor_changes.note_added(current_user, now, key))


def _passkey_page(form: NewPasskeyForm, status: int = 200) -> Response:
    return render("door/factors/new_passkey.html", status=status, **_new_passkey(current_user, form))


def _new_passkey(person: Visitor | Arriving, form: NewPasskeyForm | None) -> dict[str, Any]:
    device = browsers.name(request.user_agent.string)
    options = passkeys.creation_options(person, person.program.shown_as, clock.now())
    return {"new_passkey": form or NewPasskeyForm(None, data={"name": device}), "creation_options": options}


@blueprint.get("/account/passkeys/<key>")
@members
@rules("self", fresh=True)
def passkey_show(key: str) -> ResponseReturnValue:
    return _one_passkey(key)


@blueprint.post("/account/passkeys/<key>/end")
@members
@rules("self", "factor.remove", fresh="Remove the passkey")
@form_on("factors.passkey_show")
def passkey_end(key: str) -> ResponseReturnValue:
    try:
        ended = factor_changes.end_passkey(current_user, current_user.program, key, clock.now())
    except Refused as refused:
        return _one_passkey(key, 422, refused.words)
    return _removed(ended)


def _one_passkey(key: str, status: int = 200, kept: str | None = None) -> Response:
    has = factors.factors_of(current_user)
    passkey = next((own for own in has.passkeys if own.key == key), None)
    if passkey is None:
        abort(404)
    return render(
        "door/factors/passkey.html",
        status=status,
        passkey=passkey,
        kept=kept,
        is_last=has.count == 1,
        now=clock.now(),
    )


@blueprint.get("/account/recovery-codes")
@members
@rules("self", fresh=True)
def codes_new() -> ResponseReturnValue:
    return render("door/factors/new_codes.html", has=factors.factors_of(current_user))


@blueprint.post("/account/recovery-codes")
@members
@rules("self", "factor.codes", fresh="Make new codes")
def codes_create() -> ResponseReturnValue:
    return _changed(factor_changes.renew_codes(current_user, clock.now()))


def _removed(ended: list[str]) -> ResponseReturnValue:
    db.session.commit()
    return sign_in_steps.go_and_say_what_ended(url_for("devices.show", done="factor"), ended)


def _changed(codes: list[str]) -> ResponseReturnValue:
    """Commit a change, and show new recovery codes before the account page, where there are any."""
    db.session.commit()
    onward = url_for("devices.show", _anchor="factors")
    return render("door/factors/codes.html", codes=codes, onward=onward) if codes else redirect(onward, 303)
