"""The hours in which a participant is busy: written down, taken away, and nobody else's business."""

from datetime import time

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.schedule.seats import busy
from portal.schedule.seats.models import BusyTime
from tests.browser import words
from tests.on_record import told

PATH = "/schedule/busy-times"
WORK = {"kind": "work", "weekdays": ["0", "2"], "starts": "09:00", "ends": "17:00"}


def known(app, person) -> list[str]:
    with app.app_context():
        return [f"{one.hours.words} {one.kind_words}" for one in busy.read_times(person)]


def test_without_any_the_page_is_a_form(timetable, browser):
    page = browser("ada").get(PATH)
    assert (page.title, page.heading) == ("Week | Foothold", "When I'm busy")
    assert "Nobody else sees it, not even your care team." in page.text
    assert "Every week" not in page.text
    assert page.all("a", href="/schedule/") and browser("ada").get("/schedule/").all("a", href=PATH)


def test_several_days_are_written_down_at_once(app, cast, browser):
    ada = browser("ada")
    ada.get(PATH)
    ada.submit(PATH, WORK)
    assert ada.location == f"{PATH}?saved=added"
    assert "Your busy times are saved." in ada.get(ada.location).text
    assert known(app, cast.ada) == ["Monday, 9:00 am to 5:00 pm Work", "Wednesday, 9:00 am to 5:00 pm Work"]
    assert told(app, "busy.change") == [("busy.change", cast.ada.id, cast.ada.id, None)]


def test_sent_twice_they_are_there_once(app, cast, browser):
    ada = browser("ada")
    for _ in range(2):
        ada.post(PATH, WORK)
    ada.post(PATH, WORK | {"weekdays": ["2", "4"]})
    assert [line.split(",")[0] for line in known(app, cast.ada)] == ["Monday", "Wednesday", "Friday"]
    assert len(told(app, "busy.change")) == 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [("9:00", time(9)), ("9:00 am", time(9)), ("9 AM", time(9)), ("09:00:00", time(9)), ("9:30 p.m.", time(21, 30))],
)
def test_a_time_is_read_as_people_write_it(app, browser, typed, read):
    browser("ada").post(PATH, WORK | {"starts": typed, "ends": "22:00"})
    with app.app_context():
        assert set(db.session.scalars(select(BusyTime.starts))) == {read}


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"kind": ""}, "kind", "Choose one of the four."),
        ({"kind": "sleep"}, "kind", "Choose one of the answers shown."),
        ({"weekdays": []}, "weekdays", "Choose one day or more."),
        ({"weekdays": ["7"]}, "weekdays", "Choose from the answers shown."),
        ({"starts": ""}, "starts", "Write when it begins."),
        ({"starts": "noonish"}, "starts", "Write a time such as 9:00 am."),
        ({"ends": "09:00"}, "ends", "The end has to be later than the beginning."),
        ({"ends": "08:00"}, "ends", "The end has to be later than the beginning."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(app, browser, sent, field, said):
    page = browser("ada").post(PATH, WORK | sent, 422)
    assert said in words(page.one("p", id=f"{field}-error"))
    fields = page.fields(PATH)
    for name, typed in (WORK | sent).items():
        if name != field and name in ("starts", "ends"):
            assert fields[name] == [typed]
    if "starts" in sent:
        assert fields["starts"] == [sent["starts"]]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(BusyTime)) == 0


def test_one_is_taken_away(app, cast, browser):
    ada = browser("ada")
    ada.post(PATH, WORK)
    page = ada.get(PATH)
    [first, _] = [f.get("action") for f in page.all("form") if (f.get("action") or "").endswith("/remove")]
    ada.submit(first)
    assert ada.location == f"{PATH}?saved=removed"
    assert known(app, cast.ada) == ["Wednesday, 9:00 am to 5:00 pm Work"]
    ada.post(first, status=404)


@pytest.mark.asvs("8.2.2")
def test_nobody_sees_or_takes_away_those_of_another(app, cast, browser):
    browser("ada").post(PATH, WORK)
    with app.app_context():
        key = busy.read_times(cast.ada)[0].key
    ben = browser("ben")
    assert "9:00 am" not in ben.get(PATH).text
    ben.post(f"{PATH}/{key}/remove", status=404)
    for who in ("cho", "kit"):
        person = browser(who)
        person.get(PATH, 404)
        person.post(f"{PATH}/{key}/remove", status=404)
    assert len(known(app, cast.ada)) == 2


def test_there_is_an_end_to_them(app, cast, browser):
    ada = browser("ada")
    days = [str(day) for day in range(7)]
    for hour in range(5):
        ada.post(PATH, WORK | {"weekdays": days, "starts": f"{hour:02}:00", "ends": f"{hour:02}:30"})
    page = ada.post(PATH, WORK | {"weekdays": days}, 422)
    assert "We can keep up to 40 of these for you." in page.text
    assert len(known(app, cast.ada)) == 35


def test_the_page_takes_three_selects_whatever_their_number(app, cast, browser):
    ada = browser("ada")
    ada.get(PATH)
    assert len(ada.selects) == 3
    ada.post(PATH, WORK | {"weekdays": [str(day) for day in range(7)]})
    ada.get(PATH)
    assert len(ada.selects) == 3


def test_what_was_chosen_outlives_a_session_that_ran_out(browser, at):
    ada = browser("ada")
    ada.get(PATH)
    at.later(minutes=16)
    ada.submit(PATH, WORK)
    assert ada.location.startswith("/sign-in")
    page = browser("ada").get(PATH)
    assert "We kept what you typed" in page.text
    assert page.fields(PATH)["starts"] == ["09:00"] and page.fields(PATH)["weekdays"] == ["0", "2"]
