"""What is wide or has lines of its own: tables with even rows, whole on paper, and notes as they were written."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.test_changed_mind import chip, save

ROWS = """(table) => [...table.rows].map((row) => Math.round(row.getBoundingClientRect().height))"""
NOTE = "Slept late.\nWalked to the river.\n\nThen tea."


def opens_the_table(page: Page):
    page.goto("/check-ins/")
    page.locator("summary", has_text="See this as a table").click()
    return page.locator(".scroll > .data").first


@pytest.fixture(params=[PHONE, DESK], ids=["390 px", "1280 px"])
def ada(request, people, quiet_portal):
    return people(quiet_portal, "ada", viewport=request.param)


def test_no_column_makes_the_rows_of_a_history_tall(ada):
    """Rule: three lines at most; what does not fit beside the page is scrolled to, by finger or by keyboard."""
    table = opens_the_table(ada)
    assert max(table.evaluate(ROWS)) <= 3 * 24 + 13
    box, whole = ada.locator(".scroll").first, ada.evaluate("document.documentElement.clientWidth")
    assert box.evaluate("(box) => box.scrollWidth > box.clientWidth")
    assert ada.evaluate("document.documentElement.scrollWidth") == whole
    box.focus()
    ada.keyboard.press("End")
    ada.keyboard.press("ArrowRight")
    ada.wait_for_function("(box) => box.scrollLeft > 0", arg=box.element_handle())


def test_on_paper_every_column_is_there_and_no_word_of_what_to_press(ada):
    table = opens_the_table(ada)
    columns = table.locator("thead th").count()
    ada.locator("summary", has_text="See this as a table").click()
    ada.set_viewport_size({"width": 673, "height": 1000})  # a sheet without its margins
    ada.emulate_media(media="print")
    expect(ada.locator("summary", has_text="See this as a table")).to_be_hidden()
    shown = [th.bounding_box() for th in table.locator("thead th").all()]
    assert len(shown) == columns
    assert max(box["x"] + box["width"] for box in shown) <= 673


def test_a_note_keeps_its_lines(people, portal):
    ada = people(portal, "ada")
    ada.goto("/check-ins/new")
    chip(ada, "mood", "5").click()
    ada.fill("textarea[name=note]", NOTE)
    save(ada)
    ada.goto("/check-ins/")
    expect(ada.locator("article.entry blockquote p").first).to_have_js_property("innerText", NOTE)
