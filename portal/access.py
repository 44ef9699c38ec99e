"""Who each view is for. A view that does not say so stops the start; a visitor it is not for gets sign-in or 404."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError

from portal import clock, web
from portal.db import db
from portal.people import drafts, sign_in

View = TypeVar("View", bound=Callable[..., Any])

ANYONE: frozenset[str] = frozenset()


def audience(*roles: str) -> Callable[[View], View]:
    """Declare that a view is for these roles; for nobody in particular means for anyone."""

    def declare(view: View) -> View:
        view.audience = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


anyone = audience()
participants = audience("participant")
therapists = audience("therapist")
coordinators = audience("coordinator")
staff = audience("therapist", "coordinator")
members = audience("participant", "therapist", "coordinator")


def form_on(endpoint: str) -> Callable[[View], View]:
    """Say on which page the form of a writing view stands, where that is not its own address.

    What was typed into a form whose session has run out is given back there after sign-in.
    """

    def declare(view: View) -> View:
        view.form_endpoint = endpoint  # type: ignore[attr-defined]
        return view

    return declare


def check_audiences(app: Flask) -> None:
    """Raise RuntimeError, naming the endpoints, unless every rule of `app` leads to a view with an audience."""
    bare = sorted(
        {r.endpoint for r in app.url_map.iter_rules() if not hasattr(app.view_functions[r.endpoint], "audience")}
    )
    if bare:
        raise RuntimeError(
            f"These views do not say who they are for: {', '.join(bare)}. Declare an audience from portal.access."
        )


def safe_next(target: str | None) -> str | None:
    """`target` if it is a path on this site, else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(c) < 33 or c == "\\" for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def form_address() -> str:
    """The address of the page that holds the form which this request sent."""
    view = current_app.view_functions.get(request.endpoint or "")
    endpoint = getattr(view, "form_endpoint", None)
    return url_for(endpoint, **(request.view_args or {})) if endpoint else request.path


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None
    manager.anonymous_user = sign_in.Stranger

    @manager.user_loader
    def load(token: str) -> sign_in.Visitor | None:
        visitor = sign_in.visitor(token, clock.now())
        if visitor:
            g.program = visitor.program
        return visitor

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None or request.endpoint == "static":
            return None
        roles: frozenset[str] = getattr(view, "audience", frozenset({"nobody"}))
        if roles == ANYONE:
            return None
        if not current_user.is_authenticated:
            return sign_in_first()
        if current_user.role not in roles:
            abort(404)
        if sign_in.use(current_user, clock.now()):
            db.session.commit()
        return None

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> ResponseReturnValue:
        """A form of this site whose token is too old: leaving works, and what was typed comes back on the form.

        The browser says that the form came from this site; anything else is refused."""
        if request.headers.get("Sec-Fetch-Site") == "same-origin" and request.endpoint:
            if request.endpoint == "people.sign_in_create":
                return redirect(url_for("people.sign_in_new", again=1), 303)
            if request.endpoint == "people.sign_out":
                return current_app.ensure_sync(current_app.view_functions["people.sign_out"])()
            if current_user.is_authenticated:
                drafts.keep(current_user, form_address(), request.form)
                db.session.commit()
                return web.go(form_address())
        return web.refuse(400)


def sign_in_first() -> ResponseReturnValue:
    """Send a visitor without a living session to sign in, and keep what they had typed for when they are back."""
    target, sent = request.full_path.rstrip("?"), None
    if request.method != "GET":
        target, sent = form_address(), "lost"
        token = session.get("_user_id")
        person = sign_in.last_visitor(token) if token else None
        if person and request.form:
            drafts.keep(person, target, request.form)
            db.session.commit()
            sent = "kept"
    return web.go(url_for("people.sign_in_new", next=None if target == "/" else target, sent=sent))
