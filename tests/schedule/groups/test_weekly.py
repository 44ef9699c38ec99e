"""A rule as a coordinator says it."""

from datetime import date, datetime

import pytest

from portal.schedule.groups import weekly
from portal.schedule.groups.weekly import Weekly
from tests.conftest import ZONE

FIRST = datetime(2026, 3, 16, 18)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", Weekly((0, 2, 4))),
        ("FREQ=WEEKLY", Weekly((0,))),
        ("freq=weekly;byday=fr,mo;wkst=mo", Weekly((0, 4))),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=8", Weekly((1,), 2, None, 8)),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260601", Weekly((1,), 1, date(2026, 6, 1))),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260602T010000Z", Weekly((1,), 1, date(2026, 6, 1))),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260601T120000", Weekly((1,), 1, date(2026, 5, 31))),
    ],
)
def test_a_rule_by_the_week_is_days_weeks_and_an_end(rule, said):
    assert weekly.read(rule, FIRST, ZONE) == said


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;INTERVAL=5",
        "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,17",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU",
        "FREQ=WEEKLY;UNTIL=soon",
    ],
)
def test_a_rule_that_says_more_is_not_read_as_less(rule):
    assert weekly.read(rule, FIRST, ZONE) is None


@pytest.mark.parametrize(
    "said", [Weekly((0, 2, 4)), Weekly((6,), 3), Weekly((1,), 1, date(2026, 6, 1)), Weekly((1, 5), 2, None, 8)]
)
def test_what_is_said_reads_back_as_it_was_said(said):
    assert weekly.read(said.rule, FIRST, ZONE) == said


def test_a_rule_in_words():
    assert weekly.in_words("FREQ=WEEKLY;BYDAY=MO,WE,FR", FIRST, 180, ZONE) == (
        "Mondays, Wednesdays and Fridays, 6:00 to 9:00 pm"
    )
    assert weekly.in_words("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20260601", FIRST, 60, ZONE) == (
        "Every 2 weeks on Mondays, 6:00 to 7:00 pm, until June 1, 2026"
    )
    assert weekly.in_words("FREQ=WEEKLY;BYDAY=MO;COUNT=1", FIRST, 60, ZONE).endswith(", 1 time")
    assert "FREQ=MONTHLY" in weekly.in_words("FREQ=MONTHLY;BYDAY=1MO", FIRST, 60, ZONE)
