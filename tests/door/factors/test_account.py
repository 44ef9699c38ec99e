"""What a person changes about their second factors from the account page, and what each change carries with it."""

from dataclasses import asdict
from types import SimpleNamespace

import pyotp
import pytest
from sqlalchemy import func, select, update

from portal import clock, program
from portal.audit.models import AuditEvent
from portal.db import db, new_key
from portal.door import factors
from portal.door.factors import authenticator, factor_changes, recovery
from portal.door.models import Passkey
from portal.fields import Refused
from portal.mail import Mail
from portal.people.models import Account
from portal.program.models import Program
from tests.browser import words
from tests.door.factors.conftest import past_password
from tests.door.factors.test_at_sign_in import press_passkey
from tests.door.factors.test_enrolling import CODE, events, key_on, set_up_app
from tests.passkeys import Passkey as Software

PAGES = ["/account/authenticator", "/account/passkeys", "/account/recovery-codes"]
ACCOUNT = "/account#factors"


@pytest.fixture(autouse=True)
def reachable(app, cast):
    """Only she herself reads Ada's mail."""
    with app.app_context():
        db.session.execute(update(Account).values(mail_ok=True))
        db.session.commit()


def notices(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Mail))


def has(app, person):
    with app.app_context():
        return factors.factors_of(person)


def make_passkey(browser, person, name="My phone", status=200, **lies):
    page = browser.get("/account/passkeys")
    options = page.one("button", data_passkey="create").get("data-options")
    answer = Software(person.key, name=name, **lies).made(options)
    return browser.submit("/account/passkeys", {"answer": answer, "name": name}, status)


def test_the_account_page_says_what_there_is(browser, own):
    ada = browser("ada")
    page = ada.get("/account")
    assert "A second step keeps others out" in page.text
    assert "Recovery codes" not in page.text
    own("ada", "app")
    own("ada", "phone")
    own("ada", "codes")
    page = ada.get("/account")
    assert "Nobody gets in with your password alone." in page.text
    assert "10 left" in page.text
    assert "Set up since Wed, Mar 11" in page.text
    assert "The phone of the tests" in page.text


def test_the_first_app_brings_recovery_codes_and_a_notice(app, browser, cast, at):
    ada = browser("ada")
    ada.get("/account/authenticator")
    set_up_app(ada, at, "/account/authenticator")
    assert len(CODE.findall(ada.page.text)) == 10
    assert [a for a in ada.page.all("a") if a.get("href") == ACCOUNT]
    assert has(app, cast.ada).authenticator == at.now
    assert events(app)[-2:] == ["factor.add", "factor.codes"]
    assert notices(app) == 1


def test_a_second_factor_more_keeps_the_codes_there_are(app, browser, own, cast, at):
    own("ada", "phone")
    codes = own("ada", "codes")
    person = past_password(browser)
    person.get("/sign-in/code")
    press_passkey(person, Software(cast.ada.key))
    person.role = "participant"
    person.get("/account/authenticator")
    set_up_app(person, at, "/account/authenticator", 303)
    assert person.location == ACCOUNT
    with app.app_context():
        assert factor_changes.take_code(cast.ada, codes[0], at.now) == "recovery"


def test_a_passkey_is_added_under_the_name_it_is_given(app, browser, cast):
    ada = browser("ada")
    page = ada.get("/account/passkeys")
    assert page.one("input", name="name").get("value") == "A browser"
    make_passkey(ada, cast.ada, "Ada's tablet")
    assert len(CODE.findall(ada.page.text)) == 10
    make_passkey(ada, cast.ada, "", 303)
    assert [passkey.name for passkey in has(app, cast.ada).passkeys] == ["Ada's tablet", "A passkey"]
    assert notices(app) == 2


def test_a_passkey_that_is_refused_changes_nothing_and_keeps_its_name(app, browser, cast):
    ada = browser("ada")
    page = make_passkey(ada, cast.ada, "Tablet", 422, flags=1)
    assert page.one("input", name="name").get("value") == "Tablet"
    assert "That passkey did not work here" in page.text
    assert has(app, cast.ada).count == 0
    assert notices(app) == 0


def test_a_passkey_is_looked_at_and_removed(app, browser, cast):
    ada = browser("ada")
    make_passkey(ada, cast.ada, "Tablet")
    make_passkey(ada, cast.ada, "Phone", 303)
    tablet = has(app, cast.ada).passkeys[0]
    page = ada.get(f"/account/passkeys/{tablet.key}")
    assert "Tablet" in page.text
    assert "Last used Not yet" in page.text
    assert "Tablet" not in page.title
    ada.submit(f"/account/passkeys/{tablet.key}/end")
    assert ada.location == "/account?done=factor"
    assert [passkey.name for passkey in has(app, cast.ada).passkeys] == ["Phone"]
    assert has(app, cast.ada).codes_left == 10
    ada.get(f"/account/passkeys/{tablet.key}", 404)
    ada.post(f"/account/passkeys/{tablet.key}/end", status=404)
    with app.app_context():
        removed = select(AuditEvent.subject).where(AuditEvent.what == "factor.remove")
        assert db.session.scalars(removed).all() == [tablet.key]


def test_with_the_last_factor_a_participants_codes_go_too(app, browser, cast, at):
    ada = browser("ada")
    ada.get("/account/authenticator")
    set_up_app(ada, at, "/account/authenticator")
    ada.get("/account/authenticator")
    ada.submit("/account/authenticator/end")
    assert has(app, cast.ada) == factors.Factors()
    ada.post("/account/authenticator/end", status=404)


@pytest.mark.asvs("8.2.2")
def test_nobody_reaches_the_passkey_of_another(app, browser, own, cast):
    own("ben", "phone")
    key = has(app, cast.ben).passkeys[0].key
    ada = browser("ada")
    ada.get(f"/account/passkeys/{key}", 404)
    ada.post(f"/account/passkeys/{key}/end", status=404)
    assert has(app, cast.ben).count == 1


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize("who", ["cho", "kit", "ada"])
def test_who_must_have_a_factor_keeps_the_last_one(app, browser, cast, who, own):
    """Rule: the last factor of staff stays, and of a participant whose program asks for one."""
    person = getattr(cast, who)
    with app.app_context():
        db.session.execute(update(Program).values(needs_second_factor=True))
        db.session.commit()
    if who == "ada":
        own("ada", "phone")
    someone = browser()
    someone.sign_in_with(Software(person.key), person.role)
    key = has(app, person).passkeys[0].key
    someone.get(f"/account/passkeys/{key}")
    page = someone.submit(f"/account/passkeys/{key}/end", status=422)
    assert "This is your only one" in page.text
    make_passkey(someone, person, "Another")
    someone.post(f"/account/passkeys/{key}/end")
    assert [passkey.name for passkey in has(app, person).passkeys] == ["Another"]


def test_the_last_app_stays_too(app, browser, cast, at):
    cho = browser("cho")
    cho.get("/account/authenticator")
    set_up_app(cho, at, "/account/authenticator")
    cho.post(f"/account/passkeys/{has(app, cast.cho).passkeys[0].key}/end")
    cho.get("/account/authenticator")
    page = cho.submit("/account/authenticator/end", status=422)
    assert "This is your only one" in page.text
    assert has(app, cast.cho).count == 1


def test_new_codes_are_shown_once_and_the_old_ones_stop(app, browser, cast, at):
    ada = browser("ada")
    make_passkey(ada, cast.ada)
    old = CODE.findall(ada.page.text)
    page = ada.get("/account/recovery-codes")
    assert "You have 10 left." in page.text
    page = ada.submit("/account/recovery-codes", status=200)
    new = CODE.findall(page.text)
    assert len(new) == 10
    assert events(app)[-1] == "factor.codes"
    assert notices(app) == 2
    with app.app_context():
        assert factor_changes.take_code(cast.ada, old[0], at.now) is None
        assert factor_changes.take_code(cast.ada, new[0], at.now) == "recovery"
    assert not CODE.findall(ada.get("/account/recovery-codes").text)


def test_there_are_no_codes_without_a_factor(browser):
    ada = browser("ada")
    assert "there is nothing to recover" in ada.get("/account/recovery-codes").text
    ada.post("/account/recovery-codes", status=404)


@pytest.mark.asvs("7.5.1")
def test_every_change_asks_first_for_a_fresh_proof(app, browser, cast, at):
    """Rule: pages and forms that change factors want a proof that is at most five minutes old."""
    ada = browser("ada")
    make_passkey(ada, cast.ada)
    key = has(app, cast.ada).passkeys[0].key
    before = has(app, cast.ada), notices(app)
    one = [f"/account/passkeys/{key}"]
    writes = [*PAGES, "/account/authenticator/end", f"{one[0]}/end"]
    at.later(minutes=5, seconds=1)
    for path in PAGES + one:
        ada.get(path, 303)
        assert ada.location.startswith("/confirm?next="), path
    for path in writes:
        ada.post(path, {"code": "123456"})
        assert ada.location.startswith("/confirm?next="), path
    assert (has(app, cast.ada), notices(app)) == before


def test_what_was_begun_goes_on_with_the_same_key_after_the_proof(browser, at):
    """Whoever takes long to find their phone has put a key on it: the page they come back to shows that one."""
    ada = browser("ada")
    page = ada.get("/account/authenticator")
    key = key_on(page)
    at.later(minutes=6)
    ada.submit("/account/authenticator", {"code": "123456"})
    ada.get(ada.location)
    ada.submit("/confirm", {"password": "a long walk by the river"})
    page = ada.get("/account/authenticator")
    assert key in page.text
    set_up_app(ada, at, "/account/authenticator")


def test_the_name_of_a_passkey_is_kept_over_the_proof(app, browser, cast, at):
    ada = browser("ada")
    ada.get("/account/passkeys")
    at.later(minutes=6)
    ada.submit("/account/passkeys", {"answer": "too late", "name": "Kitchen tablet"})
    ada.get(ada.location)
    ada.submit("/confirm", {"password": "a long walk by the river"})
    assert ada.get("/account/passkeys").one("input", name="name").get("value") == "Kitchen tablet"
    make_passkey(ada, cast.ada)
    assert ada.get("/account/passkeys").one("input", name="name").get("value") == "A browser"


@pytest.mark.asvs("14.2.1")
def test_neither_secret_nor_code_stands_in_an_address_a_title_or_a_cookie(browser, at):
    ada = browser("ada")
    page = ada.get("/account/authenticator")
    secret = key_on(page).replace(" ", "")
    set_up_app(ada, at, "/account/authenticator")
    codes = CODE.findall(ada.page.text)
    told = ada.page.title + str(ada.answer.headers) + str(ada.client.get_cookie("session"))
    assert not any(word in told for word in (secret, *codes))


@pytest.mark.parametrize("typed", ["\x00" * 6, "9" * 5_000, "é"])
def test_hostile_fields_are_refused_on_the_page(browser, typed):
    ada = browser("ada")
    ada.get("/account/authenticator")
    ada.submit("/account/authenticator", {"code": typed, "setup": typed}, 422)
    ada.get("/account/passkeys")
    ada.submit("/account/passkeys", {"answer": typed, "name": typed}, 422)


@pytest.mark.asvs("15.4.2")
def test_of_two_factors_removed_at_once_one_stays(app, race, cast, at):
    """Rule: whoever removes a factor holds the account meanwhile, or two at once take both of the last two."""
    with app.app_context():
        setup = authenticator.setup_for(cast.cho, "Foothold")
        assert authenticator.confirm(cast.cho, setup.sealed, pyotp.TOTP(setup.secret).at(at.now), at.now)
        db.session.commit()
        facts = program.current()
    key = has(app, cast.cho).passkeys[0].key

    visitor = SimpleNamespace(**asdict(cast.cho), sign_in_id=0)

    def remove_passkey() -> str:
        with app.app_context():
            try:
                factor_changes.end_passkey(visitor, facts, key, at.now)
            except Refused as kept:
                return str(kept)
            db.session.commit()
            return "gone"

    outcome = race(lambda: factor_changes.end_authenticator(visitor, facts, at.now), remove_passkey)
    assert outcome.startswith("This is your only one")
    assert has(app, cast.cho).count == 1


def test_the_only_way_in_stays_until_there_is_a_password(app, browser, cast):
    """Rule: nobody takes away the last thing that lets them in."""
    ada = browser("ada")
    key = give_passkey(app, cast.ada)
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(password_hash=None))
        db.session.commit()
    page = ada.post(f"/account/passkeys/{key}/end", status=422)
    assert "This passkey is your only way in." in page.text
    assert has(app, cast.ada).count == 1


def test_removing_a_passkey_signs_out_every_other_device(app, browser, cast):
    """Rule: the phone that was lost is out when its passkey is gone."""
    lost, here = browser("ada"), browser("ada")
    key = give_passkey(app, cast.ada)
    here.post(f"/account/passkeys/{key}/end")
    here.get("/today")
    lost.get("/today", 303)


@pytest.mark.asvs("6.5.1", "6.4.4")
@pytest.mark.parametrize("must", [False, True])
def test_a_code_lets_in_whoever_has_a_passkey_alone_once_and_not_where_two_factors_are_asked(app, browser, cast, must):
    """Rule: a lost phone is no dead end for who joined without a password; a code never stands in for two factors."""
    give_passkey(app, cast.ada)
    with app.app_context():
        code = recovery.new_codes(cast.ada)[0]
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(password_hash=None))
        db.session.execute(update(Program).values(needs_second_factor=must))
        db.session.commit()
    ada, again = browser(), browser()
    ada.role = again.role = "therapist"  # one SELECT more than a page of a stranger
    ada.get("/sign-in")
    ada.post("/sign-in", {"email": "ada@example.org", "password": code.lower()}, 422 if must else 303)
    if not must:
        ada.get("/today")
    again.get("/sign-in")
    again.post("/sign-in", {"email": "ada@example.org", "password": code}, 422)


def test_a_code_in_the_place_of_a_password_opens_nothing_for_who_has_one(app, browser, cast):
    give_passkey(app, cast.ada)
    with app.app_context():
        code = recovery.new_codes(cast.ada)[0]
        db.session.commit()
    ada = browser()
    ada.role = "therapist"  # one SELECT more than a page of a stranger
    ada.get("/sign-in")
    ada.post("/sign-in", {"email": "ada@example.org", "password": code}, 422)


def give_passkey(app, person):
    """A passkey in the database alone; its key."""
    with app.app_context():
        passkey = Passkey(
            key=new_key(),
            account_id=person.id,
            credential_id=person.key.encode(),
            public_key=b"-",
            sign_count=0,
            name="Phone",
            made_at=clock.now(),
        )
        db.session.add(passkey)
        db.session.commit()
        return passkey.key


@pytest.mark.parametrize("what", ["app", "phone"])
def test_one_question_comes_before_a_second_step_is_removed(app, browser, own, cast, what):
    """Rule: the form lies behind its question, which a browser opens without a script."""
    ada = browser("ada")
    own("ada", what)
    path = "/account/authenticator" if what == "app" else f"/account/passkeys/{has(app, cast.ada).passkeys[0].key}"
    page = ada.get(path)
    asked = page.one("details", class_="sure")
    assert [form.get("action") for form in asked.iter("form")] == [f"{path}/end"]
    assert [form.get("action") for form in page.all("form")].count(f"{path}/end") == 1
    assert "your recovery codes end with it" in words(asked)
    assert "every device but this one" in words(asked) or "every other device" in words(asked)
