"""Proving again that it is you: asked where it matters, good for five minutes, and a new token for the session."""

import pytest
from sqlalchemy import select, update

from portal.audit.models import AuditEvent
from portal.db import db
from portal.door import passwords, throttle
from portal.door.models import KnownDevice, SignIn, SignInTry
from portal.people.models import Account
from tests.conftest import PASSWORD
from tests.passkeys import Passkey, kept

ASKS = "/account/password"


def held_by(person):
    with person.client.session_transaction() as session:
        return session["_user_id"]


@pytest.mark.asvs("7.5.1")
def test_a_proof_counts_for_five_minutes_and_not_a_second_more(browser, at):
    ada = browser("ada")
    at.later(minutes=5)
    ada.get(ASKS)
    at.later(seconds=1)
    ada.get(ASKS, 303)
    assert ada.location == f"/confirm?next={ASKS}"


@pytest.mark.asvs("7.5.1")
def test_the_right_password_leads_on_and_counts_for_five_minutes(browser, at):
    ada = browser("ada")
    at.later(minutes=6)
    ada.get(ASKS, 303)
    ada.get(ada.location)
    ada.submit("/confirm", {"password": PASSWORD})
    assert ada.location == ASKS
    at.later(minutes=5)
    ada.get(ASKS)
    at.later(seconds=1)
    ada.get(ASKS, 303)


@pytest.mark.asvs("7.2.4")
def test_the_session_goes_on_under_a_new_token_and_the_old_one_is_dead(browser):
    ada = browser("ada")
    old, before = ada.client.get_cookie("session").value, held_by(ada)
    ada.get("/confirm")
    ada.submit("/confirm", {"password": PASSWORD})
    assert held_by(ada) != before
    ada.get("/today")
    ada.client.set_cookie("session", old)
    ada.get("/today", 303)


def test_a_wrong_password_proves_nothing(app, browser, at):
    ada = browser("ada")
    at.later(minutes=6)
    ada.get("/confirm")
    page = ada.submit("/confirm", {"password": "a short walk by the river"}, 422)
    assert "This is not your password." in page.text
    ada.get(ASKS, 303)
    with app.app_context():
        assert db.session.scalars(select(AuditEvent.what).order_by(AuditEvent.id.desc())).first() == "session.refuse"


def test_nothing_typed_counts_as_no_try(app, browser):
    ada = browser("ada")
    ada.get("/confirm")
    ada.submit("/confirm", {"password": ""}, 422)
    with app.app_context():
        assert db.session.scalars(select(SignInTry)).all() == []


@pytest.mark.asvs("6.3.1")
def test_guesses_are_slowed_down_as_they_are_at_sign_in(browser):
    ada = browser("ada")
    ada.get("/confirm")
    for _ in range(5):
        ada.submit("/confirm", {"password": "guess"}, 422)
    page = ada.submit("/confirm", {"password": PASSWORD}, 429)
    assert "You can try again in 2 seconds." in page.text
    assert ada.answer.headers["Retry-After"] == "2"


def test_a_right_one_takes_no_try_away_from_the_next(browser):
    ada = browser("ada")
    for _ in range(12):
        ada.get("/confirm")
        ada.submit("/confirm", {"password": PASSWORD})


def test_what_strangers_try_at_the_sign_in_keeps_nobody_from_it(browser):
    ada = browser("ada")
    for number in range(10):
        stranger = browser(address=f"127.0.0.{number + 2}")
        stranger.get("/sign-in")
        stranger.post("/sign-in", {"email": "ada@example.org", "password": "guess"}, 422)
    ada.get("/confirm")
    ada.submit("/confirm", {"password": PASSWORD})


def test_the_form_is_returned_to_with_what_was_typed(browser, at):
    ada = browser("ada")
    ada.get("/account/contact")
    at.later(minutes=6)
    ada.submit("/account/contact", {"contact": "ada.new@example.org"})
    assert ada.location == "/confirm?next=/confirm/unfinished"
    assert "Nothing has changed yet." in ada.get(ada.location).text
    ada.submit("/confirm", {"password": PASSWORD})
    page = ada.get(ada.get(ada.location).one("a", class_="link").get("href"))
    assert page.one("input", name="contact").get("value") == "ada.new@example.org"
    assert "We kept what you typed" in page.text


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_it_leads_to_no_other_site(browser, target):
    ada = browser("ada")
    ada.get("/confirm")
    ada.post("/confirm", {"password": PASSWORD, "next": target})
    assert ada.location == "/account"


def test_the_password_of_somebody_else_proves_nothing(app, cast, browser):

    with app.app_context():
        passwords.give(cast.ben, passwords.hash_of("another walk, by the sea"))
        db.session.commit()
    ada = browser("ada")
    ada.get("/confirm")
    ada.submit("/confirm", {"password": "another walk, by the sea"}, 422)


def test_a_passkey_proves_it(browser, cast, at):
    kit = browser("kit")
    at.later(minutes=6)
    page = kit.get("/confirm")
    answer = Passkey(cast.kit.key).used(page.one("button", data_passkey="get").get("data-options"))
    kit.post("/confirm", {"answer": answer, "next": ASKS})
    assert kit.location == ASKS
    kit.get(ASKS)


@pytest.mark.asvs("6.5.1")
def test_the_answer_of_a_passkey_works_once_and_for_its_owner_alone(browser, cast):
    kit, cho = browser("kit"), browser("cho")
    page = kit.get("/confirm")
    answer = Passkey(cast.kit.key).used(page.one("button", data_passkey="get").get("data-options"))
    cho.get("/confirm")
    cho.post("/confirm", {"answer": answer}, 422)
    kit.post("/confirm", {"answer": answer})
    kit.get("/confirm")
    kit.post("/confirm", {"answer": answer}, 422)


def test_an_answer_that_was_meant_for_signing_in_proves_nothing_here(browser, cast):
    kit = browser("kit")
    options = browser().get("/sign-in").one("button", data_passkey="get").get("data-options")
    kit.get("/confirm")
    kit.post("/confirm", {"answer": Passkey(cast.kit.key).used(options)}, 422)


def test_a_code_is_asked_only_of_those_without_a_password(app, cast, browser):
    """Whoever borrows the phone has the app on it: where there is a password, it is the password that counts."""
    ada = browser("ada")
    with app.app_context():
        db.session.add(kept(db.session.get(Account, cast.ada.id)))
        db.session.commit()
    page = ada.get("/confirm")
    assert page.all("input", name="code") == []
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(password_hash=None))
        db.session.commit()
    page = ada.get("/confirm")
    assert page.all("input", name="password") == []
    page = ada.submit("/confirm", {"code": "ABCDE-12345"}, 422)
    assert "This code does not work." in page.text


@pytest.mark.asvs("6.3.1")
def test_codes_are_guessed_here_as_seldom_as_at_sign_in_and_counted_together(app, cast, browser, at):
    """Rule: 5 throttle at a code in five minutes and 20 in an hour from one device, here and at sign-in together."""
    ada = browser("ada")
    with app.app_context():
        account = db.session.get(Account, cast.ada.id)
        db.session.add(kept(account))
        account.password_hash = None
        db.session.commit()
    ada.get("/confirm")
    checked = 0
    for _ in range(50):
        answer = ada.client.post("/confirm", data={"csrf_token": ada.token, "code": "000000"})
        checked += answer.status_code == 422
        at.later(seconds=62)
    assert checked == 20
    with app.app_context():
        device = db.session.scalar(select(KnownDevice.id).where(KnownDevice.account_id == cast.ada.id))
        assert throttle.take_code(cast.ada.key, "10.1.1.1", at.now, device).wait > 0


def test_a_recovery_code_helps_someone_without_a_password_once(app, cast, browser):
    from portal.door.factors import recovery

    ada = browser("ada")
    with app.app_context():
        account = db.session.get(Account, cast.ada.id)
        db.session.add(kept(account))
        account.password_hash = None
        code = recovery.new_codes(cast.ada)[0]
        db.session.commit()
    ada.get("/confirm")
    ada.submit("/confirm", {"code": code})
    ada.get("/confirm")
    ada.submit("/confirm", {"code": code}, 422)
    with app.app_context():
        assert db.session.scalars(select(SignIn.how).where(SignIn.account_id == cast.ada.id)).all() == ["recovery"]


def test_it_is_for_those_who_are_signed_in(browser):
    browser().get("/confirm", 303)
