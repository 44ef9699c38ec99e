"""The declarations of a view: its audience, whose data it reaches, its form. A view without them stops the start."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, request, url_for

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

    return _declare(rules=Rules(of, audits, limit, fresh))


def form_on(endpoint: str) -> Callable[[View], View]:
    """Say on which page the form of a writing view stands, where that is not its own address.

    What was typed into a form whose session has run out is given back there after sign-in.
    """
    return _declare(form_endpoint=endpoint)


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
        declared = vars(app.view_functions[rule.endpoint])
        cache = {"static": "immutable", web.SHELL: "no-cache"}.get(rule.endpoint, "no-store")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Row(rule.endpoint, method, rule.rule, declared["audience"], declared["rules"], cache)


def form_address() -> str:
    """The address of the page that holds the form which this request sent."""
    view = current_app.view_functions.get(request.endpoint or "")
    endpoint = getattr(view, "form_endpoint", None)
    return url_for(endpoint, **(request.view_args or {})) if endpoint else request.path
