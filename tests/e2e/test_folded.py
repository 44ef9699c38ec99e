"""A check-in that began with the number on Today: mood and safety first, the day before them, the rest behind a tap."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import arrive, lies_above

WIDE = {"width": 430, "height": 932}  # a phone whose lines break as those of one of 390 px with narrower letters


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def folded(people, portal, request) -> Page:
    """The form after a tap on Today's 6."""
    page = people(portal, "ada", viewport=WIDE, java_script_enabled=request.param)
    page.goto("/today")
    page.get_by_role("button", name="6", exact=True).click()
    arrive(page, "/check-ins/new")
    return page


def test_the_day_comes_first_and_save_is_on_the_first_screen(folded):
    day, mood, safety = (folded.locator(f"fieldset#{name}") for name in ("for_day", "mood", "safety"))
    save = folded.get_by_role("button", name="Save", exact=True).first
    assert lies_above(day, mood) and lies_above(mood, safety) and lies_above(safety, save)
    assert lies_above(save, folded.locator(".tabs"))
    expect(folded.get_by_role("radio", name="Today")).to_be_checked()
    expect(folded.locator("input[name=mood][value='6']")).to_be_checked()
    expect(mood.get_by_text("You tapped 6 on Today. You can change it.")).to_be_visible()
    expect(folded.get_by_text("How anxious do you feel?")).to_be_hidden()


def test_it_takes_two_taps_from_today_and_says_what_was_saved_in_one_sentence(folded):
    folded.get_by_role("button", name="Save", exact=True).first.click()
    arrive(folded, "/check-ins/*/saved")
    expect(folded.locator("main").get_by_role("status")).to_have_text("Mood 6. The rest left out.")
    assert folded.get_by_text("Skipped").filter(visible=True).count() == 0
    expect(folded.get_by_role("heading", level=2).first).to_contain_text("6 today")


def test_yesterday_is_one_tap_more(folded):
    folded.locator("label", has_text="Yesterday").click()
    folded.get_by_role("button", name="Save", exact=True).first.click()
    arrive(folded, "/check-ins/*/saved")
    expect(folded.get_by_role("heading", level=2).first).to_have_text("Your mood yesterday was 6")


def test_unfolded_the_rest_is_asked_and_counts(folded):
    folded.get_by_text("Ask me more").click()
    folded.locator("label:has(input[name=anxiety][value='8'])").click()
    folded.get_by_role("button", name="Save", exact=True).last.click()
    arrive(folded, "/check-ins/*/saved")
    expect(folded.locator("main").get_by_role("status")).to_have_text("Mood 6 and one more answer. The rest left out.")
    expect(folded.get_by_text("You put your anxiety at 8.")).to_be_visible()
    folded.get_by_text("How we chose this").click()
    expect(folded.get_by_text("Anxiety of 7 or more.")).to_be_visible()
    folded.get_by_text("How we work this out").click()
    expect(folded.get_by_text("You are compared with yourself")).to_be_visible()


def test_who_used_meets_the_next_24_hours_before_the_chart(people, portal):
    page = people(portal, "ada")
    page.goto("/check-ins/new")
    for name, value in (("mood", "6"), ("urges", "5"), ("substance_use", "yes")):
        page.locator(f"label:has(input[name={name}][value='{value}'])").click()
    page.get_by_label("Anything you want us to know?").fill("Hard day")
    page.get_by_role("button", name="Save check-in").click()
    arrive(page, "/check-ins/*/saved")
    first = page.locator("section[aria-labelledby=try-heading]")
    expect(first.get_by_role("heading")).to_have_text("The next 24 hours")
    assert lies_above(first, page.locator("figure"))
    expect(first.get_by_role("link", name="Call us")).to_be_visible()
