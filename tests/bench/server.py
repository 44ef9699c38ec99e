"""What the bench measures: the portal, and behind a header of its own a bare Flask app that renders the same bytes."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, g, template_rendered

from portal import create_app

TOKEN = "x" * 107  # as long as a real one
PAGES = {
    "/today": "ada",
    "/check-ins/": "ada",
    "/caseload/": "cho",
    os.environ["BENCH_PERSON"]: "cho",
    "/schedule/": "kit",
    "/library/": "ada",
    "/exercises/": "ada",
    "/safety-plan": "ada",
    "/homework/": "ada",
}


def captured(portal: Flask, path: str, cookie: str) -> tuple[Any, dict[str, Any]]:
    """The template of a page and everything it was rendered from, as the portal itself made them."""
    seen: list[tuple[Any, dict[str, Any]]] = []

    def note(_sender: Flask, template: Any, context: dict[str, Any], **_: Any) -> None:
        plain = {n: v._get_current_object() if hasattr(v, "_get_current_object") else v for n, v in context.items()}
        seen.append((template, plain))

    with template_rendered.connected_to(note, portal):
        answer = portal.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
    assert answer.status_code == 200, (path, answer.status)
    template, context = seen[-1]
    return template, {n: v for n, v in context.items() if n not in ("request", "session", "g")}


def bare_app(portal: Flask) -> Flask:
    """A Flask app without an extension, a session or a database: one view a page, and Jinja."""
    bare = Flask("bare", static_folder=None)
    bare.secret_key = "never used: the token is ready"
    bare.extensions["seal"] = portal.extensions["seal"]  # notes are opened as they are shown, here as there
    ready: dict[str, tuple[Any, dict[str, Any]]] = {}

    def page(path: str) -> Callable[[], str]:
        def view() -> str:
            if path not in ready:
                ready[path] = captured(portal, path, os.environ[f"BENCH_COOKIE_{PAGES[path].upper()}"])
            template, context = ready[path]
            g._login_user, g.csrf_token = context["me"], TOKEN  # what a page's rows and forms hold on to
            return template.render(context)

        return view

    for rule in portal.url_map.iter_rules():  # templates name endpoints, so the bare app knows the same ones
        view = page(rule.rule) if rule.rule in PAGES else lambda **_: ""
        bare.add_url_rule(rule.rule, f"{rule.endpoint}", bare.view_functions.get(rule.endpoint, view))
    if os.environ["BENCH_PERSON"] not in bare.url_map._rules_by_endpoint:
        bare.add_url_rule(os.environ["BENCH_PERSON"], "person", page(os.environ["BENCH_PERSON"]))
    return bare


portal = create_app()
bare = bare_app(portal)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    return (bare if environ.get("HTTP_X_BARE") else portal)(environ, start_response)
