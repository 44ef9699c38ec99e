"""Mail that does not arrive, as coordinators see it: why in words, and never an address or what it says."""

import pytest

from portal import mail
from portal.db import db
from portal.reminders.undelivered import SHOWN, in_words
from portal.web import A_PAGE


@pytest.fixture
def stuck(app, cast):
    """`stuck("recipient 550", ...)` makes a message to Ada that failed with this, and was given up."""

    def make(trouble, at, *, person=None, for_good=True):
        with app.app_context():
            mail.queue("ada@example.org", "A secret", "Of words", account_id=person.id if person else None)
            db.session.commit()
            [row] = mail.claim(at.now, 1)
            mail.note_failure(row, at.now, trouble, for_good=for_good)

    return make


def test_it_says_why_and_what_to_do_and_leads_to_the_account(cast, browser, stuck, at):
    stuck("recipient 550", at, person=cast.ada)
    stuck("connect", at, person=cast.ben, for_good=False)
    stuck("content 554", at)
    page = browser("kit").get("/program/undelivered")
    assert page.heading == "Email that did not arrive"
    assert page.all("a", href=f"/people/{cast.ada.key}")
    for words in (
        "Their email server says that it does not take email for this address.",
        "they can change it under Account",
        "The email server did not answer.",
        "Nobody's account",
        "Given up",
        "Tried again",
        "Tried once",
    ):
        assert words in page.text
    for secret in ("ada@example.org", "A secret", "Of words", "550", "554"):
        assert secret not in page.text


def test_what_was_withdrawn_is_no_failure(app, cast, browser, at):
    with app.app_context():
        mail.queue("ada@example.org", "A", "B", account_id=cast.ada.id)
        db.session.flush()
        assert mail.withdraw(at.now, "stopped") == 1
        db.session.commit()
    assert "None. No email was given up" in browser("kit").get("/program/undelivered").text


def test_a_long_list_is_cut_and_the_newest_are_shown(app, cast, browser, stuck, at):
    for _ in range(SHOWN + 5):
        stuck("recipient 550", at, person=cast.ada)
    at.later(minutes=1)
    stuck("recipient 550", at, person=cast.ben)
    page = browser("kit").get("/program/undelivered")
    assert f"The newest {SHOWN}" in page.text
    assert page.all("a", href=f"/people/{cast.ben.key}")
    assert len(page.all("a", href=f"/people/{cast.ada.key}")) == A_PAGE - 1
    last = browser("kit").get(f"/program/undelivered?page={SHOWN // A_PAGE}")
    assert len(last.all("a", href=f"/people/{cast.ada.key}")) == A_PAGE


def test_it_is_for_coordinators_who_find_it_from_the_program(browser):
    for who in ("ada", "cho"):
        browser(who).get("/program/undelivered", 404)
    assert browser("kit").get("/program").all("a", href="/program/undelivered")


@pytest.mark.parametrize(
    "trouble",
    [
        None, "recipient 550", "recipient 451", "sender 550", "sign-in 535", "starttls certificate", "connect",
        "disconnected", "content 452", "unreadable", "unsendable", "smtputf8", "expired", "hello",
    ],
)  # fmt: skip
def test_every_trouble_has_words_without_a_code(trouble):
    why, to_do = in_words(trouble)
    assert why.endswith(".") and to_do.endswith(".")
    assert not any(character.isdigit() for character in why + to_do)
