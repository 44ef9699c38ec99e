"""Forgotten passwords: the same answer for everyone, mail only where one person reads it, and what a link sets."""

import re
import statistics
import time

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.db import Base, db
from portal.door.models import Authenticator, Invitation, Passkey
from portal.people.models import Account
from tests.conftest import PASSWORD
from tests.door.conftest import GOOD
from tests.promises.table import SERVER


@pytest.fixture
def ada_alone(app, cast):
    """Ada has said that only she reads her mail."""
    with app.app_context():
        db.session.get(Account, cast.ada.id).mail_ok = True
        db.session.commit()


def ask(browser, name, status=303, address="127.0.0.1"):
    stranger = browser(address=address)
    stranger.get("/reset")
    stranger.submit("/reset", {"email": name}, status)
    return stranger


def set_password(browser, token, password=GOOD):
    """A stranger's browser that has followed the link and set a new password."""
    stranger = browser()
    stranger.get(f"/join/{token}", 303)
    stranger.get("/join")
    stranger.submit("/join", {"password": password})
    return stranger


def test_whoever_alone_reads_their_mail_gets_a_link_and_is_in_again(
    app, browser, cast, ada_alone, mails, account, happened
):
    app.config.update(SERVER)
    stranger = ask(browser, "  ADA@example.org ")
    assert stranger.location == "/reset?asked=1"
    assert "If this address is known" in stranger.get(stranger.location).text
    (mail,) = mails()
    assert mail.to == "ada@example.org"
    back = set_password(browser, mail.token)
    assert back.location == "/account?done=returned"
    assert happened()[-1] == ("account.return", cast.ada.id, cast.ada.id, cast.ada.key)
    ada = browser()
    ada.sign_in("ada@example.org", GOOD, "participant")
    ada.get("/today")
    old = browser()
    old.get("/sign-in")
    old.submit("/sign-in", {"email": "ada@example.org", "password": PASSWORD}, 422)


@pytest.mark.asvs("6.4.1", "14.2.1")
def test_the_mail_says_nothing_of_health_of_the_clinic_or_of_whom_it_is_for(browser, ada_alone, mails):
    ask(browser, "ada@example.org")
    (mail,) = mails()
    assert mail.subject == "Your link for Foothold"
    said = mail.subject + mail.body.replace(mail.token, "")
    assert not re.search(r"Ada|Moreno|Riverside|clinic|patient|therap|health|program", said, re.I)
    assert "(212) 555-0142" in mail.body
    assert mail.row.expires_at.isoformat() == "2026-03-11T15:22:00+00:00"
    assert mail.token not in mail.row.once


@pytest.mark.parametrize("name", ["ben@example.org", "nobody@example.org", "nobody", "x' or '1'='1", "a@b\r\nBcc: c@d"])
def test_nothing_is_mailed_where_others_may_read_or_nobody_is(app, browser, cast, mails, name):
    before = _counts(app)
    ask(browser, name)
    assert mails() == []
    assert _counts(app) == before


def test_nothing_is_mailed_to_who_has_not_joined_or_is_switched_off(app, browser, invited, ada_alone, cast, at, mails):
    fay = invited()
    with app.app_context():
        db.session.get(Account, fay.id).mail_ok = True
        db.session.get(Account, cast.ada.id).disabled_at = at.now
        db.session.commit()
    ask(browser, fay.contact)
    ask(browser, "ada@example.org")
    assert mails() == []


def _counts(app):
    with app.app_context():
        return {
            table.name: db.session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in ("audit_events", "audit_heads", "rate_counts")
        }


@pytest.mark.asvs("6.3.8")
def test_known_and_unknown_get_the_same_status_headers_and_body(app, browser, ada_alone):
    """Rule: an answer tells nobody who is known here; only whether what was typed looks like an address."""
    from portal.people.contacts import new_account

    with app.app_context():
        facts = {"role": "participant", "name": "X", "called": "X", "zone": "UTC", "mail_ok": True}
        db.session.add(new_account("ada.m", joined_at=clock.now(), **facts))
        db.session.commit()
    alike = (("ada@example.org", "ben@example.org", "nobody@example.org"), ("ada.m", "no-address"))
    for names in alike:
        answers = []
        for number, name in enumerate(names):
            stranger = ask(browser, name, address=f"127.0.0.{number + 1}")
            sent = stranger.answer
            stranger.get(stranger.location)
            headers = {k: v for k, v in sent.headers.items() if k not in ("Set-Cookie", "Date")}
            answers.append((sent.status, headers, sent.text, stranger.answer.status, _bare(stranger.answer.text)))
        assert answers[1:] == answers[:-1]


@pytest.mark.parametrize("name", ["ada.m", "Ada", "nobody-here"])
def test_for_a_sign_in_name_the_page_says_that_no_mail_can_reach_it(browser, mails, name):
    stranger = ask(browser, name)
    assert stranger.location == "/reset?asked=name"
    text = stranger.get(stranger.location).text
    assert "We cannot email a sign-in name, so nothing was sent." in text
    assert "Ask the clinic for a printed code: call (212) 555-0142 , weekdays, 8 am to 5 pm." in text
    assert "on its way" not in text
    assert mails() == []


def _bare(html):
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", html)


@pytest.mark.asvs("6.3.8")
def test_known_and_unknown_take_the_same_time(app, browser, at):
    """Rule: 30 known and 30 unknown names in turns, through the real view; in the median they lie within 5 ms.

    On a machine that is busy with other things a round may fail by chance; a true gap fails all three.
    """
    from portal.people.contacts import new_account

    with app.app_context():
        for number in range(90):
            facts = {"role": "participant", "name": "X", "called": "X", "zone": "UTC", "joined_at": at.now}
            db.session.add(new_account(f"known{number}@example.org", mail_ok=True, **facts))
        db.session.commit()
    stranger = browser()
    stranger.get("/reset")

    def seconds(name, number):
        sent, place = {"csrf_token": stranger.token, "email": f"{name}{number}@example.org"}, f"127.0.1.{number}"
        began = time.perf_counter()
        answer = stranger.client.post("/reset", data=sent, environ_base={"REMOTE_ADDR": place})
        took = time.perf_counter() - began
        assert answer.status_code == 303
        return took

    seconds("warm", 200)
    apart = []
    for first in (0, 30, 60):
        pairs = [seconds("known", number) - seconds("unknown", number) for number in range(first, first + 30)]
        apart.append(statistics.median(pairs))
        if abs(apart[-1]) < 0.005:
            return
    raise AssertionError(f"known ones take longer by {', '.join(f'{each * 1000:.1f} ms' for each in apart)}")


def test_asking_again_and_again_mails_once_in_a_quarter_of_an_hour(browser, ada_alone, mails, at):
    for number in range(3):
        ask(browser, "ada@example.org", address=f"127.0.0.{number + 2}")
    assert len(mails()) == 1
    assert browser().get(f"/join/{mails()[0].token}", 303) is None
    at.later(minutes=15)
    ask(browser, "ada@example.org", address="127.0.0.9")
    assert len(mails()) == 2


@pytest.mark.asvs("2.4.1")
def test_one_address_asks_five_times_in_a_quarter_of_an_hour(browser, cast, at):
    for _ in range(5):
        ask(browser, "nobody@example.org")
    slow = ask(browser, "nobody@example.org", 429)
    assert slow.answer.headers["Retry-After"]
    at.later(minutes=15, seconds=1)
    ask(browser, "nobody@example.org")


def test_before_there_is_a_program_nobody_is_known_and_nothing_breaks(app):
    from tests.browser import Browser

    stranger = Browser(app)
    stranger.get("/reset")
    stranger.submit("/reset", {"email": "ada@example.org"})
    stranger.get(stranger.location)
    stranger.get("/join/" + "A" * 43, 303)
    stranger.get("/join")
    stranger.close()


@pytest.mark.parametrize("name", ["", "   ", "x" * 255])
def test_an_empty_or_endless_name_is_refused_beside_its_field(browser, cast, name):
    assert "Something needs a second look" in ask(browser, name, 422).page.text


@pytest.mark.asvs("7.4.3")
def test_a_new_password_ends_every_session(browser, opener):
    ada = browser("ada")
    ada.get("/today")
    set_password(browser, opener("ada", "reset"))
    ada.get("/today", 303)


@pytest.mark.asvs("6.4.3")
def test_a_reset_does_not_get_around_the_second_factor(app, cast, browser, opener):
    """Rule: after a reset the second factor is still asked, and no new one is taken in its place."""
    kit = set_password(browser, opener("kit", "reset"))
    assert kit.location == "/sign-in/code"
    kit.get("/people/", 303)
    sly = browser()
    sly.get(f"/join/{opener('kit', 'reset')}", 303)
    page = sly.get("/join")
    assert not page.all("button", data_passkey="create")
    sly.post("/join", {"password": "", "answer": "{}"}, 422)
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Passkey.account_id == cast.kit.id)) == 1


@pytest.mark.asvs("6.4.3", "6.4.4")
def test_a_restore_takes_the_lost_factors_away_and_staff_set_up_new_ones(app, cast, browser, opener, at):
    with app.app_context():
        from portal import seal

        sealed = seal.close(Authenticator.secret, "JBSWY3DPEHPK3PXP", cast.kit.id)
        db.session.add(Authenticator(account_id=cast.kit.id, secret=sealed, made_at=at.now, confirmed_at=at.now))
        db.session.commit()
    kit = set_password(browser, opener("kit", "restore"))
    assert kit.location == "/sign-in/second-factor"
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Passkey.account_id == cast.kit.id)) == 0
        assert db.session.scalar(select(func.count()).where(Authenticator.account_id == cast.kit.id)) == 0


def test_opening_a_restore_takes_nothing_away_before_it_is_used(app, cast, browser, opener):
    stranger = browser()
    stranger.get(f"/join/{opener('kit', 'restore')}", 303)
    stranger.get("/join")
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Passkey.account_id == cast.kit.id)) == 1


def test_a_reset_by_a_printed_code(browser, opener, cast):
    stranger = browser()
    stranger.post("/join/code", {"code": opener("ben", "reset", printed=True)})
    page = stranger.get("/join")
    assert page.heading == "Set a new password"
    assert not page.all("input", name="called")
    stranger.submit("/join", {"password": GOOD})
    stranger.role = "participant"
    stranger.get("/today")


@pytest.mark.asvs("6.3.7")
def test_a_changed_password_is_told_where_only_they_read_it(browser, opener, ada_alone, mails, cast):
    set_password(browser, opener("ben", "reset"))
    assert mails() == []
    set_password(browser, opener("ada", "reset"))
    (told,) = mails()
    assert told.to == "ada@example.org"
    assert told.token is None


def test_a_reset_keeps_what_the_person_is_called_and_reads(browser, opener, ada_alone, account, cast):
    stranger = browser()
    stranger.get(f"/join/{opener('ada', 'reset')}", 303)
    stranger.post("/join", {"password": GOOD, "called": "X", "mail_ok": ""})
    row = account(cast.ada.key)
    assert (row.called, row.mail_ok) == ("Ada", True)


def test_with_a_second_factor_twelve_characters_do(app, browser, opener, cast, at):
    with app.app_context():
        from tests import passkeys

        db.session.add(passkeys.kept(db.session.get(Account, cast.ada.id)))
        db.session.commit()
    stranger = browser()
    stranger.get(f"/join/{opener('ada', 'reset')}", 303)
    assert "12 characters or more" in stranger.get("/join").text
    kit = browser()
    kit.get(f"/join/{opener('kit', 'reset')}", 303)
    assert "15 characters or more" in kit.get("/join").text


@pytest.mark.asvs("6.4.1")
def test_the_link_in_the_mail_runs_out_after_half_an_hour(app, browser, ada_alone, mails, at):
    ask(browser, "ada@example.org")
    at.later(minutes=30)
    stranger = browser()
    stranger.get(f"/join/{mails()[0].token}", 303)
    assert "no longer works" in stranger.get("/join").text
    with app.app_context():
        assert db.session.scalar(select(Invitation.used_at)) is None
