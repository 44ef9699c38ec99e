"""Guessing passwords gets slow; the person whose name is guessed gets in all the same."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.door import throttle
from portal.door.models import KnownDevice, SignInTry
from tests.conftest import PASSWORD

WRONG = "a short walk by the river"
ADA, EVE = "ada@example.org", "eve@example.org"  # Eve is nobody


def guess(person, email=ADA, password=WRONG, status=422, **more):
    person.get("/sign-in")
    return person.post("/sign-in", {"email": email, "password": password, **more}, status)


def counted(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SignInTry))


@pytest.fixture
def take(app, at):
    """`take(address)` takes a try at Ada's password, as the view does; the seconds to wait, or 0."""

    def one(address="10.9.9.9", what=f"name:{ADA}", **options):
        with app.app_context():
            return throttle.take(what, address, at.now, **options).wait

    return one


@pytest.fixture
def slowed(browser):
    """A browser at 10.9.9.9 that has guessed five times at Ada's password."""
    guesser = browser(address="10.9.9.9")
    for _ in range(5):
        guess(guesser)
    return guesser


def seconds(page):
    """How long the page asks to wait."""
    return int(re.search(r"try again in (\d+) seconds?", page.text)[1])


@pytest.mark.asvs("6.3.1")
def test_the_sixth_guess_has_to_wait_and_hears_how_long(slowed):
    page = guess(slowed, status=429)
    assert seconds(page) == 2
    assert slowed.answer.headers["Retry-After"] == "2"
    assert "Your account is not locked" in page.text
    assert "passkey" in page.text


def test_while_slowed_even_the_right_password_waits(slowed, at):
    guess(slowed, password=PASSWORD, status=429)
    at.later(seconds=2)
    guess(slowed, password=PASSWORD, status=303)
    slowed.get("/today")


@pytest.mark.asvs("6.3.1")
def test_the_person_herself_signs_in_from_elsewhere_at_once(slowed, browser):
    browser("ada", address="10.1.1.1").get("/today")


def test_another_person_at_the_same_address_signs_in_at_once(slowed, browser):
    browser("ben", address="10.9.9.9").get("/today")


@pytest.mark.asvs("2.3.2")
def test_the_wait_doubles_until_ten_were_checked(take, at):
    """Rule: five are free; then 2, 4, 8 and 16 seconds; the eleventh waits until the first is five minutes old."""
    waits, passed = [], 0
    for _ in range(10):
        wait = take()
        waits.append(wait)
        at.later(seconds=wait)
        passed += wait
        assert wait == 0 or take() == 0
    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32]
    assert take() == 5 * 60 - passed


def test_the_wait_for_the_next_is_never_longer_than_a_minute(at):
    earlier = [at.now - timedelta(seconds=number) for number in range(40)]
    waits = [(throttle.slowed(earlier[:count]) - at.now).total_seconds() for count in range(5, 40)]
    assert waits[:6] == [2, 4, 8, 16, 32, 60]
    assert set(waits[6:]) == {60}


@pytest.mark.asvs("6.3.1")
@pytest.mark.parametrize("name", [ADA, EVE])
def test_at_most_ten_are_checked_in_five_minutes_from_however_many_addresses(take, at, name):
    """Rule: as its name says, and a name that nobody has is counted alike."""
    checked = [take(f"10.0.{number}.1", f"name:{name}") == 0 for number in range(40)]
    assert checked == [True] * 10 + [False] * 30
    at.later(minutes=4, seconds=59)
    assert take("10.0.99.1", f"name:{name}") == 1
    at.later(seconds=1)
    assert take("10.0.99.1", f"name:{name}") == 0


def test_the_window_slides_and_does_not_jump(take, at):
    for number in range(10):
        assert take(f"10.0.{number}.1") == 0
        at.later(seconds=20)
    assert take("10.0.99.1") == 100
    at.later(seconds=100)
    assert [take("10.0.99.1"), take("10.0.98.1")] == [0, 20]


@pytest.mark.asvs("15.4.2")
def test_a_hundred_tries_at_once_are_ten(app, cast, at):
    """Rule: a try is counted before it is checked, one at a time, so that many at once do not slip through."""

    def one(number):
        with app.app_context():
            return throttle.take(f"name:{ADA}", f"10.0.{number}.1", at.now).wait == 0

    with ThreadPoolExecutor(16) as pool:
        checked = list(pool.map(one, range(100)))
    assert sum(checked) == counted(app) == 10


def test_a_try_counts_even_when_nothing_comes_of_it(app, take):
    """Rule: the try is committed before the check: a request that breaks in the middle has used it up."""
    with app.app_context():
        take()
        db.session.rollback()
    assert counted(app) == 1


def test_right_passwords_do_not_count(app, browser):
    for _ in range(12):
        browser("ada", address="10.1.1.1")
    assert counted(app) == 0


def test_an_hour_has_a_limit_of_its_own_where_one_is_given(take, at):
    checked = []
    for number in range(14):
        tried = [take(f"10.{number}.{each}.1", "code:k", most=5, hourly=20) == 0 for each in range(8)]
        checked.append(sum(tried))
        at.later(minutes=5)
    assert checked == [5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5]


def test_tries_at_one_thing_are_none_at_another(take):
    for number in range(10):
        take(f"10.0.{number}.1")
    assert take("10.0.1.1", "code:k") == 0
    assert take("10.0.1.1", "name:ben@example.org") == 0


def test_what_no_longer_counts_is_forgotten(app, take, at):
    take()
    at.later(hours=1, seconds=1)
    take()
    assert counted(app) == 1


@pytest.fixture
def ada_at_home(browser):
    """Ada's own device, where she signed in before; she has signed out."""
    ada = browser("ada", address="10.9.9.9")
    ada.post("/sign-out")
    return ada


@pytest.mark.asvs("6.3.1")
def test_strangers_do_not_slow_a_device_that_she_signed_in_on_before(ada_at_home, take, browser):
    """Even from the same address: the partner on the sofa guesses, and Ada gets in."""
    for number in range(10):
        take(f"10.0.{number}.1")
    guess(browser(address="10.9.9.9"), password=PASSWORD, status=429)
    guess(ada_at_home, password=PASSWORD, status=303)
    ada_at_home.get("/today")


def test_a_known_device_has_ten_tries_of_its_own_and_no_more(app, ada_at_home, take):
    with app.app_context():
        device = db.session.scalar(select(KnownDevice.id))
    at_once = [take(f"10.0.{number}.1", device_id=device) == 0 for number in range(20)]
    assert sum(at_once) == throttle.FREE, "one place, though its address changes"
    assert take("10.0.99.1") == 0


def test_a_known_device_is_slowed_by_its_own_wrong_tries(ada_at_home):
    for _ in range(5):
        guess(ada_at_home)
    guess(ada_at_home, status=429)


def test_a_device_of_hers_grants_nothing_at_another_name(ada_at_home, take):
    for number in range(10):
        take(f"10.0.{number}.1", "name:ben@example.org")
    guess(ada_at_home, "ben@example.org", PASSWORD, 429)


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_a_spoofed_address_of_a_proxy_that_is_not_there_changes_nothing(slowed):
    slowed.get("/sign-in")
    slowed.post("/sign-in", {"email": ADA, "password": PASSWORD}, 429, headers={"X-Forwarded-For": "10.1.1.1"})


@pytest.mark.asvs("2.4.1", "6.3.1")
def test_one_address_has_thirty_tries_in_five_minutes_over_all_names(browser, at):
    """Rule: whatever names it tries; the next address is not touched, and five minutes later it may try again."""
    guesser = browser(address="10.9.9.9")
    for number in range(30):
        guess(guesser, f"person{number}@example.org", "")
    guess(guesser, EVE, status=429)
    assert int(guesser.answer.headers["Retry-After"]) == 300
    guess(browser(address="10.9.9.9"), ADA, PASSWORD, 429)
    guess(browser(address="10.1.1.1"), ADA, PASSWORD, 303)
    at.later(minutes=5)
    guess(guesser, ADA, PASSWORD, 303)


def test_an_address_that_many_share_has_room_for_all_who_get_in(browser):
    """Thirty wrong ones are its share: a clinic's own network is one address, and all of it may arrive at nine."""
    for _ in range(11):
        for who in ("ada", "ben", "cleo"):
            browser(who, address="10.9.9.9")
    for _ in range(31):
        browser("cho", address="10.9.9.9")


def test_a_known_device_is_not_held_up_by_its_address(ada_at_home, browser):
    guesser = browser(address="10.9.9.9")
    for _ in range(31):
        guesser.get("/sign-in")
        guesser.client.post("/sign-in", data={"csrf_token": guesser.token}, environ_base={"REMOTE_ADDR": "10.9.9.9"})
    guess(guesser, status=429)
    guess(ada_at_home, password=PASSWORD, status=303)


def press(person, endpoint):
    """Send an empty form to `endpoint` as fast as a script; how the answer was."""
    person.get("/sign-in")
    fields = {"csrf_token": person.token}
    return person.client.post(endpoint, data=fields, environ_base={"REMOTE_ADDR": person.address}).status_code


@pytest.mark.parametrize("endpoint", ["/sign-in", "/sign-in/passkey"])
def test_a_stolen_device_does_not_hold_up_another_device_of_hers(ada_at_home, browser, endpoint):
    """Rule: the limit of an address is counted for the device, and for each way to sign in by itself."""
    stolen = browser("ada", address="10.2.2.2")
    stolen.post("/sign-out")
    stolen.role = None
    assert [press(stolen, endpoint) for _ in range(31)] == [422] * 30 + [429]
    assert press(ada_at_home, endpoint) == 422
    other = {"/sign-in": "/sign-in/passkey", "/sign-in/passkey": "/sign-in"}[endpoint]
    assert press(stolen, other) == 422
    guess(ada_at_home, password=PASSWORD, status=303)


def test_reading_the_sign_in_page_uses_nothing_up(app, browser):
    stranger = browser()
    for _ in range(40):
        stranger.get("/sign-in")
    assert counted(app) == 0
