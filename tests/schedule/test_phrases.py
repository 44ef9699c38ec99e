"""What is said of a change: why, on which days, and what was seen."""

from datetime import date, datetime, timedelta

import pytest

from portal.schedule import phrases
from tests.schedule.test_week import change, moved


def test_the_first_three_days_are_named_each_once():
    days = [date(2026, 3, 11) + timedelta(days=n) for n in (7, 0, 2, 2)]
    assert phrases.on_days(days) == "Wed, Mar 11; Fri, Mar 13; Wed, Mar 18"
    assert phrases.on_days([*days, date(2026, 3, 20), date(2026, 3, 23)]).endswith("Wed, Mar 18; and 2 more")
    assert phrases.on_days([]) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([moved("2026-03-10T17:00", "2026-03-12T17:30")], "the new time"),
        ([change("placed", was="by video", becomes="Room 5")], "the new room"),
        ([change("placed", was="Room 5", becomes="by video")], "the new place"),
        ([change("placed", was="by video", becomes="by video")], "the new video link"),
        ([change("lasts"), moved("2026-03-10T17:00", "2026-03-12T17:30")], "this"),
    ],
)
def test_a_button_says_what_was_seen(changes, said):
    assert phrases.seen(changes) == said


@pytest.mark.parametrize(
    ("wall", "said"),
    [
        ("2026-03-11T13:00", "today 1:00 pm"),
        ("2026-03-12T13:00", "tomorrow 1:00 pm"),
        ("2026-03-13T13:00", "Fri 1:00 pm"),
        ("2026-03-17T13:00", "Tue 1:00 pm"),
        ("2026-03-18T13:00", "Wed, Mar 18, 1:00 pm"),  # "Wed" would be today
        ("2026-03-10T13:00", "Tue, Mar 10, 1:00 pm"),
        ("2027-01-05T13:00", "Tue, Jan 5, 2027, 1:00 pm"),
    ],
)
def test_a_time_that_is_near_is_named_by_its_weekday(wall, said):
    assert phrases.near_moment(datetime.fromisoformat(wall), date(2026, 3, 11)) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "I have seen this change"),
        (2, "I have seen both changes"),
        (3, "I have seen all three changes"),
        (5, "I have seen all five changes"),
    ],
)
def test_one_button_says_how_much_was_seen(count, said):
    assert phrases.seen_changes(count) == said
