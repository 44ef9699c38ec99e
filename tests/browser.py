"""A browser for the tests: signs in through the real view and looks critically at every HTML answer."""

import re
from collections import Counter
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.db import db

BUDGET = {None: 4, "participant": 4, "therapist": 8, "coordinator": 8}  # SELECTs in one answer
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
LOADERS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


class Page:
    """One HTML answer as a tree. Elements are html5lib's, without a namespace for HTML."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.whole = html.lstrip().lower().startswith("<!doctype")
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.tree: Element = parser.parse(html) if self.whole else parser.parseFragment(html)
        self.parents = {child: parent for parent in self.tree.iter() for child in parent}

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every `tag` with these attributes, in document order; `class_="x"` asks for one class."""
        return [e for e in self.tree.iter(tag) if all(_has(e, *pair) for pair in attributes.items())]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only `tag` with these attributes; AssertionError when there are none or several."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} <{tag}> with {attributes} where one was expected"
        return found[0]

    @property
    def title(self) -> str:
        return words(self.one("title"))

    @property
    def heading(self) -> str:
        return words(self.one("h1"))

    @property
    def text(self) -> str:
        """All the words of the page's body, with single spaces."""
        body = self.tree.find("body") if self.whole else self.tree
        return words(body if body is not None else self.tree)

    def form(self, action: str) -> Element:
        """The form that posts to `action`, with or without what follows its question mark."""
        found = [f for f in self.all("form") if (f.get("action") or "").split("?")[0] == action]
        assert found, f"no form posts to {action}"
        return found[0]

    def fields(self, action: str) -> dict[str, list[str]]:
        """What the form that posts to `action` would send as it stands: {name: values}."""
        sent: dict[str, list[str]] = {}
        for control in self.form(action).iter():
            name = control.get("name")
            if not name or control.tag == "button":
                continue
            for value in _values(control):
                sent.setdefault(name, []).append(value)
        return sent


def words(element: Element) -> str:
    """The text of an element with single spaces."""
    return re.sub(r"\s+", " ", " ".join(element.itertext())).strip()


def _has(element: Element, name: str, value: str) -> bool:
    held = element.get(name.rstrip("_").replace("_", "-"))
    return held is not None and (value in held.split() if name == "class_" else held == value)


def _values(control: Element) -> list[str]:
    kind = control.get("type", "text")
    if control.tag == "textarea":
        return ["".join(control.itertext())]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        return [o.get("value", words(o)) for o in chosen]
    if control.tag != "input" or kind == "submit":
        return []
    if kind in ("radio", "checkbox"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]


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
            engine = db.engine
        event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, _connection, _cursor, statement: str, *_rest) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            self.selects.append(statement)

    def sign_in(self, email: str, password: str, role: str | None = None) -> None:
        """Sign in through the real view; `role` decides the query budget from here on."""
        self.get("/sign-in")
        self.post("/sign-in", {"email": email, "password": password})
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
        self.token = next((e.get("value") for e in self.page.all("input", name="csrf_token")), self.token)
        faults = self.page_faults(self.page)
        if len(selects) > BUDGET[self.role]:
            faults.append(f"{len(selects)} SELECTs, at most {BUDGET[self.role]}:\n" + "\n".join(selects))
        if fragment and self.page.whole and "HX-History-Restore-Request" not in (headers or {}):
            faults.append("a whole page where a part of one was asked for")
        if answer.headers.get("Cache-Control") != "no-store":
            faults.append("may be kept in a cache")
        assert not faults, f"{where}:\n" + "\n".join(faults)
        return self.page

    def page_faults(self, page: Page) -> list[str]:
        """Everything that is wrong with this HTML, in words."""
        checks = [_whole_page, _controls, _forms, _buttons, _ids, _inline, _foreign, _enhanced]
        faults = [fault for check in checks for fault in check(page)]
        if page.whole and (named := self.names & set(re.findall(r"\w+", page.title))):
            faults.append(f"the title names {', '.join(sorted(named))}")
        return faults


def _whole_page(page: Page) -> list[str]:
    if not page.whole:
        return []
    faults = [] if len(page.all("h1")) == 1 else [f"{len(page.all('h1'))} <h1>"]
    headings = [e.tag for e in page.tree.iter() if e.tag in ("h1", "h2", "h3", "h4")]
    if headings and headings[0] != "h1":
        faults.append(f"an <{headings[0]}> stands before the <h1>")
    if not (page.all("title") and words(page.all("title")[0])):
        faults.append("no title")
    if not page.tree.get("lang"):
        faults.append("<html> has no lang")
    return faults


def _name_of(element: Element, page: Page) -> str:
    """The accessible name that the markup gives an element."""
    by_id = {e.get("id"): e for e in page.tree.iter() if isinstance(e.tag, str)}
    if reference := element.get("aria-labelledby"):
        return " ".join(words(by_id[name]) for name in reference.split() if name in by_id)
    if label := element.get("aria-label"):
        return label
    labels = [e for e in page.all("label") if e.get("for") and e.get("for") == element.get("id")]
    ancestor = page.parents.get(element)
    while ancestor is not None:
        if ancestor.tag == "label":
            labels.append(ancestor)
        ancestor = page.parents.get(ancestor)
    return " ".join(words(label) for label in labels)


def _controls(page: Page) -> list[str]:
    controls = [e for e in page.tree.iter() if e.tag in ("input", "select", "textarea")]
    return [
        f"<{e.tag} name={e.get('name')}> has no label"
        for e in controls
        if not (e.tag == "input" and e.get("type") in UNLABELLED) and not _name_of(e, page).strip()
    ]


def _forms(page: Page) -> list[str]:
    faults = []
    for form in page.all("form"):
        token = [e for e in form.iter("input") if e.get("name") == "csrf_token" and e.get("value")]
        action = form.get("action") or ""
        if form.get("method", "get").lower() == "post" and not urlsplit(action).netloc:
            faults += [] if len(token) == 1 else [f"the form to {action} has {len(token)} CSRF tokens"]
        elif token:
            faults.append(f"the form to {action} lets its CSRF token out into an address")
    return faults


def _buttons(page: Page) -> list[str]:
    faults = []
    for button in page.all("button"):
        name = button.get("aria-label") or words(button)
        if button.get("type") not in ("submit", "button", "reset"):
            faults.append(f"the button {name!r} does not say its type")
        if not name:
            faults.append("a button without words")
    return faults + ["a link without words" for a in page.all("a") if not (a.get("aria-label") or words(a))]


def _ids(page: Page) -> list[str]:
    ids = [e.get("id") for e in page.tree.iter() if e.get("id") is not None]
    faults = [f"id {name!r} stands {times} times" for name, times in Counter(ids).items() if times > 1]
    if page.whole:
        for element in page.tree.iter():
            wanted = {name for attribute in POINTERS for name in (element.get(attribute) or "").split()}
            if element.tag == "a" and (element.get("href") or "").startswith("#"):
                wanted.add(element.get("href")[1:])
            missing = sorted(wanted - set(ids))
            faults += [f"<{element.tag}> points at #{name}, which is not there" for name in missing]
    return faults


def _inline(page: Page) -> list[str]:
    faults = [f"<{tag}> inside the page" for tag in ("style",) for _ in page.all(tag)]
    faults += ["a script inside the page" for e in page.all("script") if not e.get("src") or words(e)]
    for element in page.tree.iter():
        for attribute, value in element.attrib.items():
            if attribute == "style" or str(attribute).startswith("on"):
                faults.append(f"<{element.tag} {attribute}=...>")
            if str(value).strip().lower().startswith(("javascript:", "data:text", "vbscript:")):
                faults.append(f"<{element.tag} {attribute}={value[:30]!r}>")
    return faults


def _foreign(page: Page) -> list[str]:
    return [
        f"<{e.tag}> loads {e.get(LOADERS[e.tag])} from another host"
        for e in page.tree.iter()
        if e.tag in LOADERS and urlsplit(e.get(LOADERS[e.tag]) or "").netloc
    ]


def _enhanced(page: Page) -> list[str]:
    faults, enhanced = [], False
    for element in page.tree.iter():
        attributes = {str(name): value for name, value in element.attrib.items()}
        faults += enhancement_faults(str(element.tag), attributes)
        enhanced = enhanced or any(name.startswith("data-hx-") for name in attributes)
    if enhanced and page.whole and not any("htmx" in (e.get("src") or "") for e in page.all("script")):
        faults.append("data-hx-* on a page that does not load htmx")
    return faults


def enhancement_faults(tag: str, attributes: dict[str, str]) -> list[str]:
    """Whatever htmx does with an element, the element does without it, at the same address."""
    wishes = {name[8:]: value for name, value in attributes.items() if name.startswith("data-hx-")}
    faults = [f"<{tag} {name}> should begin with data-" for name in attributes if name.startswith("hx-")]
    if not wishes:
        return faults
    method = "get" if tag == "a" else attributes.get("method", "get").lower()
    plain = attributes.get("href" if tag == "a" else "action")
    asked = {verb: wishes[verb] for verb in ("get", "post", "put", "patch", "delete") if verb in wishes}
    if tag not in ("a", "form") or asked != {method: plain}:
        faults.append(f"<{tag}> asks htmx for {asked}, but is {method} {plain} by itself")
    if not {"target", "swap"} <= set(wishes):
        faults.append(f"<{tag} data-hx-...> does not say its target and swap itself")
    for name, value in wishes.items():
        filtered = name == "trigger" and "[" in value
        if filtered or re.search(r"[:.]", name) or name in ("on", "boost") or value.startswith("js:"):
            faults.append(f"<{tag} data-hx-{name}={value!r}> inherits, boosts or runs script")
    return faults
