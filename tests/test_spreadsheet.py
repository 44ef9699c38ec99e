"""Tables as files for spreadsheets."""

from datetime import UTC, datetime, timedelta

from portal import spreadsheet

NEW_YORK = "America/New_York"
BACK = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)  # half past midnight, an hour and a half before the clocks go back


def test_a_moment_in_the_hour_that_comes_twice_says_which_it_is():
    """Rule: two moments an hour apart are never the same text in a file."""
    hours = [spreadsheet.moment(BACK + timedelta(hours=n), NEW_YORK) for n in range(4)]
    assert hours == ["2026-11-01 00:30", "2026-11-01 01:30-04:00", "2026-11-01 01:30-05:00", "2026-11-01 02:30"]


def test_a_moment_in_any_other_hour_is_one_that_spreadsheets_read():
    assert spreadsheet.moment(datetime(2026, 3, 11, 14, 0, 59, tzinfo=UTC), NEW_YORK) == "2026-03-11 10:00"
