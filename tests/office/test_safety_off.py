"""Safety off, as a coordinator turns it: nothing is asked that would raise a flag, and people to call stay."""

import pytest

from portal.checkins import question_plans, sets
from portal.checkins.sets import Target
from portal.db import db
from tests.office.settings import give, save


@pytest.fixture
def off(app, browser):
    """The program asks everyone for a PHQ-9 and a DBT card, and then turns safety off on its page."""
    give(app, measures={"phq-9": "week"}, question_set="dbt")
    save(browser("kit"), "safety", asks_safety="no")


@pytest.mark.parametrize("question_set", [one.name for one in sets.to_choose()])
def test_no_check_in_asks_about_safety_or_hurting_oneself(off, app, cast, browser, at, question_set):
    with app.app_context():
        harm = Target("Scratching my arms", True), Target("Skipping lunch")
        question_plans.choose(cast.cho, cast.ada, question_set, harm, None, at.now, asks_self_harm=True)
        db.session.commit()
    page = browser("ada").get("/check-ins/new")
    assert not {"safety", "self_harm", "acted_self_harm"} & page.fields("/check-ins/").keys()
    assert "Scratching my arms" not in page.text
    assert ("Skipping lunch" in page.text) == (question_set != "low")
    assert page.all("a", href="tel:988")


def test_the_phq_8_stands_in_for_the_phq_9(off, browser):
    ada = browser("ada")
    ada.get("/measures/phq-9", 303)
    assert ada.location == "/measures/phq-8"
    assert "PHQ-8" in ada.get(ada.location).text


def test_the_page_without_a_signal_asks_nothing_about_it_either(off, browser):
    page = browser().get("/offline")
    assert not page.all("input", name="safety") and not page.all("input", name="self_harm")


@pytest.mark.parametrize("path", ["/today", "/check-ins/new", "/measures/", "/schedule/", "/safety-plan", "/library/"])
def test_988_stays_on_every_page(off, browser, path):
    assert browser("ada").get(path).all("a", href="tel:988")
