"""Every grant of an account against every act that makes it safe again: what ends, and that the page says so."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from portal import seal
from portal.db import db, new_key
from portal.door import sign_ins
from portal.door.factors import recovery
from portal.door.joining import invitations
from portal.door.models import Authenticator, InterruptedForm, KnownDevice, RecoveryCode, SignIn
from portal.episodes import succession
from portal.people import care
from portal.people.models import Account, BreakGlass
from portal.schedule.calendar import feed
from tests.conftest import PASSWORD
from tests.page import words
from tests.passkeys import Passkey, kept

NEW = "nine herons over quiet water"
GRANTS = (
    "another sign-in",
    "a half-done sign-in",
    "a link",
    "a printed code",
    "a calendar address",
    "a known device",
    "a form that waits in another sign-in",
)


@pytest.fixture
def held(app, cast, browser, at):
    """Ada with one of each grant: `.ada`, who acts, and `.opens(grant)`, whether it still opens something."""
    person = cast.ada
    other, ada = browser("ada"), browser("ada")
    with app.app_context():
        account = db.session.get(Account, person.id)
        secret = seal.close(Authenticator.secret, "JBSWY3DPEHPK3PXP", person.id)
        db.session.add(Authenticator(account_id=person.id, secret=secret, made_at=at.now, confirmed_at=at.now))
        db.session.add_all([kept(account), KnownDevice(account_id=person.id, token_hash="x" * 64, **used(at.now))])
        half = sign_ins.start(person, at.now, stage="second")
        link = invitations.make(person, "reset", None, at.now).text
        code = invitations.make(person, "restore", cast.kit, at.now, printed=True).text
        reset = invitations.make(cast.ben, "reset", None, at.now).text  # somebody else's
        token = feed.make(person, at.now)
        recovery.new_codes(person)
        devices = db.session.scalars(select(SignIn.id).where(SignIn.stage == "full").order_by(SignIn.id)).all()
        sent = seal.close(InterruptedForm.sent, "[]", devices[0])
        db.session.add(InterruptedForm(sign_in_id=devices[0], key=new_key(), sent=sent, kept_at=at.now))
        db.session.commit()
    opens = {
        "another sign-in": lambda: db.session.get(SignIn, devices[0]).ended_at is None,
        "a half-done sign-in": lambda: sign_ins.arriving(half, at.now) is not None,
        "a link": lambda: invitations.find_by_link(link, at.now) is not None,
        "a printed code": lambda: invitations.find_by_code(code, at.now) is not None,
        "a calendar address": lambda: feed.owner(token) is not None,
        "a known device": lambda: db.session.scalar(
            select(func.count(KnownDevice.id)).where(KnownDevice.token_hash == "x" * 64)
        ),
        "a form that waits in another sign-in": lambda: db.session.scalar(select(func.count(InterruptedForm.key))),
    }

    def still(grant):
        with app.app_context():
            assert invitations.find_by_link(reset, at.now)
            return bool(opens[grant]())

    def keys(of):
        with app.app_context():
            return db.session.scalars(select(of.key).where(of.account_id == person.id).order_by(of.id)).all()

    yield SimpleNamespace(
        app=app, cast=cast, browser=browser, other=other, ada=ada, link=link, opens=still, keys=keys, now=at.now
    )


def used(now):
    return {"made_at": now, "last_used_at": now}


def new_password(held):
    held.ada.get("/account/password")
    held.ada.submit("/account/password", {"present_password": PASSWORD, "password": NEW})
    return held.ada


def reset_link(held):
    stranger = held.browser()
    stranger.get(f"/join/{held.link}", 303)
    stranger.get("/join")
    stranger.submit("/join", {"password": NEW})
    page = stranger.get("/sign-in/code")
    answer = Passkey(held.cast.ada.key).used(page.one("button", data_passkey="get").get("data-options"))
    stranger.submit("/sign-in/passkey", {"answer": answer})
    return stranger


def removed_app(held):
    held.ada.get("/account/authenticator")
    held.ada.submit("/account/authenticator/end")
    return held.ada


def removed_passkey(held):
    from portal.door.models import Passkey as Row

    page = f"/account/passkeys/{held.keys(Row)[0]}"
    held.ada.get(page)
    held.ada.submit(f"{page}/end")
    return held.ada


def lost_device(held):
    held.ada.get("/account")
    held.ada.submit(f"/account/devices/{held.keys(SignIn)[0]}/end")
    return held.ada


def signed_out_elsewhere(held):
    held.ada.get("/account")
    held.ada.submit("/account/devices/end-others")
    return held.ada


def switched_off(held):
    kit = held.browser("kit")
    kit.get(f"/people/{held.cast.ada.key}")
    kit.submit(f"/people/{held.cast.ada.key}/disable")
    return kit


ACTS = {
    "a new password": new_password,
    "a password by a reset link": reset_link,
    "a removed app": removed_app,
    "a removed passkey": removed_passkey,
    "a lost device": lost_device,
    "signing out everywhere else": signed_out_elsewhere,
    "an account switched off": switched_off,
}


@pytest.mark.asvs("7.4.2", "7.4.3", "8.3.2")
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("grant", GRANTS)
def test_each_grant_ends_with_each_act(held, act, grant):
    """Rule: whatever makes an account safe again ends everything that was given out for it before."""
    assert held.opens(grant)
    ACTS[act](held)
    assert not held.opens(grant)


@pytest.mark.asvs("7.4.3")
@pytest.mark.parametrize("act", ACTS)
def test_the_page_after_it_names_what_ended_and_says_it_once(held, act):
    """Rule: which grants ended is read from their rows, and no page names one that was not there."""
    who = ACTS[act](held)
    after = who.location
    said = words(who.get(after).all("p", role="status")[0])
    assert "This ended with it: " in said
    assert "the calendar address" in said
    if act == "a password by a reset link":  # it is the link that was used, and it ended the code
        assert "link" not in said
    else:
        assert "2 unused links or codes" in said
    sign_ins_that_ended = {"a lost device": "", "an account switched off": "2 sign-ins"}
    sign_ins_that_ended["a password by a reset link"] = "2 sign-ins"
    assert sign_ins_that_ended.get(act, "1 other sign-in") in said
    if act != "a lost device":
        assert "what you had not finished sending there" in said
    assert "This ended with it" not in who.get(after).text


def test_where_nothing_was_open_the_page_says_that(browser):
    ada = browser("ada")
    ada.get("/account/password")
    ada.submit("/account/password", {"present_password": PASSWORD, "password": NEW})
    assert "You are signed out everywhere else. Nothing else was open." in ada.get(ada.location).text


def test_a_sign_in_that_ran_out_by_itself_is_not_named(app, browser, at):
    browser("ada")
    at.later(minutes=40)
    ada = browser("ada")
    ada.get("/account/password")
    ada.submit("/account/password", {"present_password": PASSWORD, "password": NEW})
    assert "Nothing else was open." in ada.get(ada.location).text


def test_the_recovery_codes_that_go_with_the_last_factor_are_named(app, held):
    with app.app_context():
        db.session.execute(update(Authenticator).values(confirmed_at=None))
        db.session.commit()
    ada = removed_passkey(held)
    assert "the recovery codes" in ada.get(ada.location).text
    with app.app_context():
        assert db.session.scalars(select(RecoveryCode.id)).all() == []


def test_what_ended_for_one_person_is_said_on_no_page_of_another(held):
    """Rule: the sentence stands on the page that it was made for, and nowhere else."""
    kit = switched_off(held)
    after = kit.location
    assert "This ended with it" not in kit.get("/account?done=password").text
    assert "This ended with it" not in kit.get(f"/people/{held.cast.ben.key}?done=off").text
    assert "This ended with it" in kit.get(after).text


@pytest.mark.asvs("8.3.2")
def test_an_end_of_care_ends_the_glass_that_was_open_too(app, cast, browser, at):
    """Rule: "the record is closed at once" is true also of who broke the glass before they treated them."""
    dee = browser("dee")
    with app.app_context():
        glass = {"reason": b"x", "starts_at": at.now, "ends_at": at.now + timedelta(hours=1), "key": new_key()}
        db.session.add(BreakGlass(therapist_id=cast.dee.id, participant_id=cast.ada.id, **glass))
        db.session.commit()
    dee.get(f"/caseload/{cast.ada.key}")
    at.later(minutes=5)
    with app.app_context():
        care.add(cast.kit, cast.ada, cast.dee, "covering", at.now)
        said = succession.end_care(cast.kit, cast.ada, cast.dee, "covering", at.now, None)
        db.session.commit()
    assert "The record is closed to Dr Dee at once, even on a page that they have open." in said
    dee.get(f"/caseload/{cast.ada.key}", 404)
