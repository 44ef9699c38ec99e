"""What is said of a change: why, on which days, and what was seen."""

from datetime import date, timedelta

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
