"""The status of email, as Program, its page of email and the caseload say it: each state from rows and settings."""

from datetime import timedelta

import pytest

from portal import mail, program
from portal.db import db
from portal.flags import handover
from portal.flags.email_status import email_status
from portal.flags.raising import raise_flag
from portal.mail import smtp
from portal.people import contacts
from portal.people.models import Account
from tests.browser import words

NO_SERVER = "No email server is set up. No email is sent."


@pytest.fixture
def email_server(app):
    """An email server in the settings; nothing is ever sent to it."""
    app.config.update(SMTP_HOST="localhost", SMTP_TLS="none", MAIL_FROM="portal@clinic.example")


@pytest.fixture
def tried(app, at):
    """`tried(person)` is a message to them that left; with a trouble, one that did not, and is tried again or not."""

    def make(person, trouble=None, *, for_good=False):
        with app.app_context():
            mail.queue("somebody@example.org", "A note", "Words", account_id=person.id)
            db.session.commit()
            [row] = mail.claim(at.now, 1)
            if trouble:
                mail.note_failure(row, at.now, trouble, for_good=for_good)
            else:
                mail.note_sent(row, at.now)

    return make


@pytest.fixture
def read(browser):
    """`read()` is what Kit reads of email on Program and on its own page: the same sentence on both."""

    def read_both():
        kit = browser("kit")
        said, alone = (
            kit.get("/program").one("section", id="email"),
            kit.get("/program/undelivered").one("p", id="email"),
        )
        assert words(alone) in words(said)
        return words(alone).replace(" .", ".").replace(" ,", ",")

    return read_both


def signs_in_as(app, person, contact):
    with app.app_context():
        contacts.give(db.session.get(Account, person.id), contact)
        db.session.commit()


def test_without_a_server_both_say_that_none_is_set(browser, read):
    assert read() == NO_SERVER
    assert "call them" in browser("kit").get("/program").text
    assert NO_SERVER in browser("cho").get("/caseload/").text


def test_a_server_without_an_address_to_send_from_is_none(app, browser, read):
    app.config.update(SMTP_HOST="localhost", SMTP_TLS="none")
    assert read() == NO_SERVER


def test_a_server_that_nothing_left_by_yet_is_said_to_be_set_and_no_more(email_server, read, browser):
    assert read() == "An email server is set up. No email was sent in the last 30 days."
    assert not browser("cho").get("/caseload/").all("div", id="email")


def test_email_that_leaves_says_when_and_to_which_of_the_staff(email_server, cast, tried, at, read, browser):
    tried(cast.oduya)
    at.later(hours=1)
    assert read() == "Email is being sent. The last one was sent today, 10:52 am, to Dr Oduya."
    assert not browser("cho").get("/caseload/").all("div", id="email")


def test_the_name_of_a_participant_is_not_said(email_server, cast, tried, read):
    tried(cast.ada)
    assert read() == "Email is being sent. The last one was sent today, 10:52 am."


@pytest.mark.parametrize("trouble", smtp.SERVER_TROUBLES)
def test_email_that_the_server_took_before_and_does_not_take_now_says_since_when(
    email_server, cast, tried, at, read, browser, trouble
):
    tried(cast.oduya)
    at.later(hours=1)
    tried(cast.cho, f"{trouble} 421")
    assert read() == "No email has been sent since today, 10:52 am."
    text = browser("cho").get("/caseload/").text
    assert "No email has been sent since today, 10:52 am . A safety flag appears here" in text


def test_one_letter_that_comes_back_does_not_stop_email(email_server, cast, tried, at, read):
    tried(cast.oduya)
    at.later(hours=1)
    tried(cast.cho, "recipient 550", for_good=True)
    tried(cast.ben, "content 554", for_good=True)
    assert read() == "Email is being sent. The last one was sent today, 10:52 am, to Dr Oduya."


def test_what_nobody_tries_to_send_stops_email_after_a_quarter_of_an_hour(app, email_server, cast, tried, at, read):
    tried(cast.oduya)
    at.later(hours=1)
    with app.app_context():
        mail.queue("cho@example.org", "A note", "Words", account_id=cast.cho.id)
        db.session.commit()
    at.later(minutes=14)
    assert read().startswith("Email is being sent.")
    at.later(minutes=1)
    assert read() == "No email has been sent since today, 10:52 am."


def test_email_that_never_left_says_how_long_the_first_has_waited(email_server, cast, tried, at, read, app):
    with app.app_context():
        mail.queue("cho@example.org", "A note", "Words", account_id=cast.cho.id)
        db.session.commit()
    at.later(hours=2)
    assert read() == "Email is not being sent. The first has been waiting since today, 10:52 am."


def test_a_failure_before_the_last_that_left_is_over(email_server, cast, tried, at, read):
    tried(cast.cho, "connect", for_good=True)
    at.later(minutes=5)
    tried(cast.oduya)
    assert read() == "Email is being sent. The last one was sent today, 10:57 am, to Dr Oduya."


def test_what_was_withdrawn_neither_waits_nor_failed(app, email_server, cast, at, read):
    with app.app_context():
        mail.queue("cho@example.org", "A note", "Words", account_id=cast.cho.id)
        db.session.flush()
        mail.withdraw(at.now, "changed")
        db.session.commit()
    at.later(hours=2)
    assert read() == "An email server is set up. No email was sent in the last 30 days."


def test_an_owner_without_an_address_is_named_on_program_and_on_the_caseload(app, cast, browser, email_server):
    signs_in_as(app, cast.oduya, "m.oduya")
    said = "Dr Oduya has no email address here, so what is urgent reaches them only on their caseload."
    assert said in browser("kit").get("/program").text
    assert said in browser("cho").get("/caseload/").text


def test_an_owner_without_an_address_is_told_so_and_where_to_give_one(app, cast, browser, email_server, at):
    oduya = browser("oduya")
    signs_in_as(app, cast.oduya, "m.oduya")
    page = oduya.get("/caseload/")
    assert "You have no email address here, so what is urgent reaches you only on this page." in page.text
    assert page.all("a", href="/account")


def test_who_owns_nothing_needs_no_address(app, cast, email_server, at):
    for who in (cast.kit, cast.ada):
        signs_in_as(app, who, f"{who.called.lower()}.name")
    with app.app_context():
        new = contacts.new_account("new.one", role="therapist", name="Dr New", called="New", zone="America/New_York")
        db.session.add(new)
        db.session.commit()
        assert email_status(program.current(), at.now).without_address == ()


def test_those_named_are_those_whom_no_letter_about_a_flag_goes_to(app, cast, email_server, at):
    signs_in_as(app, cast.cho, "d.cho")
    with app.app_context():
        raise_flag(cast.ada, "yes_talk", "check-in-1", at.now)
        assert handover.settle(at.now + timedelta(minutes=31)) == 1  # to Dr Oduya alone
        db.session.commit()
        status = email_status(program.current(), at.now)
        assert [one.name for one in status.without_address] == ["Dr Cho"]
        assert not status.reaches(cast.cho) and status.reaches(cast.oduya)
