"""The safety plan: own words, every version kept, and close at hand."""

import pytest

from portal import exercises
from portal.db import db, new_key
from portal.exercises.models import Practice
from tests.browser import words
from tests.conftest import PASSWORD

EDIT = "/safety-plan/edit"
FIRST = {
    "signs": "Not sleeping",
    "ask-0-who": "My sister Jo",
    "ask-0-phone": "212 555 0188",
    "action": "finish",
}


def test_without_a_plan_the_page_offers_to_start_one(browser):
    assert browser("ada").get("/safety-plan").all("a", href=EDIT)


@pytest.mark.parametrize("path", ["/help-now", "/today", "/check-ins/new"])
def test_whom_the_plan_names_is_called_with_one_tap_wherever_the_plan_stands(browser, path):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST | {"signs": "Ring Sam, 212-555-0117"})
    plan = ada.get(path).one("ol", class_="plan")
    assert [(words(a), a.get("href")) for a in plan.iter("a")] == [
        ("212-555-0117", "tel:+12125550117"),
        ("212 555 0188", "tel:+12125550188"),
    ]


def test_a_saved_plan_can_be_read_called_and_printed(browser):
    ada = browser("ada")
    ada.get(EDIT)
    ada.submit(EDIT, FIRST)
    assert ada.location == "/safety-plan"
    page = ada.get("/safety-plan")
    assert page.all("a", href="tel:+12125550188")
    assert "Saved Wednesday, March 11, 10:52 am" in page.text
    assert page.all("button", data_print="")


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


def save(browser, **answers):
    browser.get(EDIT)
    browser.submit(EDIT, {name.replace("_", "-"): text for name, text in answers.items()} | {"action": "finish"})
    assert browser.location == "/safety-plan"
    return browser.get("/safety-plan")


def test_the_people_it_names_are_buttons_to_call_those_to_tell_first(browser):
    page = save(
        browser("ada"),
        company_0_who="Sam, from choir",
        company_0_phone="212-555-0117",
        company_1_who="The library",
        ask_0_who="My sister Inez",
        ask_0_phone="(212) 555-0188",
        professionals_0_who="The line, 988",
        professionals_1_who="Our clinic, (212) 555-0142",
        ask_1_who="Inez",
        ask_1_phone="1 212 555 0188",
    )
    buttons = [(words(one), one.get("href")) for one in page.all("a") if "big" in (one.get("class") or "")]
    assert buttons == [("My sister Inez", "tel:+12125550188"), ("Sam, from choir", "tel:+12125550117")]
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142"} <= {one.get("href") for one in page.all("a")}


def test_a_plan_that_names_nobody_has_988_and_the_clinic(browser):
    page = save(browser("ada"), signs="Not sleeping")
    assert not [one for one in page.all("a") if "big" in (one.get("class") or "")]
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142"} <= {one.get("href") for one in page.all("a")}


def test_each_version_can_be_read_and_says_what_changed(app, cast, browser, at):
    first = {"signs": "Not sleeping"}
    with app.app_context():
        for answers in (first, first | {"alone": "A walk", "safer": "Jo has the key"}):
            exercises.finish(cast.ada, exercises.EXERCISES["safety-plan"], new_key(), answers, at.now)
            at.later(days=3)
        db.session.commit()
    ada = browser("ada")
    page = save(ada, signs="Not eating")
    listed = page.one("ul", class_="rows")
    told = [words(one) for one in listed]
    assert "this one" in told[0] and "You changed “My signs”" in told[0]
    assert "March 14" in told[1] and "You changed “On my own” and “Make it safer”" in told[1]
    assert "March 11" in told[2] and "The first one" in told[2]
    earlier = ada.get(listed[2].find("a").get("href"))
    assert "Not sleeping" in earlier.text
    assert "It cannot be changed" in earlier.text
    assert "A walk" not in earlier.text
    assert not earlier.all("textarea")


def test_the_version_that_stands_is_no_earlier_one(app, browser):
    ada = browser("ada")
    save(ada, signs="Not sleeping")
    with app.app_context():
        key = db.session.scalar(db.select(Practice.key))
    ada.get(f"/safety-plan/versions/{key}", 303)
    assert ada.location == "/safety-plan"


def test_what_is_no_version_of_theirs_is_not_there(app, browser):
    ada, ben = browser("ada"), browser("ben")
    save(ada, signs="Not sleeping")
    save(ada, signs="Not eating")
    with app.app_context():
        key = db.session.scalar(db.select(Practice.key).order_by(Practice.id))
    ben.get(f"/safety-plan/versions/{key}", 404)
    ada.get("/safety-plan/versions/none", 404)


def test_versions_past_25_stand_on_pages_of_their_own(app, cast, browser, at):
    with app.app_context():
        for number in range(53):
            exercises.finish(
                cast.ada, exercises.EXERCISES["safety-plan"], new_key(), {"signs": f"Sign {number}"}, at.later(hours=1)
            )
        db.session.commit()
    ada = browser("ada")
    page, seen = ada.get("/safety-plan"), []
    for _ in range(3):
        listed = page.one("ul", class_="rows")
        seen += [one.find("a").get("href") for one in listed]
        assert len(listed) <= 25
        older = [one for one in page.all("a", class_="link") if words(one) == "Older versions"]
        page = ada.get(older[0].get("href")) if older else None
    assert (len(set(seen)), page) == (53, None)
    assert "no versions this far back" in ada.get("/safety-plan/versions?page=999999999999").text
    ada.get("/safety-plan/versions?page=-1")


def test_keeping_it_on_the_device_is_offered_with_what_it_means_and_never_on_a_shared_one(browser):
    ada = browser("ada")
    page = save(ada, signs="Not sleeping")
    offer = page.one("div", id="own-plan")
    assert offer.get("hidden") is not None, "a script shows it where it can be done"
    assert "Anyone who holds this phone unlocked could read it. Signing out or Quick exit removes it." in words(offer)
    shared = browser()
    shared.get("/sign-in")
    shared.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD, "shared": "y"})
    shared.role = "participant"
    assert not shared.get("/safety-plan").all("div", id="own-plan")
