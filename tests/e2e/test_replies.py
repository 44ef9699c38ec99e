"""A reply in a real browser: its writer changes it, its participant says that she has seen it, and then it stays."""

import re

import pytest
from playwright.sync_api import Page, expect

FIRST, SECOND, THIRD = (
    "See you on Thrusday at one.",
    "See you on Thursday at one.",
    "I meant to write this to you only.",
)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def pages(request, people, portal):
    """Ada's browser and Dr Cho's, who stands on Ada's history."""
    ada, cho = (people(portal, who, java_script_enabled=request.param) for who in ("ada", "cho"))
    cho.goto("/caseload/")
    cho.locator("ol.triage .who a", has_text="Ada").first.click()
    return ada, cho


def answer(cho: Page, text: str):
    """Dr Cho's reply to the latest check-in, as its entry on his page."""
    entry = cho.locator("article.entry").first
    entry.locator("summary", has_text="Reply").click()
    entry.locator("textarea").fill(text)
    entry.get_by_role("button", name=re.compile("reply|send", re.I)).click()
    entry = cho.locator("article.entry").first
    expect(entry).to_contain_text(text)
    return entry


def of_reply(cho: Page, text: str):
    """The page on which the reply that says `text` is changed or taken back."""
    cho.locator("article.entry").first.get_by_role("link", name="Change or take back").last.click()
    expect(cho.get_by_label("Reply")).to_have_value(text)


def test_a_reply_is_changed_and_seen_and_another_is_taken_back(pages):
    ada, cho = pages
    history = cho.url
    answer(cho, FIRST)
    of_reply(cho, FIRST)
    cho.get_by_label("Reply").fill(SECOND)
    cho.get_by_role("button", name="Save the change").click()
    entry = cho.locator("article.entry").first
    expect(entry).to_contain_text(SECOND)
    expect(entry).to_contain_text("The reply was changed")
    of_reply(cho, SECOND)
    changes = cho.url

    ada.goto("/check-ins/")
    entry = ada.locator("article.entry", has_text=SECOND)
    expect(entry).to_contain_text("Dr Cho changed this reply")
    expect(ada.get_by_text(FIRST)).to_have_count(0)
    entry.get_by_role("button", name="I have seen this").last.click()
    expect(ada.get_by_text("Thank you. We know that you have seen it.")).to_be_visible()
    expect(ada.locator("article.entry", has_text=SECOND)).to_contain_text("You have seen this")

    cho.get_by_label("Reply").fill(THIRD)
    cho.get_by_role("button", name="Save the change").click()
    expect(cho.get_by_role("heading", name="Nothing was changed")).to_be_visible()
    expect(cho.get_by_text(THIRD)).to_be_visible()
    cho.goto(changes)
    expect(cho.get_by_role("button", name="Take this reply back")).to_have_count(0)

    cho.goto(history)
    answer(cho, THIRD)
    of_reply(cho, THIRD)
    cho.get_by_role("button", name="Take this reply back").click()
    expect(cho.locator("article.entry").first).to_contain_text("A reply was taken back")
    ada.goto("/check-ins/")
    entry = ada.locator("article.entry", has_text=SECOND)
    expect(entry).to_contain_text("Dr Cho took a reply back")
    expect(ada.get_by_text(THIRD)).to_have_count(0)


def test_a_change_that_is_being_typed_is_kept(people, portal):
    cho = people(portal, "cho")
    cho.goto("/caseload/")
    cho.locator("ol.triage .who a", has_text="Ada").first.click()
    answer(cho, FIRST)
    of_reply(cho, FIRST)
    address = cho.url
    with cho.expect_response("**/account/drafts"):
        cho.get_by_label("Reply").press_sequentially(" Half a thought")
    cho.goto("/caseload/")
    cho.goto(address)
    expect(cho.get_by_label("Reply")).to_have_value(re.compile("Half a thought"))
