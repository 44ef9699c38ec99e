"""The safety plan on one's own device: kept when asked, open without a signal or a sign-in, and gone on the way out."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import arrive, settle, sign_in
from tests.e2e.served import PASSWORD
from tests.e2e.test_offline import nothing_is_left, readable
from tests.e2e.walk import Findings, look

IN_THE_PLAN = "The blue playlist"
WHERE = "My safety plan, kept on this device"


@pytest.fixture
def phone(device) -> BrowserContext:
    """Ada's own phone, on which she keeps her plan, with her signed in on its one page."""
    context = device()
    context.route("https://www.weather.gov/**", lambda route: route.fulfill(body="<title>Weather</title>Sunny."))
    sign_in(context.pages[0], "ada")
    keep(context.pages[0])
    return context


@pytest.fixture
def ada(phone) -> Page:
    return phone.pages[0]


def keep(page: Page) -> None:
    page.goto("/safety-plan")
    page.get_by_text("Keep it on this phone").click()
    expect(page.locator("#own-plan")).to_contain_text("Signing out or Quick exit removes it.")
    page.get_by_role("button", name="Keep it here").click()
    expect(page.get_by_text("Kept here. Open it without a signal")).to_be_visible()


def kept(page: Page):
    return page.locator("#kept-plan")


def shows_nothing(page: Page) -> None:
    page.goto("/offline")
    settle(page)
    expect(kept(page)).to_be_hidden()
    assert IN_THE_PLAN not in page.inner_text("body")


@pytest.mark.parametrize("address", ["/offline", "/safety-plan"])
def test_without_a_signal_it_opens_with_whom_to_call(phone, ada, address):
    phone.set_offline(True)
    ada.goto(address)
    expect(kept(ada)).to_contain_text(IN_THE_PLAN)
    expect(kept(ada)).to_contain_text(re.compile(r"Saved \w+day, "))
    links = [one.get_attribute("href") for one in kept(ada).locator("a.big").all()]
    assert links == ["tel:+12125550188", "tel:+12125550117"]
    expect(ada.get_by_role("link", name="Call 988").first).to_be_visible()


def test_on_another_page_without_a_signal_it_is_there_and_folded(phone, ada):
    phone.set_offline(True)
    ada.goto("/schedule/")
    expect(kept(ada).locator("summary")).to_be_visible()
    expect(kept(ada).get_by_text(IN_THE_PLAN)).to_be_hidden()


def test_it_opens_without_a_sign_in_and_the_way_there_is_under_help(phone, ada):
    phone.clear_cookies()
    ada.goto("/help-now")
    ada.get_by_role("link", name=WHERE).first.click()
    arrive(ada, "**/offline")
    expect(kept(ada)).to_contain_text(IN_THE_PLAN)
    expect(ada.get_by_role("heading", level=1)).to_have_text("Kept on this device")


def test_what_is_changed_later_is_what_is_kept(phone, ada):
    ada.goto("/safety-plan/edit")
    ada.fill("textarea[name=alone]", "Feed the cat next door")
    ada.get_by_role("button", name="Save my plan").click()
    arrive(ada, "**/safety-plan")
    ada.get_by_text("Keep it on this phone").click()
    expect(ada.get_by_role("button", name="Stop keeping it here")).to_be_visible()
    phone.set_offline(True)
    ada.goto("/offline")
    expect(kept(ada)).to_contain_text("Feed the cat next door")
    expect(kept(ada)).not_to_contain_text(IN_THE_PLAN)


@pytest.mark.asvs("14.3.1")
def test_signing_out_takes_it_away(ada):
    ada.goto("/today")
    ada.get_by_role("button", name="Sign out").click()
    arrive(ada, "**/sign-in")
    nothing_is_left(ada)
    shows_nothing(ada)
    ada.goto("/help-now")
    settle(ada)
    expect(ada.get_by_role("link", name=WHERE)).to_have_count(0)


@pytest.mark.asvs("14.3.1")
@pytest.mark.parametrize("where", ["signed in", "without signal", "signed out", "on the kept page"])
def test_quick_exit_takes_it_away(phone, ada, where):
    """Rule: at once and from everywhere; without a network too, where the server cannot say so."""
    ada.goto("/today")
    if where in ("signed out", "on the kept page"):
        phone.clear_cookies()
        ada.goto("/help-now" if where == "signed out" else "/offline")
    phone.set_offline(where == "without signal")
    ada.get_by_role("button", name="Quick exit").click()
    expect(ada).not_to_have_url(re.compile("localhost"))
    phone.set_offline(False)
    ada.goto("/healthz")
    nothing_is_left(ada)
    shows_nothing(ada)


def test_it_can_be_taken_back_and_check_ins_still_wait_here(ada):
    ada.goto("/safety-plan")
    ada.get_by_text("Keep it on this phone").click()
    ada.get_by_role("button", name="Stop keeping it here").click()
    expect(ada.get_by_text("No longer kept here.")).to_be_visible()
    expect(ada.get_by_role("button", name="Keep it here")).to_be_focused()
    shows_nothing(ada)
    ada.goto("/account")
    expect(ada.get_by_role("button", name="Stop keeping them here")).to_be_visible()


def test_whoever_no_longer_calls_the_device_their_own_keeps_no_plan_on_it(ada):
    ada.goto("/account")
    ada.get_by_role("button", name="Stop keeping them here").click()
    expect(ada.get_by_text("Nothing is kept here now.")).to_be_visible()
    nothing_is_left(ada)
    shows_nothing(ada)


def test_another_person_on_that_device_does_not_see_it(phone, ada):
    phone.clear_cookies()
    sign_in(ada, "ben")
    ada.goto("/today")
    settle(ada)
    shows_nothing(ada)
    phone.clear_cookies()
    shows_nothing(ada)
    ada.goto("/help-now")
    settle(ada)
    expect(ada.get_by_role("link", name=WHERE)).to_have_count(0)


def sign_in_as_on_a_shared_device(page: Page) -> None:
    page.goto("/sign-in")
    page.check("input[name=shared]", force=True)
    page.fill("input[name=email]", "ada@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    arrive(page, "**/today")


def test_on_a_shared_device_it_is_never_offered_and_nothing_is_kept(device):
    page = device().pages[0]
    sign_in_as_on_a_shared_device(page)
    page.goto("/safety-plan")
    settle(page)
    assert page.locator("#own-plan").count() == 0
    assert page.get_by_text("Keep it").count() == 0
    nothing_is_left(page)


def test_a_shared_session_on_ones_own_device_does_not_show_it(phone, ada):
    phone.clear_cookies()
    sign_in_as_on_a_shared_device(ada)
    ada.goto("/safety-plan")
    settle(ada)
    shows_nothing(ada)


@pytest.mark.asvs("14.3.3")
def test_nobody_reads_it_in_the_browsers_storage(phone, ada, tmp_path):
    phone.close()
    for text in (IN_THE_PLAN, "My sister Inez"):
        assert readable(tmp_path / "profile", text) == []


def test_without_asking_nothing_is_kept(device):
    page = device().pages[0]
    sign_in(page, "ada")
    page.goto("/safety-plan")
    settle(page)
    nothing_is_left(page)


def test_the_kept_plan_is_as_good_as_every_other_page(phone, ada):
    found = Findings()
    look(ada, "/safety-plan, kept", found)
    ada.goto("/offline")
    expect(kept(ada)).to_contain_text(IN_THE_PLAN)
    look(ada, "/offline, with a plan", found)
    assert found.axe == []
    assert found.wide == []
