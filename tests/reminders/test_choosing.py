"""The page of reminders: for whom, what it takes, what it shows, and that nothing is on before it is chosen."""

from datetime import time

import pytest
from sqlalchemy import func, select, update

from portal import program, reminders, seal
from portal.audit.models import AuditEvent
from portal.db import db
from portal.people.contacts import give
from portal.people.models import Account
from portal.reminders import letters
from portal.reminders.models import ReminderChoice

CHOSEN = {"before": ["60", "1440"], "changes": "y", "unseen": "y", "quiet_from": "22", "quiet_until": "7"}


@pytest.fixture
def mail_ok(app, cast):
    """Everybody reads their mail alone."""
    with app.app_context():
        db.session.execute(update(Account).values(mail_ok=True))
        db.session.commit()


def kept(app, who):
    with app.app_context():
        return reminders.settings_of(who).chosen


def test_nothing_is_on_before_it_is_chosen(app, cast, browser, mail_ok):
    ada = browser("ada")
    page = ada.get("/reminders")
    assert page.heading == "Reminders by email"
    assert [box for box in page.all("input", type="checkbox") if box.get("checked") is not None] == []
    sent = page.fields("/reminders")
    assert (sent["quiet_from"], sent["quiet_until"]) == (["21"], ["8"])
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ReminderChoice)) == 0


@pytest.mark.parametrize("who", ["ada", "cho"])
def test_what_is_chosen_is_kept_and_shown_and_can_be_taken_back(app, cast, browser, mail_ok, who):
    person = browser(who)
    person.get("/reminders")
    person.post("/reminders", CHOSEN)
    page = person.get(person.location)
    assert "This is what we write to you about from now on." in page.text
    sent = page.fields("/reminders")
    assert (sent["before"], sent["changes"], sent["quiet_from"]) == (["60", "1440"], ["y"], ["22"])
    chosen = kept(app, getattr(cast, who))
    assert (chosen.before, chosen.quiet_from, chosen.quiet_until) == ([60, 1440], time(22), time(7))
    person.post("/reminders", {"quiet_from": "21", "quiet_until": "21"})
    assert "We send you no reminders." in person.get(person.location).text
    assert not kept(app, getattr(cast, who)).anything


def test_choosing_is_on_record(app, cast, browser, mail_ok):
    browser("ada").post("/reminders", CHOSEN)
    with app.app_context():
        found = select(AuditEvent.actor_id, AuditEvent.participant_id).where(AuditEvent.what == "reminder.choose")
        assert [tuple(row) for row in db.session.execute(found)] == [(cast.ada.id, cast.ada.id)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"before": ["61"]},
        {"before": ["soon"]},
        {"quiet_from": "24"},
        {"quiet_from": ""},
        {"quiet_until": "noon"},
        {"quiet_until": "-1"},
    ],
)
def test_what_is_no_choice_is_refused_and_the_rest_of_the_form_stays(app, cast, browser, mail_ok, wrong):
    ada = browser("ada")
    page = ada.post("/reminders", CHOSEN | wrong, 422)
    assert "Something needs a second look" in page.text
    assert page.fields("/reminders")["changes"] == ["y"]
    assert not kept(app, cast.ada).anything


def test_who_has_no_address_or_shares_it_is_told_what_to_do_and_gets_no_form(app, cast, browser):
    ada = browser("ada")
    page = ada.get("/reminders")
    assert "We do not write to your address." in page.text
    assert page.all("a", href="/account")
    assert not [form for form in page.all("form") if form.get("action") == "/reminders"]
    ada.post("/reminders", CHOSEN, 422)
    with app.app_context():
        account = db.session.get(Account, cast.ada.id)
        give(account, "riverwalk")
        account.mail_ok = False
        db.session.commit()
    page = ada.get("/reminders")
    assert "We do not have an email address for you." in page.text
    assert page.all("a", href="/account/contact")
    ada.post("/reminders", CHOSEN, 422)
    assert not kept(app, cast.ada).anything


def test_a_coordinator_has_no_such_page_and_the_others_find_it_from_their_account(browser):
    browser("kit").get("/reminders", 404)
    assert not browser("kit").get("/account").all("a", href="/reminders")
    for who in ("ada", "cho"):
        assert browser(who).get("/account").all("a", href="/reminders")


def test_a_therapist_is_not_asked_about_what_only_participants_mark_as_seen(browser, mail_ok):
    assert browser("ada").get("/reminders").all("input", name="unseen")
    assert not browser("cho").get("/reminders").all("input", name="unseen")


def test_the_examples_are_what_is_sent_but_for_the_link(app, browser, mail_ok, at):
    page = browser("ada").get("/reminders")
    with app.app_context():
        examples = letters.examples(program.current(), at.now)
    for example in examples:
        assert " ".join(example.body.split()) in page.text
        assert example.subject in page.text
    assert "Thursday, March 12, 1:00 pm" in page.text
    assert "From Foothold" in page.text


def test_what_was_chosen_when_the_session_ran_out_comes_back(app, cast, browser, mail_ok, at):
    ada = browser("ada")
    page = ada.get("/reminders")
    typed = page.fields("/reminders") | CHOSEN
    at.later(minutes=20)
    ada.post("/reminders", typed)
    assert ada.location.startswith("/sign-in")
    ada.sign_in("ada@example.org", "a long walk by the river", "participant")
    page = ada.get("/reminders")
    assert "We kept what you typed" in page.text
    assert page.fields("/reminders")["before"] == ["60", "1440"]
    ada.submit("/reminders")
    assert kept(app, cast.ada).before == [60, 1440]
    assert "We kept" not in ada.get("/reminders").text


def test_the_link_of_an_account_is_made_again_and_only_its_hash_is_kept(app, cast, browser, mail_ok):
    browser("ada").post("/reminders", CHOSEN)
    with app.app_context():
        token = reminders.token_of(cast.ada.key)
        assert len(token) == 32
        assert token != reminders.token_of(cast.ben.key)
        row = db.session.scalars(select(ReminderChoice)).one()
        assert row.stop_hash == reminders.hash_of(token) != token
        assert token not in repr(vars(row))
        assert seal.index(f"stop:{cast.ada.key}").startswith(token)
