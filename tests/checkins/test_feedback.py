"""After saving: what has helped on days like this, and one's own usual range; and 90 days."""

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


def saved(browser, mood="3", **more):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": mood} | more)
    return ada.get(ada.location)


def test_what_helped_on_three_days_like_this_is_named(browser, log):
    log(5, 3, skills=["walk", "music"])
    log(4, 2, skills=["walk", "nothing_yet"])
    log(3, 4, skills=["music", "walk", "cold_water"])
    log(2, 9, skills=["meeting"])
    page = saved(browser)
    card = page.one("section", aria_labelledby="helped-heading")
    assert [words(item) for item in card.iter("li")] == ["A walk", "Music"]


def test_two_days_like_this_are_not_enough(browser, log):
    log(5, 3, skills=["walk"])
    log(4, 2, skills=["walk"])
    log(3, 6, skills=["walk"])
    assert "What has helped" not in saved(browser).text


def test_the_chart_has_the_usual_range_once_seven_days_are_known(browser, log):
    for ago in range(1, 7):
        log(ago, 5)
    page = saved(browser, "5")
    assert "Your usual mood" not in page.text
    log(7, 5)
    page = browser("ada").get("/check-ins/the-key-of-1/saved")
    assert "Your usual mood, 4 to 6" in page.text
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
