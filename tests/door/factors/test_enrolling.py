"""Setting up the first factor at sign-in: who must, what opens before, and the codes that come with it."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pyotp
import pytest
from sqlalchemy import delete, func, select, update

from portal.audit.models import AuditEvent
from portal.db import db
from portal.door import factors, sign_ins
from portal.door.factors import authenticator, factor_changes
from portal.door.models import Passkey, RecoveryCode, SignIn
from portal.mail import Mail
from portal.people.models import Account
from portal.program.models import Program
from tests.browser import words
from tests.door.factors.conftest import past_password
from tests.passkeys import Passkey as Software

CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")


@pytest.fixture
def bare(app, cast):
    """Staff without any factor yet, and mail that only its reader reads."""
    with app.app_context():
        db.session.execute(delete(Passkey))
        db.session.execute(update(Account).values(mail_ok=True))
        db.session.commit()


def events(app):
    with app.app_context():
        about = AuditEvent.what.startswith("factor.") | (AuditEvent.what == "session.start")
        return db.session.scalars(select(AuditEvent.what).where(about).order_by(AuditEvent.id)).all()


def key_on(page):
    """The key that the page shows for typing it into an app."""
    return words(page.one("b", class_="num"))


def set_up_app(browser, at, path="/sign-in/second-factor/authenticator", status=200):
    """Put the secret of the last page on a phone, and type what that shows; the phone's app."""
    phone = pyotp.TOTP(key_on(browser.page).replace(" ", ""))
    browser.submit(path, {"code": phone.at(at.now)}, status)
    return phone


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize(("who", "home"), [("cho", "/caseload/"), ("kit", "/people/")])
def test_staff_without_a_factor_reach_nothing_until_they_have_set_one_up(app, browser, bare, at, who, home):
    """Rule: staff always have a second factor; without one they are led to set it up, and nothing else opens."""
    person = past_password(browser, who)
    assert person.location == "/sign-in/second-factor"
    person.get(home, 303)
    person.get("/sign-in/second-factor")
    set_up_app(person, at)
    person.role = "therapist"
    person.get(home)
    assert events(app)[:3] == ["factor.add", "factor.codes", "session.start"]


@pytest.mark.asvs("6.5.4")
def test_the_recovery_codes_are_shown_once_and_work(app, browser, bare, cast, at):
    cho = past_password(browser, "cho")
    cho.get("/sign-in/second-factor")
    set_up_app(cho, at)
    codes = CODE.findall(cho.page.text)
    assert len(codes) == 10
    assert "They are shown only now." in cho.page.text
    assert [a for a in cho.page.all("a") if a.get("href") == "/"]
    assert cho.answer.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert factor_changes.take_code(cast.cho, codes[0], at.now) == "recovery"


@pytest.mark.asvs("6.3.7")
def test_a_notice_without_content_goes_to_who_set_it_up(app, browser, bare, at):
    cho = past_password(browser, "cho")
    cho.get("/sign-in/second-factor")
    set_up_app(cho, at)
    with app.app_context():
        assert db.session.execute(select(func.count(), func.min(Mail.subject))).one() == (1, "A change to your account")


def test_the_app_asks_for_its_code_from_then_on(browser, bare, at):
    cho = past_password(browser, "cho")
    cho.get("/sign-in/second-factor")
    phone = set_up_app(cho, at)
    again = past_password(browser, "cho")
    assert again.location == "/sign-in/code"
    again.get("/sign-in/code")
    again.submit("/sign-in/code", {"code": phone.at(at.now)}, 422)
    at.later(seconds=30)
    again.submit("/sign-in/code", {"code": phone.at(at.now)})


def test_a_wrong_code_keeps_the_same_key_on_the_page(browser, bare, at):
    cho = past_password(browser, "cho")
    page = cho.get("/sign-in/second-factor")
    key = key_on(page)
    page = cho.submit("/sign-in/second-factor/authenticator", {"code": "000000"}, 422)
    assert key in page.text
    assert "That is not the code for this key" in page.text
    set_up_app(cho, at)


@pytest.mark.asvs("7.2.4")
def test_a_passkey_set_up_at_sign_in_lets_in_under_a_new_token(app, browser, bare, cast):
    cho = past_password(browser, "cho")
    page = cho.get("/sign-in/second-factor")
    before = cho.client.get_cookie("session").value
    options = page.one("button", data_passkey="create").get("data-options")
    cho.submit("/sign-in/second-factor/passkey", {"answer": Software(cast.cho.key).made(options), "name": "Phone"}, 200)
    assert len(CODE.findall(cho.page.text)) == 10
    cho.role = "therapist"
    cho.get("/caseload/")
    assert cho.client.get_cookie("session").value != before
    with app.app_context():
        assert db.session.execute(select(SignIn.stage, SignIn.how).order_by(SignIn.id)).all() == [
            ("enroll", "password"),
            ("full", "passkey"),
        ]
        assert [passkey.name for passkey in factors.factors_of(cast.cho).passkeys] == ["Phone"]


def test_a_passkey_that_is_refused_leaves_both_ways_open(app, browser, bare, cast):
    cho = past_password(browser, "cho")
    page = cho.get("/sign-in/second-factor")
    options = page.one("button", data_passkey="create").get("data-options")
    lie = Software(cast.cho.key, origin="https://example.net").made(options)
    page = cho.submit("/sign-in/second-factor/passkey", {"answer": lie}, 422)
    assert "That passkey did not work here" in page.text
    assert page.form("/sign-in/second-factor/authenticator") is not None
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_a_program_may_ask_it_of_its_participants_too(app, browser, cast, at):
    with app.app_context():
        db.session.execute(update(Program).values(needs_second_factor=True))
        db.session.commit()
    ada = past_password(browser)
    assert ada.location == "/sign-in/second-factor"
    ada.get("/sign-in/second-factor")
    set_up_app(ada, at)
    ada.get("/today")


@pytest.fixture
def two_arrive(browser, bare):
    """Two browsers past Dr Cho's password, both before the page that sets up a first factor."""
    both = past_password(browser, "cho"), past_password(browser, "cho")
    for each in both:
        each.get("/sign-in/second-factor")
    return both


@pytest.mark.asvs("6.3.3")
def test_whoever_knows_the_password_alone_adds_nothing_to_a_factor_that_is_there(app, two_arrive, cast, at):
    """Rule: of two who set up a first factor, the second is sent back to the start, whatever page is still open."""
    owner, other = two_arrive
    phone = set_up_app(owner, at)
    at.later(minutes=2)
    set_up_app(other, at, status=303)
    assert other.location == "/sign-in"
    other.get("/caseload/", 303)
    with app.app_context():
        assert factor_changes.take_code(cast.cho, phone.at(at.now), at.now) == "totp"
        assert events(app).count("factor.add") == 1


@pytest.mark.asvs("6.3.3")
def test_a_passkey_is_not_added_to_a_factor_that_is_there(app, two_arrive, cast, at):
    owner, other = two_arrive
    set_up_app(owner, at)
    options = other.page.one("button", data_passkey="create").get("data-options")
    other.submit("/sign-in/second-factor/passkey", {"answer": Software(cast.cho.key).made(options), "name": "x"}, 303)
    with app.app_context():
        assert factors.factors_of(cast.cho).passkeys == ()


@pytest.mark.parametrize("form", ["authenticator", "passkey"])
def test_a_half_done_sign_in_that_outlived_a_new_factor_adds_nothing_all_the_same(app, two_arrive, own, form):
    """Rule: it is asked whether there is a factor by now, not only whether the sign-in was ended with it."""
    own("cho", "phone")
    other = two_arrive[1]
    other.submit(f"/sign-in/second-factor/{form}", {}, 303)
    assert other.location == "/sign-in"


def test_a_new_factor_on_the_account_page_ends_sign_ins_that_are_half_done(app, browser, own, cast, at):
    """Rule: whoever is half-way in begins again, and meets the factor as it is now."""
    own("ada", "phone")
    half = past_password(browser)
    with app.app_context():
        factor_changes.note_added(cast.ada, at.now)
        db.session.commit()
    half.get("/sign-in/code", 303)
    assert half.location == "/sign-in"


def test_of_two_first_factors_at_once_one_is_added(app, race, bare, cast, at):
    """Rule: whoever sets up a first factor holds the account meanwhile."""
    with app.app_context():
        tokens = [sign_ins.start(cast.cho, at.now, stage="enroll") for _ in range(2)]
        db.session.commit()
        one, other = (sign_ins.arriving(token, at.now) for token in tokens)

    def first() -> None:
        assert factors.hold_arriving(one, at.now)
        setup = authenticator.setup_for(cast.cho, "Foothold")
        assert authenticator.confirm(cast.cho, setup.sealed, pyotp.TOTP(setup.secret).at(at.now), at.now)

    def second() -> bool:
        with app.app_context():
            return factors.hold_arriving(other, at.now)

    assert race(first, second, pause=0.3) is False


@pytest.mark.parametrize(
    ("role", "asks", "demo", "has", "stage"),
    [
        ("participant", False, False, False, "full"),
        ("participant", True, False, False, "enroll"),
        ("participant", False, False, True, "second"),
        ("therapist", False, False, False, "enroll"),
        ("coordinator", False, False, False, "enroll"),
        ("coordinator", False, False, True, "second"),
        ("participant", True, True, False, "full"),
        ("therapist", True, True, False, "full"),
        ("therapist", False, True, True, "second"),
    ],
)
def test_what_comes_after_the_password(app, cast, own, monkeypatch, role, asks, demo, has, stage):
    """Whom a factor is asked of; the demo asks nobody to have one, and whoever set one up is asked for it."""
    with app.app_context():
        db.session.execute(delete(Passkey))
        db.session.commit()
    if has:
        own("ada", "phone")
    monkeypatch.setitem(app.config, "DEMO", demo)
    with app.app_context():
        person = replace(cast.ada, role=role)
        assert factors.stage_after(person, SimpleNamespace(needs_second_factor=asks)) == stage


def test_forgetting_all_leaves_nothing(app, cast, own):
    for what in ("app", "phone", "codes"):
        own("ada", what)
    own("ben", "app")
    with app.app_context():
        factors.forget_all(cast.ada)
        db.session.commit()
        assert factors.factors_of(cast.ada) == factors.Factors()
        assert factors.factors_of(cast.ben).count == 1
