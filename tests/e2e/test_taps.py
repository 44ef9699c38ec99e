"""How many taps a check-in takes, under a thumb of 44 px, without JavaScript, zoomed to 200 %, and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

SMALL = {"width": 360, "height": 740}
ZOOMED = {"width": 195, "height": 422}  # a phone of 390 px at 200 %
EVERY = ("mood", "anxiety", "urges", "sleep_hours-tap", "medication", "substance_use", "skills", "safety")
FIRST = {"mood": "4", "anxiety": "0", "urges": "10", "sleep_hours-tap": "7", "medication": "yes", "substance_use": "no"}
FIRST |= {"skills": "walk", "safety": "no"}


class Thumb:
    """Taps, and counts them; what it taps is at least 44 px each way."""

    def __init__(self, page) -> None:
        self.page, self.taps = page, 0

    def choose(self, item: str) -> None:
        chip = self.page.locator(f"label:has(input[name='{item}'][value='{FIRST[item]}'])")
        assert min(chip.bounding_box()["width"], chip.bounding_box()["height"]) >= 44, item
        chip.click()
        self.taps += 1

    def save(self) -> int:
        self.page.get_by_role("button", name=re.compile("^Save")).first.click()
        self.page.wait_for_url("**/saved")
        return self.taps + 1


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def thumb(people, portal, request):
    page = people(portal, "ada", viewport=SMALL, java_script_enabled=request.param)
    page.goto("/check-ins/new")
    return Thumb(page)


def test_every_item_takes_nine_taps_with_save(thumb):
    for item in EVERY:
        thumb.choose(item)
    assert thumb.save() <= 9
    for words in ("Anxiety 0", "Urges 10", "Sleep 7 h", "Medicine Yes", "Helped A walk"):
        name, value = words.split(" ", 1)
        expect(thumb.page.locator(f"dt:has-text('{name}') + dd").first).to_have_text(value)


def test_with_two_skipped_it_is_seven(thumb):
    for item in EVERY[:-2]:
        thumb.choose(item)
    assert thumb.save() <= 7
    expect(thumb.page.locator("dt:has-text('Skipped') + dd")).to_have_text("Helped, Safety question")


@pytest.mark.parametrize(("items", "taps"), [(["mood"], 2), (["mood", "safety"], 3)])
def test_the_short_one_is_two_or_three(thumb, items, taps):
    thumb.page.get_by_role("link", name="Make it shorter").click()
    thumb.page.wait_for_url("**/check-ins/new?set=low")
    for item in items:
        thumb.choose(item)
    assert thumb.save() <= taps


@pytest.mark.parametrize("address", ["/check-ins/new", "/check-ins/new?set=low"])
@pytest.mark.parametrize("viewport", [SMALL, ZOOMED], ids=["360 px", "200 %"])
def test_every_control_is_44_px_and_nothing_scrolls_sideways(people, portal, address, viewport):
    page = people(portal, "ada", viewport=viewport, device_scale_factor=2)
    page.goto(address)
    for control in page.locator(
        "main form label:has(input), main form select, main form textarea, main form button"
    ).all():
        box = control.bounding_box()
        assert box["width"] >= 44, control.inner_text()
        assert box["height"] >= 44, control.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_can_be_filled_in_and_sent_zoomed(people, portal):
    page = people(portal, "ada", viewport=ZOOMED, device_scale_factor=2, java_script_enabled=False)
    page.goto("/check-ins/new")
    thumb = Thumb(page)
    for item in EVERY:
        thumb.choose(item)
    assert thumb.save() <= 9


def test_it_can_be_filled_in_by_keyboard_alone(people, portal):
    page = people(portal, "ada", viewport=SMALL)
    page.goto("/check-ins/new")
    page.locator("input[name=mood]").first.focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowRight", "Tab", "Space", "Tab", "Space", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/saved")
    for name, value in (
        ("Mood", "3"),
        ("Anxiety", "0"),
        ("Urges", "0"),
        ("Skipped", "Sleep, Medicine, Drank or used, Helped, Safety question"),
    ):
        expect(page.locator(f"dt:has-text('{name}') + dd").first).to_have_text(value)


def test_every_half_hour_of_sleep_is_in_the_list(people, portal):
    page = people(portal, "ada", viewport=SMALL)
    page.goto("/check-ins/new")
    Thumb(page).choose("mood")
    page.get_by_label("Or choose from the list").select_option("5.5")
    page.get_by_role("button", name="Save check-in").click()
    expect(page.locator("dt:has-text('Sleep') + dd")).to_have_text("5.5 h")


def test_a_draft_is_kept_after_each_change_and_comes_back(people, portal):
    page = people(portal, "ada", viewport=SMALL)
    page.goto("/check-ins/new")
    with page.expect_response("**/account/drafts") as kept:
        Thumb(page).choose("anxiety")
    assert kept.value.json()["kept"]
    with page.expect_response("**/account/drafts"):
        page.fill("textarea[name=note]", "A long evening")
    page.goto("/today")
    page.goto("/check-ins/new")
    expect(page.get_by_role("status").filter(has_text="We kept what you typed")).to_be_visible()
    expect(page.locator("input[name=anxiety][value='0']")).to_be_checked()
    expect(page.locator("textarea[name=note]")).to_have_value("A long evening")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
