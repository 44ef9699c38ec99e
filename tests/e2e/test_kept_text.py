"""What somebody types into a form is there when they come back to it, with nothing pressed in between."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import again_until

FORMS = [  # who, the page, the field, and the words that are typed into it
    ("ada", "/exercises/notice-and-weigh", "[name=situation]", "He did not call back"),
    ("ada", "/safety-plan/edit", "textarea[name=signs]", "Not sleeping"),
    ("ada", "/check-ins/new", "textarea[name=note]", "A long evening"),
    ("cho", "/break-glass", "textarea[name=reason]", "She called and hung up"),
    ("kit", "/program", "textarea[name=directions]", "The door by the garden"),
    ("kit", "/tracks/new", "input[name=title]", "Evening group"),
]


@pytest.mark.parametrize(("who", "page", "field", "text"), FORMS)
def test_what_is_typed_is_there_after_back(unwatched, portal, who: str, page: str, field: str, text: str):
    """Rule: it is kept while it is typed, and given back wherever the person comes from."""
    person: Page = unwatched(portal, who)
    person.goto(page)
    with person.expect_response("**/account/drafts"):
        person.fill(field, text)
    person.goto("/help-now")
    person.go_back()
    expect(person.locator(field)).to_have_value(text)
    person.goto("/help-now")
    person.goto(page)
    expect(person.locator(field)).to_have_value(text)


def test_what_is_typed_the_moment_before_leaving_is_there_too(unwatched, portal):
    ada: Page = unwatched(portal, "ada")
    ada.goto("/exercises/notice-and-weigh")
    ada.fill("[name=situation]", "He did not call back")
    ada.goto("/today")
    kept = ada.get_by_role("status").filter(has_text="We kept what you typed")  # the beacon may come after the page
    again_until(lambda: ada.goto("/exercises/notice-and-weigh"), lambda: kept.count() > 0)
    expect(ada.locator("[name=situation]")).to_have_value("He did not call back")
