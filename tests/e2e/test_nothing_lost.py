"""What was typed when the signal goes or the page is left: it stays in the form, or is kept, and is not sent twice."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import again_until, lies_above, settle
from tests.e2e.served import PASSWORD

KEPT = "We kept what you typed"
WAS_HERE = "window.wasHere = true"


@pytest.fixture
def ada(unwatched, portal) -> Page:
    """Ada, who did not call the device her own."""
    return unwatched(portal, "ada")


@pytest.fixture
def drafts(ada) -> list[str]:
    """What this browser sent to be kept, or tried to."""
    sent: list[str] = []
    ada.context.on("request", lambda one: one.url.endswith("/account/drafts") and sent.append(one.post_data or ""))
    return sent


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"label:has(input[name='{name}'][value='{value}'])").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save check-in").click()


def region(page: Page):
    return page.locator("[data-stuck]")


def write(page: Page, safety: str = "") -> None:
    page.goto("/check-ins/new")
    page.evaluate(WAS_HERE)
    choose(page, "mood", "4")
    page.fill("textarea[name=note]", "A long evening")
    if safety:
        choose(page, "safety", safety)


def test_without_signal_the_form_stays_with_all_that_was_typed_and_can_be_sent_later(ada):
    """Rule: no error page of the browser's: what was typed is there, and so is a way to a person."""
    write(ada)
    ada.context.set_offline(True)
    for _ in range(2):
        save(ada)
        expect(region(ada)).to_contain_text("No connection. Your answers are still here: press the button again")
        assert region(ada).get_attribute("role") == "status"
    assert ada.evaluate("window.wasHere")
    assert [a.get_attribute("href") for a in region(ada).locator("a").all()] == ["tel:988", "sms:988"]
    expect(region(ada)).to_be_in_viewport()
    expect(ada.locator("textarea[name=note]")).to_have_value("A long evening")
    ada.context.set_offline(False)
    save(ada)
    ada.wait_for_url("**/saved")
    expect(ada.get_by_text("A long evening")).to_be_visible()


@pytest.mark.parametrize("safety", ["yes_safe", "yes_talk"])
def test_after_a_yes_to_safety_people_to_call_come_first(ada, safety):
    write(ada, safety)
    ada.context.set_offline(True)
    save(ada)
    call = region(ada).get_by_role("link", name="Call 988")
    expect(call).to_be_in_viewport()
    expect(region(ada).get_by_role("link", name="Text 988")).to_be_in_viewport()
    assert call.bounding_box()["height"] >= 44
    assert lies_above(call, region(ada).get_by_text("Nobody on your team has this yet"))
    choose(ada, "safety", "no")
    save(ada)
    expect(region(ada).get_by_role("link", name="Call 988")).to_have_count(0)


def test_without_signal_signing_out_is_what_it_was(ada):
    ada.goto("/check-ins/new")
    ada.context.set_offline(True)
    ada.get_by_role("contentinfo").get_by_role("button", name="Sign out").click()
    expect(ada).to_have_url(re.compile("^chrome-error:"))


def come_back(page: Page) -> None:
    """Open the form until it has what was typed: the beacon may arrive after the next page."""
    kept = page.get_by_role("status").filter(has_text=KEPT)
    again_until(lambda: page.goto("/check-ins/new"), lambda: kept.count() > 0)


def by_leaving(page: Page) -> None:
    page.goto("/today")


def by_hiding(page: Page) -> None:
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.parametrize("leaves", [by_leaving, by_hiding])
def test_an_answer_given_the_moment_before_the_page_is_left_is_kept(ada, leaves: Callable[[Page], None]):
    """Rule: it does not take a second and a half on the page."""
    ada.goto("/check-ins/new")
    choose(ada, "anxiety", "7")
    leaves(ada)
    come_back(ada)
    expect(ada.locator("input[name=anxiety][value='7']")).to_be_checked()


def test_once_it_is_kept_leaving_sends_nothing_more(ada, drafts):
    ada.goto("/check-ins/new")
    with ada.expect_response("**/account/drafts"):
        choose(ada, "anxiety", "7")
    settle(ada)
    ada.goto("/today")
    settle(ada)
    assert len(drafts) == 1


@pytest.mark.parametrize("form", ["the check-in", "start over"])
def test_after_a_form_was_sent_there_is_no_draft_of_it(ada, drafts, form):
    ada.goto("/check-ins/new")
    choose(ada, "mood", "4")
    if form == "start over":
        by_leaving(ada)
        come_back(ada)
        drafts.clear()
        choose(ada, "mood", "5")
        ada.get_by_role("button", name="Start over").click()
        expect(ada.get_by_role("button", name="Start over")).to_have_count(0)
    else:
        save(ada)
        ada.wait_for_url("**/saved")
    settle(ada)
    ada.goto("/check-ins/new")
    expect(ada.get_by_role("status").filter(has_text=KEPT)).to_have_count(0)
    assert drafts == []


def test_quick_exit_sends_no_draft(ada, drafts):
    ada.context.route("https://www.weather.gov/**", lambda route: route.fulfill(body="<title>Weather</title>Sunny."))
    ada.goto("/check-ins/new")
    choose(ada, "mood", "4")
    ada.get_by_role("button", name="Quick exit").click()
    ada.wait_for_url("https://www.weather.gov/**")
    assert drafts == []


def test_a_device_that_others_use_sends_none(unwatched, portal):
    page, sent = unwatched(portal), []
    page.context.on("request", lambda one: sent.append(one.url))
    page.goto("/sign-in")
    page.fill("input[name=email]", "ada@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.check("input[name=shared]", force=True)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/today")
    page.goto("/check-ins/new")
    choose(page, "anxiety", "7")
    page.goto("/today")
    settle(page)
    assert not [url for url in sent if url.endswith("/account/drafts")]


@pytest.fixture
def cho(unwatched, portal) -> Page:
    """Dr Cho, at the record of somebody with a check-in that can be answered."""
    page = unwatched(portal, "cho")
    page.goto("/caseload/")
    page.get_by_role("link", name="Ada Moreno").first.click()
    return page


HERE = "What you wrote is still here."
NOT_THROUGH = {
    0: f"No connection. {HERE} Try again when there is a signal.",
    429: f"There were too many tries in a short time. {HERE} Wait a few minutes, then try again.",
    503: f"That did not work. It is not something you did. {HERE} Wait a minute, then try again.",
    404: f"That did not go through, and nothing was changed. {HERE} Copy it, then load the page again.",
}


@pytest.mark.parametrize(("status", "words"), NOT_THROUGH.items())
def test_a_reply_that_does_not_get_through_stays_and_says_so_and_can_be_sent_again(cho, status, words):
    """Rule: what htmx could not send is neither lost nor silently left, and no error page comes in its place."""
    entry = cho.locator("article.entry").first
    entry.locator("summary", has_text="Reply").click()
    box = entry.locator("textarea")
    box.fill("Thank you for telling me.")
    if status:
        cho.route(
            "**/reviews", lambda route: route.fulfill(status=status, body="<h1>Not here</h1>", content_type="text/html")
        )
    else:
        cho.context.set_offline(True)
    entry.get_by_role("button", name="Send reply").click()
    expect(region(cho)).to_have_text(words)
    expect(box).to_have_value("Thank you for telling me.")
    expect(cho.locator("h1")).to_have_count(1)
    cho.context.set_offline(False)
    cho.unroute_all()
    entry.get_by_role("button", name="Send reply").click()
    expect(entry.locator("blockquote.reply").last).to_have_text("Thank you for telling me.")
    expect(region(cho)).to_have_count(0)


def test_a_part_of_a_page_that_does_not_come_says_so_beside_its_link(ada):
    ada.goto("/check-ins/")
    ada.context.set_offline(True)
    ada.get_by_role("link", name="Earlier days").click()
    expect(region(ada)).to_have_text("No connection. Try again when there is a signal.")
    ada.context.set_offline(False)
    ada.get_by_role("link", name="Earlier days").click()
    expect(ada.get_by_role("link", name="Back to today")).to_be_visible()
    expect(region(ada)).to_have_count(0)
