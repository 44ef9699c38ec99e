"""Sets of questions in a browser: the result with its working in one tap, and questions that fold after a "Never"."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK
from tests.e2e.test_pages import validate
from tests.e2e.walk import Findings, look
from tests.measures.asked import answers_of

SIDE_BY_SIDE = """pairs => [...pairs.querySelectorAll("dt")].every((dt) => {
  const [question, answer] = [dt.getBoundingClientRect(), dt.nextElementSibling.getBoundingClientRect()];
  return answer.left >= question.right && Math.abs(answer.top - question.top) < 2 && answer.width > 90;
})"""


def answer(page, slug, value=1, **other):
    """Answer as a thumb does; the page is at the result then."""
    page.goto(f"/measures/{slug}")
    for item, given in answers_of(slug, value, **other).items():
        page.check(f"input[name={item}][value='{given}']", force=True)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/measures/{slug}/*")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_change_comes_first_and_its_working_is_one_tap_away(people, portal, script):
    ada = people(portal, "ada", java_script_enabled=script)
    answer(ada, "gad-7", 3)
    said = ada.locator("#said")
    expect(said).to_contain_text("by more than chance alone")
    working = ada.get_by_text("6 points or more is more than chance explains (Bischoff and others, 2020)")
    expect(working).to_be_hidden()
    ada.get_by_text("How we work this out").click()
    expect(working).to_be_visible()
    expect(ada.get_by_text("add up: 3 + 3 + 3 + 3 + 3 + 3 + 3 = 21.")).to_be_visible()


def test_answers_stand_in_two_columns_on_a_phone_and_on_a_desk(people, portal):
    ada = people(portal, "ada")
    answer(ada, "phq-9", 2, phq9_9=0)
    for size in ({"width": 360, "height": 740}, DESK):
        ada.set_viewport_size(size)
        assert ada.locator("dl.pair").evaluate(SIDE_BY_SIDE), size


def test_after_a_never_the_rest_is_not_asked_any_more(people, portal):
    kit, ada = people(portal, "kit", viewport=DESK), people(portal, "ada")
    kit.goto("/program/measures")
    kit.check("input[name=accepted][value=audit-c]", force=True)
    kit.locator("main").get_by_role("button", name="Save").click()
    ada.goto("/measures/audit-c")
    ada.check("input[name=auditc_2][value='3']", force=True)
    expect(ada.locator("#auditc_2")).to_be_visible()
    ada.check("input[name=auditc_1][value='0']", force=True)
    for item in ("auditc_2", "auditc_3"):
        expect(ada.locator(f"#{item}")).to_be_hidden()
    ada.get_by_role("button", name="Save", exact=True).click()
    expect(ada.locator("#said")).to_have_text("Your number is 0.")
    expect(ada.get_by_text("Not asked")).to_have_count(2)


def test_the_pages_of_measures_that_only_an_answer_shows_are_as_good(people, portal, tmp_path):
    """A result with its working open, and a refused line about the event."""
    found, ada = Findings(), people(portal, "ada")
    answer(ada, "gad-7", 2)
    ada.locator("main details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    found.html["result"] = ada.content()
    look(ada, "result", found)
    ada.goto("/measures/pcl-5")
    ada.check("input[name=pcl5_1][value='1']", force=True)
    ada.fill("input[name=event]", "x" * 201)
    with ada.expect_navigation() as arrival:
        ada.get_by_role("button", name="Save", exact=True).click()
    found.html["refused event"] = arrival.value.text()
    look(ada, "refused event", found)
    assert found.axe == []
    assert found.wide == []
    assert validate({"refused event": found.html["refused event"]}, tmp_path) == []
