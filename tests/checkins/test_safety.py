"""A yes to the safety question: help first, a flag at once, nothing promised that is not true."""

import pytest

from portal import checkins
from portal.checkins import question_plans
from portal.db import db
from portal.flags.models import Flag
from portal.people import contact_details
from portal.people.contact_details import OWN
from tests.browser import words
from tests.measures.asked import safety_off

NUMBER = "(212) 555-0171"


@pytest.fixture
def has_phone(app, cast, at):
    """Ada has given a number; whether a message may be left there can be said."""

    def keep(may_leave_message=None, phone=NUMBER):
        with app.app_context():
            contact_details.keep(cast.ada, dict.fromkeys(OWN) | {"phone": phone}, may_leave_message, at.now)
            db.session.commit()

    keep()
    return keep


def asks_about_self_harm(app, cast, at):
    with app.app_context():
        question_plans.choose(cast.cho, cast.ada, "daily", [], None, at.now, asks_self_harm=True)
        db.session.commit()


def check_in(who, safety, **more):
    who.get("/check-ins/new")
    who.submit("/check-ins/", {"mood": "3", "safety": safety} | more)
    who.here = who.location
    return who.get(who.here)


def flags(app):
    with app.app_context():
        return [(f.tier, f.closed_at) for f in db.session.scalars(db.select(Flag).order_by(Flag.id))]


@pytest.mark.parametrize(("answer", "tier"), [("yes_safe", "same_day"), ("yes_talk", "urgent")])
def test_a_yes_shows_help_before_anything_else_and_raises_a_flag(app, browser, has_phone, answer, tier):
    page = check_in(browser("ada"), answer)
    heading, first = list(page.one("main", id="main"))[:2]
    assert (heading.tag, first.get("id")) == ("h1", "safety")
    links = [a.get("href") for a in first.iter("a")]
    assert links[:5] == ["tel:988", "sms:988", "tel:911", "tel:+12125550142", "/safety-plan"]
    ways = [(button.get("name"), button.get("value")) for button in first.iter("button")]
    assert ways == [(None, None), ("safe_now", "yes"), ("safe_now", "not_sure"), ("safe_now", "no")]
    assert flags(app) == [(tier, None)]


@pytest.mark.parametrize("answer", ["no", "not_say", ""])
def test_any_other_answer_raises_no_flag_and_is_never_called_reassuring(app, browser, answer):
    page = check_in(browser("ada"), answer)
    assert "Are you safe right now?" not in page.text
    assert not flags(app)


def test_not_sure_makes_the_flag_urgent_and_repeats_who_to_call(app, browser):
    ada = browser("ada")
    page = check_in(ada, "yes_safe")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    ada.submit(action, {"safe_now": "not_sure"})
    page = ada.get(ada.location)
    said = words(page.one("div", id="safety"))
    assert said.startswith("People to reach now You said: not sure. Please do not stay alone with this. Call 988 now")
    assert flags(app) == [("urgent", None)]


@pytest.mark.parametrize("answers", [["yes"], ["not_sure"], ["no"], ["no", "yes"], ["yes", "not_sure"]])
def test_the_answer_to_the_second_question_is_marked_also_after_a_reload_and_can_be_changed(browser, answers):
    ada = browser("ada")
    page = check_in(ada, "yes_safe")
    assert pressed(page) == {"yes": "false", "not_sure": "false", "no": "false"}
    for answer in answers:
        ada.submit(ada.here.replace("saved", "safe-now"), {"safe_now": answer})
        assert ada.location.endswith("#now") == (answer == "yes"), "only a yes may leave the help above"
        for _ in range(2):
            page = ada.get(ada.here)
            assert [value for value, state in pressed(page).items() if state == "true"] == [answer]
            assert f"You said: {answer.replace('_', ' ')}." in words(page.one("div", id="safety"))


def pressed(page):
    buttons = [button for button in page.all("button") if button.get("name") == "safe_now"]
    return {button.get("value"): button.get("aria-pressed") for button in buttons}


def test_safe_right_now_never_lowers_a_flag(app, browser):
    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    ada.submit(action, {"safe_now": "yes"})
    assert "If that changes, press another answer, and at any hour call or text 988" in ada.get(ada.location).text
    assert flags(app) == [("urgent", None)]


def test_the_second_question_without_an_answer_comes_back_with_help_still_first(browser):
    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    page = ada.submit(action, {}, 422)
    assert page.one("p", id="safe_now-error").text == "Choose one of the three."


def test_asking_for_a_call_is_kept_and_said_back_with_the_number(app, browser, has_phone):
    ada = browser("ada")
    page = check_in(ada, "yes_safe")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/call-me"))
    ada.submit(action)
    said = words(ada.get(ada.location).one("div", id="safety"))
    assert f"You asked us to call you at {NUMBER} . Your answer is with Dr Cho. We will call you today." in said
    assert flags(app) == [("urgent", None)]


def test_the_number_is_named_and_changed_on_the_way_back_here(browser, has_phone):
    has_phone(may_leave_message=False)
    ada = browser("ada")
    page = check_in(ada, "yes_safe")
    assert f"We would call {NUMBER} . You asked us not to leave a message there." in words(page.one("div", id="safety"))
    ada.get(next(a.get("href") for a in page.all("a") if words(a) == "Use another number"))
    ada.submit("/account/contact-details", {"phone": "212 555 0199"})
    assert "We would call (212) 555-0199 ." in words(ada.get(ada.location).one("div", id="safety"))


def test_without_a_number_it_is_asked_for_before_the_call_is(browser):
    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    said = words(page.one("div", id="safety"))
    assert "Ask my team to call me" not in said and "We will call" not in said
    assert "We have no number to call you at." in said
    ada.get(next(a.get("href") for a in page.all("a") if words(a) == "Add a number we can call"))
    ada.submit("/account/contact-details", {"phone": NUMBER})
    assert "Ask my team to call me" in words(ada.get(ada.location).one("div", id="safety"))


def test_nothing_cheerful_stands_beside_it_and_what_a_therapist_wrote_waits_on_today(app, cast, browser, at):
    with app.app_context():
        entry = checkins.log(cast.ada, {"mood": 6, "for_day": at.now.date(), "skills": ["walk"]}, "k" * 22, at.now)
        checkins.review(cast.cho, cast.ada, entry, "Well done!", at.now)
        db.session.commit()
    at.later(minutes=5)
    ada = browser("ada")
    for safety in ("yes_safe", "no"):  # nor after a low mood
        page = check_in(ada, safety, mood="2")
        assert "Well done" not in page.text
        if safety != "no":
            for cheer in ("One thing to try", "What has helped", "It was 6", "Thank you, Ada"):
                assert cheer not in page.text
            assert not page.all("figure")
    today = ada.get("/today")
    link = next(a for a in today.all("a") if "Dr Cho answered you" in words(a))
    assert link.get("href") == f"/check-ins/#entry-{'k' * 22}", "not a page on which help stands first"


def test_strong_urges_to_hurt_oneself_bring_the_same_help_without_a_flag(app, cast, browser, at, has_phone):
    asks_about_self_harm(app, cast, at)
    ada = browser("ada")
    page = check_in(ada, "no", self_harm="6")
    assert "Are you safe right now?" not in page.text
    page = check_in(ada, "no", self_harm="7")
    said = words(page.one("div", id="safety"))
    assert f"We would call {NUMBER} ." in said and "Your answer is with" not in said
    assert not flags(app)
    here = ada.here
    ada.submit(here.replace("saved", "safe-now"), {"safe_now": "yes"})
    assert "You said: yes. If that changes" in words(ada.get(ada.location).one("div", id="safety"))
    assert not flags(app), "a yes opens nothing"
    ada.get(here)
    ada.submit(here.replace("saved", "call-me"))
    assert f"You asked us to call you at {NUMBER} . Your answer is with Dr Cho." in words(
        ada.get(here).one("div", id="safety")
    )
    assert flags(app) == [("urgent", None)]


def test_where_safety_is_not_asked_about_any_more_the_people_stay_and_the_questions_go(app, browser, has_phone):
    ada = browser("ada")
    check_in(ada, "yes_safe")
    here = ada.here
    safety_off(app)
    page = ada.get(here)
    assert page.all("a", href="tel:988") and page.all("a", href="tel:+12125550142")
    assert not [form for form in page.all("form") if form.get("action").endswith(("/safe-now", "/call-me"))]
    for question in ("safe-now", "call-me"):
        ada.post(here.replace("saved", question), {"safe_now": "no"}, 404)


@pytest.mark.asvs("8.2.2")
def test_nobody_can_answer_the_second_question_of_somebody_else(app, browser):
    ada, ben = browser("ada"), browser("ben")
    page = check_in(ada, "yes_safe")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    ben.post(action, {"safe_now": "no"}, 404)
    assert flags(app) == [("same_day", None)]


def test_the_branch_holds_988_inside_the_form_and_says_nothing_was_sent(browser):
    page = browser("ada").get("/check-ins/new")
    safety = page.one("fieldset", id="safety")
    assert {"tel:988", "sms:988"} <= {a.get("href") for a in safety.iter("a")}
    assert "This answer is sent when you press Save, and not before." in "".join(safety.itertext())
    opens = [i.get("value") for i in safety.iter("input") if i.get("class") == "opens"]
    assert opens == ["yes_safe", "yes_talk"]


def test_once_it_was_signed_the_page_says_who_saw_it_and_promises_nothing_more(app, cast, browser, at):
    from portal import flags
    from portal.flags import acts

    ada = browser("ada")
    check_in(ada, "yes_talk")
    saved = ada.here
    with app.app_context():
        key = flags.open_flags([cast.ada.id])[cast.ada.id].key
        acts.act(cast.cho, cast.ada, key, "contacted", None, at("2026-03-11T11:05"))
        db.session.commit()
    text = browser("ada").get(saved).text
    assert "Dr Cho has seen your answer, today, 11:05 am" in text
    assert "We will call you today" not in text


def test_a_no_after_a_yes_says_that_the_yes_stays_open_until_it_is_closed(app, cast, browser, at):
    """Rule: a "no" never reassures; who changes the answer reads what stands of the one before."""
    from portal import flags
    from portal.flags import acts

    ada = browser("ada")
    form = ada.get("/check-ins/new").fields("/check-ins/") | {"mood": "3"}
    ada.post("/check-ins/", form | {"safety": "yes_talk"})
    saved, stays = ada.location, "What you told us before stays open until someone on your team closes it."
    assert stays not in ada.get(saved).text
    at.later(minutes=2)
    ada.post("/check-ins/", form | {"safety": "no"})
    changed = ada.get(saved).text
    assert "You changed your answer." in changed and stays in changed
    with app.app_context():
        key = flags.open_flags([cast.ada.id])[cast.ada.id].key
        acts.act(cast.cho, cast.ada, key, "contacted", None, at.now)
        db.session.commit()
    closed = ada.get(saved).text
    assert "You changed your answer." in closed and stays not in closed


def test_the_promise_of_a_day_is_gone_the_next_day(browser, at):
    ada = browser("ada")
    check_in(ada, "yes_talk")
    saved = ada.here
    at("2026-03-12T10:00")
    text = browser("ada").get(saved).text
    assert "We will call you today" not in text
    assert "If you still need someone, call us" in text


def test_a_call_that_was_asked_for_is_still_asked_for_after_a_further_answer(browser, has_phone, at):
    """Rule: what somebody asked for in an open flag is not forgotten on the page of the next answer that joins it."""
    has_phone()
    ada = browser("ada")
    for minute in range(2):
        at.later(minutes=minute)
        ada.get("/check-ins/new")
        ada.submit("/check-ins/", {"mood": "2", "safety": "yes_talk"})
        page = ada.get(ada.location)
        if minute == 0:
            ada.submit(next(form.get("action") for form in page.all("form") if "call-me" in form.get("action", "")))
    assert "You asked us to call you" in page.text
