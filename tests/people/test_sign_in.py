"""Signing in: the same words for everybody who may not, and a place of one's own for everybody who may."""

from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.people.models import Account, FailedSignIn, SignIn
from tests.conftest import PASSWORD

WRONG = "a short walk by the river"


def count(app, what):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(what))


@pytest.mark.parametrize(("who", "home"), [("ada", "/today"), ("cho", "/caseload/"), ("kit", "/people/")])
def test_everyone_arrives_at_their_own_first_page(browser, who, home):
    person = browser(who)
    person.get("/", 303)
    assert person.location == home


def test_the_address_counts_in_small_and_capital_letters_and_with_spaces(browser):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "  ADA@Example.org ", "password": PASSWORD})
    stranger.get("/today")


def test_someone_without_an_address_signs_in_by_name(app, cast, browser):
    with app.app_context():
        db.session.get(Account, cast.ada.id).email = "bluebird7"
        db.session.commit()
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "bluebird7", "password": PASSWORD})
    stranger.get("/today")


def test_an_unknown_name_and_a_wrong_password_get_the_same_words(browser):
    answers = []
    for email in ("ada@example.org", "eve@example.org"):
        stranger = browser()
        stranger.get("/sign-in")
        page = stranger.post("/sign-in", {"email": email, "password": WRONG}, 422)
        answers.append((page.text, stranger.answer.headers.to_wsgi_list()[:0], page.title))
    assert answers[0] == answers[1]


def test_a_disabled_account_gets_the_words_of_an_unknown_one(app, cast, at, browser):
    with app.app_context():
        db.session.get(Account, cast.ben.id).disabled_at = at.now
        db.session.commit()
    texts = []
    for email, password in (("ben@example.org", PASSWORD), ("eve@example.org", PASSWORD)):
        stranger = browser()
        stranger.get("/sign-in")
        texts.append(stranger.post("/sign-in", {"email": email, "password": password}, 422).text)
    assert texts[0] == texts[1]


def test_what_was_typed_stays_but_never_the_password(browser):
    stranger = browser()
    stranger.get("/sign-in")
    page = stranger.post("/sign-in", {"email": "ada@example.org", "password": WRONG}, 422)
    assert page.one("input", name="email").get("value") == "ada@example.org"
    assert WRONG not in page.html


@pytest.mark.parametrize("typed", [{"email": "", "password": ""}, {"email": "ada@example.org"}, {}])
def test_an_empty_field_is_an_answer_and_no_error_of_ours(app, browser, typed):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", typed, 422)
    assert count(app, SignIn) == 0


@pytest.mark.parametrize("length", [128, 129, 5_000])
def test_a_long_password_is_wrong_and_not_cut(browser, length):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD.ljust(length, "x")}, 422)


def test_a_password_counts_to_its_last_letter(browser):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD[:-1] + "R"}, 422)


def test_a_failed_try_keeps_neither_name_nor_address_in_the_clear(app, browser):
    stranger = browser(address="10.1.2.3")
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": WRONG}, 422)
    with app.app_context():
        row = db.session.execute(select(FailedSignIn.name_hash, FailedSignIn.address_hash)).one()
    assert not {"ada", "10.1.2.3"} & {part for value in row for part in ("ada", "10.1.2.3") if part in value}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "https://evil.example/today",
        "https:evil.example",
        "http:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        "/%5cevil.example/..//evil.example\\@",
        "/today\r\nLocation: https://evil.example",
        "//localhost@evil.example",
    ],
)
def test_next_never_leads_to_another_host(browser, target):
    stranger = browser()
    stranger.get(f"/sign-in?next={quote(target)}")
    stranger.submit("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert stranger.location == "/" or stranger.location.startswith(("/?", "/today"))
    assert "evil" not in stranger.location


def test_next_leads_to_the_page_that_was_asked_for(browser):
    stranger = browser()
    stranger.get("/check-ins/?days=28", 303)
    assert stranger.location == f"/sign-in?next={quote('/check-ins/?days=28', safe='/?')}"
    stranger.get(stranger.location)
    stranger.submit("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert stranger.location == "/check-ins/?days=28"


def test_a_page_asked_for_by_htmx_sends_the_whole_browser_to_sign_in(browser):
    stranger = browser()
    stranger.get("/check-ins/", 204, fragment=True)
    assert stranger.answer.headers["HX-Redirect"] == "/sign-in?next=/check-ins/"


def test_whoever_is_signed_in_is_not_asked_again(browser):
    ada = browser("ada")
    ada.get("/sign-in", 303)
    assert ada.location in ("/", "/today")
