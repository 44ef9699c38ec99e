"""The program's own page, and the two addresses that machines ask."""

import shutil

import pytest
from sqlalchemy import text

from portal import create_app
from portal.db import db
from portal.migrations import readiness
from portal.program.models import Program
from tests.conftest import settings


def change(app, **settings):
    with app.app_context():
        program = db.session.get(Program, 1)
        for name, value in settings.items():
            setattr(program, name, value)
        db.session.commit()


def test_a_coordinator_reads_the_settings_in_plain_words(browser):
    text = browser("kit").get("/program").text
    assert "Riverside Program" in text
    assert "(212) 555-0142" in text
    assert "Open weekdays, 8 am to 5 pm" in text
    assert "America/New York" in text
    assert "within 30 minutes (urgent) or 2 hours (same day) of working time" in text
    for kind in ("Group sessions", "One-to-one sessions", "Family sessions"):
        assert kind in text
    assert "Medicine checks" not in text


def test_holidays_are_named_from_today_on(browser, app, cast):
    change(app, holidays=["2026-01-01", "2026-03-11", "2026-12-25"])
    text = browser("kit").get("/program").text
    assert "Wednesday, March 11, 2026" in text
    assert "Friday, December 25, 2026" in text
    assert "January" not in text


def test_a_program_that_does_not_ask_says_so(browser, app, cast):
    change(app, asks_safety=False)
    assert "Check-ins do not ask the safety question." in browser("kit").get("/program").text


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_it_is_for_coordinators(browser, who):
    browser(who).get("/program", 404)


@pytest.mark.asvs("13.4.5")
def test_alive_asks_nothing_of_the_database(browser):
    stranger = browser()
    stranger.get("/healthz")
    assert stranger.answer.text == "ok\n"
    assert stranger.answer.mimetype == "text/plain"
    assert stranger.selects == []


def test_ready_when_the_database_answers_and_is_migrated(browser):
    stranger = browser()
    stranger.get("/readyz")
    assert stranger.answer.text == "ok\n"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update alembic_version set version_num = 'older'", readiness.UNKNOWN),
        ("delete from alembic_version", readiness.BEHIND),
        ("drop table alembic_version", readiness.BEHIND),
    ],
)
def test_not_ready_before_the_schema_is_this_one(browser, app, statement, said):
    with app.app_context():
        db.session.execute(text(statement))
        db.session.commit()
    stranger = browser()
    stranger.get("/readyz", 503)
    assert stranger.answer.text == f"{said}\n"


@pytest.mark.asvs("16.5.2")
def test_not_ready_when_the_database_is_gone_but_still_alive(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    app = create_app(**settings(f"sqlite:///{folder / 'portal.sqlite'}"))
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(folder)
    client = app.test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "The database does not answer.\n")
    assert client.get("/healthz").status_code == 200
