"""Where a person is signed in: seen by them alone, and ended by them at once."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEvent
from portal.db import db
from portal.door.models import SignIn
from tests.browser import words

PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"


def key_of(app, person, newest=True):
    """The key of the newest session of `person`, or of the oldest."""
    with app.app_context():
        order = SignIn.id.desc() if newest else SignIn.id
        return db.session.scalar(select(SignIn.key).where(SignIn.account_id == person.id).order_by(order).limit(1))


@pytest.mark.asvs("7.5.2")
def test_the_account_page_lists_every_browser_of_a_person(browser, at):
    phone = browser()
    phone.get("/sign-in")
    fields = {"email": "ada@example.org", "password": "a long walk by the river"}
    phone.post("/sign-in", fields, headers={"User-Agent": PHONE})
    at.later(minutes=3)
    text = browser("ada").get("/account").text
    assert "Firefox on Android Last used today, 10:52 am. Signed in by password." in text
    assert "A browser This device, now. Signed in by password." in text


def test_a_session_that_has_run_out_is_not_listed(browser, at):
    browser("ada")
    at.later(minutes=16)
    text = browser("ada").get("/account").text
    assert "Last used" not in text
    assert "You are not signed in anywhere else." in text


def test_a_shared_device_is_listed_for_its_five_minutes(browser, at):
    shared = browser()
    shared.get("/sign-in")
    shared.post("/sign-in", {"email": "ada@example.org", "password": "a long walk by the river", "shared": "y"})
    ada = browser("ada")
    assert "as a shared device" in ada.get("/account").text
    at.later(minutes=5, seconds=1)
    assert "as a shared device" not in ada.get("/account").text


@pytest.mark.asvs("7.4.1", "7.5.2")
def test_ending_a_device_signs_it_out_at_its_next_request(app, cast, browser):
    lost, ada = browser("ada"), browser("ada")
    lost.get("/today")
    key = key_of(app, cast.ada, newest=False)
    ada.get("/account")
    ada.submit(f"/account/devices/{key}/end")
    assert ada.location == "/account?done=ended"
    lost.get("/today", 303)
    ada.get("/today")
    assert "That device is signed out." in ada.get("/account?done=ended").text


@pytest.mark.asvs("7.4.1", "7.5.2")
def test_sign_out_everywhere_else_leaves_this_one(browser):
    others = [browser("ada"), browser("ada")]
    ada = browser("ada")
    ada.get("/account")
    ada.submit("/account/devices/end-others")
    for other in others:
        other.get("/today", 303)
    ada.get("/today")


@pytest.mark.asvs("8.2.2")
def test_nobody_ends_the_session_of_somebody_else(app, cast, browser):
    ada, ben = browser("ada"), browser("ben")
    ben.post(f"/account/devices/{key_of(app, cast.ada)}/end", status=404)
    ben.post("/account/devices/end-others")
    ada.get("/today")


def test_ending_twice_is_ending_once(app, cast, browser):
    browser("ada")
    ada = browser("ada")
    key = key_of(app, cast.ada, newest=False)
    for _ in range(2):
        ada.post(f"/account/devices/{key}/end")
    with app.app_context():
        ended = select(AuditEvent.subject).where(AuditEvent.what == "session.end")
        assert db.session.scalars(ended).all() == [key]


@pytest.mark.asvs("7.5.2")
def test_ending_takes_a_proof_that_is_not_old(app, cast, browser, at):
    other, ada = browser("ada"), browser("ada")
    at.later(minutes=6)
    ada.post(f"/account/devices/{key_of(app, cast.ada, newest=False)}/end")
    assert ada.location.startswith("/confirm?next=/account")
    assert "Send it again there" in ada.get(ada.location).text
    other.get("/today")


@pytest.mark.parametrize("who", ["ada", "cho", "kit"])
def test_everybody_has_an_account_page_and_a_link_to_it_on_top_of_every_page(browser, who):
    person = browser(who)
    link = next(link for link in person.get("/help-now").one("header").iter("a") if link.get("href") == "/account")
    assert words(link) == "Account"
    assert link.get("aria-current") is None
    page = person.get("/account")
    assert page.heading == "Account"
    assert page.one("a", href="/account").get("aria-current") == "page"


def test_one_question_comes_before_a_device_is_signed_out(app, cast, browser):
    """Rule: the form lies behind its question, which a browser opens without a script."""
    browser("ada")
    page = browser("ada").get("/account")
    asked = page.all("details", class_="sure")
    assert [words(next(one.iter("summary"))) for one in asked] == ["End A browser", "Sign out everywhere else"]
    assert [words(next(one.iter("p"))) for one in asked] == [
        "It is signed out at once, and asks for a new sign-in.",
        "Every device but this one is signed out at once. You stay signed in here.",
    ]
    behind = [form.get("action") for one in asked for form in one.iter("form")]
    assert behind == [f"/account/devices/{key_of(app, cast.ada, newest=False)}/end", "/account/devices/end-others"]
    assert [f.get("action") for f in page.one("main").iter("form") if "/devices/" in f.get("action")] == behind


def test_a_stranger_sees_no_link_to_it(browser):
    assert all(link.get("href") != "/account" for link in browser().get("/help-now").all("a"))


def test_a_participant_finds_there_who_has_looked_and_staff_do_not(browser):
    link = "Who has looked at my record"
    assert link in browser("ada").get("/account").text
    assert link not in browser("cho").get("/account").text
