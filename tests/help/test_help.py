"""Help is there for everyone, without an account and without a script."""

import pytest
from sqlalchemy import update

from portal.db import db
from portal.program.models import Program
from tests.browser import words


def test_help_needs_no_sign_in(browser):
    page = browser().get("/help-now")
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142"} <= {a.get("href") for a in page.all("a")}
    assert "Nobody watches this page" in page.text


def test_help_now_is_on_every_page_of_a_participant_without_a_request(browser):
    ada = browser("ada")
    for path in ("/today", "/schedule/", "/check-ins/", "/check-ins/new", "/library/", "/exercises/"):
        page = ada.get(path)
        assert page.one("aside", id="help").find(".//a[@href='tel:988']") is not None, path


def test_help_now_stands_in_the_header_of_every_signed_out_page(app, browser):
    """Rule: before anybody signs in, help is one tap away without a request, on the page that they are on."""
    anonymous, seen = browser(), 0
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments:
            answer = anonymous.client.get(rule.rule)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                page, seen = anonymous.get(rule.rule), seen + 1
                [link] = [a for a in page.one("header", class_="top").iter("a") if words(a) == "Help now"]
                assert link.get("href") == "#help", rule.rule
                assert [one for one in page.tree.iter() if one.get("id") == "help"], rule.rule
    assert seen >= 3
    assert "Help now" in words(anonymous.get("/no-such-page", status=404).one("header", class_="top"))
    for who in ("cho", "kit"):
        assert "Help now" not in words(browser(who).get("/account").one("header", class_="top"))


def test_a_participant_without_a_plan_is_invited_to_write_one(browser):
    assert "You have not written one yet" in browser("ada").get("/help-now").text


@pytest.mark.parametrize("path", ["/help-now", "/today", "/check-ins/new"])
def test_on_a_holiday_nobody_is_said_to_answer_today(app, browser, path):
    def close_on(*days):
        with app.app_context():
            db.session.execute(update(Program).values(holidays=list(days)))
            db.session.commit()

    ada = browser("ada")
    assert "but not today" not in ada.get(path).text
    close_on("2026-03-11")
    page = ada.get(path)
    assert "weekdays, 8 am to 5 pm, but not today." in page.text
    if path != "/check-ins/new":
        assert page.text.count("but not today") == 1
    close_on("2026-03-10", "2026-03-12")
    assert "but not today" not in ada.get(path).text
