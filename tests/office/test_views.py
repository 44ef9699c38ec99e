"""The program's own page, and the two addresses that machines ask."""

import shutil
from datetime import date

import pytest
from sqlalchemy import text

from portal import create_app
from portal.db import db
from portal.migrations import readiness
from portal.people.care.time_away import enter_time_away
from portal.program.models import Program
from tests.browser import words
from tests.conftest import settings


def change(app, **settings):
    with app.app_context():
        program = db.session.get(Program, 1)
        for name, value in settings.items():
            setattr(program, name, value)
        db.session.commit()


def test_each_setting_is_a_line_with_its_value(browser):
    page = browser("kit").get("/program")
    assert [words(each) for each in page.all("summary")] == [
        "Safety questions On",
        "Working minutes until someone else gets it Urgent 30, same day 120",
        "On call Dr Dee",
        "What everyone is asked Daily check-in, version 2",
        "Measures None",
        "What counts as hours Group sessions, one-to-one sessions, family sessions",
        "Name on phones and in email Foothold",
        "Second step for participants Their choice",
        "Signed out after minutes without use 15, on a shared device 5",
        "Phone (212) 555-0142",
        "Address None yet",
        "Hours Weekdays, 8 am to 5 pm",
        "Closed days None",
        "Time zone New York",
        "Directions None yet",
    ]


def test_holidays_are_named_from_today_on(browser, app, cast):
    change(app, holidays=["2026-01-01", "2026-03-11", "2026-12-25"])
    text = browser("kit").get("/program").text
    assert "Closed days 2 until Dec 25" in text
    assert "Wednesday, March 11, 2026" in text
    assert "Friday, December 25, 2026" in text
    assert "January" not in text


def test_measures_are_named_as_they_are_asked(browser, app, cast):
    change(app, measures={"phq-9": "week", "gad-7": "week"})
    assert "Measures GAD-7 and PHQ-9" in browser("kit").get("/program").text
    change(app, asks_safety=False)
    assert "Measures GAD-7 and PHQ-8" in browser("kit").get("/program").text


def test_who_is_there_is_said_and_who_covers(browser, app, cast, at):
    with app.app_context():
        enter_time_away(cast.kit, cast.cho, cast.oduya, date(2026, 3, 11), date(2026, 3, 13), at.now)
        db.session.commit()
    text = browser("kit").get("/program").text
    assert "Today 2 of 3 therapists On call Dr Dee" in text
    assert "Away Dr Cho, Mar 11 to Mar 13 . Dr Oduya covers." in text


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
