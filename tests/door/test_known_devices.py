"""The cookie of a known device: it opens nothing, says nothing, and is never set on a shared one."""

from urllib.parse import unquote

import pytest
from sqlalchemy import select

from portal import tokens
from portal.db import db
from portal.door.joining import invitations
from portal.door.models import KnownDevice, SignInTry
from portal.people.models import Account
from tests.conftest import PASSWORD

WRONG = "a short walk by the river"


def cookie(person):
    found = person.client.get_cookie("device")
    return found.value if found else None


def kept(app, person):
    """What the database keeps of this browser's cookie."""
    with app.app_context():
        return tokens.hash_of("known device", cookie(person))


def sign_in(person, who, password=PASSWORD, status=303, **more):
    person.get("/sign-in")
    return person.post("/sign-in", {"email": f"{who}@example.org", "password": password, **more}, status)


def devices(app):
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(KnownDevice.account_id, KnownDevice.token_hash))]


@pytest.mark.asvs("3.3.2", "3.3.4")
def test_a_whole_sign_in_leaves_a_cookie_out_of_reach_of_scripts_and_other_sites(browser, cast):
    stranger = browser()
    sign_in(stranger, "ada")
    (sent,) = [text for text in stranger.answer.headers.getlist("Set-Cookie") if text.startswith("device=")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"} <= set(sent.split("; "))
    assert "Domain" not in sent
    assert len(cookie(stranger)) >= 43
    assert not [told for told in ("ada@example.org", cast.ada.name, cast.ada.key) if told in unquote(sent)]


@pytest.mark.asvs("3.3.1", "3.3.3")
def test_over_https_the_cookie_is_secure_and_bound_to_the_host(make_app, password_hash):
    from tests.conftest import clinic

    app = make_app(URL="https://portal.example.org")
    with app.app_context():
        clinic(password_hash)
        db.session.commit()
    client = app.test_client()
    there = {"base_url": "https://portal.example.org"}
    token = client.get("/sign-in", **there).text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in",
        data={"email": "ada@example.org", "password": PASSWORD, "csrf_token": token},
        headers={"Referer": "https://portal.example.org/sign-in"},
        **there,
    )
    assert answer.status_code == 303
    (sent,) = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith("__Host-device=")]
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(sent.split("; "))


def test_the_database_holds_no_token_that_could_be_used(app, cast, browser):
    ada = browser("ada")
    assert devices(app) == [(cast.ada.id, kept(app, ada))]


@pytest.mark.asvs("7.2.1")
def test_the_cookie_opens_nothing(browser):
    ada = browser("ada")
    thief = browser()
    thief.client.set_cookie("device", cookie(ada))
    thief.get("/today", 303)
    assert thief.location.startswith("/sign-in")
    sign_in(thief, "ada", WRONG, 422)


@pytest.mark.parametrize("quick", ["", "1"])
def test_leaving_keeps_it(browser, quick):
    ada = browser("ada")
    before = cookie(ada)
    ada.post("/sign-out", {"quick": quick})
    assert cookie(ada) == before
    assert "cookies" not in ada.answer.headers["Clear-Site-Data"]


def test_the_next_sign_in_on_it_is_no_second_device(app, browser, at):
    ada = browser("ada")
    before = cookie(ada)
    ada.post("/sign-out")
    at.later(days=3)
    ada.role = None
    sign_in(ada, "ada")
    assert cookie(ada) == before
    with app.app_context():
        (row,) = db.session.scalars(select(KnownDevice))
        assert (row.made_at, row.last_used_at) == (at.now.replace(day=row.made_at.day), at.now)


def test_a_device_that_was_not_used_for_a_year_is_forgotten(app, browser, at):
    first, second = browser("ada"), browser("ada")
    at.later(days=366)
    first.role = None
    sign_in(first, "ada")
    assert [token for _, token in devices(app)] == [kept(app, first)]
    assert second.client.get_cookie("device") is not None


def test_another_person_on_it_puts_a_cookie_of_theirs_in_its_place(app, cast, browser):
    ada = browser("ada")
    before = cookie(ada)
    ada.post("/sign-out")
    sign_in(ada, "ben")
    assert cookie(ada) != before
    assert [account for account, _ in devices(app)] == [cast.ada.id, cast.ben.id]


def test_a_shared_device_is_never_known(app, browser):
    stranger = browser()
    sign_in(stranger, "ada", shared="y")
    stranger.get("/today")
    assert cookie(stranger) is None
    assert devices(app) == []


def test_a_wrong_password_makes_no_device_known(app, browser):
    stranger = browser()
    sign_in(stranger, "ada", WRONG, 422)
    assert cookie(stranger) is None
    assert devices(app) == []


def test_half_a_sign_in_makes_no_device_known_and_counts_for_nothing(app, browser):
    """The right password of somebody who has a second factor is right, and opens nothing yet."""
    stranger = browser()
    sign_in(stranger, "cho")
    assert stranger.location == "/sign-in/code"
    assert cookie(stranger) is None
    assert devices(app) == []
    with app.app_context():
        assert db.session.scalars(select(SignInTry.id)).all() == []


@pytest.mark.parametrize("made_up", ["x" * 43, "", "é", "a;b", "x" * 3000])
def test_a_made_up_cookie_is_like_none(app, browser, made_up):
    stranger = browser()
    stranger.client.set_cookie("device", made_up)
    sign_in(stranger, "ada", WRONG, 422)
    sign_in(stranger, "ada")
    assert cookie(stranger) != made_up
    assert len(devices(app)) == 1


def test_the_device_of_a_closed_account_is_unknown(app, cast, browser, at):
    ada = browser("ada")
    ada.post("/sign-out")
    ada.role = None
    with app.app_context():
        db.session.get(Account, cast.ada.id).disabled_at = at.now
        db.session.commit()
    sign_in(ada, "ada", status=422)
    with app.app_context():
        assert db.session.scalars(select(SignInTry.device_id)).all() == [None]


def test_an_account_knows_five_devices_the_ones_used_last(app, browser, at):
    """Rule: every known device has tries of its own, so there are few of them."""
    first, second = browser("ada"), browser("ada")
    for _ in range(3):
        at.later(minutes=1)
        browser("ada")
    at.later(minutes=1)
    first.role = None
    first.post("/sign-out")
    sign_in(first, "ada")
    assert len(devices(app)) == 5
    newest = [browser("ada") for _ in range(2)]
    known = {token for _, token in devices(app)}
    assert len(known) == 5
    assert all(kept(app, one) in known for one in [first, *newest])
    assert kept(app, second) not in known


def new_password(ada, *_):
    ada.get("/account/password")
    ada.submit("/account/password", {"present_password": PASSWORD, "password": "nine herons over quiet water"})


def out_everywhere_else(ada, *_):
    ada.get("/account")
    ada.submit("/account/devices/end-others")


def come_back(ada, app, cast, at):
    with app.app_context():
        token = invitations.make(cast.ada, "reset", cast.kit, at.now).text
        db.session.commit()
    ada.post("/sign-out")
    ada.role = None
    ada.get(f"/join/{token}", 303)
    ada.get("/join")
    ada.submit("/join", {"password": "nine herons over quiet water"})


@pytest.mark.parametrize("made_safe", [new_password, out_everywhere_else, come_back])
def test_an_account_that_is_made_safe_again_knows_the_device_that_asked_and_no_other(app, cast, browser, at, made_safe):
    """Rule: whoever has an old device has no tries of its own at the new password."""
    others, ada, _ben = [browser("ada"), browser("ada")], browser("ada"), browser("ben")
    made_safe(ada, app, cast, at)
    here = kept(app, ada)
    assert [token for account, token in devices(app) if account == cast.ada.id] == [here]
    assert len(devices(app)) == 2
    others[0].client.delete_cookie("session")
    others[0].role = others[0].token = None
    sign_in(others[0], "ada", WRONG, 422)
    with app.app_context():
        assert db.session.scalars(select(SignInTry.device_id)).all() == [None]


def test_an_account_that_is_switched_off_knows_no_device(app, cast, browser):
    browser("ada")
    kit = browser("kit")
    kit.get(f"/people/{cast.ada.key}")
    kit.post(f"/people/{cast.ada.key}/disable")
    assert [account for account, _ in devices(app)] == [cast.kit.id]
