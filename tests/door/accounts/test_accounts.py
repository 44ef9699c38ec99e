"""The coordinator's pages of one person: inviting, helping back in, switching off and on; and what they never show."""

import re
import threading

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.db import db
from portal.door import accounts
from portal.door.models import Invitation
from portal.drafts import Draft
from portal.fields import Refused
from portal.people.models import Account, CareRelationship
from tests.door.conftest import GOOD
from tests.page import words

FAY = {"role": "participant", "name": "Fay Okafor", "called": "Fay", "email": "Fay@Example.org "}


@pytest.fixture
def kit(browser):
    return browser("kit")


def said_of(kit):
    """What the page that the last answer leads to says was done."""
    page = kit.get(kit.location)
    return words(next(one for one in page.all("p", role="status") if "note" in one.get("class", "")))


def account_of(app, name):
    with app.app_context():
        return db.session.execute(select(Account.id, Account.key).where(Account.name == name)).one()


def test_an_invitation_by_mail_from_the_form_to_the_first_page(app, browser, kit, cast, mails, happened):
    kit.get("/people/")
    kit.get("/people/new")
    kit.submit("/people/", FAY | {"therapist": cast.cho.key, "covering": cast.dee.key})
    fay = account_of(app, "Fay Okafor")
    assert kit.location == f"/people/{fay.key}?sent=join"
    assert "No email leaves from here, so the link has not gone out." in kit.get(kit.location).text
    kit.get(f"/people/{fay.key}")
    assert ("account.invite", cast.kit.id, fay.id, fay.key) in happened()
    (mail,) = mails()
    assert mail.to == "fay@example.org"
    assert mail.token not in kit.page.html
    stranger = browser()
    stranger.get(f"/join/{mail.token}", 303)
    stranger.get("/join")
    stranger.submit("/join", {"password": GOOD})
    stranger.role = "participant"
    stranger.get("/today")
    with app.app_context():
        care = select(CareRelationship.role, CareRelationship.therapist_id).where(
            CareRelationship.participant_id == fay.id
        )
        assert {tuple(row) for row in db.session.execute(care)} == {
            ("primary", cast.cho.id),
            ("covering", cast.dee.id),
        }


@pytest.mark.parametrize(("what", "said"), [("reset", "Reset started."), ("restore", "Restore started.")])
def test_the_page_with_a_printed_code_says_what_was_started(kit, cast, what, said):
    kit.get(f"/people/{cast.ada.key}")
    page = kit.post(f"/people/{cast.ada.key}/{what}", {"way": "print"}, 200)
    assert words(page.one("p", role="status", class_="note")) == f"{said} The code is below."


@pytest.mark.parametrize("way", [{"printed": "y"}, {"email": "fay.o"}])
def test_a_printed_code_is_shown_once_and_mailed_nowhere(app, browser, kit, cast, mails, way):
    page = kit.post("/people/", FAY | {"therapist": cast.cho.key} | way, 200)
    code = re.search(r"\b(\w{4}-\w{4}-\w{4})\b", page.text)[1]
    assert page.title.startswith("Code")
    assert "Shown once" in page.text
    assert words(page.one("p", role="status", class_="note")) == "Invited. The code is below."
    assert "http://localhost:8000/join" in page.text
    assert page.heading == "Printed code for Fay"
    slip = words(page.one("section", aria_labelledby="code"))
    assert way.get("email", "fay@example.org") in slip
    assert "Fay" not in slip
    assert mails() == []
    fay = account_of(app, "Fay Okafor")
    assert code not in kit.get(f"/people/{fay.key}").html
    stranger = browser()
    stranger.post("/join/code", {"code": code})
    stranger.get("/join")
    stranger.submit("/join", {"password": GOOD})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"role": ""}, "Choose a role"),
        ({"role": "admin"}, "Choose a role"),
        ({"name": " "}, "Write the full name"),
        ({"name": "x" * 81}, "80"),
        ({"called": ""}, "like to be called"),
        ({"email": ""}, "Write an email"),
        ({"email": "not an@address"}, "does not look like an email address"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "does not look like an email address"),
        ({"email": "x y"}, "3 to 40 letters"),
        ({"email": "ADA@example.org"}, "already signs in with this"),
        ({"therapist": ""}, "Choose who treats them"),
        ({"therapist": "no-such-key"}, "Choose who treats them"),
        ({"covering": "no-such-key"}, "Choose from the names shown"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_adds_nobody(app, kit, cast, wrong, says):
    page = kit.post("/people/", FAY | {"therapist": cast.cho.key} | wrong, 422)
    assert says in page.text
    if "name" not in wrong:
        assert page.one("input", id="name").get("value") == "Fay Okafor"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Account)) == 7


def test_a_participants_key_is_no_therapist(kit, cast):
    page = kit.post("/people/", FAY | {"therapist": cast.ada.key}, 422)
    assert "Choose who treats them" in page.text


def test_one_therapist_is_not_both(kit, cast):
    page = kit.post("/people/", FAY | {"therapist": cast.cho.key, "covering": cast.cho.key}, 422)
    assert "someone other than" in page.text


def test_staff_have_no_care_team_whatever_the_form_says(app, kit, cast):
    kit.post("/people/", FAY | {"role": "therapist", "therapist": cast.cho.key, "covering": cast.dee.key})
    fay = account_of(app, "Fay Okafor")
    with app.app_context():
        assert not db.session.scalar(
            select(func.count()).where(
                (CareRelationship.participant_id == fay.id) | (CareRelationship.therapist_id == fay.id)
            )
        )


def test_two_taps_invite_once(app, kit, cast):
    sent = FAY | {"therapist": cast.cho.key}
    kit.post("/people/", sent)
    kit.post("/people/", sent, 422)
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Account.name == "Fay Okafor")) == 1
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 1


def test_names_are_shown_as_they_are_and_never_as_html(app, kit, cast):
    kit.post("/people/", FAY | {"therapist": cast.cho.key, "name": "<img src=x onerror=go()>", "called": "{{7*7}}"})
    shown = kit.get(f"/people/{account_of(app, '<img src=x onerror=go()>').key}")
    assert shown.heading == "<img src=x onerror=go()>"
    assert "called {{7*7}}" in shown.text
    assert "<img src=x onerror=go()>" in kit.get("/people/").text


@pytest.mark.asvs("6.4.6")
def test_a_coordinator_never_sees_a_password_or_a_link(browser, kit, cast, mails, opener):
    """They can start a reset; what it opens goes to the person alone, and so does what is typed there."""
    kit.get(f"/people/{cast.ada.key}")
    code = kit.submit(f"/people/{cast.ada.key}/reset", {"way": "print"}, 200)
    assert "/join/" not in code.html
    ada = browser()
    ada.post("/join/code", {"code": re.search(r"\w{4}-\w{4}-\w{4}", code.text)[0]})
    ada.get("/join")
    ada.submit("/join", {"password": GOOD})
    for page in ("/people/", f"/people/{cast.ada.key}"):
        html = kit.get(page).html
        assert GOOD not in html
        assert "argon2" not in html
        assert 'type="password"' not in html


@pytest.mark.parametrize("who", ["ada", "cho", "kit"])
def test_the_page_shows_nothing_that_participants_write(browser, kit, cast, who):
    ada = browser("ada")
    ada.post("/check-ins/", {"mood": "4", "note": "a private sorrow", "key": "k" * 22, "for_day": "2026-03-11"})
    text = kit.get(f"/people/{getattr(cast, who).key}").text
    assert "a private sorrow" not in text
    assert "ood" not in text.replace("Foothold", ""), "no mood"


@pytest.mark.asvs("6.4.6")
@pytest.mark.parametrize(
    ("what", "who", "event"),
    [("invitation", "fay", "account.invite"), ("reset", "ada", "account.reset"), ("restore", "ada", "account.restore")],
)
def test_a_new_link_goes_by_mail_and_is_on_record(app, kit, cast, invited, mails, happened, what, who, event):
    fay = invited()
    with app.app_context():
        db.session.get(Account, cast.ada.id).mail_ok = True
        db.session.commit()
    person = fay if who == "fay" else cast.ada
    kit.get(f"/people/{person.key}")
    kit.submit(f"/people/{person.key}/{what}", {"way": "mail"})
    assert "No email leaves from here, so the link has not gone out." in kit.get(kit.location).text
    assert [mail.to for mail in mails()] == [f"{who}@example.org"]
    assert (event, cast.kit.id, person.id, person.key) in happened()


def test_no_mail_goes_where_others_may_read_it(kit, cast, mails):
    """Ben has not said that only he reads his mail: a reset of his is printed, whatever a form asks for."""
    page = kit.get(f"/people/{cast.ben.key}")
    assert "Email a link" not in page.text
    refused = kit.post(f"/people/{cast.ben.key}/reset", {"way": "mail"}, 409)
    assert "Give a printed code" in refused.text
    assert mails() == []


def test_a_new_invitation_ends_the_one_before(browser, kit, invited):
    fay = invited()
    kit.post(f"/people/{fay.key}/invitation", {"way": "print"}, 200)
    stranger = browser()
    stranger.get(f"/join/{fay.text}", 303)
    assert "no longer works" in stranger.get("/join").text


def test_an_invitation_that_ran_out_is_said(kit, browser, invited, at):
    fay = invited()
    assert "An invitation, open until Wednesday, March 18" in kit.get(f"/people/{fay.key}").text
    at.later(days=8)
    late = browser("kit")
    assert "The invitation has expired" in late.get(f"/people/{fay.key}").text
    assert "Fay Okafor None yet Dr Cho None Not enrolled Invited" in late.get("/people/").text


@pytest.mark.parametrize(("what", "who"), [("invitation", "ada"), ("reset", "fay"), ("restore", "fay")])
def test_what_does_not_fit_how_the_account_stands_is_refused(kit, cast, invited, what, who):
    fay = invited()
    person = fay if who == "fay" else cast.ada
    page = kit.post(f"/people/{person.key}/{what}", {"way": "print"}, 409)
    assert "That was not done" in page.text


@pytest.mark.parametrize("what", ["reset", "restore", "disable"])
def test_nobody_does_it_to_their_own_account(kit, cast, account, what):
    page = kit.get(f"/people/{cast.kit.key}")
    assert not [form for form in page.all("form") if "/people/" in (form.get("action") or "")]
    assert "our own account" in kit.post(f"/people/{cast.kit.key}/{what}", {"way": "print"}, 409).text
    assert account(cast.kit.key).disabled_at is None


@pytest.mark.asvs("7.4.2", "7.4.5", "8.3.2")
def test_switching_off_ends_every_session_at_the_next_request_and_every_link(
    browser, kit, cast, opener, happened, account
):
    ada, phone, token = browser("ada"), browser("ada"), opener("ada", "reset")
    ada.get("/today")
    kit.get(f"/people/{cast.ada.key}")
    kit.submit(f"/people/{cast.ada.key}/disable")
    for device in (ada, phone):
        device.get("/today", 303)
    stranger = browser()
    stranger.get(f"/join/{token}", 303)
    assert "no longer works" in stranger.get("/join").text
    assert happened()[-1] == ("account.disable", cast.kit.id, cast.ada.id, cast.ada.key)
    assert said_of(kit).startswith(
        "Switched off. They cannot sign in. This ended with it: 2 sign-ins and an unused link or code."
    )
    kit.get("/people/switched-off")
    assert "Ada Moreno Participant Wed, Mar 11" in kit.page.text
    shown = kit.get(f"/people/{cast.ada.key}")
    assert "Switched off" in shown.text
    kit.submit(f"/people/{cast.ada.key}/enable")
    assert account(cast.ada.key).disabled_at is None
    assert happened()[-1] == ("account.enable", cast.kit.id, cast.ada.id, cast.ada.key)
    assert said_of(kit) == "Switched on. They sign in as before."
    ada.get("/today", 303)
    stranger.get(f"/join/{token}", 303)
    assert "no longer works" in stranger.get("/join").text
    browser("ada").get("/today")


def test_the_last_coordinator_stays_also_when_two_switch_each_other_off(app, cast, at):
    """Rule: one coordinator at least stays."""
    from portal.people import Person
    from portal.people.contacts import new_account

    with app.app_context():
        lee = new_account("lee@example.org", role="coordinator", name="Lee", called="Lee", zone="UTC", joined_at=at.now)
        db.session.add(lee)
        db.session.commit()
        lee = Person(lee.id, lee.key, lee.role, lee.name, lee.called, lee.zone)
    barrier = threading.Barrier(2)

    def switch_off(one, other):
        with app.app_context():
            account = accounts.status_of(one, other.key, at.now)
            barrier.wait()
            try:
                accounts.disable(one, account, at.now)
                db.session.commit()
            except Refused:
                db.session.rollback()

    pairs = [threading.Thread(target=switch_off, args=pair) for pair in ((cast.kit, lee), (lee, cast.kit))]
    for thread in pairs:
        thread.start()
    for thread in pairs:
        thread.join()
    with app.app_context():
        off = select(func.count()).where(Account.role == "coordinator", Account.disabled_at.is_not(None))
        assert db.session.scalar(off) == 1


def test_one_who_has_not_joined_does_not_count_as_a_coordinator(app, cast, invited, at):
    lee = invited("coordinator", "lee@example.org")
    with app.app_context():
        other = db.session.execute(select(Account).where(Account.id == lee.id)).scalar_one()
        with pytest.raises(Refused, match="last coordinator"):
            accounts.disable(other, accounts.status_of(cast.kit, cast.kit.key, at.now), at.now)


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_only_a_coordinator_reaches_an_account(app, cast, browser, at, who):
    person = getattr(cast, who)
    with app.app_context(), pytest.raises(NotFound):
        accounts.status_of(person, cast.ben.key, at.now)
    other = browser(who)
    other.get(f"/people/{cast.ben.key}", 404)
    other.get(f"/people/{person.key}", 404)
    for what in ("invitation", "reset", "restore", "disable", "enable"):
        other.post(f"/people/{cast.ben.key}/{what}", {"way": "print"}, 404)
    other.post("/people/", FAY, 404)


def test_the_form_asks_for_the_proof_before_anything_is_typed(kit, at):
    at.later(minutes=6)
    kit.get("/people/new", 303)
    assert kit.location == "/confirm?next=/people/new"


def test_an_unknown_account_is_not_found(kit):
    kit.get("/people/no-such-key", 404)
    kit.post("/people/no-such-key/disable", status=404)


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("what", ["invitation", "reset", "restore", "disable", "enable"])
def test_each_of_these_asks_for_a_proof_that_is_not_older_than_five_minutes(app, kit, cast, at, what):
    at.later(minutes=5, seconds=1)
    kit.get(f"/people/{cast.ada.key}")
    kit.post(f"/people/{cast.ada.key}/{what}", {"way": "print"})
    assert kit.location.startswith("/confirm?")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0
        assert db.session.get(Account, cast.ada.id).disabled_at is None


@pytest.mark.asvs("7.5.1")
def test_what_was_typed_into_an_invitation_waits_while_the_proof_is_asked_for(app, kit, cast, at):
    kit.get("/people/new")
    at.later(minutes=6)
    kit.submit("/people/", FAY | {"therapist": cast.cho.key})
    assert kit.location == "/confirm?next=/confirm/unfinished"
    at.later(minutes=-6)
    page = kit.get("/people/new")
    assert "We kept what you typed" in page.text
    assert page.one("input", id="name").get("value") == "Fay Okafor"
    assert page.fields("/people/")["therapist"] == [cast.cho.key]
    kit.submit("/people/")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_looking_at_an_account_is_on_record(kit, cast, happened):
    kit.get(f"/people/{cast.ada.key}")
    kit.get(f"/people/{cast.cho.key}")
    assert happened()[-2:] == [
        ("account.view", cast.kit.id, cast.ada.id, cast.ada.key),
        ("account.view", cast.kit.id, None, cast.cho.key),
    ]
