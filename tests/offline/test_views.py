"""What a browser keeps for when there is no network, and the token by which it sends later."""

import json
import re

import pytest
from sqlalchemy import update

from portal.db import db
from portal.program.models import Program


def test_the_kept_page_is_the_same_for_everybody_and_holds_nobodys_data(browser):
    """Rule: what a browser keeps is what a stranger gets, to the byte, and no cookie comes with it."""
    texts = set()
    for who in (None, "ada", "cho", "kit"):
        person = browser(who)
        person.get("/offline")
        texts.add(person.answer.text)
        assert "Set-Cookie" not in person.answer.headers
    assert len(texts) == 1
    assert "Ada" not in texts.pop()


@pytest.mark.asvs("14.2.2", "14.3.2")
def test_it_alone_may_be_kept(browser):
    ada = browser("ada")
    for path, kept in (("/offline", "no-cache"), ("/sw.js", "no-store"), ("/offline/token", "no-store")):
        ada.get(path)
        assert ada.answer.headers["Cache-Control"] == kept, path


def test_it_says_whom_to_reach_and_that_nothing_is_lost(browser):
    page = browser().get("/offline")
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142"} <= {a.get("href") for a in page.all("a")}
    assert "Nothing is lost. You can still call or text 988." in page.text
    assert "Nobody on your team has this yet" in page.text


def test_it_asks_what_the_form_asks_in_the_same_words_and_names(browser):
    """Rule: the check-in that is written without a network is the program's own."""
    ada = browser("ada")
    with_signal, without = (ada.get(path).one("form", action="/check-ins/") for path in ("/check-ins/new", "/offline"))
    asked = [
        {(e.get("name"), e.get("value")) for e in form.iter("input") if e.get("type") in ("radio", "checkbox")}
        for form in (with_signal, without)
    ]
    answers = [{pair for pair in pairs if pair[0] != "for_day"} for pairs in asked]
    assert answers[0] == answers[1]
    words = [[" ".join("".join(e.itertext()).split()) for e in form.iter("legend")] for form in (with_signal, without)]
    assert words[0] == words[1]


def test_a_program_that_does_not_ask_about_safety_does_not_ask_it_here(app, browser):
    with app.app_context():
        db.session.execute(update(Program).values(asks_safety=False))
        db.session.commit()
    page = browser().get("/offline")
    assert page.all("input", name="mood")
    assert not page.all("input", name="safety")


def test_before_there_is_a_program_it_has_no_form(make_app):
    answer = make_app().test_client().get("/offline")
    assert answer.status_code == 200
    assert "tel:988" in answer.text
    assert "/check-ins/" not in answer.text.replace('href="/check-ins/new"', "")


def shell(browser):
    """What the worker says that it keeps."""
    person = browser()
    answer = person.client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    return json.loads(re.match(r"const SHELL = (.*);\n", answer.text)[1])


def test_the_worker_keeps_that_page_and_the_files_it_loads_and_nothing_else(app, browser):
    named = shell(browser)
    assert {name.split("?")[0] for name in named["files"]} == {
        f"/static/{name}" for name in ("app.js", "offline.js", "portal.css", "icons.svg")
    }
    for address in named["files"]:
        assert "immutable" in app.test_client().get(address).headers["Cache-Control"]


def test_the_worker_changes_when_the_page_does_and_only_then(app, browser):
    first = shell(browser)
    assert shell(browser) == first
    with app.app_context():
        db.session.execute(update(Program).values(phone="212-555-0199"))
        db.session.commit()
    assert shell(browser)["version"] != first["version"]


def test_the_token_is_that_of_whoever_is_signed_in_and_says_so_without_a_name(browser):
    ada, ben = browser("ada"), browser("ben")
    told = [person.client.get("/offline/token").json for person in (ada, ben)]
    assert told[0]["whose"] != told[1]["whose"]
    assert told[0]["whose"] == ada.get("/check-ins/new").all("input", name="whose")[0].get("value")
    ada.token = told[0]["token"]
    ada.post("/check-ins/", {"mood": "4", "key": "k" * 22, "whose": told[0]["whose"]})
    assert ada.location == f"/check-ins/{'k' * 22}/saved"


def test_without_a_session_there_is_no_token(browser):
    stranger = browser()
    stranger.get("/offline/token", 303)
    assert stranger.location.startswith("/sign-in")


def test_it_is_offered_on_the_account_page_of_a_participant(browser):
    """Rule: only where the device can be somebody's own: not to staff, and not in a session on a shared device."""
    assert browser("ada").get("/account").all("button", data_own="yes")
    assert not browser("cho").get("/account").all("button", data_own="yes")
