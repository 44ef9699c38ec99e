"""Quick exit in a real browser: gone at once, and nothing to go back to."""

import pytest
from playwright.sync_api import Page

NEUTRAL = "https://www.weather.gov"


def asked_again(page: Page) -> None:
    """The session is over as soon as the beacon is there, which is sent while the page is already gone."""
    for _ in range(20):
        page.goto("/today")
        if page.url.endswith("/sign-in?next=/today"):
            return
        page.wait_for_timeout(250)
    raise AssertionError("the session goes on")


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


def test_quick_exit_ends_the_session(ada):
    ada.get_by_role("button", name="Quick exit").first.click()
    ada.wait_for_url(f"{NEUTRAL}/**")
    asked_again(ada)


def test_back_shows_nothing(ada):
    ada.get_by_role("button", name="Quick exit").first.click()
    ada.wait_for_url(f"{NEUTRAL}/**")
    for _ in range(3):
        ada.go_back()
        text = ada.inner_text("body")
        assert "Ada" not in text
        assert "mood" not in text.lower()


def test_escape_three_times_is_a_quick_exit_too(people, quiet_portal):
    page = people(quiet_portal, "ada", leaves_for=NEUTRAL)
    page.context.route(f"{NEUTRAL}/**", lambda route: route.fulfill(body="<title>Weather</title>Sunny."))
    page.goto("/today")
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url(f"{NEUTRAL}/**")
    asked_again(page)
