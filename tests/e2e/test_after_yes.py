"""After an answer about safety, in a real browser: people come first, with the number we would call, and who acts."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from portal import clock
from tests.e2e.conftest import DESK

OLD_PHONE = {"width": 360, "height": 740}


def says_yes(page: Page) -> None:
    """A short check-in with a yes to the safety question."""
    page.goto("/check-ins/new?set=low")
    page.locator("input[name=mood][value='2']").check(force=True)
    page.locator("input[name=safety][value=yes_talk]").check(force=True)
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for telling us")


def top_of(page: Page, name: str) -> float:
    return page.get_by_text(name, exact=True).first.evaluate("one => one.getBoundingClientRect().top + scrollY")


def bottom_of(page: Page, name: str) -> float:
    return page.get_by_text(name, exact=True).first.evaluate("one => one.getBoundingClientRect().bottom + scrollY")


def test_people_come_first_and_all_ways_to_them_within_two_screens_of_a_small_phone(people, portal):
    ada = people(portal, "ada", viewport=OLD_PHONE)
    says_yes(ada)
    assert top_of(ada, "Call 988") < 300
    ways = ["Call 988", "Text 988", "My safety plan", "Ask my team to call me", "Use another number"]
    tops = [top_of(ada, way) for way in ways]
    assert tops == sorted(tops)
    assert bottom_of(ada, "Use another number") <= 2 * OLD_PHONE["height"]
    assert top_of(ada, "Are you safe right now?") > tops[-1]
    for cheerful in ("figure", "blockquote", ".spark", "[aria-labelledby=try]"):
        expect(ada.locator(f"main {cheerful}")).to_have_count(0)


def test_a_number_that_was_changed_is_the_one_that_we_would_call(people, portal):
    ada = people(portal, "ada")
    says_yes(ada)
    came_from = ada.url
    ada.get_by_role("link", name="Use another number").click()
    ada.get_by_label("Your phone number").fill("646 555 0199")
    ada.get_by_role("button", name="Save").click()
    ada.wait_for_url(came_from)
    expect(ada.locator("#help")).to_contain_text("We would call (646) 555-0199")
    ada.get_by_role("button", name="Ask my team to call me").click()
    expect(ada.locator("#help")).to_contain_text("You asked us to call you at (646) 555-0199")


def test_while_their_therapist_is_away_the_cover_acts_and_sees_nothing_after(people, portal):
    cho, dee, ada = people(portal, "cho", viewport=DESK), people(portal, "dee", viewport=DESK), people(portal, "ada")
    dee.goto("/caseload/")
    expect(dee.get_by_role("link", name="Ada Moreno")).to_have_count(0)
    today = f"{clock.day_of(datetime.now(UTC), 'America/New_York')}"
    cho.goto("/time-away")
    cho.get_by_label("First day away").fill(today)
    cho.get_by_label("Last day away").fill(today)
    cho.get_by_label("Who covers").select_option(label="Dr Dee")
    cho.get_by_role("button", name="Save", exact=True).click()
    expect(cho.get_by_text("Entered. It begins and ends by itself.")).to_be_visible()

    says_yes(ada)
    dee.goto("/caseload/")
    row = dee.locator("ol.triage > li", has_text="Ada Moreno")
    expect(row).to_contain_text("Said “yes, and I want to talk to someone”")
    row.get_by_role("link", name="Review").click()
    dee.locator("a[href*='/flags/']").first.click()
    dee.locator("input[name=act][value=contacted]").check(force=True)
    dee.get_by_role("button", name="Save", exact=True).click()
    expect(dee.get_by_text("It stands under “What was done”").or_(dee.get_by_text("Saved").first)).to_be_visible()

    cho.get_by_role("button", name="End now").click()
    expect(cho.get_by_text("Ended.")).to_be_visible()
    dee.goto("/caseload/")
    expect(dee.get_by_role("link", name="Ada Moreno")).to_have_count(0)
    cho.goto("/caseload/")
    mine = cho.locator("ol.triage > li", has_text="Ada Moreno")
    expect(mine).to_contain_text("Dr Dee")


def test_a_yes_without_a_mood_brings_people_and_the_way_to_the_mood_onto_one_screen(people, portal):
    ada = people(portal, "ada", viewport=OLD_PHONE)
    ada.goto("/check-ins/new?set=low")
    ada.locator("input[name=safety][value=yes_talk]").check(force=True)
    ada.get_by_role("button", name="Save").last.click()
    expect(ada.locator("#errors")).to_be_focused()
    way = ada.locator("#errors").get_by_role("link")
    for shown in (ada.locator("#unsent a[href='tel:988']"), ada.locator("#unsent a[href^='tel:+1']"), way):
        expect(shown).to_be_in_viewport(ratio=1)
    way.click()
    expect(ada.locator("#mood")).to_be_focused()
    expect(ada.locator("#mood-error")).to_be_in_viewport(ratio=1)
    expect(ada.locator("input[name=safety][value=yes_talk]")).to_be_checked()


def test_the_answer_whether_one_is_safe_is_seen_to_be_taken(people, portal):
    ada = people(portal, "ada", viewport=OLD_PHONE)
    says_yes(ada)
    for button, said in (("Yes", "You said: yes."), ("Not sure", "You said: not sure.")):
        ada.get_by_role("button", name=button, exact=True).click()
        expect(ada.get_by_role("button", name=button, exact=True)).to_have_attribute("aria-pressed", "true")
        expect(ada.get_by_text(said).first).to_be_in_viewport()
        assert top_of(ada, "Call 988") < 300
