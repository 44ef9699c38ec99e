"""A seat instead of a session: Today shows it, and whoever comes after all is asked whether they still need it."""

import pytest

from portal import clock, program
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.seats import absences, holds
from tests.browser import words


@pytest.fixture
def swapped(app, cast, timetable, evening):
    """Ada cannot come today, Wednesday, and has a seat in Tuesday's evening group instead; her session of today."""
    with app.app_context():
        today = own_meetings.called(cast.ada, timetable.wednesday)
        absences.say(cast.ada, today, "A bus.", clock.now())
        today = own_meetings.called(cast.ada, timetable.wednesday)
        holds.take_seat(cast.ada, program.current(), today, evening.on_17, clock.now())
        db.session.commit()
    return timetable.wednesday


def hero(page) -> str:
    return words(page.one("section", class_="next"))


def test_what_they_cannot_come_to_is_not_what_is_next(swapped, browser):
    page = browser("ada").get("/today")
    assert words(page.one("h2", id="next")) == "One-to-one"
    assert "can't make it" not in hero(page)
    assert words(browser("ben").get("/today").one("h2", id="next")) == "Skills group"


def test_the_seat_says_what_it_is_instead_of(swapped, browser, at):
    at("2026-03-17T09:00")
    card = hero(browser("ada").get("/today"))
    assert "6:00 to 7:00 pm Evening group With Dr Dee in Room 9" in card
    assert "You come here instead of Skills group, Wed, Mar 11." in card


def test_a_seat_in_a_session_that_is_off_takes_nothing_away(swapped, app, cast, evening, browser):
    with app.app_context():
        sessions.cancel(cast.kit, staff_meetings.called(cast.kit, evening.on_17), "Snow.", clock.now())
        db.session.commit()
    assert "You told us you can't make it." in hero(browser("ada").get("/today"))


def test_who_comes_after_all_is_asked_about_the_seat(swapped, evening, browser):
    ada, path = browser("ada"), f"/sessions/{swapped}"
    assert "You still have the seat" not in ada.get(path).text
    ada.submit(f"{path}/absence/withdraw")
    page = ada.get(ada.location)
    assert "Good to know. We look forward to seeing you." in page.text
    assert "You still have the seat that you took instead of this session: Tue, Mar 17, 6:00 pm" in page.text
    assert words(ada.get("/today").one("h2", id="next")) == "Skills group"
    ada.get(path)
    ada.submit(f"{path}/seats/{evening.on_17}/give-up")
    assert "You still have the seat" not in ada.get(path).text
    ada.get(f"/sessions/{evening.on_17}", status=404)


def test_the_seat_takes_no_read_of_its_own(swapped, browser):
    ada = browser("ada")
    ada.get("/today")
    assert len(ada.selects) == 3
