"""A person's own password, address and mail setting: changed by them, told to nobody else, and what ends with it."""

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from portal import drafts, seal
from portal.audit.models import AuditEvent
from portal.db import db
from portal.door import accounts
from portal.door.joining import invitations
from portal.door.models import Authenticator, Invitation, KnownDevice, SignInTry
from portal.episodes import succession
from portal.mail import Mail
from portal.people.models import Account
from portal.schedule.calendar import feed
from tests.conftest import PASSWORD
from tests.passkeys import Passkey, kept

NEW = "nine herons over quiet water"


def audited(app, what):
    with app.app_context():
        return db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.what == what)).all()


def mails(app):
    """Every queued message as (recipient, subject, body)."""
    with app.app_context():
        return [
            (
                seal.open(Mail.recipient, mail.recipient, mail.key),
                mail.subject,
                seal.open(Mail.body, mail.body, mail.key),
            )
            for mail in db.session.scalars(select(Mail).order_by(Mail.id))
        ]


def reads_alone(app, person, yes=True):
    with app.app_context():
        db.session.get(Account, person.id).mail_ok = yes
        db.session.commit()


def signs_in(browser, name, password):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": name, "password": password}, 303)
    return stranger


def change_password(person, password=NEW, status=303):
    person.get("/account/password")
    return person.submit("/account/password", {"present_password": PASSWORD, "password": password}, status)


def change_contact(person, contact, status=303, **more):
    person.get("/account/contact")
    return person.submit("/account/contact", {"contact": contact, **more}, status)


@pytest.mark.asvs("6.2.2", "7.4.3")
def test_a_new_password_works_the_old_one_does_not_and_other_sessions_end(app, cast, browser):
    other, ada = browser("ada"), browser("ada")
    change_password(ada)
    assert ada.location == "/account?done=password"
    ada.get("/today")
    other.get("/today", 303)
    signs_in(browser, "ada@example.org", NEW)
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD}, 422)
    assert audited(app, "account.password") == [cast.ada.id]


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("page", ["/account/password", "/account/contact"])
def test_nothing_of_it_is_changed_without_a_lately_shown_proof(app, cast, browser, at, page):
    ada = browser("ada")
    ada.get(page)
    at.later(minutes=6)
    ada.submit(page, {"password": NEW} if page.endswith("password") else {"contact": "eve@example.org"})
    assert ada.location.startswith("/confirm")
    signs_in(browser, "ada@example.org", PASSWORD)


@pytest.mark.asvs("6.2.1", "6.2.4")
@pytest.mark.parametrize("password", ["fourteen chars", "passwordpassword", "Ada Moreno Ada Moreno", "x" * 129])
def test_a_weak_password_is_refused_beside_its_field(browser, password):
    ada = browser("ada")
    page = change_password(ada, password, 422)
    assert page.one("p", id="password-error") is not None
    assert "Type the password again; the rest is kept." in page.text
    signs_in(browser, "ada@example.org", PASSWORD)


def test_with_a_second_factor_twelve_characters_will_do_for_a_participant_and_not_for_staff(app, cast, browser):
    twelve = "heron-tin-ox"
    ada = browser("ada")
    change_password(ada, twelve, 422)
    with app.app_context():
        db.session.add(kept(db.session.get(Account, cast.ada.id)))
        db.session.commit()
    assert "12 characters or more" in ada.get("/account/password").text
    change_password(ada, twelve)
    change_password(browser("cho"), twelve, 422)


def test_a_refused_password_stands_on_no_page(browser):
    page = change_password(browser("ada"), "fourteen chars", 422)
    assert "fourteen chars" not in page.html


@pytest.mark.asvs("6.3.7")
def test_the_notice_says_that_something_changed_and_nothing_else(app, cast, browser):
    reads_alone(app, cast.ada)
    change_password(browser("ada"))
    ((to, subject, body),) = mails(app)
    assert (to, subject) == ("ada@example.org", "A change to your account")
    assert body == (
        "Something about how you sign in to Foothold was changed on Wednesday, March 11, at 10:52 am.\n\n"
        "If that was you, there is nothing to do.\n"
        "If it was not you, call us: (212) 555-0142, weekdays, 8 am to 5 pm.\n"
    )


def test_nobody_is_written_to_who_has_not_said_that_only_they_read_it(app, cast, browser):
    reads_alone(app, cast.ada, False)
    ada = browser("ada")
    change_password(ada)
    change_contact(ada, "ada.new@example.org", mail_ok="y")
    assert mails(app) == []


@pytest.mark.asvs("6.3.7")
def test_a_new_address_signs_in_and_the_old_one_is_told(app, cast, browser):
    reads_alone(app, cast.ada)
    ada = browser("ada")
    change_contact(ada, " Ada.New@Example.org ")
    assert ada.location == "/account?done=contact"
    assert [to for to, _, _ in mails(app)] == ["ada@example.org"]
    signs_in(browser, "ada.new@example.org", PASSWORD)
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD}, 422)
    assert audited(app, "account.contact") == [cast.ada.id]


def test_mail_goes_to_the_new_address_only_if_that_is_said_of_it(app, cast, browser):
    reads_alone(app, cast.ada)
    ada = browser("ada")
    ada.get("/account/contact")
    assert ada.page.one("input", name="mail_ok").get("checked") is not None
    ada.post("/account/contact", {"contact": "ada.new@example.org"})
    with app.app_context():
        assert db.session.get(Account, cast.ada.id).mail_ok is False


def test_a_sign_in_name_takes_no_mail(app, cast, browser):
    ada = browser("ada")
    change_contact(ada, "river-heron", mail_ok="y")
    with app.app_context():
        assert db.session.get(Account, cast.ada.id).mail_ok is False
    text = ada.get("/account").text
    assert "Sign-in name river-heron" in text
    assert "Email from us" not in text


@pytest.mark.asvs("6.3.8")
def test_an_address_that_somebody_has_cannot_be_taken_and_its_owner_is_not_named(app, cast, browser):
    reads_alone(app, cast.ada)
    ada = browser("ada")
    page = change_contact(ada, "ben@example.org", 422)
    assert "You cannot use this here. If it is yours, call us." in page.text
    signs_in(browser, "ben@example.org", PASSWORD)
    signs_in(browser, "ada@example.org", PASSWORD)
    assert mails(app) == []
    assert audited(app, "account.contact") == []


def test_five_addresses_an_hour_can_be_asked_about_here(browser, at):
    """Rule: a refused address tells that somebody has it, so few are answered."""
    ada = browser("ada")
    for _ in range(5):
        change_contact(ada, "ben@example.org", 422)
    change_contact(ada, "ben@example.org", 429)
    assert ada.answer.headers["Retry-After"] == "3600"


@pytest.mark.asvs("15.2.2")
def test_ten_new_passwords_are_judged_in_five_minutes(browser):
    """Rule: judging and hashing one is slow, so one browser has few."""
    ada = browser("ada")
    for _ in range(10):
        change_password(ada, "fourteen chars", 422)
    change_password(ada, "fourteen chars", 429)


def test_ones_own_address_may_be_saved_again(browser):
    ada = browser("ada")
    change_contact(ada, "ada@example.org")


@pytest.mark.parametrize("contact", ["", "ab", "two words", "@", "ada@", "a@b@example.org", "x" * 41])
def test_what_is_no_address_and_no_name_is_refused_in_words(browser, contact):
    page = change_contact(browser("ada"), contact, 422)
    assert page.one("p", id="contact-error") is not None


def test_what_is_kept_of_an_address_cannot_be_read_in_the_database(app, cast, browser):
    change_contact(browser("ada"), "ada.new@example.org")
    with app.app_context():
        account = db.session.get(Account, cast.ada.id)
        assert b"ada.new" not in account.contact
        assert "ada.new" not in account.contact_hash


def test_open_links_end_with_the_password_and_with_the_address(app, cast, browser, at):
    for change in (change_password, lambda person: change_contact(person, "ada.new@example.org")):
        with app.app_context():
            invitations.make(db.session.get(Account, cast.ada.id), "reset", None, at.now)
            db.session.commit()
        ada = signs_in(browser, "ada@example.org", PASSWORD if change is change_password else NEW)
        change(ada)
        with app.app_context():
            assert db.session.scalars(select(Invitation.id).where(Invitation.used_at.is_(None))).all() == []


@pytest.mark.asvs("7.5.1")
def test_mail_is_allowed_and_forbidden_with_a_proof(app, cast, browser, at):
    ada = browser("ada")
    ada.get("/account")
    ada.submit("/account/mail", {"mail_ok": "y"})
    assert ada.location == "/account?done=mail"
    assert ada.get("/account").one("input", name="mail_ok").get("checked") is not None
    at.later(minutes=6)
    ada.post("/account/mail", {})
    assert ada.location.startswith("/confirm")
    at.later(minutes=-6)
    ada.post("/account/mail", {})
    with app.app_context():
        assert db.session.get(Account, cast.ada.id).mail_ok is False


@pytest.fixture
def ada_by_passkey(app, cast, browser):
    """Ada, signed in, who has a passkey and no password."""
    ada = browser("ada")
    with app.app_context():
        account = db.session.get(Account, cast.ada.id)
        account.password_hash = None
        db.session.add(kept(account))
        db.session.commit()
    return ada


def used_passkey(page, person):
    return Passkey(person.key).used(page.one("button", data_passkey="get").get("data-options"))


@pytest.mark.asvs("6.2.3")
def test_someone_without_a_password_sets_one_with_their_passkey(app, cast, browser, ada_by_passkey):
    ada = ada_by_passkey
    assert "None: you use a passkey" in ada.get("/account").text
    page = ada.get("/account/password")
    assert page.all("input", id="present_password") == []
    ada.submit("/account/password", {"password": NEW, "answer": used_passkey(page, cast.ada)})
    signs_in(browser, "ada@example.org", NEW)
    with app.app_context():
        assert db.session.scalars(select(SignInTry)).all() == []
        assert db.session.get(Account, cast.ada.id).password_hash is not None


@pytest.mark.asvs("6.2.3")
def test_a_new_password_asks_for_the_present_one_however_lately_it_was_shown(browser):
    ada = browser("ada")
    ada.get("/account/password")
    for wrong, words in (
        ("", "Type the password you have now."),
        ("a long walk by the sea", "This is not your password"),
    ):
        page = ada.submit("/account/password", {"present_password": wrong, "password": NEW}, 422)
        assert words in page.text
    signs_in(browser, "ada@example.org", PASSWORD)


def test_guesses_at_the_present_password_are_slowed_down(browser, at):
    ada = browser("ada")
    ada.get("/account/password")
    wrong = {"present_password": "a long walk by the sea", "password": NEW}
    for _ in range(5):
        ada.submit("/account/password", wrong, 422)
    assert "Your account is not locked." in ada.submit("/account/password", wrong, 429).text


@pytest.mark.asvs("6.2.3")
def test_a_first_password_asks_for_the_passkey_however_lately_another_proof_was_shown(app, cast, ada_by_passkey):
    """Rule: a phone that lies open, or a printed code, sets no password: only the passkey of its owner does."""
    ada, now = ada_by_passkey, {"password": NEW}
    page = ada.get("/account/password")
    spent = used_passkey(page, cast.ada)
    assert "Use your passkey to save it." in ada.submit("/account/password", now, 422).text
    for wrong in ("", "{}", used_passkey(page, cast.ben)):
        ada.submit("/account/password", {**now, "answer": wrong}, 422)
    with app.app_context():
        assert db.session.get(Account, cast.ada.id).password_hash is None
    ada.submit("/account/password", {**now, "answer": spent})
    with app.app_context():
        assert db.session.get(Account, cast.ada.id).password_hash is not None


def password(person):
    change_password(person)


def others(person):
    person.get("/account")
    person.submit("/account/devices/end-others")


def one_device(person):
    page = person.get("/account")
    person.submit(next(form.get("action") for form in page.all("form") if form.get("action", "").endswith("/end")))


@pytest.mark.asvs("7.4.3")
@pytest.mark.parametrize("act", [password, others, one_device])
def test_what_a_lost_device_may_hold_ends_with_it_and_the_page_says_so(app, cast, browser, at, act):
    """Rule: whatever makes an account safe again ends its calendar address, its links and codes, and known devices."""
    with app.app_context():
        token = feed.make(cast.ada, at.now)
        link = invitations.make(cast.ada, "reset", None, at.now).text
        db.session.commit()
    browser("ada").get(f"/calendar/{token}.ics")
    other, ada = browser("ada"), browser("ada")
    act(ada)
    other.get("/today", 303)
    assert "calendar address" in ada.get(ada.location).text
    browser().get(f"/calendar/{token}.ics", 404)
    with app.app_context():
        assert invitations.find_by_link(link, at.now) is None
        assert db.session.scalar(select(func.count(KnownDevice.id)).where(KnownDevice.account_id == cast.ada.id)) == 1


@pytest.mark.asvs("7.4.3")
def test_a_removed_app_ends_the_same_and_the_page_says_so(app, cast, browser, at):
    """Rule: a factor is removed since it may be in wrong hands: what its device holds ends as with a lost device."""
    other, ada = browser("ada"), browser("ada")
    with app.app_context():
        secret = seal.close(Authenticator.secret, "JBSWY3DPEHPK3PXP", cast.ada.id)
        db.session.add(Authenticator(account_id=cast.ada.id, secret=secret, made_at=at.now, confirmed_at=at.now))
        token = feed.make(cast.ada, at.now)
        db.session.commit()
    assert "calendar address stop working" in ada.get("/account/authenticator").text
    ada.submit("/account/authenticator/end")
    other.get("/today", 303)
    assert "This ended with it: 1 other sign-in and the calendar address." in ada.get(ada.location).text
    browser().get(f"/calendar/{token}.ics", 404)


def test_an_end_of_care_ends_what_the_therapist_held_and_nothing_of_the_participants_own(app, cast, browser, at):
    """Rule: who treats somebody is no grant of theirs: their sessions, calendar address and kept text stay."""
    cho, ada = browser("cho"), browser("ada")
    cho.get(f"/caseload/{cast.ada.key}")
    with app.app_context():
        token = feed.make(cast.ada, at.now)
        drafts.keep(cast.ada, "/check-ins/", MultiDict({"note": "typed"}))
        succession.end_care(cast.kit, cast.ada, cast.cho, "primary", at.now, cast.dee)
        db.session.commit()
    cho.get(f"/caseload/{cast.ada.key}", 404)
    ada.get("/today")
    browser().get(f"/calendar/{token}.ics")
    assert "typed" in ada.get("/check-ins/new").text


def test_an_account_that_was_off_and_is_on_again_has_no_calendar_address_left(app, cast, at):
    with app.app_context():
        token = feed.make(cast.ada, at.now)
        accounts.disable(cast.kit, accounts.status_of(cast.kit, cast.ada.key, at.now), at.now)
        accounts.enable(cast.kit, accounts.status_of(cast.kit, cast.ada.key, at.now), at.now)
        assert feed.owner(token) is None
