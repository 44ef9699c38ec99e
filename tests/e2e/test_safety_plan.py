"""The safety plan in a real browser: written, saved, called and printed, with a script or without."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import arrive


@pytest.mark.parametrize("script", [True, False])
def test_it_is_written_saved_and_called(people, portal, script):
    """Rule: what needs a script is offered only where one runs."""
    ben = people(portal, "ben", java_script_enabled=script)
    ben.goto("/safety-plan/edit")
    ben.locator("textarea").first.fill("I stop answering texts.")
    ben.locator("[name=ask-0-who]").fill("My brother")
    ben.locator("[name=ask-0-phone]").fill("(212) 555-0199")
    ben.get_by_role("button", name="Save my plan").click()
    arrive(ben, "**/safety-plan")
    expect(ben.locator("main")).to_contain_text(re.compile(r"Saved \w+day, "))
    expect(ben.get_by_role("link", name="My brother")).to_have_attribute("href", "tel:+12125550199")
    expect(ben.get_by_role("button", name="Print")).to_be_visible(visible=script)
    expect(ben.get_by_text("Keep it on this phone")).to_be_visible(visible=script)
    ben.get_by_text("Earlier versions").click()
    expect(ben.get_by_text("The first one")).to_be_visible()


def test_it_prints_on_one_page_with_whom_to_call(people, quiet_portal):
    ada = people(quiet_portal, "ada")
    ada.goto("/safety-plan")
    assert re.findall(rb"/Count (\d+)", ada.pdf(format="Letter")) == [b"1"]
    ada.emulate_media(media="print")
    expect(ada.get_by_text("Call or text 988 at any hour.")).to_be_visible()
    expect(ada.get_by_text("(212) 555-0188")).to_be_visible()
    expect(ada.get_by_role("link", name="Change it")).to_be_hidden()
