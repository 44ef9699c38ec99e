"""Quiet hours: wall time, over midnight and over both clock changes; and when what falls into them goes out."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from portal import clock
from portal.reminders.quiet import QuietHours, windows

ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Havana",
    "Europe/London",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
]
STEP = timedelta(minutes=5)
hours = st.integers(0, 23).map(time)


def clock_changes(zone, year):
    """The days of `year` on which the clock of `zone` changes; two ordinary ones where it never does."""
    days = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(365)]
    offsets = [clock.local(day, zone).utcoffset() for day in days]
    found = [day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after]
    return [clock.day_of(day, zone) + timedelta(days=n) for day in found or days[:2] for n in (0, 1)]


DAYS = [(zone, day) for zone in ZONES for day in clock_changes(zone, 2026)]


def is_quiet(instant, quiet):
    """What the clock on the wall says, and nothing else."""
    wall = clock.local(instant, quiet.zone).time()
    if quiet.begins <= quiet.ends:
        return quiet.begins <= wall < quiet.ends
    return wall >= quiet.begins or wall < quiet.ends


def instants(zone, day, step=STEP):
    start, end = clock.start_of(day, zone), clock.start_of(day + timedelta(days=1), zone)
    while start < end:
        yield start
        start += step


def test_the_days_of_the_tests_have_23_24_and_25_hours():
    assert {len(list(instants(zone, day, timedelta(minutes=30)))) for zone, day in DAYS} == {46, 47, 48, 49, 50}


@examples(deadline=None, max_examples=300)
@given(st.sampled_from(DAYS), hours, hours)
def test_what_is_quiet_is_what_the_clock_on_the_wall_says(where, begins, ends):
    """Rule: on both days of a clock change, at every five minutes, quiet hours are wall time."""
    zone, day = where
    quiet = QuietHours(begins, ends, zone)
    for instant in instants(zone, day):
        held = quiet.around(instant)
        assert (held is not None) == is_quiet(instant, quiet), clock.local(instant, zone)
        assert held is None or held[0] <= instant < held[1]


@examples(deadline=None, max_examples=200)
@given(st.sampled_from(DAYS), hours, hours, st.sampled_from([60, 120, 1440, 2880]), st.integers(0, 287), st.booleans())
def test_no_window_of_a_message_holds_a_quiet_minute_and_each_message_has_one(where, begins, ends, before, slot, early):
    """Nothing goes out in quiet hours, before the moment it is due but to stay out of them, or when it is over."""
    zone, day = where
    quiet = QuietHours(begins, ends, zone)
    over = clock.start_of(day, zone) + slot * STEP
    due = over - timedelta(minutes=before)
    found = list(windows(due, over, quiet, early=early))
    assert [window.number for window in found] == list(range(len(found)))
    last = None
    for window in found:
        assert window.opens < window.closes <= over
        assert last is None or last.closes <= window.opens
        assert window.opens >= due or (early and is_quiet(window.closes, quiet) and window.number == 0)
        moment = window.opens
        while moment < window.closes:
            assert not is_quiet(moment, quiet), clock.local(moment, zone)
            moment += timedelta(minutes=1)
        last = window
    if early and (ends.hour - begins.hour) % 24 <= 12:
        assert found, "a reminder that can go out before the quiet hours, and does not"


QUIET = QuietHours(time(21), time(8), "America/New_York")


def at(text):
    return clock.at_wall(datetime.fromisoformat(text), QUIET.zone)


def shown(due, over, *, early=True, quiet=QUIET):
    return [
        tuple(f"{clock.local(moment, quiet.zone):%d %H:%M}" for moment in (window.opens, window.closes))
        for window in windows(at(due), at(over), quiet, early=early)
    ]


@pytest.mark.parametrize(
    ("due", "over", "expected"),
    [
        ("2026-03-11T12:00", "2026-03-11T13:00", [("11 12:00", "11 13:00")]),
        ("2026-03-12T06:30", "2026-03-12T08:30", [("11 20:50", "11 21:00"), ("12 08:00", "12 08:30")]),
        ("2026-03-12T06:00", "2026-03-12T07:00", [("11 20:50", "11 21:00")]),
        ("2026-03-11T20:55", "2026-03-11T21:55", [("11 20:50", "11 21:00")]),
        ("2026-03-10T09:00", "2026-03-11T09:00", [("10 09:00", "10 21:00"), ("11 08:00", "11 09:00")]),
    ],
)
def test_a_reminder_comes_before_the_quiet_hours_it_would_fall_into_or_else_after_them(due, over, expected):
    assert shown(due, over) == expected


def test_a_notice_waits_for_the_end_of_quiet_hours_and_is_left_out_when_it_is_over_by_then():
    assert shown("2026-03-11T22:00", "2026-03-12T13:00", early=False) == [("12 08:00", "12 13:00")]
    assert shown("2026-03-11T22:00", "2026-03-12T08:00", early=False) == []


def test_equal_times_are_no_quiet_hours():
    always = QuietHours(time(21), time(21), QUIET.zone)
    assert shown("2026-03-11T22:00", "2026-03-12T13:00", quiet=always) == [("11 22:00", "12 13:00")]


def test_quiet_hours_of_nearly_a_whole_day_leave_what_they_leave():
    short = QuietHours(time(8), time(7), QUIET.zone)
    assert shown("2026-03-11T12:00", "2026-03-12T12:00", quiet=short) == [
        ("11 07:50", "11 08:00"),
        ("12 07:00", "12 08:00"),
    ]
