"""The stay someone is in, and the number of its week."""

from datetime import date

import pytest
from sqlalchemy import update

from portal import episodes
from portal.db import db
from portal.episodes.models import Episode


def stay(starts_on: date = date(2026, 2, 4), planned_end: date | None = date(2026, 4, 24)) -> episodes.ActiveEpisode:
    return episodes.ActiveEpisode("key", "Intensive outpatient", 10, starts_on, planned_end)


def test_a_participants_stay_is_the_active_one(app, cast):
    with app.app_context():
        assert episodes.active(cast.ada).weekly_hours == 10
        assert episodes.active(cast.ben).weekly_hours == 9
        assert episodes.active(cast.ada).care == "Intensive outpatient"


@pytest.mark.parametrize("status", ["planned", "finished"])
def test_a_stay_that_is_not_active_is_none(app, cast, status):
    with app.app_context():
        db.session.execute(update(Episode).values(status=status))
        assert episodes.active(cast.ada) is None


def test_someone_without_a_stay_has_none(app, cast):
    with app.app_context():
        assert episodes.active(cast.cho) is None


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 2, 1), None),
        (date(2026, 2, 2), 1),
        (date(2026, 2, 8), 1),
        (date(2026, 2, 9), 2),
        (date(2026, 3, 11), 6),
        (date(2026, 4, 26), 12),
        (date(2026, 4, 27), None),
    ],
)
def test_weeks_are_counted_from_the_monday_of_the_first_one(day, number):
    assert stay().week_number(day) == number


def test_a_stay_without_a_planned_end_goes_on():
    assert stay(planned_end=None).week_number(date(2027, 2, 3)) == 53
    assert stay(planned_end=None).weeks is None
    assert stay().weeks == 12
