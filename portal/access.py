"""The declarations of a view: its audience, whose data it reaches, its form. A view without them stops the start."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from wtforms import Form

from portal import web

View = TypeVar("View", bound=Callable[..., Any])

ANYONE: frozenset[str] = frozenset()


def _declare(**facts: Any) -> Callable[[View], View]:
    """A decorator that notes `facts` on a view, where the guard and the start-up check read them."""

    def declare(view: View) -> View:
        vars(view).update(facts)
        return view

    return declare


def audience(*roles: str) -> Callable[[View], View]:
    """Declare that a view is for these roles; for nobody in particular means for anyone."""

    return _declare(audience=frozenset(roles))


anyone = audience()
participants = audience("participant")
therapists = audience("therapist")
coordinators = audience("coordinator")
staff = audience("therapist", "coordinator")
members = audience("participant", "therapist", "coordinator")


LONGEST_KEY = 100  # characters of what an address may name: a key, a day
OBJECTS = {  # whose data an address may reach, and how that is decided
    "nothing": "nobody's data",
    "self": "what belongs to whoever asks; for a coordinator, the program's timetable",
    "care": "a participant that the therapist treats now, or has opened by breaking the glass",
    "leads": "a session that the therapist leads; for a coordinator, any",
    "brief": "those who come to a session that the therapist leads, a line each, from an hour before to its day's end",
    "program": "the program's accounts, timetable and settings; of what people write, their contact details alone",
    "link": "the account that a one-use link, a code or a half-done sign-in is for",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one view beside its audience: whose data, what goes on record, how often, how lately proved.

    `audits` names what a successful answer may put on record; empty where nobody else's data is shown and nothing
    is written. `limit` is how often one account may ask, or one address at the door ("30 per 5 minutes"). `fresh`
    views want a proof of who is asking that is at most five minutes old; one that writes says in words what it does,
    for the button that carries it out after the proof.
    """

    of: str
    audits: tuple[str, ...] = ()
    limit: str | None = None
    fresh: bool | str = False


def rules(of: str, *audits: str, limit: str | None = None, fresh: bool | str = False) -> Callable[[View], View]:
    """Declare the Rules of a view; `of` is a key of OBJECTS."""
    if of not in OBJECTS:
        raise ValueError(f"{of!r} is not one of {', '.join(OBJECTS)}")

    return _declare(rules=Rules(of, audits, limit, fresh))


def form_on(endpoint: str, *, starts: str | None = None, clears: str | None = None) -> Callable[[View], View]:
    """Say on which page the button of a writing view stands, where that is not its own address.

    What one sends that `starts` the form of another view is kept as typed into that form; one that `clears` it drops
    what was typed.
    """
    return _declare(form_endpoint=endpoint, starts=starts, clears=clears)


def accepts(form: type[Form], *, on: str | None = None) -> Callable[[View], View]:
    """Declare the form that a writing view takes, and the page `on` which it stands, where not at the same address.

    What is typed into it is kept under the address of the view, and given back on that page.
    """
    return _declare(form=form, form_endpoint=on)


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
class PolicyRow:
    """One line of the policy: an address and method, and everything that decides over it."""

    endpoint: str
    method: str
    address: str
    audience: frozenset[str]
    rules: Rules
    cache: str


def policy(app: Flask) -> Iterator[PolicyRow]:
    """The whole policy, by address: what the guard goes by, read from the declarations on the views."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        declared = vars(app.view_functions[rule.endpoint])
        cache = {"static": "immutable", web.SHELL: "no-cache"}.get(rule.endpoint, "no-store")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield PolicyRow(rule.endpoint, method, rule.rule, declared["audience"], declared["rules"], cache)


def _view(endpoint: str | None) -> Any:
    return current_app.view_functions.get(endpoint or "")


def rules_here() -> Rules:
    """The rules of the view that this request is for."""
    return _view(request.endpoint).rules


def rules_of(endpoint: str) -> Rules:
    """The rules of the view called `endpoint`."""
    return _view(endpoint).rules


def form_at(endpoint: str) -> type[Form] | None:
    """The form that the view called `endpoint` takes; None for a button, and for a form that keeps no draft."""
    return getattr(_view(endpoint), "form", None)


def form_sent() -> type[Form] | None:
    """The form that this request sends, as its view declares it; None for any other request."""
    return getattr(_view(request.endpoint), "form", None) if request.method == "POST" else None


def address_sent() -> str:
    """The address under which what this request sends is kept."""
    view = _view(request.endpoint)
    if started := getattr(view, "starts", None):
        return url_for(started)
    return of_change(request.path, request.form.get("change")) if hasattr(view, "form") else ""


def address_cleared() -> str | None:
    """The address whose draft the button that was pressed drops; None for any other request."""
    cleared = getattr(_view(request.endpoint), "clears", None)
    return of_change(url_for(cleared, **(request.view_args or {})), request.form.get("change")) if cleared else None


def of_change(address: str, change: str | None) -> str:
    """The address of a page or form, with the key of what it would `change`, where it says one."""
    return f"{address}?change={quote(change)}" if change and len(change) <= LONGEST_KEY else address


def page_sent() -> str:
    """The address of the page that holds the form, or the button, which this request sent."""
    return _page(request.endpoint, request.view_args or {}, request.path, request.form.get("change"))


def _page(endpoint: str | None, values: Mapping[str, Any], path: str, change: str | None) -> str:
    page = getattr(_view(endpoint), "form_endpoint", None)
    return of_change(url_for(page, **values) if page else path, change)


def place_of(action: str | None, change: str | None) -> tuple[str, str] | None:
    """The page of the form with this `action`, and its own address; None where no view of this site takes such a form.

    They are the same for what is typed on a page and for what is sent when the session is over.
    """
    path = (action or "").partition("?")[0]
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="POST")
    except (HTTPException, RequestRedirect):
        return None
    found = _page(endpoint, values, path, change), of_change(path, change)
    return found if hasattr(_view(endpoint), "form") else None


def action_here(form: Form) -> str | None:
    """The path that `form` is sent to from the page of this request; None where it does not stand there."""
    if (sent := form_sent()) and isinstance(form, sent):
        return request.path
    given = {**request.args, **(request.view_args or {})}
    for rule in _forms_by_page().get(_page_rule(request.url_rule), ()):
        if isinstance(form, _view(rule.endpoint).form) and rule.arguments <= given.keys():
            return url_for(rule.endpoint, **{name: given[name] for name in rule.arguments})
    return None


def _forms_by_page() -> Mapping[str, list[Rule]]:
    """The rules of the views that take forms, by the rule of the page that these stand on."""
    if "forms" not in current_app.extensions:
        by_page: dict[str, list[Rule]] = {}
        for rule in current_app.url_map.iter_rules():
            if hasattr(_view(rule.endpoint), "form"):
                by_page.setdefault(_page_rule(rule), []).append(rule)
        current_app.extensions["forms"] = by_page
    return current_app.extensions["forms"]


def _page_rule(rule: Rule | None) -> str:
    page = rule and getattr(_view(rule.endpoint), "form_endpoint", None)
    if page:
        rule = next(current_app.url_map.iter_rules(page))
    return rule.rule if rule else ""
