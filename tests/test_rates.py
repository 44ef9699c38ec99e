"""How often an address may ask: counted in the database, for all workers together, without its address in the clear."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, request
from sqlalchemy import select, text

from portal import access, create_app, rates
from portal.db import db
from portal.rates import Counts, RateCount
from tests.conftest import PASSWORD, settings


@pytest.fixture
def counts(app):
    """The store of counts, in an application context of its own."""
    with app.app_context():
        yield Counts()


def ask(app, address="10.9.9.9", times=1, headers=None):
    """Send an empty sign-in from `address` so many times; the last answer."""
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    for _ in range(times):
        answer = client.post(
            "/sign-in", data={"csrf_token": token}, environ_base={"REMOTE_ADDR": address}, headers=headers
        )
    return answer


@pytest.mark.asvs("2.4.1")
def test_two_workers_on_one_database_count_together(app, cast):
    """Rule: a limit holds for all processes together."""
    other = create_app(**settings(app.config["DATABASE_URL"] or app.config["SQLALCHEMY_DATABASE_URI"]))
    try:
        assert ask(app, times=15).status_code == 422
        assert ask(other, times=15).status_code == 422
        assert ask(app).status_code == 429
        assert ask(other).status_code == 429
    finally:
        with other.app_context():
            db.engine.dispose()


@pytest.mark.asvs("2.4.1")
def test_whoever_asks_too_often_hears_when_to_come_back(app, cast, at):
    assert ask(app, times=30).status_code == 422
    at.later(seconds=100.5)
    answer = ask(app)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "200"
    assert "One moment, please" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    at.later(seconds=200)
    assert ask(app).status_code == 422


def test_a_request_counts_once(app, cast):
    ask(app)
    with app.app_context():
        assert db.session.scalars(select(RateCount.count)).all() == [1]


def test_a_request_without_its_token_counts_for_nobody(app, cast):
    app.test_client().post("/sign-in", data={"email": "ada@example.org"})
    with app.app_context():
        assert db.session.scalars(select(RateCount.count)).all() == []


def test_no_address_is_kept_in_the_clear(app, cast):
    ask(app, "10.1.2.3")
    with app.app_context():
        (name,) = db.session.scalars(select(RateCount.name_hash))
    assert len(name) == 64
    assert "10.1.2.3" not in name


@pytest.mark.asvs("4.1.3")
def test_a_made_up_proxy_changes_nothing(app, cast):
    ask(app, times=30)
    assert ask(app, headers={"X-Forwarded-For": "10.1.1.1"}).status_code == 429
    assert ask(app, "10.1.1.1").status_code == 422


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "nowhere"),
        ("unix:", "unix:"),
    ],
)
def test_a_network_of_the_longer_kind_is_one_place(app, address, place):
    """One household holds 2 to the power of 64 of them: each with a count of its own would be no limit."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert request.remote_addr == (address or "")
        assert rates.place() == place


def test_a_limited_view_keeps_what_it_declares(app):
    views = app.view_functions
    limited = [row for row in access.policy(app) if row.rules.limit]
    assert "door.sign_in_create" in {row.endpoint for row in limited}
    for row in limited:
        assert views[row.endpoint].__wrapped__.audience == row.audience
        assert views[row.endpoint].__wrapped__.rules == row.rules


@pytest.mark.asvs("16.5.3")
def test_a_limit_that_cannot_be_read_stops_the_start(app):
    """Rule: a typing mistake in a limit would hold nobody, so it stops the start."""
    bare = Flask("bare")
    view = access.rules("nothing", limit="many a minute")(access.anyone(lambda: ""))
    bare.add_url_rule("/open", "open", view)
    with pytest.raises(ValueError, match="many a minute"):
        rates.init_app(bare)


@pytest.mark.asvs("16.5.3")
def test_without_a_database_nobody_is_let_through_and_nothing_breaks(app, cast):
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    with app.app_context():
        db.session.execute(text("drop table rate_counts"))
        db.session.commit()
    answer = client.post("/sign-in", data={"csrf_token": token})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "988" in answer.text


@pytest.mark.asvs("15.4.2")
def test_counts_at_once_are_all_counted(app, at):
    def one(_):
        with app.app_context():
            return Counts().incr("a", 60)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(64))) == list(range(1, 65))


def test_a_window_begins_with_the_first_and_ends_by_the_clock(counts, at):
    assert [counts.incr("a", 60), counts.incr("a", 60), counts.incr("b", 60, 5)] == [1, 2, 5]
    assert (counts.get("a"), counts.get("nobody")) == (2, 0)
    ends = at.now.timestamp() + 60
    at.later(seconds=59)
    assert counts.incr("a", 60) == 3
    assert counts.get_expiry("a") == ends
    at.later(seconds=1)
    assert (counts.get("a"), counts.get_expiry("a")) == (0, ends)
    assert counts.incr("a", 60) == 1
    assert counts.get_expiry("a") == ends + 60
    assert counts.get_expiry("nobody") == at.now.timestamp()


def test_windows_that_are_over_are_dropped(app, counts, at):
    for name in "abc":
        counts.incr(name, 60)
    at.later(seconds=60)
    counts.incr("d", 60)
    with db.engine.connect() as connection:
        assert len(connection.execute(select(RateCount.name_hash)).all()) == 1


def test_counts_can_be_forgotten(counts):
    for name in "aab":
        counts.incr(name, 60)
    counts.clear("a")
    assert (counts.get("a"), counts.get("b")) == (0, 1)
    assert counts.reset() == 1
    assert counts.get("b") == 0
    assert counts.check()
    with db.engine.begin() as connection:
        connection.execute(text("drop table rate_counts"))
    assert not counts.check()


@pytest.mark.asvs("2.4.1", "6.3.1")
def test_a_limit_follows_the_account_whatever_the_device_and_however_often_it_signs_in(browser):
    """Rule: whoever is signed in is counted by account: signing in again renews nothing, and nobody else is hit."""
    assert [change_password(browser("ada"), address) for address in ("10.0.0.1", "10.0.0.2") * 5] == [422] * 10
    assert change_password(browser("ada"), "10.0.0.3") == 429
    assert change_password(browser("ben"), "10.0.0.1") == 422


def test_a_stranger_at_the_same_address_leaves_a_known_device_its_tries(app, browser):
    ada = browser("ada")
    ada.get("/account")
    ada.submit("/sign-out")
    assert ask(app, address=ada.address, times=31).status_code == 429
    ada.get("/sign-in")
    ada.submit("/sign-in", {"email": "ada@example.org", "password": PASSWORD})


def change_password(person, address):
    """The status of a new password that nobody may have, sent from `address`."""
    person.address = address
    person.get("/account/password")
    form = person.page.fields("/account/password") | {"present_password": PASSWORD, "password": "short"}
    answer = person.client.post("/account/password", data=form, environ_base={"REMOTE_ADDR": address})
    return answer.status_code
