"""Signing in: the same words for everybody who may not, and a place of one's own for everybody who may."""

import re
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import func, select

from portal.audit.models import AuditEvent
from portal.db import db
from portal.door import passwords, sign_ins
from portal.door.models import SignIn, SignInTry
from portal.people import contacts
from portal.people.models import Account
from tests.conftest import PASSWORD
from tests.hashing import CountingHasher

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
        contacts.give(db.session.get(Account, cast.ada.id), "bluebird7")
        db.session.commit()
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "bluebird7", "password": PASSWORD})
    stranger.get("/today")


def refusal(stranger, email, password=WRONG, status=422):
    """Everything that a refused sign-in tells: status, headers and body, but for what is random and what was typed."""
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": email, "password": password}, status)
    body = stranger.answer.text.replace(email, "NAME").replace(stranger.token, "TOKEN")
    body = re.sub("challenge&#34;: &#34;[A-Za-z0-9_-]{83}&#34;", "CHALLENGE", body)
    headers = [pair for pair in stranger.answer.headers.to_wsgi_list() if pair[0] != "Content-Length"]
    return stranger.answer.status, sorted(headers), body, len(stranger.selects)


@pytest.mark.asvs("6.3.8")
def test_an_unknown_name_and_a_wrong_password_get_the_same_answer_to_the_byte(browser):
    """Rule: nothing in status, headers or body tells who has an account, nor does the number of questions asked."""
    wrong, unknown = refusal(browser(), "ada@example.org"), refusal(browser(), "eve@example.org")
    assert wrong == unknown


@pytest.mark.asvs("6.3.8")
def test_a_slowed_name_is_told_the_same_whether_somebody_has_it_or_not(browser):
    answers = []
    for email in ("ada@example.org", "eve@example.org"):
        stranger = browser()
        for _ in range(5):
            refusal(stranger, email)
        answers.append(refusal(stranger, email, status=429))
    assert answers[0] == answers[1]


@pytest.mark.asvs("6.3.8")
def test_a_device_that_is_known_to_someone_else_tells_no_more(browser):
    ada = browser("ada")
    ada.post("/sign-out")
    ada.role = None
    wrong, unknown = refusal(ada, "ben@example.org"), refusal(ada, "eve@example.org")
    assert wrong == unknown


@pytest.mark.asvs("6.3.8")
def test_a_disabled_account_gets_the_answer_of_an_unknown_one(app, cast, at, browser):
    with app.app_context():
        db.session.get(Account, cast.ben.id).disabled_at = at.now
        db.session.commit()
    assert refusal(browser(), "ben@example.org", PASSWORD) == refusal(browser(), "eve@example.org", PASSWORD)


@pytest.mark.asvs("6.3.8")
def test_an_account_without_a_password_gets_the_answer_of_an_unknown_one(app, cast, browser):
    with app.app_context():
        db.session.get(Account, cast.ben.id).password_hash = None
        db.session.commit()
    assert refusal(browser(), "ben@example.org", PASSWORD) == refusal(browser(), "eve@example.org", PASSWORD)


@pytest.mark.asvs("6.3.8", "11.4.2")
def test_every_refusal_costs_one_check_of_a_hash_of_one_strength(app, cast, at, browser, monkeypatch):
    """Rule: a name that nobody has, and an account that is closed or has no password, take as long as a wrong one.

    The bench times it.
    """
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "hasher", counting)
    with app.app_context():
        db.session.get(Account, cast.ben.id).disabled_at = at.now
        db.session.get(Account, cast.cleo.id).password_hash = None
        db.session.commit()
    for number, who in enumerate(("ada", "eve", "ben", "cleo"), 1):
        refusal(browser(), f"{who}@example.org")
        assert counting.checked == number, who
    assert extract_parameters(passwords._NOBODY) == extract_parameters(counting.hash(PASSWORD))


class Meanwhile(CountingHasher):
    """A hasher during whose slow check something else happens."""

    def __init__(self, happens, **strength):
        super().__init__(**strength)
        self.happens = happens

    def verify(self, known, password):
        right = super().verify(known, password)
        self.happens()
        return right


@pytest.mark.asvs("7.4.3")
@pytest.mark.parametrize("what", ["password", "closed"])
def test_a_sign_in_on_its_way_does_not_outlive_the_password(app, cast, at, browser, monkeypatch, what):
    """Rule: a password that is changed, or an account that is closed, while the password is checked is a refusal."""

    def change():
        with app.app_context():
            if what == "password":
                db.session.get(Account, cast.ada.id).password_hash = passwords.hasher.hash(
                    "seven green umbrellas wander"
                )
            else:
                db.session.get(Account, cast.ada.id).disabled_at = at.now
            sign_ins.end_all(cast.ada, at.now)
            db.session.commit()

    monkeypatch.setattr(passwords, "hasher", Meanwhile(change))
    stranger = browser()
    refusal(stranger, "ada@example.org", PASSWORD)
    stranger.get("/today", 303)
    assert count(app, SignIn) == 0
    assert count(app, SignInTry) == 1


def hash_of(app, person):
    with app.app_context():
        return db.session.get(Account, person.id).password_hash


def test_a_hash_of_an_older_strength_is_made_anew_at_the_next_right_password(app, cast, browser, monkeypatch):
    """Rule: once hashes are made stronger, whoever signs in has a strong one; a wrong password changes nothing."""
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", stronger)
    old = hash_of(app, cast.ada)
    refusal(browser(), "ada@example.org")
    assert hash_of(app, cast.ada) == old
    browser().sign_in("ada@example.org", PASSWORD, "participant")
    new = hash_of(app, cast.ada)
    assert stronger.check_needs_rehash(old)
    assert not stronger.check_needs_rehash(new)
    refusal(browser(), "ada@example.org")
    browser().sign_in("ada@example.org", PASSWORD, "participant")
    assert hash_of(app, cast.ada) == new


def test_two_at_one_moment_are_both_let_in_while_the_hash_is_made_anew(app, cast, browser, monkeypatch):
    first = []

    def another():
        if not first:
            first.append("on its way")
            with app.app_context():
                first.append(passwords.find_owner("ada@example.org", PASSWORD))
                db.session.commit()

    hasher = Meanwhile(another, time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", hasher)
    browser().sign_in("ada@example.org", PASSWORD, "participant")
    assert first[1] == cast.ada
    assert not hasher.check_needs_rehash(hash_of(app, cast.ada))


@pytest.mark.asvs("16.3.1")
def test_a_refused_sign_in_is_on_record_without_a_name(app, browser):
    for email in ("ada@example.org", "eve@example.org"):
        refusal(browser(), email)
    with app.app_context():
        rows = db.session.execute(
            select(AuditEvent.actor_id, AuditEvent.participant_id, AuditEvent.subject).where(
                AuditEvent.what == "session.refuse"
            )
        ).all()
        assert rows == [(None, None, contacts.hash_of(name)) for name in ("ada@example.org", "eve@example.org")]


@pytest.mark.asvs("16.3.1")
def test_a_sign_in_and_its_end_are_on_record(app, cast, browser):
    ada = browser()
    ada.sign_in("ada@example.org", PASSWORD, "participant")
    ada.get("/today")
    ada.submit("/sign-out")
    with app.app_context():
        whats = select(AuditEvent.what).where(AuditEvent.actor_id == cast.ada.id).order_by(AuditEvent.id)
        assert db.session.scalars(whats).all() == ["session.start", "session.end"]


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


@pytest.mark.asvs("6.2.8")
@pytest.mark.parametrize("length", [128, 129, 5_000])
def test_a_long_password_is_wrong_and_not_cut(browser, length):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD.ljust(length, "x")}, 422)


@pytest.mark.asvs("6.2.8")
def test_a_password_counts_to_its_last_letter(browser):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD[:-1] + "R"}, 422)


def test_a_try_keeps_neither_name_nor_address_in_the_clear(app, browser):
    stranger = browser(address="10.1.2.3")
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": WRONG}, 422)
    with app.app_context():
        row = db.session.execute(select(SignInTry.name_hash, SignInTry.address_hash)).one()
    assert not [value for value in row if "ada@example.org" in value or "10.1.2.3" in value]


def test_a_shared_device_is_signed_out_after_five_minutes_of_quiet(browser, at):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD, "shared": "y"})
    at.later(minutes=5)
    stranger.get("/today")
    at.later(minutes=5, seconds=1)
    stranger.get("/today", 303)


def test_a_wrong_password_leaves_the_device_shared(browser):
    stranger = browser()
    stranger.get("/sign-in")
    page = stranger.post("/sign-in", {"email": "ada@example.org", "password": WRONG, "shared": "y"}, 422)
    assert page.one("input", name="shared", type="checkbox").get("checked") is not None


@pytest.mark.asvs("1.2.2", "3.7.2")
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
