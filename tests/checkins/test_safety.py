"""A yes to the safety question: help first, a flag at once, nothing promised that is not true."""

import pytest

from portal.db import db
from portal.flags.models import Flag


def check_in(who, safety):
    who.get("/check-ins/new")
    who.submit("/check-ins/", {"mood": "3", "safety": safety})
    return who.get(who.location)


def flags(app):
    with app.app_context():
        return [(f.tier, f.closed_at) for f in db.session.scalars(db.select(Flag).order_by(Flag.id))]


@pytest.mark.parametrize(("answer", "tier"), [("yes_safe", "same_day"), ("yes_talk", "urgent")])
def test_a_yes_shows_help_before_anything_else_and_raises_a_flag(app, browser, answer, tier):
    page = check_in(browser("ada"), answer)
    main = page.one("main", id="main")
    sections = [e for e in main if e.tag in ("section", "figure", "div") and "hi" not in (e.get("class") or "").split()]
    assert sections[0].get("id") == "safety"
    links = {a.get("href") for a in sections[0].iter("a")}
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142", "/safety-plan"} <= links
    assert "Are you safe right now?" in page.text
    assert flags(app) == [(tier, None)]


@pytest.mark.parametrize("answer", ["no", "not_say", ""])
def test_any_other_answer_raises_no_flag_and_is_never_called_reassuring(app, browser, answer):
    page = check_in(browser("ada"), answer)
    assert not page.all("section", id="safety")
    assert not flags(app)


@pytest.mark.parametrize(
    ("moment", "promised"),
    [
        ("2026-03-11T04:30", True),
        ("2026-03-11T10:52", True),
        ("2026-03-11T16:29", True),
        ("2026-03-11T16:31", False),
        ("2026-03-11T22:00", False),
        ("2026-03-14T11:00", False),
    ],
)
def test_a_call_today_is_promised_only_when_the_hours_make_it_true(browser, at, moment, promised):
    at(moment)
    text = check_in(browser("ada"), "yes_talk").text
    assert ("We will call you today" in text) is promised
    promises_none = "Nobody can call you today" in text or "We cannot promise that someone calls you today" in text
    assert promises_none is not promised


def test_not_sure_makes_the_flag_urgent_and_repeats_who_to_call(app, browser):
    ada = browser("ada")
    page = check_in(ada, "yes_safe")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    ada.submit(action, {"safe_now": "not_sure"})
    page = ada.get(ada.location)
    assert "You said you are not sure that you are safe right now" in page.text
    assert flags(app) == [("urgent", None)]


def test_safe_right_now_never_lowers_a_flag(app, browser):
    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    ada.submit(action, {"safe_now": "yes"})
    assert "If that changes, at any hour, call or text 988" in ada.get(ada.location).text
    assert flags(app) == [("urgent", None)]


def test_the_second_question_without_an_answer_comes_back_with_help_still_first(browser):
    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/safe-now"))
    page = ada.submit(action, {}, 422)
    assert page.one("p", id="safe_now-error").text == "Choose one of the three."


def test_asking_for_a_call_is_kept_and_said_back(app, browser):
    ada = browser("ada")
    page = check_in(ada, "yes_safe")
    action = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/call-me"))
    ada.submit(action)
    assert "You asked us to call you" in ada.get(ada.location).text
    assert len(flags(app)) == 1


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
    assert "Nothing has been sent yet" in "".join(safety.itertext())
    opens = [i.get("value") for i in safety.iter("input") if i.get("class") == "opens"]
    assert opens == ["yes_safe", "yes_talk"]


def test_once_it_was_signed_the_page_says_who_saw_it_and_promises_nothing_more(app, cast, browser, at):
    from portal import flags
    from portal.flags import acts

    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    saved = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/call-me")).replace(
        "call-me", "saved"
    )
    with app.app_context():
        key = flags.open_flags([cast.ada.id])[cast.ada.id].key
        acts.act(cast.cho, cast.ada, key, "contacted", None, at("2026-03-11T11:05"))
        db.session.commit()
    text = browser("ada").get(saved).text
    assert "Dr Cho has seen your answer, today, 11:05 am" in text
    assert "We will call you today" not in text


def test_the_promise_of_a_day_is_gone_the_next_day(browser, at):
    ada = browser("ada")
    page = check_in(ada, "yes_talk")
    saved = next(f.get("action") for f in page.all("form") if f.get("action").endswith("/call-me")).replace(
        "call-me", "saved"
    )
    at("2026-03-12T10:00")
    text = browser("ada").get(saved).text
    assert "We will call you today" not in text
    assert "If you still need someone, call us" in text


def test_a_low_mood_or_a_yes_is_offered_no_writing():
    from portal.checkins.feedback import suggestion
    from tests.caseload.diary import entry

    assert suggestion(entry(mood=1)).slug == "slow-breath"
    assert suggestion(entry(mood=5, urges=9, safety="yes_safe")).slug == "slow-breath"
    assert suggestion(entry(mood=5, urges=9)).slug == "the-wave"
