"""How to find the door: what a coordinator writes for those who come."""

import pytest

from tests.browser import words
from tests.office.settings import column, refused, save


def test_they_are_saved_and_shown_again(app, browser):
    kit = browser("kit")
    save(kit, "directions", directions="The blue door.\r\nSecond floor.")
    assert column(app, "directions") == "The blue door.\nSecond floor."
    page = kit.get(kit.location)
    assert "Directions: your change is saved" in page.text
    assert words(page.one("textarea", id="directions")) == "The blue door. Second floor."


def test_what_is_too_long_is_refused_beside_the_field(app, browser):
    page = refused(browser("kit"), "directions", directions="x" * 501)
    assert words(page.one("p", id="directions-error")) == "This is 1 character too long. 500 fit."
    assert page.one("input", id="shown_as").get("value") == "Foothold"
    assert column(app, "directions") == ""


def test_what_was_typed_comes_back_into_its_own_form(browser, at):
    kit = browser("kit")
    kit.get("/program")
    at.later(minutes=11)
    kit.submit("/program/directions", {"directions": "The blue door."})
    page = browser("kit").get("/program")
    assert "We kept what you typed" in page.text
    assert words(page.one("textarea", id="directions")) == "The blue door."
    assert page.one("input", id="shown_as").get("value") == "Foothold"


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_they_are_written_by_coordinators_only(app, browser, who):
    browser(who).post("/program/directions", {"directions": "x"}, 404)
    assert column(app, "directions") == ""
