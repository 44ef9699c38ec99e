"""Answers to measures are marked as seen as check-ins are: by whom, when and in which version; and they are told."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.measures.models import MeasureReview
from tests.measures.asked import answered, answers_of
from tests.on_record import told
from tests.page import words


@pytest.fixture
def history(cast):
    return f"/caseload/{cast.ada.key}"


@pytest.fixture
def reviews(app):
    """`reviews()` is every row that is kept: (who, measure, version)."""

    def read():
        with app.app_context():
            kept = db.session.scalars(select(MeasureReview).order_by(MeasureReview.id))
            return [(one.by_id, one.measure_key, one.measure_version) for one in kept]

    return read


def button(page):
    return next(f.get("action") for f in page.all("form") if (f.get("action") or "").endswith("/reviews"))


def test_a_floor_of_a_measure_ends_when_it_is_seen_on_the_history_and_the_participant_is_told(
    app, browser, cast, history, reviews, at
):
    ada, cho = browser("ada"), browser("cho")
    key = answered(ada, "phq-9", 3, phq9_9=0).rsplit("/", 1)[1]
    assert "PHQ-9 24" in words(cho.get("/caseload/").all("p", class_="who")[0])
    page = cho.get(history)
    assert "Mark as seen , PHQ-9" in page.text
    cho.submit(button(page))
    assert cho.location == f"{history}#measures"
    assert "Seen by you, today, 10:52 am" in cho.get(history).text
    assert not any("PHQ-9 24" in words(who) for who in cho.get("/caseload/").all("p", class_="who"))
    assert reviews() == [(cast.cho.id, key, 1)]
    assert [row[:3] for row in told(app, "measure.review")] == [("measure.review", cast.cho.id, cast.ada.id)]
    for page in (f"/measures/phq-9/{key}", "/measures/"):
        assert "Read by Dr Cho, today, 10:52 am" in ada.get(page).text.replace(" ,", ",")
    assert "Seen by Dr Cho" in browser("oduya").get(history).text


def test_a_second_tap_adds_nothing_and_a_damaged_version_marks_only_what_is_there(browser, cast, history, reviews):
    key = answered(browser("ada"), "phq-9", 1).rsplit("/", 1)[1]
    cho = browser("cho")
    action = button(cho.get(history))
    for version in ("1", "1", "99", "x", "0"):
        cho.post(action, {"version": version})
    assert reviews() == [(cast.cho.id, key, 1)]


def test_what_was_seen_is_the_version_that_was_shown(browser, cast, history, reviews, at):
    ada, cho = browser("ada"), browser("cho")
    key = answered(ada, "phq-9", 1, phq9_9=0).rsplit("/", 1)[1]
    page = cho.get(history)
    sent = ada.get("/measures/phq-9").fields("/measures/phq-9")
    at.later(minutes=4)
    ada.post("/measures/phq-9", sent | answers_of("phq-9", 2, phq9_9=0))
    cho.post(button(page), {"version": "1"})
    assert reviews() == [(cast.cho.id, key, 1)]
    text = cho.get(history).text
    assert "before it was changed" in text and "Mark as seen , PHQ-9" in text
    assert "before you changed it" in ada.get("/measures/").text


@pytest.mark.asvs("8.2.2")
def test_only_the_care_team_marks_as_seen(browser, cast, history, reviews):
    key = answered(browser("ada"), "phq-9", 1).rsplit("/", 1)[1]
    dee = browser("dee")
    dee.get("/caseload/")
    dee.post(f"{history}/measures/{key}/reviews", {"version": "1"}, 404)
    cho = browser("cho")
    cho.get(history)
    cho.post(f"/caseload/{cast.ben.key}/measures/{key}/reviews", {"version": "1"}, 404)
    assert reviews() == []
