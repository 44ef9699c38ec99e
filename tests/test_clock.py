"""Time in words, wall time to instants, and the two Sundays on which clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock

NEW_YORK = "America/New_York"


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="'America/Nowhere' is not a time zone"):
        clock.zone("America/Nowhere")


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/localtime", ""])
def test_a_zone_is_a_name_and_never_a_path(name):
    with pytest.raises(ValueError, match="is not a time zone"):
        clock.zone(name)


def test_the_day_of_an_instant_depends_on_where_one_is():
    instant = datetime(2026, 3, 12, 2, 30, tzinfo=UTC)
    assert clock.day_of(instant, NEW_YORK) == date(2026, 3, 11)
    assert clock.day_of(instant, "Europe/Berlin") == date(2026, 3, 12)


@pytest.mark.parametrize("day", [date(2026, 3, 9), date(2026, 3, 11), date(2026, 3, 15)])
def test_weeks_run_monday_to_sunday(day):
    assert clock.monday_of(day) == date(2026, 3, 9)


def test_nine_in_the_morning_stays_nine_over_both_sundays():
    for day in (date(2026, 3, 7), date(2026, 3, 8), date(2026, 10, 31), date(2026, 11, 1)):
        instant = clock.at_wall(datetime(day.year, day.month, day.day, 9), NEW_YORK)
        assert clock.local(instant, NEW_YORK).hour == 9


def test_a_day_has_23_hours_in_spring_and_25_in_autumn():
    def length(day: date) -> timedelta:
        return clock.start_of(day + timedelta(days=1), NEW_YORK) - clock.start_of(day, NEW_YORK)

    assert length(date(2026, 3, 8)) == timedelta(hours=23)
    assert length(date(2026, 11, 1)) == timedelta(hours=25)


def test_the_skipped_hour_is_refused_and_its_date_named():
    with pytest.raises(clock.SkippedHour, match="Sunday, March 8, 2026 has no 02:30 in America/New_York"):
        clock.at_wall(datetime(2026, 3, 8, 2, 30), NEW_YORK)


def test_the_skipped_hour_moves_forward_where_it_need_not_be_exact():
    instant = clock.at_wall(datetime(2026, 3, 8, 2, 30), NEW_YORK, strict=False)
    assert clock.local(instant, NEW_YORK).replace(tzinfo=None) == datetime(2026, 3, 8, 3, 30)


def test_the_doubled_hour_means_its_first_pass():
    assert clock.at_wall(datetime(2026, 11, 1, 1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(("wall", "twice"), [((11, 1, 1, 30), True), ((11, 1, 2, 0), False), ((3, 8, 2, 30), False)])
def test_only_an_hour_that_the_clocks_show_twice_is_doubled(wall, twice):
    assert clock.is_doubled(datetime(2026, *wall), NEW_YORK) is twice


def test_now_is_aware_and_in_utc(at):
    assert at("2026-03-11T10:52") == datetime(2026, 3, 11, 14, 52, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
