"""What was sent when a new proof was asked for: shown after it, carried out once, by one button."""

import re

import pytest
from sqlalchemy import func, select, text

from portal import access
from portal.audit.models import AuditEvent
from portal.db import db
from portal.door.interrupted_forms import HELD
from portal.door.models import InterruptedForm
from portal.people.models import Account
from tests.conftest import PASSWORD
from tests.page import words
from tests.passkeys import Passkey

WAITS = "/confirm/unfinished"


def prove(person, cast, who):
    """A new proof of who it is, by passkey for staff; the page that comes then."""
    page = person.get(f"/confirm?next={WAITS}")
    if who == "ada":
        person.submit("/confirm", {"password": PASSWORD})
    else:
        answer = Passkey(getattr(cast, who).key).used(page.one("button", data_passkey="get").get("data-options"))
        person.post("/confirm", {"answer": answer, "next": WAITS})
    assert person.location == WAITS
    return person.get(WAITS)


def interrupt(browser, cast, at, who="kit", page=None, action=None, **typed):
    person = browser(who)
    page = page or f"/people/{cast.ben.key}"
    person.get(page)
    at.later(minutes=6)
    person.submit(action or f"/people/{cast.ben.key}/disable", typed)
    return person


def is_off(app, person):
    with app.app_context():
        return db.session.scalar(select(Account.disabled_at).where(Account.id == person.id)) is not None


def test_after_the_proof_it_is_shown_and_one_button_carries_it_out(app, cast, browser, at):
    """Rule: nobody has to begin again because they were asked for their password, and nothing happens unasked."""
    kit = interrupt(browser, cast, at)
    assert kit.location == f"/confirm?next={WAITS}"
    assert "one button finishes what you began" in kit.get(kit.location).text
    page = prove(kit, cast, "kit")
    assert "This has not been done yet." in page.text
    assert (words(page.one("h2")), "Ben Whitaker" in page.text) == ("Switch the account off", True)
    assert not is_off(app, cast.ben)
    kit.submit(f"/people/{cast.ben.key}/disable")
    assert kit.location == f"/people/{cast.ben.key}?done=off"
    assert is_off(app, cast.ben)


@pytest.mark.asvs("2.3.1")
def test_it_is_carried_out_once(app, cast, browser, at):
    """Rule: the same button pressed again, or sent again by a bad line, does nothing more and says so."""
    kit = interrupt(browser, cast, at)
    prove(kit, cast, "kit")
    fields = kit.page.fields(f"/people/{cast.ben.key}/disable")
    kit.post(f"/people/{cast.ben.key}/disable", fields)
    kit.get(f"/people/{cast.ben.key}")
    kit.submit(f"/people/{cast.ben.key}/enable")
    kit.post(f"/people/{cast.ben.key}/disable", fields)
    assert kit.location == WAITS
    assert "Nothing is done twice." in kit.get(WAITS).text
    assert not is_off(app, cast.ben)


def test_what_was_typed_is_sent_as_it_was(app, cast, browser, at):
    ada = interrupt(browser, cast, at, "ada", "/account/contact", "/account/contact", contact="ada.new@example.org")
    page = prove(ada, cast, "ada")
    assert "ada.new@example.org" in page.text
    ada.submit("/account/contact")
    assert ada.location == "/account?done=contact"
    assert "ada.new@example.org" in ada.get("/account").text
    assert ada.get("/account/contact").one("input", name="contact").get("value") == "ada.new@example.org"
    assert "We kept what you typed" not in ada.page.text, "what was sent is not offered again"


def test_people_who_are_named_are_shown_by_name_and_answers_by_their_words(cast, browser, at):
    page, action = f"/people/{cast.ben.key}", f"/people/{cast.ben.key}/care"
    kit = interrupt(browser, cast, at, "kit", page, action, therapist=cast.dee.key, role="covering")
    facts = words(prove(kit, cast, "kit").one("dl"))
    assert ("Ben Whitaker" in facts, "Dr Dee" in facts, cast.dee.key in facts) == (True, True, False)


def test_a_refusal_is_shown_on_the_form_with_what_was_typed(cast, browser, at):
    ada = interrupt(browser, cast, at, "ada", "/account/contact", "/account/contact", contact="ben@example.org")
    prove(ada, cast, "ada")
    page = ada.submit("/account/contact", status=422)
    assert page.one("input", name="contact").get("value") == "ben@example.org"


def test_it_waits_ten_minutes(app, cast, browser, at):
    kit = interrupt(browser, cast, at)
    prove(kit, cast, "kit")
    fields = kit.page.fields(f"/people/{cast.ben.key}/disable")
    at.later(minutes=4)
    kit.get("/people/")
    at.later(minutes=6)
    kit.post(f"/people/{cast.ben.key}/disable", fields)
    assert kit.location == f"/confirm?next={WAITS}"
    assert "Nothing is waiting" in prove(kit, cast, "kit").text
    assert not is_off(app, cast.ben)


def test_the_button_pressed_late_asks_again_and_still_carries_it_out(app, cast, browser, at):
    ada = interrupt(browser, cast, at, "ada", "/account/contact", "/account/contact", contact="ada.new@example.org")
    prove(ada, cast, "ada")
    at.later(minutes=6)
    ada.submit("/account/contact")
    assert ada.location == f"/confirm?next={WAITS}"
    prove(ada, cast, "ada")
    ada.submit("/account/contact")
    assert ada.location == "/account?done=contact"


@pytest.mark.asvs("8.2.2")
def test_it_belongs_to_the_sign_in_that_sent_it(app, cast, browser, at):
    """Rule: what one browser sent is carried out by no other one, of the same person or of another."""
    ada = interrupt(browser, cast, at, "ada", "/account/contact", "/account/contact", contact="ada.new@example.org")
    prove(ada, cast, "ada")
    held = ada.page.fields("/account/contact")[HELD]
    for who in ("ada", "ben"):
        other = browser(who)
        assert "Nothing is waiting" in other.get(WAITS).text
        other.get("/account/contact")
        other.post("/account/contact", {HELD: held})
        assert other.location == WAITS
    assert "ada@example.org" in browser("ada").get("/account").text


def test_it_goes_nowhere_but_where_it_was_sent(app, cast, browser, at):
    kit = interrupt(browser, cast, at)
    prove(kit, cast, "kit")
    held = kit.page.fields(f"/people/{cast.ben.key}/disable")[HELD]
    kit.post(f"/people/{cast.cleo.key}/disable", {HELD: held})
    assert kit.location == WAITS
    assert (is_off(app, cast.ben), is_off(app, cast.cleo)) == (False, False)


@pytest.mark.asvs("3.5.1")
def test_what_another_site_sent_is_not_kept(app, cast, browser, at):
    """Rule: the token is looked at before anything is kept to be carried out."""
    kit = browser("kit")
    kit.get(f"/people/{cast.ben.key}")
    at.later(minutes=6)
    kit.post(f"/people/{cast.ben.key}/disable", {"csrf_token": "forged"})
    assert kit.location.startswith(f"/confirm?next=/people/{cast.ben.key}")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(InterruptedForm)) == 0


@pytest.mark.asvs("14.2.4")
def test_it_is_sealed_and_no_password_is_kept(app, cast, browser, at):
    ada = interrupt(browser, cast, at, "ada", "/account/contact", "/account/contact", contact="ada.new@example.org")
    ada.get("/account/contact", 303)
    with app.app_context():
        row = db.session.execute(text("select * from interrupted_forms")).one()
        assert b"ada.new" not in repr(tuple(row)).encode()
    ada.get(ada.location)
    ada.submit("/confirm", {"password": PASSWORD})
    ada.get("/account/password")
    at.later(minutes=6)
    ada.submit("/account/password", {"present_password": PASSWORD, "password": "seven wet paper lanterns"})
    assert "Send it again there." in ada.get(ada.location).text


def test_signing_out_ends_it(app, cast, browser, at):
    ada = interrupt(browser, cast, at, "ada", "/account/contact", "/account/contact", contact="ada.new@example.org")
    ada.post("/sign-out")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(InterruptedForm)) == 0


def test_each_view_that_writes_and_asks_anew_says_what_its_button_does(app):
    """Rule: the words stand on the button, so they begin with what one does and are no sentence."""
    does = {row.rules.fresh for row in access.policy(app) if row.method == "POST" and row.rules.fresh}
    assert len(does) > 20
    assert [said for said in does if not (isinstance(said, str) and re.fullmatch(r"[A-Z][^.]+", said))] == []


def test_what_is_carried_out_is_on_record_as_ever(app, cast, browser, at):
    kit = interrupt(browser, cast, at)
    prove(kit, cast, "kit")
    kit.submit(f"/people/{cast.ben.key}/disable")
    with app.app_context():
        lines = db.session.scalars(select(AuditEvent.what).order_by(AuditEvent.id.desc()).limit(3)).all()
    assert "account.disable" in lines
