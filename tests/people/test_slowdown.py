"""Guessing passwords gets slow; the person whose name is guessed never notices."""

import re

import pytest

from portal.db import db
from portal.people import sign_in
from tests.conftest import PASSWORD

WRONG = "a short walk by the river"


def guess(person, email="ada@example.org", password=WRONG, status=422):
    person.get("/sign-in")
    return person.post("/sign-in", {"email": email, "password": password}, status)


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


def test_the_sixth_guess_has_to_wait_and_hears_how_long(slowed):
    page = guess(slowed, status=429)
    assert seconds(page) == 2
    assert "Your account is not locked" in page.text


def test_while_slowed_even_the_right_password_waits(slowed, at):
    guess(slowed, password=PASSWORD, status=429)
    at.later(seconds=61)
    guess(slowed, password=PASSWORD, status=303)
    slowed.get("/today")


def test_the_person_herself_signs_in_from_elsewhere_at_once(slowed, browser):
    browser("ada", address="10.1.1.1").get("/today")


def test_another_person_at_the_same_address_signs_in_at_once(slowed, browser):
    browser("ben", address="10.9.9.9").get("/today")


def test_trying_many_names_slows_the_address(app, browser, at):
    guesser = browser(address="10.9.9.9")
    with app.app_context():
        for number in range(29):
            sign_in.failed(f"person{number}@example.org", "10.9.9.9", at.now)
        db.session.commit()
    guess(guesser, email="person30@example.org")
    guess(guesser, email="somebody@example.org", status=429)
    browser("ada", address="10.1.1.1").get("/today")


def test_the_wait_doubles_and_stops_at_a_minute(slowed, at):
    waits = []
    for _ in range(8):
        waits.append(seconds(guess(slowed, status=429)))
        at.later(seconds=waits[-1])
        guess(slowed)
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_after_a_quarter_of_an_hour_all_is_forgotten(slowed, at):
    at.later(minutes=15, seconds=1)
    guess(slowed)


def test_a_spoofed_address_of_a_proxy_that_is_not_there_changes_nothing(slowed):
    slowed.get("/sign-in")
    slowed.post(
        "/sign-in",
        {"email": "ada@example.org", "password": PASSWORD},
        429,
        headers={"X-Forwarded-For": "10.1.1.1"},
    )


def test_the_wait_is_also_said_to_machines(browser):
    stranger = browser()
    stranger.get("/sign-in")
    for _ in range(5):
        stranger.submit("/sign-in", {"email": "ada@example.org", "password": "wrong"}, 422)
    stranger.submit("/sign-in", {"email": "ada@example.org", "password": "wrong"}, 429)
    assert int(stranger.answer.headers["Retry-After"]) > 0
