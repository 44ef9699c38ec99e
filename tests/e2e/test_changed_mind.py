"""Answers that are taken back or chosen anew in a check-in, by thumb and by keyboard, with and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_taps import SMALL, ZOOMED

CLEARED = ("anxiety", "urges", "sleep_hours-tap", "medication", "substance_use", "safety")


def chip(page: Page, name: str, value: str):
    return page.locator(f"label:has(input[name='{name}'][value='{value}'])")


def clear(page: Page, name: str):
    return page.locator(f"label.clear:has(input[name='{name}'])")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save check-in").click()
    page.wait_for_url("**/saved")


def said(page: Page, name: str):
    return page.locator("dl.vals div", has=page.locator("dt", has_text=name)).locator("dd")


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def either(people, portal, request):
    """Ada on a new check-in."""
    page = people(portal, "ada", viewport=SMALL, java_script_enabled=request.param)
    page.goto("/check-ins/new")
    return page


@pytest.fixture
def ada(people, portal):
    page = people(portal, "ada", viewport=SMALL)
    page.goto("/check-ins/new")
    return page


def test_an_answer_can_be_taken_back_and_is_a_skip(either):
    """Rule: a number that was tapped by mistake is not sent; "Clear" is there for it once it is chosen."""
    chip(either, "mood", "5").click()
    expect(clear(either, "mood")).to_have_count(0)
    for name in CLEARED:
        expect(clear(either, name)).to_be_hidden()
        first = either.locator(f"label:not(.clear):has(input[name='{name}'])").first
        first.click()
        expect(clear(either, name)).to_be_visible()
        assert min(clear(either, name).bounding_box()[side] for side in ("width", "height")) >= 44
        clear(either, name).click()
        expect(first.locator("input")).not_to_be_checked()
        expect(either.locator(f"input[name='{name}'][value='']")).to_be_focused()
        expect(clear(either, name).locator("small")).to_have_css("opacity", "0")
    save(either)
    expect(either.locator("main [role=status]")).to_have_text("Mood 5. The rest left out.")


@pytest.mark.parametrize("viewport", [SMALL, ZOOMED], ids=["360 px", "200 %"])
def test_nothing_moves_when_it_shows_and_it_lies_on_no_answer(ada, viewport):
    ada.set_viewport_size(viewport)
    before = ada.evaluate("document.documentElement.scrollHeight")
    for name in CLEARED[:-1]:  # a "yes" to safety opens what stands below it
        ada.locator(f"label:has(input[name='{name}'])").first.click()
        mine = clear(ada, name).bounding_box()
        for other in ada.locator(f"fieldset:has(input[name='{name}']) :is(.scale, .chips) label:not(.clear)").all():
            box = other.bounding_box()
            apart = box["y"] + box["height"] <= mine["y"] + 1 or box["x"] + box["width"] <= mine["x"]
            assert apart or mine["x"] + mine["width"] <= box["x"], name
        if name != "substance_use":
            assert ada.evaluate("document.documentElement.scrollHeight") == before, name
    assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_it_is_one_of_the_answers_and_the_focus_stays(either):
    """Rule: the arrows come to it, it is seen while it has the focus, and the question can be come back to."""
    either.locator("input[name=anxiety][value='10']").focus()
    either.keyboard.press("Space")
    either.keyboard.press("ArrowRight")
    taken = either.get_by_role("radio", name="Clear answer to: Anxiety")
    expect(taken).to_be_focused()
    expect(taken).to_be_checked()
    expect(clear(either, "anxiety").locator("small")).to_have_css("opacity", "1")
    either.keyboard.press("Tab")
    assert either.evaluate("document.activeElement.name") == "urges"
    expect(clear(either, "anxiety").locator("small")).to_have_css("opacity", "0")
    either.keyboard.press("Shift+Tab")
    expect(taken).to_be_focused()
    either.keyboard.press("ArrowRight")
    expect(either.locator("input[name=anxiety][value='0']")).to_be_checked()


def test_a_draft_without_the_answer_replaces_the_one_with_it(ada):
    for tapped in (chip(ada, "anxiety", "4"), clear(ada, "anxiety")):
        with ada.expect_response("**/account/drafts") as kept:
            tapped.click()
        assert kept.value.json()["kept"]
    ada.goto("/today")
    ada.goto("/check-ins/new")
    expect(ada.get_by_role("status").filter(has_text="We kept what you typed")).to_be_visible()
    expect(ada.locator("input[name=anxiety]:checked")).to_have_count(0)
    expect(clear(ada, "anxiety")).to_be_hidden()


def test_an_answer_can_be_taken_back_when_a_check_in_is_changed(either):
    chip(either, "mood", "5").click()
    chip(either, "anxiety", "7").click()
    chip(either, "urges", "2").click()
    save(either)
    either.get_by_role("link", name="Change it").click()
    expect(clear(either, "anxiety")).to_be_visible()
    clear(either, "anxiety").click()
    save(either)
    expect(said(either, "Skipped")).to_contain_text("Anxiety")
    expect(said(either, "Urges")).to_have_text("2")


def test_of_a_tapped_number_and_one_from_the_list_the_later_stands(ada):
    """Rule: the server refuses two different numbers; here there is only ever one."""
    chip(ada, "mood", "5").click()
    tapped, every = ada.locator("input[name=sleep_hours-tap]:checked"), ada.get_by_label("Or choose from the list")
    chip(ada, "sleep_hours-tap", "7").click()
    every.select_option("5.5")
    expect(tapped).to_have_count(0)
    chip(ada, "sleep_hours-tap", "8").click()
    expect(every).to_have_value("")
    expect(tapped).to_have_value("8")
    every.select_option("")
    expect(tapped).to_have_value("8")
    every.select_option("6.5")
    save(ada)
    expect(said(ada, "Sleep")).to_have_text("6.5 h")


def test_nothing_yet_goes_with_no_skill(ada):
    for value in ("walk", "music", "nothing_yet"):
        chip(ada, "skills", value).click()
    chosen = ada.locator("input[name=skills]:checked")
    expect(chosen).to_have_count(1)
    expect(chosen).to_have_value("nothing_yet")
    for value in ("walk", "music"):
        chip(ada, "skills", value).click()
    expect(chosen).to_have_count(2)
    assert {one.get_attribute("value") for one in chosen.all()} == {"walk", "music"}
