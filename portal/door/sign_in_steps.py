"""The steps of signing in, from the first proof to an open door, as a browser takes them: what its cookie holds."""

from collections.abc import Sequence

from flask import redirect, request, session, url_for
from flask_login import login_user
from werkzeug import Response

from portal import audit, clock, rates, web
from portal.door import browsers, grants, known_devices, sign_ins
from portal.people import Person

ARRIVING, NEXT, ENDED = "arriving", "next", "ended"


def pause(person: Person, stage: str, how: str, target: str | None = None, *, shared: bool = False) -> Response:
    """Note that `person` has shown one factor, and ask for what is next. The caller commits."""
    token = _start_anew(person, how, shared, stage)
    _clear_session()
    session[ARRIVING] = token
    if target:
        session[NEXT] = target
    return redirect(url_for("factors.code_new" if stage == "second" else "factors.enroll"), 303)


def arriving() -> sign_ins.Arriving | None:
    """The person who is half-way in with this browser; None for nobody, or when it took too long."""
    token = session.get(ARRIVING)
    return sign_ins.arriving(token, clock.now()) if token else None


def enter(person: Person, how: str, target: str | None = None, *, shared: bool = False) -> Response:
    """Sign `person` in, and go on to `target` or to where they wanted to go.

    The caller commits before it hands the answer on: nothing is found under the new token until then.
    """
    token, now = _start_anew(person, how, shared), clock.now()
    audit.record(person, "session.start")
    target = target or session.get(NEXT)
    _clear_session()
    login_user(sign_ins.visitor(token, now))
    answer = redirect(target or url_for("door.home"), 303)
    if not shared:
        known_devices.remember(person, answer, now)
    return answer


def _clear_session() -> None:
    """Empty the cookie, but for what ended with a new password: the page that says so comes after the next step."""
    ended = session.get(ENDED)
    session.clear()
    if ended:
        session[ENDED] = ended


def note_what_ended(location: str, ended: Sequence[str]) -> None:
    """Remember which grants ended, to be said once on the page at `location`."""
    session[ENDED] = [location, grants.describe_end(ended)]


def go_and_say_what_ended(location: str, ended: Sequence[str]) -> Response:
    """Go on to the page at `location`, which says once which grants ended."""
    note_what_ended(location, ended)
    return redirect(location, 303)


def what_ended() -> str:
    """The sentence about the grants that ended, on the page that it was made for, once; else ""."""
    location, said = session.get(ENDED, ("", ""))
    if location != request.full_path:
        return ""
    del session[ENDED]
    return said


def show_codes_first(codes: list[str], answer: Response) -> Response:
    """The page of new recovery codes before the page that `answer` leads to; `answer` itself where there are none."""
    if not codes:
        return answer
    page = web.render("door/factors/codes.html", codes=codes, onward=answer.location)
    for cookie in answer.headers.getlist("Set-Cookie"):
        page.headers.add("Set-Cookie", cookie)
    return page


def _start_anew(person: Person, how: str, shared: bool, stage: str = "full") -> str:
    """A sign-in under a new token. Whatever this browser held before is worth nothing now."""
    now = clock.now()
    rates.take_back()
    sign_ins.end_quietly(session.get(ARRIVING), now)
    sign_ins.end_quietly(session.get("_user_id"), now)
    device = browsers.name(request.user_agent.string)
    return sign_ins.start(person, now, stage=stage, how=how, shared=shared, device=device)


def confirm(visitor: sign_ins.Visitor, how: str) -> None:
    """Note that `visitor` has just proved again that it is they: the sign-in goes on under a new token."""
    session["_user_id"] = sign_ins.renew(visitor, how, clock.now())
    audit.record(visitor, "session.confirm")
