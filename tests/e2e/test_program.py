"""The Program page in a real browser: each setting is shown before it is saved, and then acts where it should."""

import pytest
from playwright.sync_api import Page, expect


def opened(page: Page, setting: str):
    """The line of a setting, opened; it is open already where something that was typed is kept."""
    page.goto("/program")
    line = page.locator(f"#set-{setting}")
    if line.get_attribute("open") is None:
        line.locator("summary").click()
    return line


def save(page: Page, setting: str) -> str:
    """Look at what the line that is filled in would change, and save it; what it said."""
    page.locator(f"#set-{setting}").get_by_role("button", name="Show what changes").click()
    preview = page.locator(f"#{setting}-preview")
    expect(preview).to_contain_text("From the moment you save:")
    said = preview.inner_text()
    page.locator(f"#set-{setting}").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/program?saved={setting}")
    expect(page.get_by_text("your change is saved, and applies from now on.")).to_be_visible()
    return said


def written(page: Page, setting: str, **typed: str) -> str:
    """Save a setting of fields to write in."""
    line = opened(page, setting)
    for name, text in typed.items():
        line.locator(f"[name={name}]").fill(text)
    return save(page, setting)


def ticked(page: Page, setting: str, *labels: str) -> str:
    """Save a setting of answers to tick."""
    line = opened(page, setting)
    for label in labels:
        line.get_by_label(label, exact=True).click(force=True)
    return save(page, setting)


def value_of(page: Page, setting: str) -> str:
    page.goto("/program")
    return page.locator(f"#set-{setting} > summary .opt").inner_text()


def test_how_to_reach_us_is_saved_and_read_by_participants(people, portal):
    kit, ada = people(portal, "kit"), people(portal, "ada")
    written(kit, "phone", phone="212.555.0199")
    written(kit, "address", address="9 Ferry Street")
    written(kit, "directions", directions="The green door.")
    written(kit, "hours", opens="09:30", closes="16:30")
    ada.goto("/today")
    expect(ada.locator("#help")).to_contain_text("(212) 555-0199, weekdays, 9:30 am to 4:30 pm")
    assert "18 Linden Court" not in ada.content()
    assert "It is " in _choose(kit, "zone", "Chicago")
    assert value_of(kit, "zone") == "Chicago"


def _choose(page: Page, setting: str, label: str) -> str:
    opened(page, setting).locator("select").select_option(label=label)
    return save(page, setting)


def test_signing_in_is_saved_and_acts(people, portal):
    kit, ada = people(portal, "kit"), people(portal, "ada")
    written(kit, "shown-as", shown_as="Harbor")
    written(kit, "idle-minutes", idle_minutes="20")
    ticked(kit, "second-factor", "Yes, all of them")
    assert value_of(kit, "second-factor") == "Asked of everyone"
    ada.goto("/today")
    expect(ada).to_have_title("Today | Harbor")
    assert 15 * 60 < int(ada.locator("body").get_attribute("data-idle") or 0) <= 20 * 60


def test_what_is_asked_and_what_counts_is_saved_and_acts(people, portal):
    kit, ada = people(portal, "kit"), people(portal, "ada")
    assert "Asked as well:" in ticked(kit, "question-set", "DBT diary card")
    ticked(kit, "counted-hours", "Group sessions", "Family sessions")
    assert value_of(kit, "counted-hours") == "One-to-one sessions"
    written(kit, "flag-minutes", urgent_minutes="20", same_day_minutes="90")
    assert value_of(kit, "flag-minutes") == "Urgent 20, same day 90"
    ada.goto("/check-ins/new")
    expect(ada.locator("[name=asked]")).to_have_value("dbt-2")


def test_safety_cannot_be_on_while_nobody_is_on_call(people, portal):
    kit, ada = people(portal, "kit"), people(portal, "ada")
    line = opened(kit, "on-call")
    called = line.locator("[name=on_call]:checked")
    while called.count():
        called.first.click(force=True)
    line.get_by_role("button", name="Show what changes").click()
    expect(kit.locator("#on_call-error")).to_contain_text("Nobody else would be on call")
    kit.locator("#set-on-call").get_by_role("button", name="Leave it as it is").click()
    kit.wait_for_url("**/program")
    assert "988 stays on every page" in ticked(kit, "safety", "Off")
    ada.goto("/check-ins/new")
    expect(ada.locator("[name=safety]")).to_have_count(0)
    expect(ada.locator("#help a[href='tel:988']")).to_be_visible()
    opened(kit, "on-call")
    while called.count():
        called.first.click(force=True)
    assert "becomes “Nobody”" in save(kit, "on-call")
    opened(kit, "safety").get_by_label("On", exact=True).click(force=True)
    kit.locator("#set-safety").get_by_role("button", name="Show what changes").click()
    expect(kit.locator("#asks_safety-error")).to_contain_text("Put someone on call first")
    ticked(kit, "on-call", "Dr Dee")
    assert "On call now: Dr Dee." in ticked(kit, "safety", "On")
    assert value_of(kit, "safety") == "On"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_no_wider_than_a_phone(people, portal, scheme):
    kit = people(portal, "kit", color_scheme=scheme, viewport={"width": 360, "height": 740})
    kit.goto("/program")
    for summary in kit.locator("main summary").all():
        summary.click()
    assert kit.evaluate("document.documentElement.scrollWidth") <= 360
