"""How long a flag waited, in words."""

import pytest

from portal import words


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "under a minute"),
        (1, "1 minute"),
        (21, "21 minutes"),
        (60, "1 hour"),
        (120, "2 hours"),
        (185, "3 h 5 min"),
        (1440, "1 day"),
        (3120, "2 days 4 h"),
    ],
)
def test_minutes_are_said_in_the_units_that_matter(minutes, said):
    assert words.duration(minutes) == said


def test_a_span_is_counted_in_whole_minutes(at):
    assert words.waited(at.now, at.later(minutes=20, seconds=59)) == "20 minutes"
