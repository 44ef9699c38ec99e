"""Pages and fragments, one page of a long list, and the headers on every answer. The only file that knows htmx."""

import binascii
import hashlib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    has_app_context,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from portal import chart, clock, phones, words
from portal.audit import AuditBroken
from portal.config import is_loopback
from portal.db import db


class MutableHeaders(Protocol):
    def __setitem__(self, name: str, value: str, /) -> None: ...


VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
    " form-action 'self' {exit_site}; base-uri 'none'; frame-ancestors 'none'"
)

A_PAGE = 25
Item = TypeVar("Item")
LONGEST_NEXT = 2000  # characters of an address to go on to
MOST_FIELDS = 1000  # that a form sends: the largest of ours has a tenth of them
WATCHED = ("operations.alive", "operations.ready")  # what stands in front of the portal asks these, without TLS
SHELL = "offline.show"  # a page that holds nobody's data: a browser may keep it, to show it without a network


class FormParser(FormDataParser):
    """The parser of what forms send. Millions of tiny fields are refused by their number, before one is made.

    A text of a million letters takes Werkzeug seconds, in which a worker does nothing else; here it is decoded at once.
    """

    def parse(self, stream: Any, mimetype: str, *more: Any, **named: Any) -> Any:
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, *more, **named)
        sent = stream.read()
        if sent.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        pairs = (field.partition(b"=") for field in sent.split(b"&") if field)
        return stream, self.cls([(decode_field(name), decode_field(text)) for name, _, text in pairs]), self.cls()


def decode_field(sent: bytes) -> str:
    """The text that a form sent as `sent`, percent signs and all; what is no UTF-8 stays as it came.

    The fast way writes it as quoted-printable, which C code reads, and holds only where each sign was a whole one.
    """
    sent = sent.replace(b"+", b" ")
    quoted = sent.replace(b"=", b"=3D").replace(b"%", b"=")
    text = binascii.a2b_qp(quoted)
    if len(text) != len(quoted) - 2 * quoted.count(b"=") or b"\n" in sent or b"\r" in sent:
        text = unquote_to_bytes(sent)
    return text.decode(errors="werkzeug.url_quote")


class FormRequest(Request):
    """A request whose form has as many fields as a page may have, and no more."""

    form_data_parser_class = FormParser
    max_form_parts = MOST_FIELDS

    def __repr__(self) -> str:
        """Without the address: that of a link holds its token."""
        return f"<{self.method} {self.endpoint}>"


def add_security_headers(app: Flask, headers: MutableHeaders) -> None:
    """Give an answer what every answer carries, pages and static files alike."""
    site = urlsplit(app.extensions["exit_site"]() if has_app_context() else "")
    origin = f"{site.scheme}://{site.netloc}" if site.netloc else ""
    for name, value in HEADERS.items():
        headers[name] = value
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(exit_site=origin)
    if app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"


def wants_fragment() -> bool:
    return (
        request.headers.get("HX-Request-Type") == "partial"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def render(page: str, *, fragment: str | None = None, status: int = 200, wait: int = 0, **context: Any) -> Response:
    """The page, or its fragment when a part of the page asked for it; a page without one takes the whole browser.

    `wait` is after how many seconds whoever was slowed down may try again, 0 for nobody. Every page has `saved`, the
    word in its address for what was just done; None where nothing was.
    """
    if wants_fragment() and not fragment and request.method == "GET":
        return make_response(go(request.full_path.rstrip("?")))
    template = fragment if fragment and wants_fragment() else page
    values = {"saved": request.args.get("saved"), "wait": wait, **context}
    response = make_response(render_template(template, **values), status)
    response.headers["Vary"] = VARY
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def go(target: str) -> ResponseReturnValue:
    """Send the browser to another page: the whole page, also when only a part of it asked."""
    if wants_fragment():
        return "", 204, {"HX-Redirect": target}
    return redirect(target, 303)


def safe_next(target: str | None) -> str | None:
    """`target` if it is a path on this site, else None."""
    if not target or len(target) > LONGEST_NEXT or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    return None if any(ord(c) < 33 or c == "\\" for c in target) else target


def refuse(status: int) -> ResponseReturnValue:
    """The error page for `status`: whose fault it is, what happened to the answers, a way on, and a phone number."""
    if status < 500:
        try:
            current_user.is_authenticated  # noqa: B018  (asks the database, which may be gone)
        except DBAPIError:
            db.session.rollback()
            status = 503
    return render_template("error.html", status=status, **({"me": None} if status >= 500 else {})), status


def refuse_strangers() -> ResponseReturnValue | None:
    """Answer over https only where the portal's address says so, and as a demo to its own machine alone."""
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    must_be_secure = current_app.config["SESSION_COOKIE_SECURE"] and request.endpoint not in WATCHED
    if must_be_secure and not request.is_secure:
        return "This site works only over https.\n", 400, plain
    if current_app.config["DEMO"] and not is_loopback(request.remote_addr):
        return "The demo answers to its own machine only.\n", 400, plain
    return None


def refuse_nul() -> None:
    """Answer 404 where an address holds a NUL: none of ours does, and no database can look it up."""
    if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
        abort(404)


def init_app(app: Flask, exit_site: Callable[[], str]) -> None:
    """Give `app` its pages and headers; `exit_site` is asked for the address that Quick exit goes to, "" for none."""
    app.extensions["exit_site"] = exit_site

    @cache
    def asset(name: str) -> str:
        """The address of a static file, which changes when the file does."""
        content = (Path(app.static_folder or "") / name).read_bytes()
        return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:8]}"

    address = lru_cache(maxsize=4096, typed=True)(app.url_for)  # a path depends on nothing but what names it
    shared = {"clock": clock, "draw": chart, "phones": phones, "words": words}
    app.jinja_env.globals.update(shared, asset=asset, paged=paged, url_for=address)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    app.before_request(refuse_strangers)
    app.before_request(refuse_nul)

    @app.after_request
    def headers(response: Response) -> Response:
        add_security_headers(app, response.headers)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if request.endpoint == SHELL and response.status_code == 200:
            response.headers["Cache-Control"] = "no-cache"
        return response

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()
        answer = current_app.make_response(refuse(error.code))
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(DBAPIError)
    def database_gone(error: DBAPIError) -> ResponseReturnValue:
        app.logger.error("database: %s", type(error.orig).__name__)
        db.session.rollback()
        answer = current_app.make_response(refuse(503))
        answer.headers["Retry-After"] = "30"
        return answer

    @app.errorhandler(AuditBroken)
    def not_on_record(error: AuditBroken) -> ResponseReturnValue:
        app.logger.error("audit: %s", error)
        db.session.rollback()
        return refuse(503)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        # Where it broke, and not what the error says: that may quote what somebody typed.
        where = "".join(traceback.format_tb(error.__traceback__))
        app.logger.error("%s %s: %s\n%s", request.method, request.endpoint, type(error).__name__, where)
        db.session.rollback()
        return refuse(500)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Item]):
    """The `items` of one page of a list, of `total` in all. Pages count from 1; one beyond the last is the last."""

    items: Sequence[Item]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // A_PAGE))

    @property
    def in_words(self) -> str:
        """ "1 to 25 of 200"; "3 of 3" where all are on the page."""
        first = A_PAGE * (self.number - 1) + 1
        last = first + len(self.items) - 1
        return f"{first} to {last} of {self.total}" if self.pages > 1 else f"{self.total} of {self.total}"


def page_of(everything: Sequence[Item], asked: str | None) -> ListPage[Item]:
    """The page of a list that `asked` names by its number; the first for anything that is no number."""
    number = int(asked) if asked and asked.isdecimal() and len(asked) < 6 else 1
    number = max(1, min(number, -(-len(everything) // A_PAGE)))
    return ListPage(everything[A_PAGE * (number - 1) : A_PAGE * number], number, len(everything))


def paged(everything: Sequence[Item], name: str = "page") -> ListPage[Item]:
    """The page of a list that the address asks for under `name`; for templates, where a page has more than one list."""
    return page_of(everything, request.args.get(name))
