"""Working time: what counts, what does not, and what may be promised."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from portal.program import ProgramFacts
from portal.program.hours import after_working_minutes, can_call_today, next_opening, working_minutes

NEW_YORK = ZoneInfo("America/New_York")


def program(**changed):
    facts = {
        "name": "Riverside Program",
        "phone": "(212) 555-0142",
        "address": "",
        "zone": "America/New_York",
        "opens": time(8),
        "closes": time(17),
        "open_days": [0, 1, 2, 3, 4],
        "holidays": ["2026-03-12"],
        "urgent_minutes": 60,
        "same_day_minutes": 120,
        "asks_safety": True,
        "counted_kinds": ["group"],
        "exit_site": "https://www.weather.gov/",
        "is_demo": False,
        "shown_as": "Foothold",
        "needs_second_factor": False,
        "idle_minutes": 15,
        "directions": "",
        "question_set": "daily",
        "turned_on": [],
        "measures": {},
    }
    return ProgramFacts(**facts | changed)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-03-11T09:00", "2026-03-11T10:30", 90),
        ("2026-03-11T06:00", "2026-03-11T09:00", 60),
        ("2026-03-11T16:30", "2026-03-11T23:00", 30),
        ("2026-03-11T16:30", "2026-03-13T08:15", 45),  # the holiday in between counts nothing
        ("2026-03-13T16:00", "2026-03-16T09:00", 120),  # nor does the weekend
        ("2026-03-14T09:00", "2026-03-15T20:00", 0),
        ("2026-03-11T10:00", "2026-03-11T09:00", 0),
    ],
)
def test_only_open_minutes_count(since, until, minutes):
    assert working_minutes(program(), at(since), at(until)) == minutes


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-03-11T10:00", "2026-03-11T11:00"),
        ("2026-03-11T16:30", "2026-03-13T08:30"),
        ("2026-03-13T20:00", "2026-03-16T09:00"),
        ("2026-03-11T16:00", "2026-03-11T17:00"),
    ],
)
def test_the_due_time_steps_over_nights_weekends_and_holidays(since, due):
    assert after_working_minutes(program(), at(since), 60) == at(due)


def test_a_program_that_is_never_open_has_no_due_time():
    assert after_working_minutes(program(open_days=[]), at("2026-03-11T10:00"), 60) is None


def test_the_clock_change_does_not_move_the_hours():
    assert working_minutes(program(), at("2026-03-06T08:00"), at("2026-03-09T17:00")) == 2 * 9 * 60


def test_a_call_today_needs_the_set_minutes_to_fit_into_today():
    assert can_call_today(program(), at("2026-03-11T16:00"), "urgent")
    assert not can_call_today(program(), at("2026-03-11T16:01"), "urgent")
    assert not can_call_today(program(), at("2026-03-11T16:00"), "same_day")
    assert not can_call_today(program(), at("2026-03-12T10:00"), "urgent")


def test_the_next_opening_is_now_while_open():
    now = at("2026-03-11T10:00")
    assert next_opening(program(), now) == now
    assert next_opening(program(), at("2026-03-13T18:00")) == at("2026-03-16T08:00")


def test_the_hours_in_words():
    assert program().hours_in_words == "weekdays, 8 am to 5 pm"
    assert program(open_days=[0, 5], opens=time(9, 30)).hours_in_words == "Mondays and Saturdays, 9:30 am to 5 pm"


def test_on_a_day_off_the_hours_say_so():
    friday = at("2026-03-13T10:00")
    assert program().hours_as_of(friday) == program().hours_in_words
    off = program(holidays=["2026-03-13", "2026-03-14"])
    assert off.hours_as_of(friday) == "weekdays, 8 am to 5 pm, but not today"
    assert off.hours_as_of(at("2026-03-13T23:59")).endswith("but not today")
    assert off.hours_as_of(at("2026-03-14T10:00")) == off.hours_in_words, "nobody expects them on a Saturday"
