"""From the first proof to the open door: what a browser holds while somebody signs in, and the session it gets."""

from datetime import datetime

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from portal import audit, clock, rates
from portal.door import browsers, known, sign_in
from portal.people import Person

ARRIVING, NEXT = "arriving", "next"


def begin(person: Person, stage: str, how: str, target: str | None, *, shared: bool = False) -> ResponseReturnValue:
    """Remember in the database that `person` has shown one factor, and ask for what is next. The caller commits.

    Whatever this browser held before is worth nothing now.
    """
    now = clock.now()
    rates.take_back()
    _leave_behind(now)
    device = browsers.name(request.user_agent.string)
    token = sign_in.start(person, now, stage=stage, how=how, shared=shared, device=device)
    session.clear()
    session[ARRIVING] = token
    if target:
        session[NEXT] = target
    return redirect(url_for("factors.code_new" if stage == "second" else "factors.enrol"), 303)


def arriving() -> sign_in.Arriving | None:
    """Who is half-way in with this browser; None for nobody, or when it took too long."""
    token = session.get(ARRIVING)
    found = sign_in.arriving(token, clock.now()) if token else None
    if found:
        g.program = found.program
    return found


def _leave_behind(now: datetime) -> None:
    """End the session and the half-done sign-in that this browser holds."""
    sign_in.end_quietly(session.get(ARRIVING), now)
    sign_in.end_quietly(session.get("_user_id"), now)


def enter(person: Person, how: str, target: str | None = None, *, shared: bool = False) -> ResponseReturnValue:
    """Open a full session under a new token; whatever this browser held before is worth nothing now.

    The caller commits before it hands the answer on: nothing is found under the token until then.
    """
    now = clock.now()
    rates.take_back()
    _leave_behind(now)
    device = browsers.name(request.user_agent.string)
    token = sign_in.start(person, now, how=how, shared=shared, device=device)
    audit.record(person, "session.start")
    target = target or session.get(NEXT)
    session.clear()
    login_user(sign_in.visitor(token, now))
    answer = redirect(target or url_for("door.home"), 303)
    if not shared:
        known.remember(person, answer, now)
    return answer


def confirm(visitor: sign_in.Visitor, how: str) -> None:
    """Note that `visitor` has just proved again that it is they: the session goes on under a new token."""
    token = sign_in.renew(visitor, how, clock.now())
    session["_user_id"] = token
