"""The second step at sign-in: asked after the password, passed by a code or a passkey, and never a dead end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal.db import db
from portal.door import factors, passwords, sign_ins
from portal.door.models import SignIn
from portal.mail import Mail
from portal.people.models import Account
from tests.conftest import PASSWORD
from tests.door.factors.conftest import past_password
from tests.passkeys import Passkey

WRONG = "000000"


def stages(app):
    with app.app_context():
        rows = db.session.execute(select(SignIn.stage, SignIn.how, SignIn.ended_at.is_(None)).order_by(SignIn.id))
        return [tuple(row) for row in rows]


def press_passkey(browser, phone, action="/sign-in/passkey", status=303, **more):
    """Press the passkey button of the last page; `phone` answers."""
    options = browser.page.one("button", data_passkey="get").get("data-options")
    return browser.submit(action, {"answer": phone.used(options)} | more, status)


@pytest.mark.asvs("6.3.3")
def test_after_the_password_a_person_with_an_app_is_asked_for_its_code(app, browser, own, at):
    """Rule: with a second factor, a password alone opens nothing but the page that asks for it."""
    phone = own("ada", "app")
    ada = past_password(browser)
    assert ada.location == "/sign-in/code"
    ada.get("/today", 303)
    assert ada.location.startswith("/sign-in")
    ada.get("/sign-in/code")
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    assert ada.location == "/"
    ada.get("/today")
    assert stages(app) == [("second", "password", False), ("full", "totp", True)]


def test_someone_without_a_factor_is_not_asked(browser):
    assert past_password(browser).location == "/"


@pytest.mark.asvs("7.2.4")
def test_the_session_has_a_new_token_and_the_half_done_one_opens_nothing(browser, own, at):
    phone = own("ada", "app")
    ada = past_password(browser)
    ada.get("/sign-in/code")
    before = ada.client.get_cookie("session").value
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    ada.client.set_cookie("session", before)
    ada.get("/today", 303)
    ada.get("/sign-in/code", 303)
    assert ada.location == "/sign-in"


def test_where_one_wanted_to_go_is_remembered_over_the_second_step(browser, own, at):
    phone = own("ada", "app")
    ada = past_password(browser, next="/check-ins/")
    ada.get("/sign-in/code")
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    assert ada.location == "/check-ins/"


def test_a_shared_device_stays_one_over_the_second_step(app, browser, own, at):
    phone = own("ada", "app")
    ada = past_password(browser, shared="y")
    ada.get("/sign-in/code")
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    with app.app_context():
        assert db.session.scalars(select(SignIn.shared)).all() == [True, True]


@pytest.mark.asvs("6.4.4")
def test_a_recovery_code_lets_in_once_and_its_owner_hears_of_it(app, browser, own):
    own("ada", "app")
    codes = own("ada", "codes")
    with app.app_context():
        db.session.execute(update(Account).values(mail_ok=True))
        db.session.commit()
    ada = past_password(browser)
    ada.get("/sign-in/code")
    ada.submit("/sign-in/code", {"code": codes[3].lower().replace("-", " ")})
    ada.get("/today")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Mail)) == 1
    again = past_password(browser)
    again.get("/sign-in/code")
    again.submit("/sign-in/code", {"code": codes[3]}, 422)


def test_a_wrong_code_is_told_beside_its_field_and_is_not_shown_again(browser, own):
    own("ada", "app")
    ada = past_password(browser)
    ada.get("/sign-in/code")
    page = ada.submit("/sign-in/code", {"code": "918273"}, 422)
    field = page.one("input", name="code")
    assert field.get("aria-invalid") == "true"
    assert field.get("value") == ""
    assert "That code did not work." in page.text
    page = ada.submit("/sign-in/code", {"code": ""}, 422)
    assert "Type a code." in page.text


@pytest.mark.asvs("6.5.1")
def test_a_code_that_was_used_is_refused_at_another_sign_in(browser, own, at):
    phone = own("ada", "app")
    for status in (303, 422):
        ada = past_password(browser)
        ada.get("/sign-in/code")
        ada.submit("/sign-in/code", {"code": phone.at(at.now)}, status)


@pytest.mark.asvs("6.3.1")
def test_the_sixth_wrong_code_waits_and_the_account_is_not_locked(browser, own, at):
    """Rule: five wrong codes in five minutes, from wherever they come; then even the right one waits."""
    phone = own("ada", "app")
    for number in range(5):
        ada = past_password(browser)
        ada.address = f"10.0.0.{number}"
        ada.get("/sign-in/code")
        ada.submit("/sign-in/code", {"code": WRONG}, 422)
    page = ada.submit("/sign-in/code", {"code": phone.at(at.now)}, 429)
    assert "Your account is not locked" in page.text
    assert ada.answer.headers["Retry-After"] == "300"
    at.later(minutes=5)
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    ada.get("/today")


@pytest.mark.asvs("6.3.1")
def test_in_an_hour_twenty_wrong_codes_are_checked_and_no_more(browser, own, at):
    phone = own("ada", "app")
    checked = 0
    for minute in range(0, 55, 5):
        at.later(minutes=5 if minute else 0)
        ada = past_password(browser)
        for number in range(5):
            ada.address = f"10.0.{minute}.{number}"
            ada.get("/sign-in/code")
            answer = ada.client.post(
                "/sign-in/code",
                data={"csrf_token": ada.token, "code": WRONG},
                environ_base={"REMOTE_ADDR": ada.address},
            )
            checked += answer.status_code == 422
    assert checked == 20
    at.later(minutes=60)
    ada = past_password(browser)
    ada.get("/sign-in/code")
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})


def test_wrong_codes_do_not_count_against_the_password_nor_another_person(browser, own, at):
    own("ada", "app")
    bens = own("ben", "app")
    ada = past_password(browser)
    ada.get("/sign-in/code")
    for _ in range(5):
        ada.submit("/sign-in/code", {"code": WRONG}, 422)
    past_password(browser)
    ben = past_password(browser, "ben")
    ben.get("/sign-in/code")
    ben.submit("/sign-in/code", {"code": bens.at(at.now)})


def test_ten_minutes_after_the_password_it_has_to_be_typed_again(browser, own, at):
    phone = own("ada", "app")
    ada = past_password(browser)
    ada.get("/sign-in/code")
    at.later(minutes=10)
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    assert ada.location == "/sign-in"


def test_a_code_on_its_way_while_the_password_changes_opens_nothing(app, browser, own, cast, at, monkeypatch):
    """Rule: whoever is half-way in is asked for once more as the code is taken: the sign-in may have ended since."""
    phone, half, read = own("ada", "app"), past_password(browser), factors.factors_of
    half.get("/sign-in/code")

    def of(person):
        has = read(person)
        with app.app_context():
            passwords.give(person, passwords.hash_of("seven green umbrellas wander"))
            sign_ins.end_all(person, at.now)
            db.session.commit()
        return has

    monkeypatch.setattr(factors, "factors_of", of)
    half.submit("/sign-in/code", {"code": phone.at(at.now)})
    assert half.location == "/sign-in"
    half.get("/today", 303)


@pytest.mark.asvs("7.4.2")
def test_an_account_that_is_switched_off_in_between_does_not_get_in(app, browser, own, cast, at):
    phone = own("ada", "app")
    ada = past_password(browser)
    ada.get("/sign-in/code")
    with app.app_context():
        db.session.get(Account, cast.ada.id).disabled_at = at.now
        db.session.commit()
    ada.submit("/sign-in/code", {"code": phone.at(at.now)})
    assert ada.location == "/sign-in"


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/second-factor"])
def test_who_has_not_begun_to_sign_in_is_sent_to_the_beginning(browser, path):
    browser().get(path, 303)
    ada = browser("ada")
    ada.get(path, 303)
    assert ada.location == "/sign-in"


@pytest.mark.asvs("2.3.1")
def test_nobody_sets_up_a_factor_in_place_of_showing_theirs(app, browser, own):
    """Rule: whoever has a factor shows it; the page that sets one up is not theirs."""
    own("ada", "app")
    ada = past_password(browser)
    ada.get("/sign-in/second-factor", 303)
    assert ada.location == "/sign-in/code"
    ada.get("/sign-in/code")
    for part in ("authenticator", "passkey"):
        ada.post(f"/sign-in/second-factor/{part}", {"code": WRONG, "answer": "x"})
        assert ada.location == "/sign-in/code"


def test_the_way_out_for_who_has_lost_everything_is_on_the_page(browser, own):
    own("ada", "app")
    ada = past_password(browser)
    page = ada.get("/sign-in/code")
    assert "Lost your phone and your codes? Call us: (212) 555-0142" in page.text
    assert page.title == "Sign in | Foothold"


def test_a_passkey_signs_in_without_a_password(app, browser, own):
    phone = own("ada", "phone")
    ada = browser()
    ada.get("/sign-in?next=/check-ins/")
    press_passkey(ada, phone)
    assert ada.location == "/check-ins/"
    ada.get("/today")
    assert stages(app) == [("full", "passkey", True)]


@pytest.mark.asvs("3.7.2")
def test_a_passkey_does_not_lead_to_another_site(browser, own):
    phone = own("ada", "phone")
    ada = browser()
    ada.get("/sign-in")
    press_passkey(ada, phone, next="https://example.net/")
    assert ada.location == "/"


def test_a_passkey_on_a_shared_device_makes_a_session_of_five_minutes(browser, own, at):
    phone = own("ada", "phone")
    ada = browser()
    ada.get("/sign-in")
    press_passkey(ada, phone, shared="y")
    at.later(minutes=5, seconds=1)
    ada.get("/today", 303)


def test_after_the_password_a_passkey_does_as_well_as_a_code(app, browser, own):
    phone = own("ada", "phone")
    ada = past_password(browser, shared="y")
    page = ada.get("/sign-in/code")
    assert "Recovery code" in page.text
    press_passkey(ada, phone)
    ada.get("/today")
    assert stages(app) == [("second", "password", False), ("full", "passkey", True)]
    with app.app_context():
        assert db.session.scalars(select(SignIn.shared)).all() == [True, True]


@pytest.mark.asvs("6.5.1")
def test_a_passkeys_answer_sent_again_opens_nothing(browser, own):
    phone = own("ada", "phone")
    ada, eve = browser(), browser()
    ada.get("/sign-in")
    answer = phone.used(ada.page.one("button", data_passkey="get").get("data-options"))
    ada.submit("/sign-in/passkey", {"answer": answer})
    eve.get("/sign-in")
    eve.submit("/sign-in/passkey", {"answer": answer}, 422)
    eve.get("/today", 303)


def test_a_passkey_that_is_refused_says_what_else_there_is(browser, own):
    phone = own("ada", "phone")
    phone.origin = "https://example.net"
    ada = browser()
    ada.get("/sign-in?next=/check-ins/")
    page = press_passkey(ada, phone, status=422)
    assert "That passkey did not work here" in page.text
    assert any(a.get("href") == "/sign-in" for a in page.all("a"))
    phone.origin = "http://localhost:8000"
    press_passkey(ada, phone)
    assert ada.location == "/check-ins/"


def test_a_passkey_that_is_refused_after_the_password_leads_back_to_the_code(browser, own):
    phone = own("ada", "phone")
    ada = past_password(browser)
    ada.get("/sign-in/code")
    phone.flags = 1
    page = press_passkey(ada, phone, status=422)
    assert any(a.get("href") == "/sign-in/code" for a in page.all("a"))


def test_a_form_without_an_answer_is_told_so(browser):
    stranger = browser()
    stranger.get("/sign-in")
    for answer in ("", "x" * 20_001):
        page = stranger.submit("/sign-in/passkey", {"answer": answer}, 422)
        assert "Your browser sent no passkey" in page.text


@pytest.mark.asvs("6.3.8")
def test_pages_tell_nobody_who_has_a_passkey(browser, own):
    """The page for signing in is the same for everybody: it names no passkey, whoever has one."""
    before = browser().get("/sign-in").text
    own("ada", "phone")
    assert browser().get("/sign-in").text == before


@pytest.mark.asvs("3.5.3")
def test_looking_at_the_pages_writes_nothing(app, browser, own, at):
    own("ada", "app")
    own("ada", "phone")
    ada = past_password(browser)
    with app.app_context():
        before = db.session.execute(select(SignIn.id, SignIn.last_used_at)).all()
    at.later(minutes=2)
    ada.get("/sign-in/code")
    ada.get("/sign-in")
    with app.app_context():
        assert db.session.execute(select(SignIn.id, SignIn.last_used_at)).all() == before


@pytest.mark.parametrize("who", ["cho", "kit"])
def test_staff_get_in_with_their_password_and_a_passkey(app, browser, cast, who):
    person = past_password(browser, who)
    assert person.location == "/sign-in/code"
    person.get("/sign-in/code")
    press_passkey(person, Passkey(getattr(cast, who).key))
    person.get("/", 303)


def test_a_known_device_has_tries_of_its_own(browser, own, at):
    """Whoever has the password and types wrong codes elsewhere does not keep the owner out at home."""
    phone = own("ada", "app")
    home = past_password(browser)
    home.get("/sign-in/code")
    home.submit("/sign-in/code", {"code": phone.at(at.now)})
    home.get("/today")
    home.post("/sign-out")
    elsewhere = past_password(browser)
    elsewhere.get("/sign-in/code")
    for _ in range(5):
        elsewhere.submit("/sign-in/code", {"code": WRONG}, 422)
    elsewhere.submit("/sign-in/code", {"code": WRONG}, 429)
    at(at.now + timedelta(minutes=1))
    home.role = None
    home.get("/sign-in")
    home.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    home.get("/sign-in/code")
    home.submit("/sign-in/code", {"code": phone.at(at.now)})
