"""Today on a phone: its order, how much of it is on the first screen, and that it is not long."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import demo
from portal.db import db
from tests.browser import Browser
from tests.e2e.conftest import PHONE, lies_above, settle
from tests.e2e.served import PASSWORD

HERO, WHOLE = 300, 2_400  # the most pixels: the next session, closed; and the page
CUT = """() => [...document.querySelectorAll("header *, main *, aside *, footer *")].filter((one) => {
  const { left, right, width } = one.getBoundingClientRect();
  return width > 1 && !one.closest("svg") && (left < 0 || right > document.documentElement.clientWidth + 1);
}).map((one) => one.outerHTML.slice(0, 80))"""
# A range over a word has as many boxes as the word has lines.
BROKEN = """() => [...document.querySelectorAll(".btn")].filter((one) => one.checkVisibility()).flatMap((button) => {
  const texts = [...button.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE);
  return texts.flatMap((text) => [...text.data.matchAll(/\\w+/g)].filter((word) => {
    const range = new Range();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map((word) => word[0]));
})"""
HEADINGS = ["New for you", "Your week so far", "Need help now?"]


@pytest.fixture
def ada(people, quiet_portal) -> Page:
    """Ada's Today on a phone, at rest."""
    page = people(quiet_portal, "ada")
    page.goto("/today")
    settle(page)
    return page


def height(page: Page, selector: str) -> float:
    return page.locator(selector).bounding_box()["height"]


def fits(page: Page) -> None:
    """The next session leaves room for the mood on the first screen, and the page is not long."""
    hero, mood = page.locator("main section").first, page.locator("form.card:has(.scale)")
    assert hero.bounding_box()["height"] <= HERO, hero.inner_text()
    assert lies_above(hero, mood) and lies_above(mood, page.locator(".tabs"))
    assert page.evaluate("document.documentElement.scrollHeight") <= WHOLE, page.inner_text("main")


def test_the_next_session_leaves_room_for_the_mood_on_the_first_screen(ada):
    fits(ada)
    expect(ada.locator(".scale").get_by_role("button", name="10")).to_be_in_viewport(ratio=1)


def test_nothing_stands_between_the_next_session_and_the_mood(ada):
    after = "(hero) => hero.nextElementSibling.matches('form:has(.scale)')"
    assert ada.locator("main section").first.evaluate(after)


def test_the_page_is_in_one_order(ada):
    places = [ada.get_by_role("heading", name=name).bounding_box()["y"] for name in HEADINGS]
    assert places == sorted(places)


def test_the_way_there_opens_on_a_tap(ada):
    """Rule: what is opened moves the rest down, and leaves the hero as it was when it is closed."""
    way = ada.locator(".next details")
    if way.count():
        before = height(ada, ".next")
        way.locator("summary").click()
        expect(way.locator("p").first).to_be_visible()
        assert height(ada, ".next") > before
        way.locator("summary").click()
        assert height(ada, ".next") == before


def test_one_press_says_that_the_changes_were_seen(people, portal):
    ada = people(portal, "ada")
    ada.goto("/today")
    new = ada.locator("section[aria-labelledby=new]")
    new.get_by_role("button", name="I have seen").click()
    expect(new.get_by_role("status")).to_have_text("Thank you. We know that you have seen it.")
    expect(ada.locator("#new")).to_be_in_viewport()


@pytest.mark.parametrize("step", [23, pytest.param(11, marks=pytest.mark.full)])
@pytest.mark.parametrize("who", ["ada", "ben"])
def test_at_every_hour_of_a_week_it_fits(make_app, at, people, quiet_portal, who, step):
    """Rule: what is next, and what is said of it, is another at each hour; the page holds all of it as well."""
    app, first = make_app(DEMO=True), at.now
    with app.app_context():
        demo.make(first)
        db.session.commit()
    page, seen = people(quiet_portal, java_script_enabled=False), {}
    page.route("**/today", lambda route: route.fulfill(body=seen["html"], content_type="text/html"))
    for hours in range(0, 7 * 24, step):
        at(first + timedelta(hours=hours))
        browser = Browser(app)
        browser.sign_in(f"{who}@demo.example", PASSWORD)
        seen["html"] = browser.get("/today").html
        browser.close()
        page.goto("/today")
        fits(page)


def enlarged(page: Page, width: int) -> None:
    """With text alone at 200 %, as some phones enlarge it, nothing is cut off and nothing scrolls sideways."""
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("path", ["/help-now", "/sign-in", "/reset", "/join", "/offline", "/no-such-page"])
def test_at_twice_the_text_help_is_one_tap_away_before_anybody_signs_in(people, quiet_portal, path):
    page = people(quiet_portal)
    page.goto(path)
    enlarged(page, PHONE["width"])
    enlarged(page, 320)
    help_now = page.locator("header").get_by_role("link", name="Help now")
    expect(help_now).to_be_in_viewport(ratio=1)
    help_now.click()
    expect(page.locator("#help").get_by_role("heading")).to_be_in_viewport()


def test_at_twice_the_text_a_participants_help_and_plan_are_whole(people, quiet_portal):
    ada = people(quiet_portal, "ada")
    for path in ("/help-now", "/safety-plan", "/today", "/check-ins/new"):
        ada.goto(path)
        enlarged(ada, PHONE["width"])
        enlarged(ada, 320)


def test_no_button_is_broken_inside_a_word(people, quiet_portal):
    ada = people(quiet_portal, "ada", viewport={"width": 360, "height": 740})
    for path in ("/today", "/safety-plan", "/help-now"):
        ada.goto(path)
        assert ada.evaluate(BROKEN) == []
