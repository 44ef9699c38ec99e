"""A chain analysis after a check-in: it begins with the answers of that day, and never over what is begun."""

import pytest

from portal import exercises
from portal.db import db, new_key
from portal.exercises import EXERCISES
from tests.browser import words

CHAIN = EXERCISES["link-by-link"]
USED = {"mood": "3", "urges": "8", "sleep_hours": "3.5", "substance_use": "yes", "note": "It was the subway."}


def save(ada, **answers):
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", answers)
    return ada.location.split("/")[2]


def draft(app, cast):
    with app.app_context():
        found = exercises.practice_draft(cast.ada, CHAIN)
        return found and found.answers


def test_it_begins_with_the_answers_of_that_day(app, cast, browser):
    ada = browser("ada")
    key = save(ada, **USED)
    assert "It begins with what you answered here" in words(ada.get(f"/check-ins/{key}/saved").one("main"))
    ada.submit(f"/check-ins/{key}/look-back")
    assert ada.location == "/exercises/link-by-link/steps/1"
    form = ada.get(ada.location).fields("/exercises/link-by-link/steps/1")
    assert (form["what"], form["when"]) == (["I drank or used"], ["Wednesday, March 11"])
    assert draft(app, cast) == {
        "what": "I drank or used",
        "when": "Wednesday, March 11",
        "worn": ["sleep"],
        "worn_words": "My check-in for Wednesday, March 11: mood 3, urges 8 and 3.5 hours of sleep.",
        "trigger": "I wrote: It was the subway.",
    }


def test_one_that_is_begun_goes_on_as_it_is(app, cast, browser, at):
    with app.app_context():
        exercises.save_draft(cast.ada, CHAIN, new_key(), {"what": "Another day"}, at.now)
        db.session.commit()
    ada = browser("ada")
    key = save(ada, **USED)
    ada.get(f"/check-ins/{key}/saved")
    ada.submit(f"/check-ins/{key}/look-back")
    assert draft(app, cast) == {"what": "Another day"}


def test_it_can_be_begun_on_a_later_day(browser, at):
    ada = browser("ada")
    key = save(ada, **USED)
    at.later(hours=20)
    page = browser("ada").get(f"/check-ins/{key}/saved")
    assert page.form(f"/check-ins/{key}/look-back") is not None


@pytest.mark.parametrize("answers", [{"substance_use": "no"}, {"substance_use": "not_say"}, {}])
def test_nothing_is_offered_where_nothing_happened(app, cast, browser, answers):
    ada = browser("ada")
    key = save(ada, mood="3", **answers)
    ada.get(f"/check-ins/{key}/saved")
    ada.post(f"/check-ins/{key}/look-back", {}, 404)
    assert draft(app, cast) is None


def test_nobody_looks_back_on_somebody_elses_check_in(app, cast, browser):
    key = save(browser("ada"), **USED)
    browser("ben").post(f"/check-ins/{key}/look-back", {}, 404)
    assert draft(app, cast) is None
