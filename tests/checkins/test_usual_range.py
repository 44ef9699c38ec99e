"""The usual range: median and MAD of the 28 days before, seven of them answered, and what lies outside."""

from datetime import timedelta

import pytest

from portal.checkins import usual_range
from portal.checkins.check_in_days import series_of
from portal.checkins.usual_range import ITEMS, UnusualAnswer, UsualRange
from tests.caseload.diary import TODAY, days, entry, month


def test_six_days_are_not_enough():
    assert usual_range.reckon([4, 4, 4, 4, 4, 4], ITEMS["mood"]) is None
    assert usual_range.reckon([4, 4, 4, 4, 4, 4, 4], ITEMS["mood"]) == UsualRange(3, 5)


def test_skipped_answers_are_not_counted():
    assert usual_range.reckon([4, None] * 6, ITEMS["mood"]) is None
    assert usual_range.reckon([0] * 7, ITEMS["urges"]) == UsualRange(0, 1)


@pytest.mark.parametrize(
    ("values", "item", "expected"),
    [
        ([3] * 7, "urges", UsualRange(2, 4)),  # the least width: 1.5 to each side
        ([2, 3, 4] * 5, "urges", UsualRange(1, 5)),  # MAD 1: 2.97 to each side
        ([1, 3, 5, 7, 9] * 3, "mood", UsualRange(0, 10)),  # as wide as the scale, and no wider
        ([7, 7.5, 8] * 4, "sleep_hours", UsualRange(6, 9)),  # half hours
        ([5, 6] * 6, "mood", UsualRange(4, 7)),  # a median between two answers
    ],
)
def test_the_range_is_the_median_give_or_take_twice_the_scaled_mad(values, item, expected):
    assert usual_range.reckon(values, ITEMS[item]) == expected


def test_one_wild_day_does_not_widen_it():
    assert usual_range.reckon([3] * 20 + [10], ITEMS["urges"]) == usual_range.reckon([3] * 20, ITEMS["urges"])


def test_only_the_28_days_before_count():
    held = days(*month(TODAY - timedelta(days=29), 10, mood=9), *month(TODAY - timedelta(days=1), 28, mood=5))
    assert usual_range.before(series_of(held), len(held) - 1)["mood"] == UsualRange(4, 6)


def test_a_day_counts_with_its_last_check_in():
    held = days(*month(TODAY - timedelta(days=1), 7, mood=2), *month(TODAY - timedelta(days=1), 7, mood=6, hour=20))
    assert usual_range.before(series_of(held), len(held) - 1)["mood"] == UsualRange(5, 7)


@pytest.mark.parametrize(
    ("item", "value", "is_change"),
    [
        ("mood", 3, True),
        ("mood", 4, False),
        ("mood", 6, False),
        ("mood", 7, True),
        ("sleep_hours", 3.0, True),
        ("sleep_hours", 7.0, True),
        ("anxiety", 7, True),
        ("anxiety", 0, False),
        ("urges", 7, True),
        ("urges", 0, False),
    ],
)
def test_mood_and_sleep_count_on_both_sides_anxiety_and_urges_only_above(item, value, is_change):
    usual = {name: UsualRange(4, 6) for name in usual_range.ITEMS}
    answers = dict.fromkeys(usual_range.ITEMS, 5) | {item: value}
    assert [change.item.id for change in usual_range.unusual(entry(**answers).given, usual)] == [item] * is_change


def test_a_skip_is_no_change_and_neither_is_an_unknown_range():
    assert usual_range.unusual(entry(mood=0).given, {"mood": None}) == ()
    assert usual_range.unusual(entry(urges=None).given, {"urges": UsualRange(2, 4)}) == ()


def test_a_change_is_said_with_its_numbers():
    assert UnusualAnswer(ITEMS["urges"], 7, UsualRange(2, 4)).words == "Urges 7, usual is 2 to 4"
    assert UnusualAnswer(ITEMS["sleep_hours"], 3.5, UsualRange(6, 8)).words == "Sleep 3.5 h, usual is 6 to 8 h"
    assert UnusualAnswer(ITEMS["mood"], 0, UsualRange(5, 5)).words == "Mood 0, usual is 5"
