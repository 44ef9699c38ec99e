"""Charts tell zero, skipped and missed apart, and never join across a gap."""

from portal import chart


def test_zero_is_a_value_at_the_bottom_and_not_a_gap():
    assert chart.dots([0]) == "M.5 10h.01".replace("M.5", "M0.5")
    assert chart.answered([0, None]) == [0]


def test_a_missing_day_breaks_the_line():
    assert chart.curve([1, 2, None, 3, 4]).count("M") == 2


def test_a_lone_answer_between_gaps_is_a_dot_without_a_line():
    assert chart.curve([None, 5, None]) == ""
    assert chart.dots([None, 5, None]) == "M1.5 5h.01"


def test_each_run_of_missed_days_has_one_dotted_floor():
    assert chart.gaps([True, True, False, True]) == "M0.1 10H1.9M3.1 10H3.9"


def test_the_words_name_lowest_highest_latest_and_the_days_answered():
    assert chart.describe([3, None, 0, 7]) == "3 of 4 days answered. Lowest 0, highest 7, latest 7."
    assert chart.describe([None, None]) == "No answers in 2 days."
