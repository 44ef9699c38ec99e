"""The working of what is derived, in a real browser: the rule, the numbers and the days open with one tap."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK


def opens(page: Page, summary: str) -> str:
    """The words that one tap on this summary shows, which were hidden before."""
    working = page.locator("details", has=page.locator("summary", has_text=summary)).first
    told = working.locator(":scope > :not(summary)").first
    expect(told).to_be_hidden()
    working.locator("summary").first.click()
    expect(told).to_be_visible()
    return told.inner_text()


def test_why_somebody_needs_a_look(people, portal):
    cho = people(portal, "cho", viewport=DESK)
    cho.goto("/caseload/")
    assert any(character.isdigit() for character in opens(cho, "How we know"))


def test_why_an_exercise_is_suggested(people, portal):
    ada = people(portal, "ada")
    ada.goto("/check-ins/new")
    for name, value in (("mood", "4"), ("anxiety", "9")):
        ada.locator(f"input[name={name}][value='{value}']").check(force=True)
    ada.get_by_role("button", name="Save check-in").click()
    ada.wait_for_url("**/saved")
    assert "Anxiety of 7 or more" in opens(ada, "How we chose this")


def test_what_a_number_of_a_measure_says(people, portal):
    ada = people(portal, "ada")
    ada.goto("/measures/")
    ada.locator("main a[href*='/measures/gad-7/'], main a[href*='/measures/phq-9/']").first.click()
    assert "points" in opens(ada, "How we work this out")
