"""The words of Today: the greeting, and how soon a session is."""

from datetime import datetime

import pytest

from portal import clock
from portal.today import phrases
from tests.schedule.attendance.test_hours import meeting
from tests.schedule.timetable import ZONE


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (0, "Hello"),
        (4, "Hello"),
        (5, "Good morning"),
        (11, "Good morning"),
        (12, "Good afternoon"),
        (16, "Good afternoon"),
        (17, "Good evening"),
        (23, "Good evening"),
    ],
)
def test_the_greeting_follows_the_readers_clock(hour, said):
    assert phrases.greeting(hour) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-11T10:52", "Next, in 2 hours"),
        ("2026-03-11T11:05", "Next, in 1 and a half hours"),
        ("2026-03-11T11:45", "Next, in an hour"),
        ("2026-03-11T12:01", "Next, in 59 minutes"),
        ("2026-03-11T12:44", "Next, in 16 minutes"),
        ("2026-03-11T12:45", "Starting soon, in 15 minutes"),
        ("2026-03-11T12:58:30", "Starting soon, in a minute"),
        ("2026-03-11T12:59:30", "Starting soon, in a minute"),
        ("2026-03-11T13:00", "Now, until 4:00 pm"),
        ("2026-03-11T15:59", "Now, until 4:00 pm"),
        ("2026-03-10T23:59", "Tomorrow, Wednesday"),
        ("2026-03-09T13:00", "Next, on Wednesday, March 11"),
        ("2026-03-04T13:00", "Next, on Wednesday, March 11"),
    ],
)
def test_how_soon_a_session_is(now, said):
    group = meeting("2026-03-11T13:00")
    assert phrases.soon(group, clock.at_wall(datetime.fromisoformat(now), ZONE)) == said


def test_a_wait_is_never_rounded_up():
    assert phrases.soon(meeting("2026-03-11T13:00"), clock.at_wall(datetime(2026, 3, 11, 11, 1), ZONE)) == (
        "Next, in 1 and a half hours"
    )


def test_a_wait_over_the_clock_change_is_real_time():
    group = meeting("2026-03-08T09:00")
    assert phrases.soon(group, clock.at_wall(datetime(2026, 3, 8, 0, 30), ZONE)) == "Next, in 7 and a half hours"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-11T12:50", "Running late is fine. Come in anyway."),
        ("2026-03-11T13:04", "Running late is fine. Come in anyway."),
        ("2026-03-11T13:05", "Late is fine. Come in anyway."),
        ("2026-03-11T15:59", "Late is fine. Come in anyway."),
    ],
)
def test_late_is_fine_until_the_end(now, said):
    group = meeting("2026-03-11T13:00")
    assert phrases.come_in(group, clock.at_wall(datetime.fromisoformat(now), ZONE)) == said


def test_somebody_who_is_marked_as_there_is_not_told_to_come_in():
    there = meeting("2026-03-11T13:00", attendance="present")
    assert phrases.come_in(there, clock.at_wall(datetime(2026, 3, 11, 13, 20), ZONE)) == ""


def test_soon_over_midnight_is_soon_and_not_tomorrow():
    early = meeting("2026-03-12T00:05")
    assert phrases.soon(early, clock.at_wall(datetime(2026, 3, 11, 23, 55), ZONE)) == "Starting soon, in 10 minutes"


@pytest.mark.parametrize(
    ("now", "kind", "said"),
    [
        ("2026-03-11T10:52", "group", "Before today's group"),
        ("2026-03-10T10:52", "group", "Before tomorrow's group"),
        ("2026-03-05T10:52", "group", "Before Wednesday's group"),
        ("2026-03-04T10:52", "group", "To do"),  # "Wednesday" would be today
        ("2026-03-11T13:00", "group", "To do"),  # it has begun
        ("2026-03-11T10:52", "one_to_one", "To do"),
    ],
)
def test_what_there_is_to_do_is_named_after_the_group_that_it_is_for(now, kind, said):
    coming = meeting("2026-03-11T13:00", kind=kind)
    assert phrases.to_do_heading(coming, clock.at_wall(datetime.fromisoformat(now), ZONE)) == said


def test_without_a_session_to_come_there_is_only_something_to_do():
    assert phrases.to_do_heading(None, clock.at_wall(datetime(2026, 3, 11), ZONE)) == "To do"
