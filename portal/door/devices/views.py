"""The pages of a person's own account: how they sign in, proving again that it is you, and staying signed in."""

from datetime import datetime

from flask import Blueprint, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import access, audit, clock, drafts, rates, web
from portal.access import accepts, anyone, form_on, members, rules
from portal.db import db
from portal.door import devices, factors, interrupted_forms, password_rules, sign_in_steps, sign_ins, throttle
from portal.door.devices import OwnAccount
from portal.door.devices.forms import ConfirmForm, ContactForm, MailForm, PasswordForm
from portal.fields import Refused, refusals_on

blueprint = Blueprint("devices", __name__)

OTHERS = "You are signed out everywhere else."
DONE = {
    "password": f"Your password is changed. {OTHERS}",
    "returned": f"You are back in. {OTHERS}",
    "factor": f"It is removed. {OTHERS}",
    "contact": "You sign in with this from now on. Links and codes from before no longer work.",
    "mail": "Saved.",
    "contact-details": "Saved.",
    "ended": "That device is signed out.",
    "others": OTHERS,
}


@blueprint.get("/account")
@members
@rules("self")
def show() -> ResponseReturnValue:
    now = clock.now()
    return web.render(
        "door/devices/show.html",
        own=devices.own_account(current_user, now),
        factors=factors.factors_of(current_user),
        mail=MailForm(),
        done=DONE.get(request.args.get("done", "")),
        ended=sign_in_steps.what_ended(),
        now=now,
    )


@blueprint.post("/account/devices/<key>/end")
@members
@rules("self", "session.end", fresh="Sign that device out")
@form_on("devices.show")
def end(key: str) -> ResponseReturnValue:
    ended = devices.end(current_user, key, clock.now())
    db.session.commit()
    return sign_in_steps.go_and_say_what_ended(url_for(".show", done="ended"), ended)


@blueprint.post("/account/devices/end-others")
@members
@rules("self", "session.end_others", fresh="Sign out everywhere else")
@form_on("devices.show")
def end_others() -> ResponseReturnValue:
    ended = devices.end_others(current_user, clock.now())
    db.session.commit()
    return sign_in_steps.go_and_say_what_ended(url_for(".show", done="others"), ended)


@blueprint.get("/account/password")
@members
@rules("self", fresh=True)
def edit_password() -> ResponseReturnValue:
    return _password_page(devices.own_account(current_user, clock.now()))


@blueprint.post("/account/password")
@members
@rules("self", "account.password", "session.end_others", limit="10 per 5 minutes", fresh="Change the password")
def update_password() -> ResponseReturnValue:
    now = clock.now()
    own = devices.own_account(current_user, now)
    form = _password_form(own)
    if not form.validate():
        return _password_page(own, form, 422)
    taken = throttle.take(f"confirm:{current_user.key}", rates.place(), now)
    if taken.wait:
        return _password_page(own, form, 429, wait=taken.wait)
    with refusals_on(form):
        ended = devices.change_password(current_user, own, form.password.data, now, **form.proof)
        throttle.forget(taken)
        db.session.commit()
        return sign_in_steps.go_and_say_what_ended(url_for(".show", done="password"), ended)
    return _password_page(own, form, 422)


def _password_form(own: OwnAccount) -> PasswordForm:
    words = password_rules.own_words(current_user.program, current_user.name, current_user.called, own.contact)
    second = own.has_second_factor and current_user.role == "participant"
    return PasswordForm(has_password=own.has_password, second_factor=second, own_words=words)


def _password_page(
    own: OwnAccount, form: PasswordForm | None = None, status: int = 200, *, wait: int = 0
) -> ResponseReturnValue:
    form = form or _password_form(own)
    return web.render(
        "door/devices/password.html",
        status=status,
        wait=wait,
        form=form,
        own=own,
        least=password_rules.least(form.second_factor),
    )


@blueprint.get("/account/contact")
@members
@rules("self", fresh=True)
def edit_contact() -> ResponseReturnValue:
    own = devices.own_account(current_user, clock.now())
    return web.render("door/devices/contact.html", form=ContactForm(obj=own))


@blueprint.post("/account/contact")
@members
@rules("self", "account.contact", limit="5 per hour", fresh="Change email or name")
@accepts(ContactForm)
def update_contact() -> ResponseReturnValue:
    form = ContactForm(obj=devices.own_account(current_user, clock.now()))
    with refusals_on(form):
        if form.validate():
            devices.change_contact(current_user, form.contact.data, form.mail_ok.data, clock.now())
            db.session.commit()
            return redirect(url_for(".show", done="contact"), 303)
    return web.render("door/devices/contact.html", status=422, form=form)


@blueprint.post("/account/mail")
@members
@rules("self", "account.mail", fresh="Save who reads your email")
@form_on("devices.show")
def update_mail() -> ResponseReturnValue:
    devices.allow_mail(current_user, MailForm().mail_ok.data, clock.now())
    db.session.commit()
    return redirect(url_for(".show", done="mail"), 303)


@blueprint.get("/confirm")
@members
@rules("self")
def confirm_new() -> ResponseReturnValue:
    form = ConfirmForm(data={"next": web.safe_next(request.args.get("next"))})
    return _confirm_page(devices.own_account(current_user, clock.now()), form)


@blueprint.post("/confirm")
@members
@rules("self", "session.confirm", "session.refuse")
def confirm_create() -> ResponseReturnValue:
    now, form = clock.now(), ConfirmForm()
    own = devices.own_account(current_user, now)
    if not form.validate():
        return _confirm_page(own, form, 422, wrong="Fill it in, then try again.")
    taken = _take_try(own, form, now)
    if taken.wait:
        return _confirm_page(own, form, 429, wait=taken.wait)
    try:
        how = devices.prove(current_user, own, *form.sent, now)
    except Refused as refused:
        return _note_refusal(own, form, refused)
    throttle.forget(taken)
    sign_in_steps.confirm(current_user, how)
    db.session.commit()
    return redirect(web.safe_next(form.next.data) or url_for(".show"), 303)


@blueprint.get("/confirm/unfinished")
@members
@rules("self", fresh=True)
def unfinished() -> ResponseReturnValue:
    """The form that was sent before the proof, with the button that carries it out."""
    held = interrupted_forms.find(current_user, clock.now())
    return web.render(
        "door/devices/unfinished.html",
        held=held,
        does=held.does if held else "",
        facts=interrupted_forms.facts_of(current_user, held) if held else [],
        field=interrupted_forms.HELD,
    )


def _note_refusal(own: OwnAccount, form: ConfirmForm, refused: Refused) -> ResponseReturnValue:
    audit.record(current_user, "session.refuse")
    db.session.commit()
    return _confirm_page(own, form, 422, wrong=refused.words)


def _take_try(own: OwnAccount, form: ConfirmForm, now: datetime) -> throttle.Try:
    """One try. Those at a code count together with those at sign-in: it is the same code that is guessed."""
    if not (own.has_password or form.answer.data):
        return throttle.take_code(current_user.key, rates.place(), now, own.known_device)
    return throttle.take(f"confirm:{current_user.key}", rates.place(), now)


def _confirm_page(
    own: OwnAccount, form: ConfirmForm, status: int = 200, *, wrong: str | None = None, wait: int = 0
) -> ResponseReturnValue:
    return web.render(
        "door/devices/confirm.html",
        status=status,
        wait=wait,
        form=form,
        own=own,
        again=request.args.get("again"),
        wrong=wrong,
    )


@blueprint.post("/account/stay")
@members
@rules("self")
def stay() -> ResponseReturnValue:
    """Somebody is still there: the guard has noted it as a use, as it does for every page."""
    return jsonify(left=current_user.left(clock.now(), counted=True))


@blueprint.post("/account/drafts")
@anyone
@rules("self", limit="300 per 5 minutes")
def keep_draft() -> ResponseReturnValue:
    """A page whose time runs out: keep what is typed on it, and say how many seconds this browser has left.

    Only the server knows, since other tabs of the same session may be in use. Asking is no use itself (the guard
    notes none for a view that is for anyone), or an open page would never let the session end; and it is answered
    for a session that has just run out of time, since a phone sleeps through the minute before.
    """
    lives = current_user.is_authenticated
    person = current_user if lives else sign_ins.last_visitor(session.get("_user_id", ""), clock.now())
    page, address = access.place_of(request.form.get("_form"), request.form.get("change")) or (None, "")
    kept = bool(page and person and drafts.is_of(person, request.form) and drafts.keep(person, address, request.form))
    if kept:
        db.session.commit()
    then = url_for(
        "door.sign_in_new",
        next=page if kept else web.safe_next(request.form.get("_page")),
        sent="kept" if kept else "quiet",
    )
    return jsonify(left=current_user.left(clock.now()) if lives else 0, kept=kept, then=then)
