"""Sessions: kept by the server, ended by quiet, by age, by leaving, and by whoever closes the account."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.audit.models import AuditEvent
from portal.db import db
from portal.door import sign_ins
from portal.door.models import SignIn
from portal.people.models import Account, CareRelationship
from portal.program.models import Program
from tests.conftest import PASSWORD


def session_cookie(person):
    return person.client.get_cookie("session")


@pytest.mark.asvs("3.3.2", "3.3.4")
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser):
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    cookie = next(value for value in stranger.answer.headers.getlist("Set-Cookie") if value.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie
    assert "Domain" not in cookie


@pytest.mark.asvs("3.3.1", "3.3.3")
def test_over_https_the_cookie_is_bound_to_the_host(make_app):
    app = make_app(URL="https://portal.example.org")
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-session"
    assert app.config["SESSION_COOKIE_SECURE"] is True


@pytest.mark.asvs("7.2.3")
def test_the_database_holds_no_token_that_could_be_used(app, browser):
    ada = browser("ada")
    token = _token(ada)
    assert len(token) >= 43
    with app.app_context():
        assert token not in db.session.scalars(select(SignIn.token_hash)).all()


def _token(person):
    with person.client.session_transaction() as session:
        return session["_user_id"]


@pytest.mark.asvs("7.2.4")
def test_signing_in_changes_the_session(browser):
    """A session that somebody else planted before sign-in is worth nothing after it."""
    stranger = browser()
    stranger.get("/sign-in")
    planted = session_cookie(stranger).value
    with stranger.client.session_transaction() as session:
        session["planted"] = "before"
    stranger.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert session_cookie(stranger).value != planted
    with stranger.client.session_transaction() as session:
        assert "planted" not in session


@pytest.mark.asvs("7.2.2")
def test_each_browser_has_a_session_of_its_own(browser):
    first, second = browser("ada"), browser("ada")
    assert _token(first) != _token(second)
    first.post("/sign-out")
    first.get("/today", 303)
    second.get("/today")


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize(
    ("who", "page", "minutes"), [("ada", "/today", 15), ("cho", "/caseload/", 15), ("kit", "/people/", 10)]
)
def test_quiet_ends_a_session(browser, at, who, page, minutes):
    person = browser(who)
    at.later(minutes=minutes)
    person.get(page)
    at.later(minutes=minutes, seconds=1)
    person.get(page, 303)
    assert person.location == f"/sign-in?next={page}"


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize("minutes", [5, 30])
def test_the_program_sets_how_long_a_participant_may_be_quiet_and_nobody_else(app, browser, at, minutes):
    ada, cho = browser("ada"), browser("cho")
    with app.app_context():
        db.session.get(Program, 1).idle_minutes = minutes
        db.session.commit()
    at.later(minutes=minutes)
    ada.get("/today")
    at.later(minutes=minutes, seconds=1)
    ada.get("/today", 303)
    cho.get("/caseload/", 200 if 2 * minutes < 15 else 303)


@pytest.mark.asvs("7.3.2")
@pytest.mark.parametrize(("who", "page", "hours"), [("ada", "/today", 12), ("kit", "/people/", 8)])
def test_no_session_outlives_its_day(browser, at, who, page, hours):
    person = browser(who)
    started = at.now
    for _ in range(hours * 60 // 9):
        at.later(minutes=9)
        person.get(page)
    at(started + timedelta(hours=hours))
    person.get(page)
    at.later(seconds=1)
    person.get(page, 303)


def test_the_last_use_is_written_at_most_once_a_minute(app, browser, at):
    ada = browser("ada")
    started = at.now
    for seconds, noted in (
        (59, started),
        (1, started + timedelta(seconds=60)),
        (30, started + timedelta(seconds=60)),
    ):
        at.later(seconds=seconds)
        ada.get("/today")
        with app.app_context():
            assert db.session.scalar(select(SignIn.last_used_at)) == noted


@pytest.mark.asvs("7.2.1", "7.4.1")
def test_signing_out_kills_the_token_and_not_only_the_cookie(browser):
    ada = browser("ada")
    old = session_cookie(ada).value
    ada.post("/sign-out")
    ada.client.set_cookie("session", old)
    ada.get("/today", 303)
    assert ada.location == "/sign-in?next=/today"


@pytest.mark.asvs("7.2.1")
def test_a_made_up_token_opens_nothing(browser):
    stranger = browser()
    with stranger.client.session_transaction() as session:
        session["_user_id"] = "x" * 43
    stranger.get("/today", 303)


@pytest.mark.asvs("7.2.1")
def test_a_cookie_that_somebody_changed_opens_nothing(browser):
    ada = browser("ada")
    value = session_cookie(ada).value
    ada.client.set_cookie("session", value[:-9] + ("A" if value[-9] != "A" else "B") + value[-8:])
    ada.get("/today", 303)


@pytest.mark.asvs("7.4.2", "8.3.2")
def test_a_closed_account_is_out_at_the_next_request(app, cast, browser, at):
    ada = browser("ada")
    ada.get("/today")
    with app.app_context():
        db.session.get(Account, cast.ada.id).disabled_at = at.now
        db.session.commit()
    ada.get("/today", 303)


def test_the_therapist_of_a_closed_account_sees_it_no_more(app, cast, browser, at):
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ada.key}")
    with app.app_context():
        db.session.get(Account, cast.ada.id).disabled_at = at.now
        db.session.commit()
    cho.get(f"/caseload/{cast.ada.key}", 404)


@pytest.mark.asvs("8.3.2")
def test_ending_care_ends_access_at_the_next_request(app, cast, browser, at):
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ada.key}")
    with app.app_context():
        care = db.session.scalars(
            select(CareRelationship).where(
                CareRelationship.participant_id == cast.ada.id, CareRelationship.therapist_id == cast.cho.id
            )
        ).one()
        care.ended_at = at.now
        db.session.commit()
    cho.get(f"/caseload/{cast.ada.key}", 404)


@pytest.mark.asvs("8.2.2")
def test_care_that_begins_tomorrow_opens_nothing_today(app, cast, browser, at):
    with app.app_context():
        db.session.add(
            CareRelationship(
                participant_id=cast.cleo.id,
                therapist_id=cast.cho.id,
                role="covering",
                starts_on=(at.now + timedelta(days=1)).date(),
            )
        )
        db.session.commit()
    browser("cho").get(f"/caseload/{cast.cleo.key}", 404)
    at.later(days=1)
    browser("cho").get(f"/caseload/{cast.cleo.key}")


def test_a_therapist_from_tomorrow_on_is_not_named_today(app, cast, browser, at):
    """Rule: a check-in form names who reads it, and nobody reads it before their care has begun."""
    with app.app_context():
        begins = update(CareRelationship).where(CareRelationship.participant_id == cast.ada.id)
        db.session.execute(begins.values(starts_on=at.now.date() + timedelta(days=1)))
        db.session.commit()
    ada = browser("ada")
    assert "Dr Cho" not in ada.get("/check-ins/new").text
    at.later(hours=24)
    assert "Dr Cho" in browser("ada").get("/check-ins/new").text


def test_a_request_loads_its_visitor_with_one_query(app, browser):
    ada = browser("ada")
    ada.get("/help-now")
    assert sum("sign_ins" in statement for statement in ada.selects) == 1


def test_half_a_sign_in_ends_what_the_browser_held_before(app, browser):
    """Rule: from the first factor of somebody on, the old cookie of this browser opens nothing."""
    person = browser("ada")
    held = [person.client.get_cookie("session").value]
    person.role = person.token = None
    for _ in range(2):
        person.get("/help-now")
        person.post("/sign-in", {"email": "cho@example.org", "password": PASSWORD})
        assert person.location == "/sign-in/code"
        held.append(person.client.get_cookie("session").value)
    replay = browser()
    for old, page in ((held[0], "/today"), (held[1], "/sign-in/code")):
        replay.client.set_cookie("session", old)
        replay.get(page, 303)
        assert replay.location.startswith("/sign-in")
    person.get("/sign-in/code")


def test_leaving_ends_half_a_sign_in_off_the_record(app, cast, browser):
    person = browser()
    person.get("/sign-in")
    person.post("/sign-in", {"email": "cho@example.org", "password": PASSWORD})
    half = person.client.get_cookie("session").value
    person.get("/sign-in/code")
    person.post("/sign-out")
    person.client.set_cookie("session", half)
    person.get("/sign-in/code", 303)
    assert person.location == "/sign-in"
    with app.app_context():
        assert db.session.scalars(select(AuditEvent.what).where(AuditEvent.what == "session.end")).all() == []


@pytest.mark.parametrize("stage", ["second", "enroll"])
def test_a_half_done_sign_in_is_no_session(app, cast, at, stage):
    """Rule: the token of a sign-in that waits for a second factor opens no page, wherever it is put."""
    with app.app_context():
        half = sign_ins.start(cast.ada, at.now, stage=stage)
        whole = sign_ins.start(cast.ada, at.now)
        db.session.commit()
        assert sign_ins.visitor(half, at.now) is None
        assert sign_ins.visitor(whole, at.now).id == cast.ada.id
