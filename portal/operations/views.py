"""The addresses at which machines ask: whether the portal lives, what it is called, where to report a weakness."""

from datetime import timedelta

from flask import Blueprint, abort, current_app, json, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import clock, program
from portal.access import anyone, rules
from portal.migrations import readiness

blueprint = Blueprint("operations", __name__)

VALID_FOR = timedelta(days=335)  # RFC 9116 asks for less than a year; it counts from the first of the month
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/manifest.webmanifest")
@anyone
@rules("nothing")
def manifest() -> ResponseReturnValue:
    """The web app manifest: how the portal is called on a phone's home screen, which is all that it says."""
    facts = program.if_known() or abort(404)
    says = {
        "name": facts.shown_as,
        "short_name": facts.shown_as,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f5f1",
        "theme_color": "#fbeeda",
        "icons": [{"src": url_for("static", filename="icons.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return json.dumps(says), 200, {"Content-Type": "application/manifest+json; charset=utf-8"}


@blueprint.get("/.well-known/security.txt")
@anyone
@rules("nothing")
def security() -> ResponseReturnValue:
    """The word on where to report a weakness (RFC 9116); the contact is a mailto:, https: or tel: address."""
    contact = current_app.config["SECURITY_CONTACT"] or abort(404)
    first = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = {
        "Contact": contact,
        "Expires": clock.stamp(first + VALID_FOR),
        "Preferred-Languages": "en",
        "Canonical": f"{current_app.config['URL'].rstrip('/')}/.well-known/security.txt",
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items()), 200, PLAIN


@blueprint.get("/.well-known/change-password")
@anyone
@rules("nothing")
def change_password() -> ResponseReturnValue:
    return redirect("/account/password", 303)


@blueprint.get("/healthz")
@anyone
@rules("nothing")
def alive() -> ResponseReturnValue:
    return "ok\n", 200, PLAIN


@blueprint.get("/readyz")
@anyone
@rules("nothing")
def ready() -> ResponseReturnValue:
    trouble = readiness.trouble()
    return (f"{trouble}\n", 503, PLAIN) if trouble else ("ok\n", 200, PLAIN)
