"""Who each view is for. A view that does not say so stops the start; a visitor it is not for gets sign-in or 404."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict

from portal import audit, clock, web
from portal.db import db
from portal.people import Person, drafts, sign_in
from portal.people.factors import changes, passkeys

View = TypeVar("View", bound=Callable[..., Any])

ANYONE: frozenset[str] = frozenset()
ONE_REFUSAL = timedelta(minutes=1)  # the same again within this is no row of its own


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


OBJECTS = {  # whose data an address may reach, and how that is decided
    "nothing": "nobody's data",
    "self": "what belongs to whoever asks; for a coordinator, the program's timetable",
    "care": "a participant whom the therapist treats now, or has opened by breaking the glass",
    "leads": "a session that the therapist leads; for a coordinator, any",
    "program": "the program's accounts, timetable and settings, and nothing that participants write",
    "link": "the account that a one-use link, a code or a half-done sign-in is for",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What is true of one view beside its audience: whose data, what goes on record, how often, how lately proved.

    `audits` names what a successful answer may put on record; empty where nobody else's data is shown and nothing
    is written. `limit` is how often one address may ask ("30 per 5 minutes"). `fresh` views want a proof of who is
    asking that is at most five minutes old.
    """

    of: str
    audits: tuple[str, ...] = ()
    limit: str | None = None
    fresh: bool = False


def rules(of: str, *audits: str, limit: str | None = None, fresh: bool = False) -> Callable[[View], View]:
    """Declare the Rules of a view; `of` is a key of OBJECTS."""
    if of not in OBJECTS:
        raise ValueError(f"{of!r} is not one of {', '.join(OBJECTS)}")

    def declare(view: View) -> View:
        view.rules = Rules(of, audits, limit, fresh)  # type: ignore[attr-defined]
        return view

    return declare


def form_on(endpoint: str) -> Callable[[View], View]:
    """Say on which page the form of a writing view stands, where that is not its own address.

    What was typed into a form whose session has run out is given back there after sign-in.
    """

    def declare(view: View) -> View:
        view.form_endpoint = endpoint  # type: ignore[attr-defined]
        return view

    return declare


def check_audiences(app: Flask) -> None:
    """Raise RuntimeError, naming the endpoints, unless every rule of `app` leads to a view with audience and rules."""
    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    bare = sorted(name for name, view in views.items() if not (hasattr(view, "audience") and hasattr(view, "rules")))
    if bare:
        raise RuntimeError(
            f"These views do not say who they are for, or whose data they reach: {', '.join(bare)}."
            " Declare an audience and rules from portal.access."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the policy: an address and method, and everything that decides over it."""

    endpoint: str
    method: str
    address: str
    audience: frozenset[str]
    rules: Rules
    cache: str


def policy(app: Flask) -> Iterator[Row]:
    """The whole policy, by address: what the guard goes by, read from the declarations on the views."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        view = app.view_functions[rule.endpoint]
        cache = {"static": "immutable", web.SHELL: "no-cache"}.get(rule.endpoint, "no-store")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Row(rule.endpoint, method, rule.rule, view.audience, view.rules, cache)  # type: ignore[union-attr]


def safe_next(target: str | None) -> str | None:
    """`target` if it is a path on this site, else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    return None if any(ord(c) < 33 or c == "\\" for c in target) else target


def from_here() -> bool:
    """Whether the browser says that a page of this site sent this; one that is too old for that names the origin."""
    said = request.headers.get("Sec-Fetch-Site")
    return said == "same-origin" or (said is None and request.headers.get("Origin") == passkeys.site().origin)


def form_address() -> str:
    """The address of the page that holds the form which this request sent."""
    view = current_app.view_functions.get(request.endpoint or "")
    endpoint = getattr(view, "form_endpoint", None)
    return url_for(endpoint, **(request.view_args or {})) if endpoint else request.path


def _is_new(person_id: int, endpoint: str) -> bool:
    """Whether this process has put no such refusal on record lately: nobody fills the record by asking again."""
    now, lately = clock.now(), current_app.extensions.setdefault("refusals", {})
    for old in [key for key, at in lately.items() if not now - ONE_REFUSAL < at <= now]:
        del lately[old]
    if (person_id, endpoint) in lately:
        return False
    lately[person_id, endpoint] = now
    return True


def init_app(app: Flask) -> None:
    app.jinja_env.globals["form_owner"] = form_owner
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
        now, g.used = clock.now(), True
        if sign_in.use(current_user, now):
            db.session.commit()
        if view.rules.fresh and not current_user.is_fresh(now):  # type: ignore[union-attr]
            return prove_again()
        return None

    @app.after_request
    def keep_refusals(response: Response) -> Response:
        """Put on record that somebody who is signed in asked for what is not theirs, or is not there."""
        if response.status_code == 404 and request.endpoint and g.get("_login_user") and g._login_user.id:
            db.session.rollback()
            if _is_new(g._login_user.id, request.endpoint):
                audit.record(g._login_user, "access.refuse", subject=request.endpoint[:64])
                db.session.commit()
        return response

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> ResponseReturnValue:
        """A form of this site whose token is too old: leaving works, and what was typed comes back on the form.

        The browser says that the form came from this site, and the form that it was made for who is signed in now;
        anything else is refused. For leaving
        its older word will do (from_here), so that no old phone keeps anybody from it.
        """
        if request.endpoint == "people.sign_out" and from_here():
            return current_app.ensure_sync(current_app.view_functions["people.sign_out"])()
        if request.headers.get("Sec-Fetch-Site") == "same-origin" and request.endpoint:
            if request.endpoint == "people.sign_in_create":
                return redirect(url_for("people.sign_in_new", again=1), 303)
            unsent = current_user.is_authenticated and request.endpoint != "devices.keep_draft"
            if unsent and drafts.is_of(current_user, request.form):  # or else the person before left it open
                keep_for(current_user)
                return web.go(form_address())
        return web.refuse(400)


def kept_here() -> tuple[MultiDict | None, datetime | None]:
    """What was typed into the form of this page and stopped by the guard, and when; for what knows no people."""
    return drafts.kept(current_user, request.path)


def drop_kept(address: str | None = None) -> None:
    """It was sent: what was typed into the form of this page, or of the one at `address`."""
    drafts.drop(current_user, address or request.path)


def end_without_second_factor() -> None:
    """Participants must have a second factor from now on: sessions begun without end; for what knows no people."""
    changes.asked_of_participants(clock.now())


def keep_for(person: Person) -> bool:
    """Keep what was typed into the form that this request sent, if it was made for `person`; whether it was kept.

    No token was checked yet, or it was too old: another person may have typed it, at the same browser.
    """
    if not (drafts.is_of(person, request.form) and drafts.keep(person, form_address(), request.form)):
        return False
    db.session.commit()
    return True


def form_owner() -> str:
    """For whom the forms of this page are made: "" for nobody. Asks the database nothing."""
    person = g.get("_login_user")
    return drafts.mark(person) if person and person.id else ""


def prove_again() -> ResponseReturnValue:
    """Ask whoever is signed in to prove that it is they; what was typed is kept for the form it stood in."""
    target, again = request.full_path.rstrip("?"), None
    if request.method != "GET":
        target, again = form_address(), 1
        keep_for(current_user)
    return web.go(url_for("devices.confirm_new", next=target, again=again))


def sign_in_first() -> ResponseReturnValue:
    """Send a visitor without a living session to sign in, and keep what they had typed for when they are back."""
    target, sent = request.full_path.rstrip("?"), None
    if request.method != "GET":
        target, sent = form_address(), "lost"
        token = session.get("_user_id")
        person = sign_in.last_visitor(token, clock.now()) if token else None
        if person and keep_for(person):
            sent = "kept"
    return web.go(url_for("people.sign_in_new", next=None if target == "/" else target, sent=sent))
