"""What an open page asks when its time runs out: how much is left, that what is typed be kept, or to stay."""

import json

import pytest
from sqlalchemy import select

from portal.db import db
from portal.door.models import SignIn
from portal.drafts import Draft
from tests.conftest import PASSWORD

TYPED = {"mood": "3", "note": "Half a sentence", "_form": "/check-ins/", "_page": "/check-ins/new"}


def asks(person, typed=TYPED, status=200):
    """What the server answers to the page that `person` has open."""
    if person.page is None:
        person.get("/help-now")
    whose = [field.get("value") for field in person.page.all("input", name="whose")[:1]]
    person.post("/account/drafts", {"whose": whose} | typed, status)
    return json.loads(person.answer.text) if status == 200 else None


def drafts(app):
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(Draft.account_id, Draft.address))]


def on_shared(browser):
    """Ada's browser, on a device that she said others use too."""
    person = browser()
    person.get("/sign-in")
    person.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD, "shared": "y"})
    person.role, person.token = "participant", None
    return person


def left_on(page):
    return int(page.one("body").get("data-idle"))


@pytest.mark.parametrize(
    ("who", "page", "minutes"), [("ada", "/today", 15), ("cho", "/caseload/", 15), ("kit", "/people/", 10)]
)
def test_a_page_knows_when_its_browser_is_signed_out(browser, at, who, page, minutes):
    person = browser(who)
    assert left_on(person.get(page)) == minutes * 60
    at.later(seconds=40)
    assert left_on(person.get(page)) == minutes * 60 - 40  # the use is noted once a minute
    at.later(seconds=30)
    assert left_on(person.get(page)) == minutes * 60


def test_a_page_for_anyone_is_no_use_and_says_what_is_really_left(browser, at):
    ada = browser("ada")
    at.later(minutes=14)
    assert left_on(ada.get("/help-now")) == 60


def test_nobody_who_is_not_signed_in_is_told_of_a_limit(browser):
    page = browser().get("/help-now")
    assert page.one("body").get("data-idle") is None
    assert page.all("div", id="idle") == []


def test_the_end_of_the_day_comes_before_the_end_of_quiet(browser, at):
    ada = browser("ada")
    for _ in range(51):
        at.later(minutes=14)
        ada.get("/help-now")
        ada.get("/today")
    assert left_on(ada.get("/today")) == 6 * 60
    at.later(minutes=6, seconds=1)
    ada.get("/today", 303)


@pytest.mark.asvs("7.3.1")
def test_asking_how_much_is_left_is_no_use(app, browser, at):
    """Rule: an open page that asks never keeps the session alive."""
    ada = browser("ada")
    at.later(minutes=12)
    assert asks(ada, {"_page": "/today"})["left"] == 180
    at.later(minutes=3)
    assert asks(ada, {"_page": "/today"})["left"] == 0
    at.later(seconds=1)
    ada.get("/today", 303)


def test_the_button_counts_as_use(app, browser, at):
    ada = browser("ada")
    at.later(minutes=13)
    ada.post("/account/stay", status=200)
    assert json.loads(ada.answer.text) == {"left": 15 * 60}
    with app.app_context():
        assert db.session.scalar(select(SignIn.last_used_at)) == at.now
    at.later(minutes=15)
    ada.get("/today")


def test_the_button_comes_too_late_for_a_session_that_is_over(browser, at):
    ada = browser("ada")
    at.later(minutes=16)
    ada.post("/account/stay")
    assert ada.location.startswith("/sign-in")


def test_what_is_typed_is_kept_for_the_page_that_holds_the_form(app, cast, browser, at):
    ada = browser("ada")
    at.later(minutes=13)
    answer = asks(ada)
    assert answer == {"left": 120, "kept": True, "then": "/sign-in?next=/check-ins/new&sent=kept"}
    assert drafts(app) == [(cast.ada.id, "/check-ins/")]
    page = ada.get("/check-ins/new")
    assert "Half a sentence" in page.text
    assert page.one("input", name="mood", value="3").get("checked") is not None


def test_a_phone_that_slept_through_the_limit_keeps_it_too(app, cast, browser, at):
    ada = browser("ada")
    ada.get("/check-ins/new")
    at.later(minutes=70)
    answer = asks(ada)
    assert (answer["left"], answer["kept"]) == (0, True)
    ada.role = None
    ada.get(answer["then"])
    ada.submit("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert ada.location == "/check-ins/new"
    assert "Half a sentence" in ada.get("/check-ins/new").text


def test_where_nothing_is_typed_the_page_itself_is_what_comes_next(app, browser, at):
    ada = browser("ada")
    at.later(minutes=16)
    answer = asks(ada, {"_page": "/library/?x=1"})
    assert answer == {"left": 0, "kept": False, "then": "/sign-in?next=/library/?x%3D1&sent=quiet"}
    ada.role = None
    assert "this page was not used for a while" in ada.get(answer["then"]).text


@pytest.mark.asvs("3.7.2")
def test_it_leads_to_no_other_site(browser):
    assert asks(browser("ada"), {"_page": "//evil.example/"})["then"] == "/sign-in?sent=quiet"


@pytest.mark.parametrize("form", ["/no-such-form", "/today", "https://evil.example/", "", "/check-ins/" + "x" * 500])
def test_what_is_no_form_of_this_site_is_kept_nowhere(app, browser, form):
    assert asks(browser("ada"), TYPED | {"_form": form})["kept"] is False
    assert drafts(app) == []


def test_a_draft_for_a_reply_is_kept_where_the_reply_stands(app, cast, browser):
    cho = browser("cho")
    key = "e" * 22
    form = f"/caseload/{cast.ada.key}/check-ins/{key}/reviews"
    answer = asks(cho, {"reply": "Thank", "_form": form})
    assert answer["kept"] is True
    assert drafts(app) == [(cast.cho.id, form)]


@pytest.mark.asvs("8.2.2")
def test_after_signing_out_an_old_page_keeps_nothing_for_anybody(app, browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    token = ada.token
    old = ada.client.get_cookie("session").value
    ada.post("/sign-out")
    asks(ada, TYPED | {"csrf_token": token}, 400)
    ada.client.set_cookie("session", old)
    assert asks(ada, TYPED | {"csrf_token": token})["kept"] is False
    assert drafts(app) == []


@pytest.mark.asvs("8.2.2")
def test_what_one_person_typed_is_not_kept_for_the_next_at_the_same_browser(app, browser):
    """The old page's token belongs to the session before; the same browser is somebody else's by now."""
    person = browser("ada")
    person.get("/check-ins/new")
    token = person.token
    person.post("/sign-out")
    person.sign_in("ben@example.org", PASSWORD)
    person.post("/account/drafts", TYPED | {"csrf_token": token}, 400, headers={"Sec-Fetch-Site": "same-origin"})
    assert drafts(app) == []


def test_a_stranger_is_answered_and_nothing_is_kept(app, browser):
    assert asks(browser()) == {"left": 0, "kept": False, "then": "/sign-in?next=/check-ins/new&sent=quiet"}
    assert drafts(app) == []


@pytest.mark.asvs("7.3.1")
def test_a_shared_device_is_signed_out_after_five_quiet_minutes(browser, at):
    shared = on_shared(browser)
    assert left_on(shared.get("/today")) == 5 * 60
    at.later(minutes=5)
    shared.get("/today")
    at.later(minutes=5, seconds=1)
    shared.get("/today", 303)


@pytest.mark.asvs("14.3.1")
def test_a_shared_device_keeps_nothing(app, browser, at):
    shared = on_shared(browser)
    cookies = {value.split("=")[0] for value in shared.answer.headers.getlist("Set-Cookie")}
    assert cookies == {"session"}
    assert asks(shared)["kept"] is False
    shared.get("/check-ins/new")
    at.later(minutes=6)
    assert asks(shared)["kept"] is False
    shared.post("/check-ins/", TYPED)
    assert shared.location.endswith("sent=lost")
    assert drafts(app) == []


def test_the_number_tapped_on_today_still_opens_the_form_on_a_shared_device(browser):
    shared = on_shared(browser)
    shared.post("/check-ins/drafts", {"mood": "4"})
    assert shared.get("/check-ins/new").one("input", name="mood", value="4").get("checked") is not None
