"""The application factory: read from top to bottom, it is the architecture."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.utils import import_string
from whitenoise import WhiteNoise

from portal import access, cli, config, exercises, library, program, rates, seal, web
from portal.db import db, watch
from portal.demo import mark
from portal.door import guard, known_devices

FEATURES = (  # each is its pages, with the tables below them
    "operations",
    "door",
    "door.joining",
    "door.accounts",
    "door.devices",
    "door.factors",
    "people.contact_details",
    "people.care",
    "episodes",
    "flags",
    "schedule",
    "schedule.sessions",
    "schedule.groups",
    "schedule.groups.closed_days",
    "schedule.seats",
    "schedule.attendance",
    "schedule.calendar",
    "schedule.calendar.importing",
    "library",
    "exercises",
    "exercises.sharing",
    "checkins",
    "measures",
    "measures.asking",
    "measures.record",
    "homework",
    "today",
    "learn",
    "caseload",
    "caseload.brief",
    "records",
    "reminders",
    "office",
    "office.people",
    "office.people.leaving",
    "help",
    "offline",
)
BLUEPRINTS = [import_string(f"portal.{feature}.views:blueprint") for feature in FEATURES]
ROOT = Path(__file__).parent.parent
ONE_CLICK = "portal.reminders.views.stop_create"  # mail programs send it (RFC 8058), and have no token of a form


def create_app(**overrides: Any) -> Flask:
    """Build the portal from PORTAL_* settings and `overrides`; raises ConfigError with one sentence on a bad one."""
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.request_class = web.FormRequest
    config.load(app, overrides)
    app.jinja_env.undefined = StrictUndefined

    db.init_app(app)
    with app.app_context():
        watch(db.engine)
    seal.init_app(app)
    Migrate(app, db, directory=ROOT / "portal" / "migrations")

    web.init_app(app, program.exit_site)
    guard.init_app(app)
    CSRFProtect(app).exempt(ONE_CLICK)
    Compress(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app)

    access.rules("nothing")(access.anyone(app.view_functions["static"]))
    guard.keep_what_is_typed(app)
    rates.init_app(app, known_devices.asker)  # outermost: it counts in a transaction of its own
    access.check_audiences(app)
    library.check_links(library.MATERIALS, exercises.EXERCISES.keys() - {exercises.SAFETY_PLAN})
    with app.app_context():
        mark.check_demo(app)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        ROOT / "static",
        prefix="static/",
        max_age=31536000,
        immutable_file_test=lambda *_: True,
        mimetypes={".svg": "image/svg+xml; charset=utf-8"},
        add_headers_function=lambda headers, *_: web.add_security_headers(app, headers),
    )
    return app
