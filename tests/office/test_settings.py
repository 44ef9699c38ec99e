"""Signing in, as a coordinator sets it: a neutral name, whether participants need a second step, quiet minutes."""

import pyotp
import pytest
from sqlalchemy import select, update

from portal.audit.models import AuditEvent
from portal.db import db
from portal.door.factors import authenticator
from portal.door.models import SignIn
from portal.office.forms import SETTINGS
from portal.people.models import Account
from tests import passkeys
from tests.conftest import PASSWORD
from tests.office.settings import column, refused, save, show

SIGNING_IN = {
    "shown-as": {"shown_as": "Riverside"},
    "second-factor": {"needs_second_factor": "yes"},
    "idle-minutes": {"idle_minutes": "20"},
}


def standing(app):
    return column(app, "shown_as"), column(app, "needs_second_factor"), column(app, "idle_minutes")


def test_they_are_saved_said_and_on_record(app, cast, browser):
    kit = browser("kit")
    for setting, typed in SIGNING_IN.items():
        save(kit, setting, **typed)
    assert standing(app) == ("Riverside", True, 20)
    assert "Signed out after minutes without use: your change is saved" in kit.get(kit.location).text
    with app.app_context():
        changed = select(AuditEvent.actor_id, AuditEvent.subject).where(AuditEvent.what == "program.change")
        assert [tuple(row) for row in db.session.execute(changed.order_by(AuditEvent.id))] == [
            (cast.kit.id, name) for name in ("shown_as", "needs_second_factor", "idle_minutes")
        ]


def test_the_form_shows_what_is_set(browser):
    kit = browser("kit")
    for setting, typed in SIGNING_IN.items():
        save(kit, setting, **typed)
        sent = kit.get("/program").fields(f"/program/{setting}")
        assert {name: sent[name] for name in typed} == {name: [value] for name, value in typed.items()}


def test_what_is_saved_as_it_stands_shows_nothing_and_is_no_change(app, browser):
    kit = browser("kit")
    kit.get("/program")
    kit.submit("/program/idle-minutes", {"idle_minutes": "15"})
    with app.app_context():
        assert db.session.scalars(select(AuditEvent).where(AuditEvent.what == "program.change")).all() == []


@pytest.mark.parametrize("path", ["/sign-in", "/help-now", "/no-such-page"])
def test_every_title_and_the_brand_carry_the_neutral_name_and_no_other(browser, path):
    save(browser("kit"), "shown-as", shown_as="Riverside")
    stranger = browser()
    page = stranger.get(path, 404 if path == "/no-such-page" else 200)
    assert page.title.endswith("| Riverside")
    assert "Foothold" not in page.html
    assert "Foothold" not in browser("ada").get("/today").html


def test_a_page_that_knows_no_program_yet_names_nothing(app):
    answer = app.test_client().get("/sign-in")
    assert "<title>Sign in</title>" in answer.text
    assert "Foothold" not in answer.text


TELLING = ["Riverside Clinic", "Mood Diary", "Sober Living", "My Therapy", "IOP"]
BREAKING = ["", " ", "x" * 31, "Two\nlines", "a\r\nBcc: b", "<b>", "Name: other", "\u202eelddir"]


@pytest.mark.parametrize("name", [*TELLING, *BREAKING])
def test_a_name_that_tells_or_breaks_something_is_refused_beside_its_field(app, browser, name):
    page = refused(browser("kit"), "shown-as", shown_as=name)
    assert page.one("p", id="shown_as-error") is not None
    assert standing(app) == ("Foothold", False, 15)


@pytest.mark.parametrize("name", ["River's Edge", "North & South", "Café 21", "A"])
def test_plain_names_are_taken(app, browser, name):
    save(browser("kit"), "shown-as", shown_as=name)
    assert standing(app)[0] == name


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("minutes", ["4", "31", "", "-5", "ten", "5.5"])
def test_quiet_minutes_are_five_to_thirty(app, browser, minutes):
    page = refused(browser("kit"), "idle-minutes", idle_minutes=minutes)
    assert page.one("p", id="idle_minutes-error") is not None
    assert standing(app)[2] == 15


@pytest.mark.parametrize("needs", ["", "maybe"])
def test_the_second_step_is_yes_or_no(app, browser, needs):
    refused(browser("kit"), "second-factor", needs_second_factor=needs)
    assert standing(app)[1] is False


def test_once_it_is_asked_of_all_a_participant_sets_one_up_at_the_next_sign_in(browser):
    save(browser("kit"), "second-factor", needs_second_factor="yes")
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert stranger.location == "/sign-in/second-factor"
    stranger.get("/today", 303)


def participants_sign_in(app, cast, browser, how="password"):
    """Ada's, Ben's and Cleo's browsers, each with a session opened by `how`; Ben has a passkey."""
    with app.app_context():
        db.session.add(passkeys.kept(db.session.get(Account, cast.ben.id)))
        db.session.commit()
    ada, cleo, ben = browser("ada"), browser("cleo"), browser()
    ben.sign_in_with(passkeys.Passkey(cast.ben.key), "participant")
    with app.app_context():
        db.session.execute(update(SignIn).values(how=how))
        db.session.commit()
    return ada, ben, cleo


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize("how", ["password", "link"])
def test_who_has_no_second_step_is_signed_out_when_it_is_asked_of_all(app, cast, browser, at, how):
    """No session that a password or link alone has opened goes on; whoever has a factor stays, and so do staff."""
    ada, ben, cleo = participants_sign_in(app, cast, browser, how)
    with app.app_context():
        setup = authenticator.setup_for(cast.cleo, "Foothold")
        assert authenticator.confirm(cast.cleo, setup.sealed, pyotp.TOTP(setup.secret).at(at.now), at.now)
        db.session.commit()
    cho, kit = browser("cho"), browser("kit")
    said = save(kit, "second-factor", needs_second_factor="yes")
    assert "1 of 3 participants have none yet. They are signed out when you save" in said
    ada.get("/today", 303)
    for person, page in ((ben, "/today"), (cleo, "/today"), (cho, "/caseload/"), (kit, "/people/")):
        person.get(page)


def test_nobody_is_signed_out_by_looking_at_what_it_would_do(app, browser):
    ada = browser("ada")
    assert "3 of 3 participants have none yet" in show(browser("kit"), "second-factor", needs_second_factor="yes")
    ada.get("/today")
    assert standing(app)[1] is False


def test_the_demo_signs_nobody_out(app, browser, monkeypatch):
    """The demo asks nobody for a second step."""
    ada, kit = browser("ada"), browser("kit")
    monkeypatch.setitem(app.config, "DEMO", True)
    save(kit, "second-factor", needs_second_factor="yes")
    ada.get("/today")


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("setting", ["safety", "flag-minutes", "on-call", *SIGNING_IN, "phone", "hours", "zone"])
def test_it_takes_a_proof_that_is_not_old(browser, at, setting):
    kit = browser("kit")
    kit.get("/program")
    at.later(minutes=6)
    kit.submit(f"/program/{setting}")
    assert kit.location == "/confirm?next=/confirm/unfinished"


def test_what_was_typed_waits_for_the_proof(app, browser, at):
    kit = browser("kit")
    kit.get("/program")
    at.later(minutes=6)
    kit.submit("/program/shown-as", {"shown_as": "Riverside"})
    assert standing(app) == ("Foothold", False, 15)
    page = kit.get("/program")
    assert page.one("input", name="shown_as").get("value") == "Riverside"
    assert "We kept what you typed" in page.text


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("setting", [form.name for form in SETTINGS])
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_they_are_changed_by_coordinators_only(browser, who, setting):
    browser(who).post(f"/program/{setting}", {}, 404)


@pytest.mark.asvs("8.2.3", "15.3.3")
def test_nothing_else_of_the_program_can_be_set_by_the_way(app, browser):
    beside = {"exit_site": "https://evil.example/", "name": "Evil", "urgent_minutes": "1440", "is_demo": "1"}
    save(browser("kit"), "shown-as", shown_as="Riverside", **beside)
    assert (column(app, "name"), column(app, "exit_site")) == ("Riverside Program", "https://www.weather.gov/")
    assert (column(app, "urgent_minutes"), column(app, "is_demo")) == (30, False)
