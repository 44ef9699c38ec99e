"""After saving: who read it, the skill that was named most, and one's own usual range; and 90 days."""

from datetime import date, timedelta

import pytest

from portal import checkins
from portal.db import db
from tests.browser import words

TODAY = date(2026, 3, 11)


@pytest.fixture
def log(app, cast, at):
    now = at.now

    def log_it(ago, mood, key=None, **more):
        given = {"mood": mood, "for_day": TODAY - timedelta(days=ago)} | more
        with app.app_context():
            entry = checkins.log(cast.ada, given, key or f"the-key-of-{ago}", now - timedelta(days=ago))
            db.session.commit()
        return entry

    return log_it


def reply(app, cast, at, entry, text, **ago):
    with app.app_context():
        checkins.review(cast.cho, cast.ada, entry, text, at.now - timedelta(**ago))
        db.session.commit()


def saved(browser, mood="3", **more):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": mood} | more)
    return ada.get(ada.location)


def test_a_reply_to_another_check_in_waits_beside_its_words(app, cast, browser, at, log):
    reply(app, cast, at, log(1, 4), "See you Thursday.", hours=2)
    assert "See you Thursday." not in saved(browser).text
    ada = browser("ada")
    assert "Dr Cho answered you" in ada.get("/today").text
    assert "See you Thursday." in words(ada.get("/check-ins/").one("article", id="entry-the-key-of-1"))


def test_a_reply_to_this_one_stands_first_and_beside_its_words(app, cast, browser, at, log):
    reply(app, cast, at, log(1, 4, note="I slept badly."), "See you Thursday.", hours=2)
    page = browser("ada").get("/check-ins/the-key-of-1/saved")
    [first, *_] = [e for e in page.one("main", id="main") if e.tag in ("section", "figure")]
    said = "Someone read this I slept badly. Read by Dr Cho, today, 8:52 am , who wrote: See you Thursday."
    assert words(first) == f"{said} I have seen this"
    assert page.text.count("I slept badly.") == 1


def test_the_skill_named_in_three_of_the_last_ten_is_offered(browser, log):
    for ago in range(12, 16):
        log(ago, 5, skills=["music", "walk"])
    log(11, 5, skills=None)
    for ago, skill in enumerate(["nothing_yet", "meeting", "walk", "meeting", "walk", *["nothing_yet"] * 4, "walk"], 1):
        log(ago, 5, skills=[skill])
    card = saved(browser, "6").one("section", aria_labelledby="try-heading")
    assert words(card.find(".//h2")) == "A walk"
    assert "You named it in 3 of your last 10 answers to “What has helped since then?” How we chose this" in words(card)
    assert "No other rule was met" in words(card.find("details"))
    assert not [a for a in card.iter("a") if a.get("href", "").startswith("/exercises/")]


def test_a_skill_that_is_an_exercise_opens_it(browser, log):
    for ago in (3, 2, 1):
        log(ago, 5, skills=["paced_breathing", "cold_water"])
    card = saved(browser, "6").one("section", aria_labelledby="try-heading")
    assert words(card.find(".//h2")) == "Paced breathing, 3 minutes"
    assert "/exercises/slow-breath" in {a.get("href") for a in card.iter("a")}


@pytest.mark.parametrize("skills", [["nothing_yet"], ["cold_water"], ["rode_it_out"]])
def test_what_is_not_for_everybody_is_not_offered_by_itself(browser, log, skills):
    for ago in range(1, 7):
        log(ago, 5, skills=skills)
    assert not saved(browser, "6").all("section", aria_labelledby="try-heading")


def test_the_chart_has_the_usual_range_once_seven_days_are_known(browser, log):
    for ago in range(1, 7):
        log(ago, 5)
    page = saved(browser, "5")
    assert "Your usual mood" not in page.text
    log(7, 5)
    page = browser("ada").get("/check-ins/the-key-of-1/saved")
    assert "The gray band is your usual mood: 4 to 6." in page.text
    assert "7 days have one. The one in the middle is 5, and most are between 4 and 6." in page.text
    assert len(page.all("{http://www.w3.org/2000/svg}rect", class_="band")) == 2  # in the key, and in the chart


def test_the_history_shows_a_month_or_ninety_days(browser, log):
    log(89, 4)
    log(60, 4)
    log(0, 5)
    ada = browser("ada")
    assert not ada.get("/check-ins/").all("article", id="entry-the-key-of-60")
    page = ada.get("/check-ins/?days=90")
    assert page.all("article", id="entry-the-key-of-60")
    assert len(page.one("tbody")) == 90
    assert not ada.get("/check-ins/?days=90", fragment=True).whole
    assert len(ada.get("/check-ins/?days=soon").one("tbody")) == 28


def test_days_before_the_stay_are_left_out_unless_there_is_a_check_in(browser, log, at):
    """Rule: nobody was asked then, and so nothing was missed. Ada's stay began on February 2."""
    at("2026-02-06T10:00")
    ada = browser("ada")
    assert "No check-ins in these 5 days" in ada.get("/check-ins/").text
    at("2026-03-11T10:52")
    log(19, 5)
    page = browser("ada").get("/check-ins/?days=90")
    assert len(page.one("tbody")) == 38
    assert "Mon, Feb 2 to today" in page.text
    log(60, 5)
    assert len(browser("ada").get("/check-ins/?days=90").one("tbody")) == 61


def test_a_long_history_has_every_day_in_the_table_and_the_latest_in_full(browser, log):
    for ago in range(0, 90):
        log(ago, ago % 11)
    ada = browser("ada")
    page = ada.get("/check-ins/?days=90")
    assert len(page.one("tbody")) == 90
    assert len(page.all("article", class_="entry")) == 14
    more = next(a.get("href") for a in page.all("a") if "More check-ins in full" in words(a))
    assert ada.get(more).all("article", id="entry-the-key-of-14")


def test_yesterday_is_added_and_today_changed_from_the_history(browser, log):
    log(0, 5)
    ada = browser("ada")
    page = ada.get("/check-ins/")
    assert page.all("a", href="/check-ins/new?for_day=2026-03-10")
    ada.get("/check-ins/new?change=the-key-of-0")
    ada.submit("/check-ins/", {"mood": "6"})
    assert "Changed" in words(ada.get("/check-ins/").one("article", id="entry-the-key-of-0"))


def test_a_draft_that_arrives_just_after_its_check_in_is_no_draft(browser, at):
    ada = browser("ada")
    fields = ada.get("/check-ins/new").fields("/check-ins/") | {"mood": "4"}
    ada.post("/check-ins/", fields)
    at.later(seconds=2)
    ada.post("/account/drafts", fields | {"_form": "/check-ins/"}, status=200)
    page = ada.get("/check-ins/new")
    assert "We kept" not in page.text
    assert "You checked in today at 10:52 am" in page.text
    at.later(minutes=5)
    ada.post("/account/drafts", fields | {"mood": "2", "_form": "/check-ins/"}, status=200)
    assert ada.get("/check-ins/new").fields("/check-ins/")["mood"] == ["2"]
