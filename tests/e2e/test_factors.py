"""Second factors in a real browser: whole passkey ceremonies with a virtual device, an app, and recovery codes."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.served import PASSWORD
from tests.e2e.test_pages import validate
from tests.e2e.walk import Findings, look

CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Phone:
    """A passkey holder inside the browser of `page`, as the developer tools make one."""

    def __init__(self, page: Page) -> None:
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("WebAuthn.enable")
        self.id = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})["authenticatorId"]

    def knows_its_owner(self, does: bool) -> None:
        self.tools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": does})

    @property
    def passkeys(self) -> list[dict]:
        return self.tools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]


def add_passkey(page: Page, name: str = "My phone") -> list[str]:
    """Add a passkey from the account page; the recovery codes that it brings."""
    page.goto("/account")
    page.get_by_role("link", name=re.compile("Add.* passkey")).click()
    page.fill("input[name=name]", name)
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_selector("h1:has-text('Your recovery codes')")
    codes = CODE.findall(page.inner_text("main"))
    page.get_by_role("link", name="I have them. Continue").click()
    expect(page.locator("#factors")).to_contain_text(name)
    return codes


def set_up_app(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """Set an authenticator app up from the account page; the app, and the recovery codes that it brings."""
    page.goto("/account")
    page.get_by_role("link", name="Set up the app").click()
    app = pyotp.TOTP(page.inner_text("#authenticator b.num").replace(" ", ""))
    page.fill("input[name=code]", app.now())
    page.get_by_role("button", name="Set up the app").click()
    page.wait_for_selector("h1:has-text('Your recovery codes')")
    codes = CODE.findall(page.inner_text("main"))
    page.get_by_role("link", name="I have them. Continue").click()
    expect(page.locator("#factors")).to_contain_text("Set up since")
    return app, codes


def sign_out(page: Page) -> None:
    page.goto("/today")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def type_password(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("input[name=email]", "ada@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("h1:has-text('Your second step')")


@pytest.mark.asvs("6.3.3")
def test_a_passkey_is_made_and_then_opens_the_door_without_a_password(people, portal):
    ada = people(portal, "ada")
    phone = Phone(ada)
    assert len(add_passkey(ada)) == 10
    assert [held["isResidentCredential"] for held in phone.passkeys] == [True]
    sign_out(ada)
    ada.get_by_role("button", name="Use a passkey").click()
    ada.wait_for_url("**/today")
    ada.goto("/account")
    expect(ada.get_by_text("by passkey")).to_be_visible()
    expect(ada.locator("#factors")).to_contain_text("Last used: Today")


def test_the_same_phone_is_told_that_it_has_a_passkey_already(people, portal):
    ada = people(portal, "ada")
    Phone(ada)
    add_passkey(ada)
    ada.goto("/account/passkeys")
    ada.get_by_role("button", name="Make a passkey").click()
    expect(ada.get_by_role("status").last).to_have_text("This device already has a passkey for this account.")


def test_after_the_password_the_passkey_is_the_second_step(people, portal):
    ada = people(portal, "ada")
    Phone(ada)
    add_passkey(ada)
    sign_out(ada)
    type_password(ada)
    ada.get_by_role("button", name="Use a passkey").click()
    ada.wait_for_url("**/today")


def test_a_passkey_that_the_owner_does_not_open_says_so_and_leaves_the_other_ways(people, portal):
    ada = people(portal, "ada")
    phone = Phone(ada)
    codes = add_passkey(ada)
    sign_out(ada)
    type_password(ada)
    phone.knows_its_owner(False)
    ada.get_by_role("button", name="Use a passkey").click()
    expect(ada.get_by_role("status").last).to_have_text("That was stopped, or it took too long. You can try again.")
    expect(ada.get_by_role("button", name="Use a passkey")).to_be_enabled()
    ada.fill("input[name=code]", codes[0])
    ada.press("input[name=code]", "Enter")
    ada.wait_for_url("**/today")


def test_a_passkey_of_a_shared_device_makes_a_shared_session(people, portal):
    ada = people(portal, "ada")
    Phone(ada)
    add_passkey(ada)
    sign_out(ada)
    ada.locator("input[name=shared]").check(force=True)
    ada.get_by_role("button", name="Use a passkey").click()
    ada.wait_for_url("**/today")
    ada.goto("/account")
    expect(ada.get_by_text("as a shared device")).to_be_visible()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def ada(request, people, portal):
    return people(portal, "ada", java_script_enabled=request.param)


def test_an_app_is_set_up_and_asked_for(ada):
    """Its code of the half minute before is refused, since setting it up has used that one."""
    app, codes = set_up_app(ada)
    assert len(codes) == 10
    sign_out(ada)
    type_password(ada)
    ada.fill("input[name=code]", "000000")
    ada.press("input[name=code]", "Enter")
    expect(ada.locator("#code-error")).to_contain_text("did not work")
    ada.fill("input[name=code]", app.at(int(time.time()) + 30))
    ada.press("input[name=code]", "Enter")
    ada.wait_for_url("**/today")


def test_a_recovery_code_lets_in_when_the_phone_is_lost(ada):
    _, codes = set_up_app(ada)
    sign_out(ada)
    type_password(ada)
    ada.fill("input[name=code]", codes[0].lower().replace("-", " "))
    ada.press("input[name=code]", "Enter")
    ada.wait_for_url("**/today")
    ada.goto("/account")
    expect(ada.locator("#factors")).to_contain_text("9 left")


def test_without_javascript_no_passkey_is_offered_and_the_page_says_what_works(people, portal):
    stranger = people(portal, java_script_enabled=False)
    stranger.goto("/sign-in")
    expect(stranger.get_by_role("button", name="Use a passkey")).to_be_hidden()
    ada = people(portal, "ada", java_script_enabled=False)
    ada.goto("/account/passkeys")
    expect(ada.get_by_role("button", name="Make a passkey")).to_be_hidden()
    expect(ada.get_by_role("link", name="Set up an app")).to_be_visible()


def test_under_another_name_of_the_host_no_passkey_is_offered(people, portal):
    """A passkey belongs to one name: at 127.0.0.1 the browser would refuse the one of localhost."""
    other = portal.replace("localhost", "127.0.0.1")
    stranger = people(portal, leaves_for=other)
    stranger.goto(f"{other}/sign-in")
    expect(stranger.get_by_role("button", name="Use a passkey")).to_be_hidden()
    stranger.goto("/sign-in")
    expect(stranger.get_by_role("button", name="Use a passkey")).to_be_visible()


def test_by_keyboard_alone_a_passkey_is_made_and_used(people, portal):
    ada = people(portal, "ada")
    Phone(ada)
    ada.goto("/account/passkeys")
    ada.get_by_role("button", name="Make a passkey").focus()
    ada.keyboard.press("Enter")
    ada.wait_for_selector("h1:has-text('Your recovery codes')")
    sign_out(ada)
    ada.get_by_role("button", name="Use a passkey").focus()
    ada.keyboard.press("Space")
    ada.wait_for_url("**/today")


def test_pages_that_only_a_sign_in_or_a_change_shows_are_as_good_as_the_others(people, portal, tmp_path):
    """Axe in light and dark, the width of a small phone, and the validator: as for the pages that links lead to."""
    found, ada = Findings(), people(portal, "ada")
    Phone(ada)

    def shows(name: str, press: str) -> None:
        with ada.expect_navigation() as arrival:
            ada.get_by_role("button", name=press).click()
        found.html[name] = arrival.value.text()
        look(ada, name, found)

    ada.goto("/account/passkeys")
    shows("recovery codes", "Make a passkey")
    set_up_another_app(ada)
    for path in ("/account", "/account/authenticator", "/account/recovery-codes"):
        found.html[path] = ada.goto(path).text()
        look(ada, path, found)
    ada.goto("/account")
    ada.get_by_role("link", name=re.compile("Look or remove")).click()
    look(ada, "one passkey", found)
    sign_out(ada)
    type_password(ada)
    look(ada, "the second step", found)
    ada.fill("input[name=code]", "000000")
    shows("a wrong code", "Sign in")
    assert found.axe == []
    assert found.wide == []
    assert validate(found.html, tmp_path) == []


def set_up_another_app(page: Page) -> None:
    """Set an app up for somebody who has recovery codes already."""
    page.goto("/account/authenticator")
    app = pyotp.TOTP(page.inner_text("#authenticator b.num").replace(" ", ""))
    page.fill("input[name=code]", app.now())
    page.get_by_role("button", name="Set up the app").click()
    page.wait_for_url("**/account#factors")
