"""The time grid: which rows a session takes, how those at one time share the width, and which hours are named."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from portal import clock
from portal.schedule.meetings import Time
from portal.schedule.time_grid import boxes_of, hours_shown, rows_between, widths

ZONE = "America/New_York"


def meeting(at: str, minutes: int, kind="one_to_one", **more) -> SimpleNamespace:
    """A session at a wall time of the clinic; with `later` it is at the second of two such times."""
    wall = datetime.fromisoformat(at)
    start = clock.at_wall(wall, ZONE) + timedelta(hours=more.pop("later", 0))
    return SimpleNamespace(kind=kind, is_cancelled=more.pop("off", False), time=Time.at(start, ZONE, minutes), **more)


def rows(at: str, minutes: int, **more) -> tuple[int, int]:
    time = meeting(at, minutes, **more).time
    return rows_between(time.local_start, time.local_end)


def drawn(*held: SimpleNamespace) -> list[tuple[int, int, int, int]]:
    return [(box.row, box.rows, box.width, len(box.sessions)) for box in boxes_of(held, ZONE)]


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        ("2026-03-11T09:30", 180, (38, 12)),
        ("2026-03-11T08:30", 50, (34, 4)),  # a begun quarter counts whole
        ("2026-03-11T09:50", 20, (39, 2)),  # from within a quarter into the next
        ("2026-03-11T13:00", 5, (52, 1)),
        ("2026-03-11T00:00", 720, (0, 48)),
        ("2026-03-11T23:00", 60, (92, 4)),
        ("2026-03-11T23:00", 120, (92, 4)),  # past midnight it ends at the edge
        ("2026-03-11T18:00", 720, (72, 24)),
    ],
)
def test_a_session_takes_the_quarter_hours_that_it_touches(at, minutes, expected):
    assert rows(at, minutes) == expected


def test_on_the_day_of_the_skipped_hour_a_session_reaches_the_hour_at_which_it_ends():
    """March 8, 2026: 1:00 am and two hours come to 4:00 am on the clock."""
    assert rows("2026-03-08T01:00", 120) == (4, 12)
    assert rows("2026-03-08T09:00", 60) == (36, 4)


def test_on_the_day_of_the_doubled_hour_no_session_ends_before_it_starts():
    """November 1, 2026: 1:30 am and 45 minutes come to 1:15 am on the clock."""
    assert rows("2026-11-01T01:30", 45) == (6, 3)
    assert rows("2026-11-01T01:30", 60) == (6, 4)
    assert rows("2026-11-01T00:30", 180) == (2, 8)
    assert rows("2026-11-01T01:30", 30, later=1) == (6, 2)


def test_both_passes_of_the_doubled_hour_stand_side_by_side():
    first, second = meeting("2026-11-01T01:00", 45), meeting("2026-11-01T01:00", 30, later=1)
    assert drawn(first, second) == [(4, 3, 6, 1), (4, 2, 6, 1)]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0, 4)], [12]),
        ([(0, 4), (4, 4)], [12, 12]),  # one after the other
        ([(0, 4), (3, 4)], [6, 6]),
        ([(0, 12), (2, 12), (20, 4)], [6, 6, 12]),
        ([(0, 8), (0, 2), (2, 2), (4, 2)], [6, 6, 6, 6]),  # never more than two at one time
        ([(0, 4), (2, 4), (5, 4)], [6, 6, 6]),  # the third overlaps the second alone, and shares with both
        ([(0, 4), (0, 4), (0, 4)], [4, 4, 4]),
        ([(0, 4)] * 4, [3] * 4),
        ([(0, 4)] * 5, [2] * 5),
        ([(0, 4)] * 6, [2] * 6),
        ([(0, 4)] * 12, [1] * 12),
        ([(0, 4)] * 13, [1] * 13),
    ],
)
def test_what_overlaps_shares_the_width_by_the_most_at_one_time(spans, expected):
    assert widths(spans) == expected


def test_as_the_browser_places_them_no_two_boxes_lie_on_each_other():
    """Each box in the first columns that are free: so many are enough, for any sessions of a day."""
    seed = 7
    for _ in range(300):
        spans = []
        for _ in range(10):
            seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
            spans.append((seed >> 8 & 31, 1 + (seed >> 16 & 15)))
        spans.sort()
        taken: dict[int, int] = {}
        for (first, length), width in zip(spans, widths(spans), strict=True):
            slots = 12 // width
            slot = next(slot for slot in range(slots) if taken.get(slot * width, 0) <= first)
            for column in range(slot * width, slot * width + width):
                assert taken.get(column, 0) <= first
                taken[column] = first + length


def test_sessions_of_one_sort_at_one_time_share_a_box():
    nine = "2026-03-11T09:00"
    held = [
        meeting(nine, 50),
        meeting(nine, 50),
        meeting(nine, 60),
        meeting(nine, 180, kind="group"),
        meeting(nine, 50, kind="family"),
    ]
    assert drawn(*held) == [(36, 12, 4, 1), (36, 4, 4, 3), (36, 4, 4, 1)]


def test_a_box_is_off_when_nobody_meets_in_it():
    both = [meeting("2026-03-11T09:00", 50, off=True), meeting("2026-03-11T09:00", 50)]
    assert [box.is_off for box in boxes_of(both, ZONE)] == [False]
    assert [box.is_off for box in boxes_of(both[:1], ZONE)] == [True]


def test_a_session_of_another_zone_stands_at_the_time_of_the_clinic():
    start = datetime(2026, 3, 11, 17, tzinfo=UTC)
    away = SimpleNamespace(kind="one_to_one", time=Time.at(start, "America/Denver", 60))
    assert [(box.row, f"{box.start:%H:%M}") for box in boxes_of([away], ZONE)] == [(52, "13:00")]


def test_the_hours_beside_the_grid_reach_as_far_as_the_sessions():
    def hours(*held):
        return hours_shown(boxes_of(held, ZONE))

    assert hours() == range(8, 21)
    assert hours(meeting("2026-03-11T20:00", 60)) == range(8, 21)
    assert hours(meeting("2026-03-11T20:30", 60)) == range(8, 22)
    assert hours(meeting("2026-03-11T06:45", 30), meeting("2026-03-11T23:30", 120)) == range(6, 24)
