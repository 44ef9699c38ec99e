"""The guard at the door: who asks, whether the view is for them, and what becomes of what they typed if it is not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError

from portal import access, audit, clock, drafts, program, web
from portal.access import ANYONE, address_cleared, address_sent, form_sent, page_sent
from portal.db import db
from portal.door import interrupted_forms, sign_ins
from portal.door.factors import passkeys
from portal.door.interrupted_forms import HELD
from portal.door.sign_ins import Visitor
from portal.mail import smtp
from portal.people import Person

NOBODY = frozenset({"nobody"})  # the audience of a view that declares none
ONE_REFUSAL = timedelta(minutes=1)  # the same again within this is no row of its own


def init_app(app: Flask) -> None:
    """Put the guard before every request of `app`, and the visitor and the program into every page."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None
    manager.anonymous_user = sign_ins.Stranger
    manager.user_loader(lambda token: sign_ins.visitor(token, clock.now()))
    app.before_request(guard)
    app.context_processor(page_context)
    app.jinja_env.globals["form_owner"] = form_owner
    app.jinja_env.globals["email_is_set"] = smtp.is_set
    app.register_error_handler(CSRFError, refuse_stale_form)
    app.after_request(record_refusal)


def guard() -> ResponseReturnValue | None:
    """Let a request through to its view, or answer in its place."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    declared = vars(view)
    audience = declared.get("audience", NOBODY)
    if audience == ANYONE:
        return None
    if not current_user.is_authenticated:
        return sign_in_first()
    if current_user.role not in audience:
        abort(404)
    now, g.used = clock.now(), True
    if sign_ins.use(current_user, now):
        db.session.commit()
    if declared["rules"].fresh and not current_user.is_fresh(now):
        return prove_again(now)
    return None


def visitor() -> Visitor:
    """The person who is signed in, for whatever asks more than a few times: current_user looks them up at each use."""
    person: Visitor = current_user._get_current_object()
    return person


def sign_in_first() -> ResponseReturnValue:
    """Send a visitor without a living sign-in to sign in, and keep what they had typed for when they are back."""
    target, sent = request.full_path.rstrip("?"), None
    if request.method != "GET":
        target, sent = page_sent(), "lost"
        token = session.get("_user_id")
        person = sign_ins.last_visitor(token, clock.now()) if token else None
        if person and keep_for(person):
            sent = "kept"
    return web.go(url_for("door.sign_in_new", next=None if target == "/" else target, sent=sent))


def prove_again(now: datetime) -> ResponseReturnValue:
    """Ask whoever is signed in to prove that it is they; what they sent is kept, and carried out after that.

    What was typed is kept for the form it stood in, too, for whoever does not go on.
    """
    target, again = request.full_path.rstrip("?"), None
    if request.method != "GET":
        keep_for(current_user)
        target, again = page_sent(), 1
        if HELD in request.form or interrupted_forms.keep(visitor(), now):
            db.session.commit()
            target, again = url_for("devices.unfinished"), None
    return web.go(url_for("devices.confirm_new", next=target, again=again))


def go_on_with_interrupted_form() -> ResponseReturnValue | None:
    """Put what was sent before the proof in the place of the button that was pressed after it, once.

    Its token was looked at by now. It is taken away for good before the view begins.
    """
    key = request.form.get(HELD)
    if not key or not current_user.is_authenticated or not access.rules_here().fresh:
        return None
    held = interrupted_forms.take(visitor(), key, clock.now())
    db.session.commit()
    if held is None or held.action != request.full_path.rstrip("?"):
        return web.go(url_for("devices.unfinished"))
    request.form = interrupted_forms.form_of(held, request.form["csrf_token"])
    return None


def keep_for(person: Person) -> bool:
    """Keep what was typed into the form that this request sent, if it was made for `person`; whether it was kept.

    No token was checked yet, or it was too old: another person may have typed it, at the same browser.
    """
    address = address_sent()
    if not (address and drafts.is_of(person, request.form) and drafts.keep(person, address, request.form)):
        return False
    db.session.commit()
    return True


def keep_what_is_typed(app: Flask) -> None:
    """Drop what is sent in the transaction of the view that takes it, and keep it where its form comes back."""

    for endpoint, view in list(app.view_functions.items()):
        if getattr(view, "form", None) or getattr(view, "clears", None):
            app.view_functions[endpoint] = taking(view)
    app.after_request(keep_what_is_refused)
    app.before_request(go_on_with_interrupted_form)  # after the token was looked at


def taking(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, which takes what is sent out of the draft of its form before it begins, or clears a draft."""

    @wraps(view)
    def take(**values: Any) -> Any:
        if cleared := address_cleared():
            drafts.drop(current_user, cleared)
        else:
            drafts.drop_sent(current_user, address_sent(), request.form)
        return view(**values)

    return take


def keep_what_is_refused(response: Response) -> Response:
    """Keep what was typed where the view has refused it, or its form stands on the page again."""
    shown = g.get("forms_shown", ())  # empty where what was sent is too large to be read
    came_back = form_sent() and (response.status_code in (409, 422) or (shown and address_sent() in shown))
    if came_back and current_user.is_authenticated:
        db.session.rollback()  # nothing that the view began is kept with what was typed
        drafts.keep(current_user, address_sent(), request.form)
        db.session.commit()
    return response


def page_context() -> dict[str, Any]:
    """The values of every page: `me`, whoever is signed in, found already where the guard asked; and the program."""
    return {"me": g.get("_login_user", current_user), "program": program.if_known()}


def form_owner() -> str:
    """The mark of the person for whom the forms of this page are made: "" for nobody. Asks the database nothing."""
    person = g.get("_login_user")
    return drafts.mark(person) if person and person.id else ""


def refuse_stale_form(error: CSRFError) -> ResponseReturnValue:
    """Answer a form of this site whose token is too old: leaving works, and what was typed comes back on the form.

    The browser says that the form came from this site, and the form that it was made for who is signed in now;
    anything else is refused. For leaving its older word will do (is_from_here), so that no old phone keeps anybody
    from it.
    """
    if request.endpoint == "door.sign_out" and is_from_here():
        return current_app.ensure_sync(current_app.view_functions["door.sign_out"])()
    if request.headers.get("Sec-Fetch-Site") == "same-origin" and request.endpoint:
        if request.endpoint == "door.sign_in_create":
            return redirect(url_for("door.sign_in_new", again=1), 303)
        unsent = current_user.is_authenticated and request.endpoint != "devices.keep_draft"
        if unsent and drafts.is_of(current_user, request.form):  # or else the person before left it open
            keep_for(current_user)
            return web.go(page_sent())
    return web.refuse(400)


def is_from_here() -> bool:
    """Whether the browser says that a page of this site sent this; one that is too old for that names the origin."""
    said = request.headers.get("Sec-Fetch-Site")
    return said == "same-origin" or (said is None and request.headers.get("Origin") == passkeys.site().origin)


def record_refusal(response: Response) -> Response:
    """Put on record that somebody who is signed in asked for what is not theirs, or is not there."""
    visitor = g.get("_login_user")
    if response.status_code == 404 and request.endpoint and visitor and visitor.id:
        db.session.rollback()
        if _is_new(visitor.id, request.endpoint):
            audit.record(visitor, "access.refuse", subject=request.endpoint[:64])
            db.session.commit()
    return response


def _is_new(person_id: int, endpoint: str) -> bool:
    """Whether this process has put no such refusal on record lately: nobody fills the record by asking again."""
    now, lately = clock.now(), current_app.extensions.setdefault("refusals", {})
    for old in [key for key, at in lately.items() if not now - ONE_REFUSAL < at <= now]:
        del lately[old]
    if (person_id, endpoint) in lately:
        return False
    lately[person_id, endpoint] = now
    return True
