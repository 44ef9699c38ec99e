"""Every exercise in a browser: it opens on its tool, and is done by thumb, by keyboard and without a script."""

import pytest
from playwright.sync_api import Page, expect

from portal.exercises import EXERCISES
from tests.e2e.walk import Findings, look

SMALL = {"width": 360, "height": 740}
PRACTICED = [slug for slug, exercise in EXERCISES.items() if not exercise.living and slug != "one-rung"]
KEPT = [slug for slug, exercise in EXERCISES.items() if exercise.living]
# The top of the tool, or of the first question, and the edge above which it can be seen: that of the bar of tabs.
FIRST_SCREEN = """() => {
  const tools = ".next .btn.big:not([hidden]), .next ol, fieldset, .field";
  const tool = document.querySelector(`#practice :is(${tools}), #caution`);
  const bar = document.querySelector(".tabs").getBoundingClientRect().top;
  return [tool.getBoundingClientRect().top + 44, bar > 300 ? bar : innerHeight];
}"""
FILL = """() => {
  const own = { date: "2026-12-24", numeric: "40" };
  const seen = (kinds) => [...document.querySelectorAll(`#practice :is(${kinds})`)].filter((one) => one.offsetParent);
  for (const field of seen("textarea, input[type=text], input[type=tel], input[type=date]"))
    field.value ||= own[field.type] ?? own[field.inputMode] ?? "Something of my own";
  for (const name of new Set(seen("input[type=radio]").map((one) => one.name))) {
    const all = seen(`input[type=radio][name="${name}"]`).filter((one) => one.value);
    if (!all.some((one) => one.checked)) all[0].checked = true;
  }
}"""


def opened(page: Page, slug: str) -> None:
    """Come to the tool of an exercise, past its caution if it has one."""
    page.goto(f"/exercises/{slug}")
    if EXERCISES[slug].caution:
        page.get_by_role("link", name="None of these is true").click()
        page.wait_for_url("**ready=1")


def do(page: Page, slug: str) -> None:
    """Fill in what can be seen, step by step, to the end."""
    opened(page, slug)
    for _ in range(12):
        page.evaluate(FILL)
        further = page.get_by_role("button", name="Next step", exact=True)
        if not further.count():
            break
        with page.expect_navigation():
            further.click()
    with page.expect_navigation():
        page.get_by_role("button", name="I am done" if EXERCISES[slug].tool else "Finish").click()
    page.wait_for_url(f"**/exercises/{slug}/practices/*")
    expect(page.get_by_text(EXERCISES[slug].after)).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_every_exercise_opens_on_its_tool_and_is_done(people, portal, sample, script):
    ada, rows = people(portal, "ada", viewport=SMALL, java_script_enabled=script), []
    for slug in PRACTICED[:: max(1, sample)]:
        ada.goto(f"/exercises/{slug}")
        top, edge = ada.evaluate(FIRST_SCREEN)
        assert top <= edge, f"{slug}: the tool begins at {top}, the screen ends at {edge}"
        do(ada, slug)
        rows.append(f"{slug:18} {', '.join(sorted({field.kind for field in EXERCISES[slug].fields}))}, from {top:.0f}")
    print("\n".join(rows))


def test_the_pages_of_exercises_have_no_fault_that_a_checker_finds(people, portal, sample):
    ada, findings = people(portal, "ada", viewport=SMALL), Findings()
    for slug in [*PRACTICED, *KEPT][:: max(1, sample)]:
        opened(ada, slug) if slug in PRACTICED else ada.goto(EXERCISES[slug].address)
        look(ada, ada.url.removeprefix(portal), findings)
    assert not findings.axe + findings.wide, "\n".join(findings.axe + findings.wide)


def test_steps_go_by_themselves_or_by_tap_and_can_be_gone_back(people, portal):
    ada = people(portal, "ada", viewport=SMALL)
    ada.goto("/exercises/five-senses")
    words, start = ada.locator("[data-words]"), ada.locator("[data-start]")
    expect(words).to_have_text("Ready when you are")
    start.click()
    expect(words).to_contain_text("5 things that you can see")
    start.click()
    expect(words).to_contain_text("4 things that you can touch")
    ada.get_by_role("button", name="Back", exact=True).click()
    expect(words).to_contain_text("5 things that you can see")
    ada.check("input[value=hear]", force=True)
    expect(words).to_contain_text("Find 5 sounds")
    for _ in range(4):
        start.click()
    expect(words).to_have_text("That was all of it.")


def test_a_timed_step_ends_by_itself(people, portal):
    ada = people(portal, "ada", viewport=SMALL)
    ada.clock.install()
    ada.goto("/exercises/tense-and-release")
    ada.locator("[data-start]").click()
    expect(ada.locator("[data-words]")).to_contain_text("make fists and bend them")
    ada.clock.run_for(7_000)
    expect(ada.locator("[data-words]")).to_contain_text("Let them drop")


def test_steps_are_a_list_to_follow_without_a_script(people, portal):
    ada = people(portal, "ada", viewport=SMALL, java_script_enabled=False)
    ada.goto("/exercises/five-senses")
    expect(ada.get_by_text("Find 5 things that you can see.")).to_be_visible()


def test_with_less_motion_the_circle_rests_and_the_words_go_on(people, portal):
    ada = people(portal, "ada", viewport=SMALL, reduced_motion="reduce")
    ada.goto("/exercises/slow-breath")
    ada.locator("input[type=checkbox]").focus()
    ada.keyboard.press("Space")
    moving = "name => document.querySelector(name).getAnimations().length"
    assert ada.evaluate(moving, ".air i") == 0
    assert ada.evaluate(moving, ".air .in") == 1
    expect(ada.locator("[data-along]")).to_contain_text("Breath 1")


def test_what_was_left_is_there_on_another_device(people, portal):
    phone, other = people(portal, "ada", viewport=SMALL), people(portal, "ada")
    phone.goto("/exercises/link-by-link")
    phone.fill("[name=what]", "I went back to the old place")
    with phone.expect_navigation():
        phone.get_by_role("button", name="Leave it for now").click()
    other.goto("/exercises/link-by-link")
    expect(other.locator("#step-place")).to_contain_text("Step 2 of 6")
    other.goto("/exercises/link-by-link/steps/1")
    expect(other.locator("[name=what]")).to_have_value("I went back to the old place")


def test_an_exercise_is_done_by_keyboard_alone(people, portal):
    ada = people(portal, "ada", viewport=SMALL)
    ada.goto("/exercises/short-log")
    for _ in range(40):
        ada.keyboard.press("Tab")
        if ada.evaluate("document.activeElement.name") == "strength":
            break
    ada.keyboard.press("ArrowRight")
    for _ in range(40):
        ada.keyboard.press("Tab")
        if ada.evaluate("document.activeElement.textContent.trim()") == "Finish":
            break
    with ada.expect_navigation():
        ada.keyboard.press("Enter")
    ada.wait_for_url("**/exercises/short-log/practices/*")


def test_a_ladder_is_shared_approved_and_climbed(people, portal):
    ada, cho = people(portal, "ada", viewport=SMALL), people(portal, "cho")
    ada.goto("/exercises/one-rung")
    expect(ada.get_by_text("There is nothing to choose from yet.")).to_be_visible()
    ada.goto("/exercises/the-ladder/edit")
    ada.fill("[name=theme]", "That the train stops")
    ada.fill("[name=steps-0-what]", "Stand on the platform")
    with ada.expect_navigation():
        ada.get_by_role("button", name="Save my plan").last.click()
    with ada.expect_navigation():
        ada.get_by_role("button", name="Share with my care team").click()
    cho.goto("/caseload/")
    cho.get_by_role("link", name="Ada Moreno").first.click()
    cho.get_by_role("link", name="What they share of their practice: 1").click()
    cho.get_by_role("link", name="My ladder").click()
    cho.check("input[name=rows]", force=True)
    with cho.expect_navigation():
        cho.get_by_role("button", name="Save", exact=True).click()
    ada.goto("/exercises/one-rung")
    expect(ada.get_by_label("Stand on the platform")).to_have_count(1)
