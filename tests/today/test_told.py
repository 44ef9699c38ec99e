"""After an answer about safety that nobody has signed yet Today leads back to the people to reach."""

import pytest

from portal import flags
from portal.db import db
from portal.flags import acts
from portal.people import contact_details
from portal.people.contact_details import OWN
from tests.browser import words
from tests.measures.asked import answered, program_asks

LINK = "See people to reach now, and what comes next"


def told(browser, who="ada"):
    """The line of Today and where it leads; None where there is none."""
    page = browser(who).get("/today")
    links = [a for a in page.all("a") if words(a) == LINK]
    return (words(page.parents[links[0]]).removesuffix(" ."), links[0].get("href")) if links else None


@pytest.fixture
def said_yes(browser):
    """Ada says yes in a check-in; her browser, and the page that came of it."""
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "3", "safety": "yes_safe"})
    return ada, ada.location


def test_it_leads_back_to_the_page_of_the_check_in(said_yes, browser, at):
    _, saved = said_yes
    at.later(minutes=30)
    assert told(browser) == (f"We have your answer from today, 10:52 am. {LINK}", saved)
    assert "See people to reach now" in browser("ada").get("/today").text
    assert told(browser, "ben") is None


def test_a_call_that_was_asked_for_is_said(app, cast, said_yes, browser, at):
    ada, saved = said_yes
    with app.app_context():
        contact_details.keep(cast.ada, dict.fromkeys(OWN) | {"phone": "(212) 555-0171"}, None, at.now)
        db.session.commit()
    at.later(minutes=3)
    ada.get(saved)
    ada.submit(saved.replace("/saved", "/call-me"))
    assert told(browser) == (f"We have your answer from today, 10:55 am. You asked us to call you. {LINK}", saved)


def test_it_leads_back_to_the_page_of_a_measure(app, browser):
    program_asks(app, phq_9="weekly")
    saved = answered(browser("ada"), "phq-9", 0, phq9_9=2)
    assert told(browser) == (f"We have your answer from today, 10:52 am. {LINK}", saved)


def test_it_is_gone_once_somebody_has_signed(said_yes, app, cast, browser, at):
    with app.app_context():
        flag = flags.open_flags([cast.ada.id])[cast.ada.id]
        acts.act(cast.cho, cast.ada, flag.key, "contacted", None, at.now)
        db.session.commit()
    assert told(browser) is None


def test_an_answer_without_a_yes_leaves_nothing_there(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "3", "safety": "no"})
    assert told(browser) is None
