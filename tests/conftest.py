"""What every test may ask for: the app, a frozen clock, the permanent cast, and a browser for each."""

import base64
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import flask_migrate
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event, make_url

from tests import browser as browsers
from tests import databases, passkeys
from tests.browser import Browser
from tests.furnished import NAMES, Furnished, leave, turn_to
from tests.hashing import CHEAP

ABOUT_DATABASES = {  # what differs from one to the other: run whole, whatever is sampled
    *(
        "test_migrations",
        "test_grants",
        "test_db",
        "test_reads",
        "test_audit",
        "test_seal",
        "test_keys",
        "test_rates",
        "test_known",
    ),
    *("test_slowdown", "test_one_check_in", "test_wholeness", "test_canary", "test_guessing", "test_versions"),
    *("test_last_seat", "test_life"),
}
WAYS_IN = {"test_loop", "test_pages"}  # what nobody should find broken: in Chromium every time
ZONE, WEST = "America/New_York", "America/Los_Angeles"  # the program's, with Ada and Cleo; and Ben's
PASSWORD = "a long walk by the river"
SECRET_KEY = "not a secret: the tests sign with it"
SEAL_KEYS = "tests:" + base64.b64encode(b"not a secret: the tests seal it.").decode()
LOOKING = 45  # SELECTs of an act that is tried to see what it comes to; how many there are of what does not matter
MOMENT = "2026-03-11T10:52"  # a Wednesday; Ada and Ben are in their sixth week

for name in [name for name in os.environ if name.startswith(("PORTAL_", "FLASK_"))]:
    del os.environ[name]  # the developer's own settings are none of the tests' business


def settings(url: str) -> dict[str, Any]:
    """The overrides that a portal on the database at `url` needs, and no others."""
    return {"URL": "http://localhost:8000", "SECRET_KEY": SECRET_KEY, "SEAL_KEYS": SEAL_KEYS, "DATABASE_URL": url}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=sorted(databases.KINDS), default="sqlite")
    parser.addoption(
        "--sample", type=int, default=1, help="Run one test of so many, but all of what is about databases."
    )
    parser.addoption(
        "--browser-sample",
        type=int,
        default=1,
        help="The same of the tests in Chromium, but all of WAYS_IN; and of the pages axe looks at.",
    )
    parser.addoption("--form-sample", type=int, default=1, help="The same of the forms, in tests that try every form.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that touches no database runs once, on the default; the others run on each, or a fixed sample of them."""
    apart = [item for item in items if item.get_closest_marker("browser") and _browser_left_out(config, item)]
    if config.getoption("database") != "sqlite":
        apart = [item for item in items if "server" not in getattr(item, "fixturenames", ()) or _left_out(config, item)]
    if apart:
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if item not in set(apart)]
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)  # the long ones first: two share the rest


def _browser_left_out(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether a sample goes without this test in Chromium: always the same ones, and none of the WAYS_IN."""
    way_in = item.path.stem in WAYS_IN and "[without JavaScript]" not in item.name
    return not way_in and not _drawn(item.nodeid, config.getoption("browser_sample"))


def _drawn(name: str, of: int) -> bool:
    """Whether what is called `name` is in a sample of one in `of`: always the same ones."""
    return zlib.crc32(name.encode()) % of == 0


@pytest.fixture(scope="session")
def drawn_forms(request: pytest.FixtureRequest) -> Callable[[str], bool]:
    """Says of an endpoint whether its form is tried in this run."""
    of = request.config.getoption("form_sample")
    return lambda endpoint: _drawn(endpoint, of)


def _left_out(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether a sample goes without this test: always the same ones, and none of those about databases."""
    about_databases = item.path.stem in ABOUT_DATABASES
    return not about_databases and not _drawn(item.nodeid, config.getoption("sample"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In continuous integration a test that did not run is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("CI") == "true":
        for report in terminalreporter.stats.get("skipped", ()):
            terminalreporter.write_line(f"SKIPPED, which fails the run where CI is true: {report.nodeid}", red=True)


class FrozenClock:
    """`at("2026-03-11T10:52")` sets the time, New York's without an offset; `at.later(hours=1)` moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.first = self(MOMENT)
        monkeypatch.setattr("portal.clock.now", lambda: self.now)

    def __call__(self, moment: str | datetime) -> datetime:
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self.now = moment.replace(tzinfo=moment.tzinfo or ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC"))
        return self.now

    def later(self, **span: float) -> datetime:
        return self(self.now + timedelta(**span))


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """The clock, standing still at MOMENT until the test sets it."""
    return FrozenClock(monkeypatch)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The database server of this run, with a migrated template."""
    try:
        server = databases.KINDS[request.config.getoption("database")](tmp_path_factory.mktemp("databases"))
    except databases.Absent as absent:
        pytest.skip(str(absent))
    try:
        server.prepare(_migrate)
        yield server
    finally:
        server.stop()


def _migrate(url: str) -> None:
    from portal import create_app
    from portal.db import db

    app = create_app(**settings(url))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all the apps of a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(server: Any, compiled_templates: FileSystemBytecodeCache) -> Iterator[Callable[..., Flask]]:
    """`make_app(**overrides)` builds a portal on a fresh, migrated, empty database."""
    from portal import create_app
    from portal.db import db

    made = []

    def make(**overrides: Any) -> Flask:
        url = overrides.pop("DATABASE_URL", None) or server.fresh()
        app = create_app(**settings(url) | overrides)
        app.jinja_env.bytecode_cache = compiled_templates
        made.append((app, url))
        return app

    yield make
    for app, url in made:
        with app.app_context():
            db.engine.dispose()
        server.drop(url)


@pytest.fixture(scope="session")
def one_app(server: Any, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """One portal for all tests that need no settings of their own: making it costs more than most of them."""
    from portal import create_app
    from portal.config import database_url
    from portal.db import db

    first = server.fresh()
    app = create_app(**settings(first))
    app.jinja_env.bytecode_cache = compiled_templates
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "do_connect")
    def connect_to_the_database_of_the_test(dialect: Any, _record: Any, args: list, parameters: dict) -> None:
        address = make_url(database_url("", app.config["DATABASE_URL"]))
        args[:], own = dialect.create_connect_args(address)
        parameters.update(own)

    yield app
    with app.app_context():
        engine.dispose()
    server.drop(first)


@pytest.fixture(scope="session")
def furnished(one_app: Flask, server: Any) -> Furnished:
    """The databases that come with people in them."""
    return Furnished(one_app, server)


@pytest.fixture
def app(request: pytest.FixtureRequest, one_app: Flask, server: Any, furnished: Furnished, at: FrozenClock) -> Any:
    """The portal on a fresh database, migrated, with nobody in it but whom the test asks for. No context stays open.

    It is the portal of all tests: one that adds views or changes what is not put back takes `make_app`.
    """
    config = dict(one_app.config)
    wanted = [name for name in NAMES if name in request.fixturenames and at.now == at.first]
    url = furnished.fresh(wanted[0], request.getfixturevalue("password_hash")) if wanted else server.fresh()
    turn_to(one_app, url)
    yield one_app
    leave(one_app)
    one_app.config.clear()
    one_app.config.update(config)
    server.drop(url)


@pytest.fixture(scope="session")
def password_hash() -> Iterator[str]:
    """The whole cast's password, hashed once and cheaply; sign-in checks it as any other, and makes none anew."""
    from portal.door import passwords

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", CHEAP)
        yield CHEAP.hash(PASSWORD)


@pytest.fixture
def cast(app: Flask, furnished: Furnished, password_hash: str) -> SimpleNamespace:
    """The people of every test, as `people.Person`: `cast.ada`, `ben`, `cleo`, `cho`, `dee`, `oduya`, `kit`.

    Ada and Ben are Dr Cho's, Cleo is Dr Dee's; Dr Dee treats neither Ada nor Ben, and is on call; Dr Oduya covers for
    Ada; Kit coordinates. Ben lives three hours west of everybody else. The participants' episodes began on Monday,
    February 2, 2026.
    """
    if held := furnished.held(app.config["DATABASE_URL"]):
        return held["cast"]
    with app.app_context():
        return people(password_hash)


def people(password_hash: str) -> SimpleNamespace:
    """`clinic`, committed, as `people.Person`; needs an application context."""
    from portal.db import db
    from portal.people import Person

    rows = clinic(password_hash)
    db.session.commit()
    return SimpleNamespace(**{name: Person(a.id, a.key, a.role, a.name, a.called, a.zone) for name, a in rows.items()})


def clinic(password_hash: str) -> dict[str, Any]:
    """Add the program, the cast, who treats whom and their episodes; needs an application context."""
    from portal import clock
    from portal.db import db
    from portal.episodes.models import Episode
    from portal.people.contacts import new_account
    from portal.people.models import Account, CareRelationship, OnCall
    from portal.program.models import Program

    began = date(2026, 2, 2)

    def account(called: str, role: str, name: str, zone: str = ZONE) -> Account:
        return new_account(
            f"{called.removeprefix('Dr ').lower()}@example.org",
            role=role,
            name=name,
            called=called,
            password_hash=password_hash,
            zone=zone,
            created_at=clock.now(),
            joined_at=clock.now(),
        )

    people = {
        "ada": account("Ada", "participant", "Ada Moreno"),
        "ben": account("Ben", "participant", "Ben Whitaker", WEST),
        "cleo": account("Cleo", "participant", "Cleo Park"),
        "cho": account("Dr Cho", "therapist", "Dr Cho"),
        "dee": account("Dr Dee", "therapist", "Dr Dee"),
        "oduya": account("Dr Oduya", "therapist", "Dr Oduya"),
        "kit": account("Kit", "coordinator", "Kit Larsen"),
    }
    db.session.add(Program(name="Riverside Program", phone="(212) 555-0142", zone=ZONE, asks_safety=True))
    db.session.add_all(people.values())
    db.session.flush()
    db.session.add_all(passkeys.kept(one) for one in people.values() if one.role != "participant")
    care = {
        ("ada", "cho"): "primary",
        ("ben", "cho"): "primary",
        ("cleo", "dee"): "primary",
        ("ada", "oduya"): "covering",
    }
    db.session.add_all(
        CareRelationship(participant_id=people[one].id, therapist_id=people[other].id, role=role, starts_on=began)
        for (one, other), role in care.items()
    )
    db.session.add(OnCall(therapist_id=people["dee"].id, since=clock.now()))
    db.session.add_all(
        Episode(
            participant_id=people[name].id,
            care_system="https://www.asam.org/asam-criteria",
            care_code="2.1",
            care_display="Intensive outpatient",
            weekly_hours=hours,
            starts_on=began,
            planned_end=date(2026, 4, 24),
        )
        for name, hours in (("ada", 10), ("ben", 9), ("cleo", 9))
    )
    db.session.flush()
    return people


@pytest.fixture
def browser(app: Flask, cast: SimpleNamespace) -> Iterator[Callable[..., Browser]]:
    """`browser("ada")` is Ada's browser, signed in as the real view leaves it; `browser()` is a stranger's."""
    names = [part for person in vars(cast).values() for part in f"{person.name} {person.called}".split()]
    opened = []

    def open_browser(who: str | None = None, *, address: str = "127.0.0.1") -> Browser:
        new = Browser(app, names=set(names) - {"Dr"}, address=address)
        opened.append(new)
        if who:
            person = getattr(cast, who)
            if new.arrive(person):
                return new
            if person.role == "participant":
                new.sign_in(f"{who}@example.org", PASSWORD, person.role)
            else:  # staff have a second factor: a passkey is both at once
                new.sign_in_with(passkeys.Passkey(person.key), person.role)
        return new

    yield open_browser
    for each in opened:
        each.close()


@pytest.fixture
def fill_clinic(app: Flask, cast: SimpleNamespace) -> Callable[[], SimpleNamespace]:
    """`fill_clinic()` makes a row of every kind about Ada, marked; what it gives her is asked at her next sign-in."""
    from tests import world
    from tests.schedule.timetable import fill

    def fill_it() -> SimpleNamespace:
        with app.app_context():
            timetable = fill(cast)
        return world.build(app, cast, timetable)

    return fill_it


@pytest.fixture
def planner(browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Browser]:
    """`planner("kit")` is Kit's browser. What she sends may be looked up at length; her pages may not."""

    def open_browser(who: str = "kit") -> Browser:
        person = browser(who)
        send = person.post

        def post(*args, **more):
            with monkeypatch.context() as wider:
                wider.setitem(browsers.BUDGET, person.role, LOOKING)
                return send(*args, **more)

        person.post = post
        return person

    return open_browser
