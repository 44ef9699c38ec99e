"""The application factory: read from top to bottom, it is the architecture."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from whitenoise import WhiteNoise

from portal import access, cli, config, exercises, library, mail, measures, program, rates, reminders, seal, web  # noqa: F401
from portal.caseload.views import blueprint as caseload_pages
from portal.checkins.views import blueprint as checkins_pages
from portal.db import db, watch
from portal.demo import mark
from portal.door import guard, known_devices
from portal.door.devices.views import blueprint as devices_pages
from portal.door.factors.views import blueprint as factors_pages
from portal.door.joining.views import blueprint as joining_pages
from portal.door.views import blueprint as door_pages
from portal.exercises.views import blueprint as exercises_pages
from portal.flags.views import blueprint as flags_pages
from portal.help.views import blueprint as help_pages
from portal.library.views import blueprint as library_pages
from portal.measures.asking.views import blueprint as asking_pages
from portal.measures.record.views import blueprint as measuring_pages
from portal.measures.views import blueprint as measures_pages
from portal.office.views import blueprint as office_pages
from portal.offline.views import blueprint as offline_pages
from portal.operations.views import blueprint as operations_pages
from portal.people.care.views import blueprint as care_pages
from portal.people.views import blueprint as people_pages
from portal.records.views import blueprint as records_pages
from portal.reminders.views import blueprint as reminders_pages
from portal.schedule import calendar, seats  # noqa: F401
from portal.schedule.calendar.importing.views import blueprint as importing_pages
from portal.schedule.calendar.views import blueprint as calendar_pages
from portal.schedule.groups.closed_days.views import blueprint as closed_days_pages
from portal.schedule.groups.views import blueprint as group_pages
from portal.schedule.report.views import blueprint as report_pages
from portal.schedule.seats.views import blueprint as seats_pages
from portal.schedule.sessions.views import blueprint as session_pages
from portal.schedule.views import blueprint as schedule_pages
from portal.today.views import blueprint as today_pages

PAGES = (
    operations_pages,
    door_pages,
    people_pages,
    joining_pages,
    devices_pages,
    factors_pages,
    care_pages,
    flags_pages,
    schedule_pages,
    calendar_pages,
    seats_pages,
    importing_pages,
    session_pages,
    closed_days_pages,
    group_pages,
    report_pages,
    library_pages,
    exercises_pages,
    checkins_pages,
    measures_pages,
    measuring_pages,
    asking_pages,
    today_pages,
    caseload_pages,
    office_pages,
    records_pages,
    reminders_pages,
    help_pages,
    offline_pages,
)
ROOT = Path(__file__).parent.parent
ONE_CLICK = "portal.reminders.views.stop_create"  # mail programs send it (RFC 8058), and have no token of a form


def create_app(**overrides: Any) -> Flask:
    """Build the portal from PORTAL_* settings and `overrides`; raises ConfigError with one sentence on a bad one."""
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=ROOT / "static")
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
    guard.keep_what_is_typed(app)
    Compress(app)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    cli.init_app(app)

    access.rules("nothing")(access.anyone(app.view_functions["static"]))
    rates.init_app(app, known_devices.asker)
    access.check_audiences(app)
    library.check(library.MATERIALS, [slug for slug, each in exercises.EXERCISES.items() if not each.living])
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
