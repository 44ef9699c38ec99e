"""A browser for the tests: signs in through the real view and looks critically at every HTML answer."""

from flask import Flask, session
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal import program
from portal.db import db
from portal.door import factors, sign_in_steps
from portal.people import Person
from tests import critic
from tests.page import Page
from tests.page import words as words
from tests.passkeys import Passkey

BUDGET = {None: 4, "participant": 4, "therapist": 8, "coordinator": 8}  # SELECTs in one answer
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Browser:
    """One person's browser. It keeps cookies, follows nothing by itself, and refuses faulty HTML."""

    def __init__(self, app: Flask, *, names: set[str] = frozenset(), address: str = "127.0.0.1") -> None:
        self.client = app.test_client()
        self.names, self.address, self.role = names, address, None
        self.page: Page | None = None
        self.answer: TestResponse | None = None
        self.token: str | None = None
        self.selects: list[str] = []
        with app.app_context():
            self.engine = db.engine
        event.listen(self.engine, "before_cursor_execute", self._count)

    def close(self) -> None:
        """Stop counting: SQLAlchemy would otherwise hold on to this browser, and to its app, for good."""
        event.remove(self.engine, "before_cursor_execute", self._count)

    def _count(self, _connection, _cursor, statement: str, *_rest) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            self.selects.append(statement)

    def sign_in(self, email: str, password: str, role: str | None = None) -> None:
        """Sign in through the real view; `role` decides the query budget from here on."""
        self.get("/sign-in")
        self.post("/sign-in", {"email": email, "password": password})
        self.role, self.page, self.token = role, None, None

    def arrive(self, person: Person) -> bool:
        """Be signed in as the view leaves a browser behind, without its pages, which have tests of their own.

        False, and nothing, where the view would ask for more than the first proof.
        """
        where = {"environ_base": {"REMOTE_ADDR": self.address}, "method": "POST"}
        with self.client.application.test_request_context("/sign-in", **where):
            shown = "password" if person.role == "participant" else "passkey"
            if shown == "password" and factors.stage_after(person, program.current()) != "full":
                return False
            answer = sign_in_steps.enter(person, shown)
            db.session.commit()
            self.client.application.session_interface.save_session(self.client.application, session, answer)
            db.session.remove()
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.client.set_cookie(name, value)
        self.role, self.page, self.token = person.role, None, None
        return True

    def sign_in_with(self, passkey: Passkey, role: str) -> None:
        """Sign in through the real view by passkey alone, as staff do."""
        options = self.get("/sign-in").one("button", data_passkey="get").get("data-options")
        self.post("/sign-in/passkey", {"answer": passkey.used(options)})
        self.role, self.page, self.token = role, None, None

    def get(
        self, path: str, status: int = 200, *, fragment: bool = False, headers: dict[str, str] | None = None
    ) -> Page:
        """Open `path`; the answer must have `status`. `fragment` asks for a part of it, as htmx does."""
        return self._open("GET", path, status, None, fragment, headers)

    def post(
        self,
        path: str,
        data: dict | None = None,
        status: int = 303,
        *,
        fragment: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Page:
        """Send a form to `path` with the CSRF token of the last page (a list is a field that repeats)."""
        if self.token is None:
            self.get("/help-now")  # every page of a signed-in person carries a form
        return self._open("POST", path, status, {"csrf_token": self.token, **(data or {})}, fragment, headers)

    def submit(self, action: str, data: dict | None = None, status: int = 303, **asked) -> Page | None:
        """Send the last page's form that posts to `action` as it stands, but for what `data` changes."""
        address = self.page.form(action).get("action") or action
        return self.post(address, self.page.fields(action) | (data or {}), status, **asked)

    @property
    def location(self) -> str:
        """Where the last answer sends the browser: a path of this site, or the whole address of another."""
        target = self.answer.headers.get("Location") or self.answer.headers.get("HX-Redirect") or ""
        return target.removeprefix("http://localhost")

    def _open(self, method, path, status, data, fragment, headers) -> Page:
        self.selects.clear()
        self.answer = answer = self.client.open(
            path,
            method=method,
            data=data,
            headers={**(PARTIAL if fragment else {}), **(headers or {})},
            environ_base={"REMOTE_ADDR": self.address},
        )
        selects = list(self.selects)
        where = f"{method} {path}"
        assert answer.status_code == status, f"{where}: {answer.status}\n{answer.text[:2000]}"
        if answer.mimetype != "text/html" or not answer.text or 300 <= status < 400:
            return None
        self.page = Page(answer.text)
        self.token = self.page.token or self.token
        faults = critic.faults_of(self.page, self.names)
        if len(selects) > BUDGET[self.role]:
            faults.append(f"{len(selects)} SELECTs, at most {BUDGET[self.role]}:\n" + "\n".join(selects))
        if fragment and self.page.whole and "HX-History-Restore-Request" not in (headers or {}):
            faults.append("a whole page where a part of one was asked for")
        if answer.headers.get("Cache-Control") != ("no-cache" if path == "/offline" else "no-store"):
            faults.append("may be kept in a cache")
        assert not faults, f"{where}:\n" + "\n".join(faults)
        return self.page
