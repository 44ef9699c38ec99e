"""Quick exit in a real browser: gone at once, and nothing to go back to."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import again_until, settle

NEUTRAL = "https://www.weather.gov"


def asked_again(page: Page) -> None:
    """The session is over as soon as the beacon is there, which is sent while the page is already gone."""
    again_until(lambda: page.goto("/today"), lambda: page.url.endswith("/sign-in?next=/today"))


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def ada(request, people, quiet_portal):
    """Ada on her page of today; the neutral site is a stand-in, since tests reach no other host."""
    page = people(quiet_portal, "ada", leaves_for=NEUTRAL, java_script_enabled=request.param)
    page.context.route(f"{NEUTRAL}/**", lambda route: route.fulfill(body="<title>Weather</title>Sunny."))
    page.goto("/check-ins/")
    page.goto("/today")
    return page


def test_quick_exit_leads_to_the_neutral_site(ada):
    ada.get_by_role("button", name="Quick exit").first.click()
    ada.wait_for_url(f"{NEUTRAL}/**")
    assert ada.title() == "Weather"


@pytest.mark.asvs("7.4.1")
def test_quick_exit_ends_the_session(ada):
    ada.get_by_role("button", name="Quick exit").first.click()
    ada.wait_for_url(f"{NEUTRAL}/**")
    asked_again(ada)


@pytest.mark.asvs("14.3.1")
def test_back_shows_nothing(ada):
    ada.get_by_role("button", name="Quick exit").first.click()
    ada.wait_for_url(f"{NEUTRAL}/**")
    for _ in range(3):
        ada.go_back()
        expect(ada.locator("body")).not_to_contain_text(re.compile("Ada|mood", re.IGNORECASE))


def test_escape_three_times_is_a_quick_exit_too(people, quiet_portal):
    page = people(quiet_portal, "ada", leaves_for=NEUTRAL)
    page.context.route(f"{NEUTRAL}/**", lambda route: route.fulfill(body="<title>Weather</title>Sunny."))
    page.goto("/today")
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url(f"{NEUTRAL}/**")
    asked_again(page)


LEAVES = """() => {
  const began = performance.now();
  document.querySelector("form[data-exit] button").click();
  return [performance.now() - began, document.documentElement.hidden, document.body.offsetHeight];
}"""


@pytest.fixture
def alone(unwatched, quiet_portal) -> Page:
    """Ada on her page of today, in a browser whose console may say that there is no network."""
    page = unwatched(quiet_portal, "ada")
    page.goto("/today")
    return page


@pytest.mark.asvs("14.3.1")
def test_without_a_network_it_blanks_at_once_and_nothing_can_be_read(alone):
    """Rule: the page is blank within 100 ms of the tap, before any request; what comes then is nothing of ours."""
    alone.context.set_offline(True)
    milliseconds, hidden, height = alone.evaluate(LEAVES)
    assert (hidden, height) == (True, 0)
    assert milliseconds < 100
    expect(alone).to_have_url(re.compile("^chrome-error:"))
    expect(alone.locator("html")).not_to_contain_text(re.compile("Ada|Check-ins"))


def test_where_the_neutral_site_does_not_come_it_stays_blank(alone):
    alone.context.route(f"{NEUTRAL}/**", lambda route: route.abort("aborted"))
    with alone.expect_event("requestfailed", lambda request: request.url.startswith(NEUTRAL)):
        alone.evaluate(LEAVES)
    for _ in range(2):
        settle(alone)
        assert alone.evaluate("document.documentElement.hidden") is True
        assert alone.evaluate("document.body.innerText.trim() && document.body.offsetHeight") == 0
        alone.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    settle(alone)
    assert alone.evaluate("document.documentElement.hidden") is True


@pytest.mark.asvs("14.3.1")
def test_a_page_that_back_brings_to_life_again_is_blank_until_its_session_is_known_to_live(alone):
    """Rule: a page from the browser's memory shows nothing before the server has answered for its session.

    The Chromium of the tests keeps no pages in memory, so the two events are sent to the page by hand.
    """
    hide = "() => { dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}));"
    assert alone.evaluate(hide + " return document.documentElement.hidden }") is True
    alone.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(alone.locator("h1")).to_be_visible()
    alone.context.clear_cookies()
    alone.evaluate(hide + " dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})) }")
    alone.wait_for_url("**/sign-in**")
