"""The safety plan: own words, every version kept, and close at hand."""

import pytest

from portal import exercises
from portal.db import db
from portal.exercises.models import Practice

EDIT = "/safety-plan/edit"
FIRST = {
    "signs": "Not sleeping",
    "ask-0-who": "My sister Jo",
    "ask-0-phone": "212 555 0188",
    "action": "finish",
}


def test_without_a_plan_the_page_offers_to_start_one(browser):
    assert browser("ada").get("/safety-plan").all("a", href=EDIT)


def test_a_saved_plan_can_be_read_called_and_printed(browser):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST)
    assert ada.location == "/safety-plan"
    page = ada.get("/safety-plan")
    assert page.all("a", href="tel:+12125550188")
    assert "Last changed Today, 10:52 am" in page.text


def test_changing_it_starts_from_what_is_there_and_keeps_the_version_before(app, browser):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST)
    assert ada.get(EDIT).fields(EDIT)["signs"] == ["Not sleeping"]
    ada.submit(EDIT, {"signs": "Not answering texts", "action": "finish"})
    with app.app_context():
        kept = [
            exercises.open_answers(p.answers, p.key)["signs"]
            for p in db.session.scalars(db.select(Practice).order_by(Practice.id))
        ]
    assert kept == ["Not sleeping", "Not answering texts"]
    assert "Not answering texts" in ada.get("/safety-plan").text


def test_back_and_a_change_is_one_more_version(browser):
    ada = browser("ada")
    form = ada.get(EDIT).fields(EDIT) | FIRST
    ada.post(EDIT, form)
    ada.post(EDIT, form | {"signs": "Not eating"})
    assert "Not eating" in ada.get("/safety-plan").text


def test_enter_in_a_field_saves_the_plan(browser):
    page = browser("ada").get(EDIT)
    first = next(button for button in page.form(EDIT).iter("button"))
    assert (first.get("name"), first.get("value")) == ("action", "finish")


def test_the_plan_stands_in_the_help_panel_and_on_the_help_page(browser):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST)
    for path in ("/today", "/check-ins/new", "/help-now"):
        assert "Ask for help: My sister Jo 212 555 0188" in ada.get(path).text, path


def test_nobody_else_sees_it(browser):
    ada, ben = browser("ada"), browser("ben")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST)
    assert "Jo" not in ben.get("/help-now").text


def test_a_part_that_was_left_out_has_no_line():
    assert exercises.shorten_safety_plan({"signs": "Not sleeping"}) == ["My signs: Not sleeping"]
    assert exercises.shorten_safety_plan({}) == []


def test_the_lines_are_six_and_short():
    lines = exercises.shorten_safety_plan(
        {"signs": "word " * 400, "alone": "a\nb", "safer": "c", "reason": "d"}
        | {part: [{"who": "Jo", "phone": "911"}] * 30 for part in ("company", "ask", "professionals")}
    )
    assert len(lines) == 6
    assert lines[1] == "On my own: a b"
    assert max(len(line) for line in lines) <= exercises.LONGEST_LINE


def test_a_plan_is_read_in_one_select(app, cast, browser):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST)
    ada.selects.clear()
    with app.app_context():
        assert exercises.safety_plan_in_short(cast.ada)
        assert exercises.safety_plan_in_short(cast.ben) == []
    assert len(ada.selects) == 2


@pytest.mark.asvs("1.2.1")
def test_a_number_in_any_line_can_be_tapped(browser):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, {"alone": "Call 212-555-0188 <b>", "action": "finish"})
    page = ada.get("/safety-plan")
    assert page.all("a", href="tel:+12125550188")
    assert "<b>" in page.text
