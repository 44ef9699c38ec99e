"""What the program asks of everyone: nothing before it is chosen, terms before what has them, for coordinators."""

import pytest

from portal import program
from portal.measures import INSTRUMENTS
from tests.measures.asked import safety_off
from tests.on_record import told

PAGE = "/program/measures"


def facts(app):
    with app.app_context():
        now = program.current()
        return now.turned_on, now.measures


def test_nothing_is_asked_and_no_terms_are_accepted_at_first(app, browser):
    page = browser("kit").get(PAGE)
    assert facts(app) == ([], {})
    sent = page.fields(PAGE)
    verified = {f"every_{slug}" for slug, one in INSTRUMENTS.items() if one.verified}
    assert {name for name in sent if name.startswith("every_")} == verified
    assert all(sent[name] == ["never"] for name in verified)
    assert "accepted" not in sent
    for slug in ("bam", "bam-7"):
        assert f"every_{slug}" not in sent, "its wording is not verified"


def test_what_is_chosen_counts_and_can_be_taken_back(app, browser):
    kit = browser("kit")
    kit.get(PAGE)
    kit.submit(PAGE, {"every_phq-9": "two_weeks", "every_who-5": "weekly", "accepted": ["who-5"]})
    assert "Saved. It applies from now on." in kit.get(kit.location).text
    assert facts(app) == (["who-5"], {"phq-9": "two_weeks", "who-5": "weekly"})
    assert browser("ada").get("/measures/who-5").heading == "Your last two weeks"
    page = kit.get(PAGE)
    assert page.fields(PAGE)["accepted"] == ["who-5"]
    kit.submit(PAGE, {"every_phq-9": "never", "every_who-5": "never", "accepted": []})
    assert facts(app) == ([], {})
    browser("ada").get("/measures/who-5", 404)
    assert len(told(app, "program.change")) == 4  # two settings, twice


def test_what_has_terms_is_not_asked_before_they_are_accepted(app, browser):
    kit = browser("kit")
    page = kit.get(PAGE)
    assert INSTRUMENTS["who-5"].notice in page.text
    page = kit.submit(PAGE, {"every_who-5": "weekly", "every_gad-7": "weekly"}, 422)
    assert "Accept its terms first" in page.text
    assert page.fields(PAGE)["every_gad-7"] == ["weekly"]
    assert facts(app) == ([], {})


@pytest.mark.parametrize(
    "wrong", [{"every_phq-9": "daily"}, {"every_phq-9": ""}, {"accepted": ["phq-9"]}, {"accepted": ["bam"]}]
)
def test_what_is_no_choice_is_refused(app, browser, wrong):
    kit = browser("kit")
    kit.get(PAGE)
    kit.submit(PAGE, wrong, 422)
    assert facts(app) == ([], {})


def test_while_safety_is_not_asked_it_says_what_is_asked_in_place_of_the_phq_9(app, browser):
    said = "The safety question is off, so this is not asked: the PHQ-8 is asked in its place"
    assert said not in browser("kit").get(PAGE).text
    safety_off(app)
    kit = browser("kit")
    assert said in kit.get(PAGE).text
    kit.submit(PAGE, {"every_phq-9": "two_weeks"})
    assert "Your last two weeks 8 questions, about 2 minutes" in browser("ada").get("/today").text


@pytest.mark.parametrize("who", ["ada", "cho"])
def test_it_is_for_coordinators_alone(browser, who):
    browser(who).get(PAGE, 404)


def test_it_is_found_from_the_page_of_the_program(browser):
    assert browser("kit").get("/program").all("a", href=PAGE)
