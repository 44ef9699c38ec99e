"""Joining on a small phone in a real browser: in with a code, a passkey, the phone lost, and in again without help."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_factors import CODE, Phone
from tests.e2e.walk import Findings, look

SMALL = {"width": 360, "height": 740}
GOOD = "seven wet paper lanterns"


@pytest.fixture
def code(people, portal) -> str:
    """The printed code of somebody whom Kit has invited in the browser."""
    kit = people(portal, "kit")
    kit.goto("/people/")
    kit.get_by_role("link", name="Invite someone").click()
    kit.get_by_label("Participant", exact=True).check()
    kit.get_by_label("Full name").fill("Fay Okafor")
    kit.get_by_label("Likes to be called").fill("Fay")
    kit.get_by_label("Email or sign-in name").fill("fay.o")
    kit.get_by_label("Primary therapist").select_option(label="Dr Cho")
    kit.get_by_role("button", name="Invite").click()
    kit.wait_for_selector("h1:has-text('Printed code for Fay')")
    return re.search(r"\b\w{4}-\w{4}-\w{4}\b", kit.inner_text("main"))[0]


def type_code(page: Page, code: str) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="I have a printed code").click()
    page.get_by_label("Printed code").fill(code)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_selector("h1:has-text('Welcome')")


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_printed_code_and_a_password_lead_in_on_a_small_phone(people, portal, code, java_script):
    fay = people(portal, viewport=SMALL, java_script_enabled=java_script)
    type_code(fay, code.lower())
    expect(fay.get_by_label("You sign in with")).to_have_value("fay.o")
    fay.get_by_label("New password").fill("too short")
    fay.get_by_role("button", name="Join").click()
    expect(fay.get_by_role("alert")).to_contain_text("9 characters")
    fay.get_by_label("New password").fill(GOOD)
    fay.get_by_role("button", name="Join").click()
    fay.wait_for_selector("h1:has-text('How we reach you')")
    fay.get_by_label("Your phone number").fill("212.555.0107")
    fay.get_by_role("button", name="Save").click()
    fay.wait_for_url("**/today")
    again = people(portal, viewport=SMALL)
    again.goto("/join")
    again.get_by_label("Printed code").fill(code)
    again.get_by_role("button", name="Continue").click()
    expect(again.get_by_role("alert")).to_contain_text("does not work")


def test_a_passkey_leads_in_without_a_password(people, portal, code):
    fay = people(portal, viewport=SMALL)
    Phone(fay)
    type_code(fay, code)
    fay.get_by_role("button", name="Use a passkey instead").click()
    fay.wait_for_selector("h1:has-text('Your recovery codes')")
    assert len(CODE.findall(fay.inner_text("main"))) == 10
    fay.get_by_role("link", name="I have them. Continue").click()
    fay.get_by_role("link", name="Not now").click()
    fay.wait_for_url("**/today")
    fay.get_by_role("button", name="Sign out").click()
    fay.get_by_role("button", name="Use a passkey").click()
    fay.wait_for_url("**/today")


def test_whoever_loses_the_phone_gets_back_in_without_help(people, portal, code):
    """Join, add a passkey, lose the phone; from another: password, recovery code, and the lost passkey is gone."""
    fay = people(portal, viewport=SMALL)
    Phone(fay)
    type_code(fay, code)
    fay.get_by_label("New password").fill(GOOD)
    fay.get_by_role("button", name="Join").click()
    fay.get_by_role("link", name="Not now").click()
    fay.wait_for_url("**/today")
    fay.goto("/account")
    fay.get_by_role("link", name=re.compile("Add.* passkey")).click()
    fay.get_by_label("Name for this passkey").fill("Old phone")
    fay.get_by_role("button", name="Make a passkey").click()
    fay.wait_for_selector("h1:has-text('Your recovery codes')")
    codes = CODE.findall(fay.inner_text("main"))

    other = people(portal, viewport=SMALL)
    other.goto("/sign-in")
    other.get_by_label("Email or sign-in name").fill("fay.o")
    other.get_by_label("Password", exact=True).fill(GOOD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_selector("h1:has-text('Your second step')")
    other.fill("input[name=code]", codes[3])
    other.press("input[name=code]", "Enter")
    other.wait_for_url("**/today")
    other.goto("/account")
    other.get_by_role("link", name=re.compile("Old phone")).click()
    other.locator("summary", has_text="Remove this passkey").click()
    other.get_by_role("button", name="Remove it now").click()
    expect(other.locator("#factors")).not_to_contain_text("Old phone")


def test_the_form_to_join_reads_well_in_light_and_dark_and_fits_a_small_phone(people, portal, code):
    """The page that no link leads to is looked at as the others are: axe, contrast, width, nothing kept."""
    fay, found = people(portal, viewport=SMALL), Findings()
    type_code(fay, code)
    look(fay, "/join", found)
    assert (found.axe, found.wide, found.kept) == ([], [], [])
