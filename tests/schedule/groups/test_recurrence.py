"""Rules become sessions: wall time holds over the clock changes, and what cannot be is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from portal import clock
from portal.db import db
from portal.schedule.groups import recurrence
from portal.schedule.models import Session, Track
from tests.schedule.timetable import ZONE, track

TODAY = date(2026, 3, 11)


def walls(first: str, rule: str, today: date = TODAY) -> list[str]:
    occurrences = recurrence.expand(datetime.fromisoformat(first), rule, ZONE, today)
    return [f"{wall:%Y-%m-%dT%H:%M}" for wall, _ in occurrences]


def test_a_group_keeps_its_wall_time_over_the_spring_change():
    rule = "FREQ=WEEKLY;COUNT=2"
    (_, before), (_, after) = recurrence.expand(datetime(2026, 3, 2, 9), rule, ZONE, TODAY)
    assert before == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert after == datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_a_group_keeps_its_wall_time_over_the_autumn_change():
    rule = "FREQ=WEEKLY;COUNT=2"
    (_, before), (_, after) = recurrence.expand(datetime(2026, 10, 26, 9), rule, ZONE, TODAY)
    assert before == datetime(2026, 10, 26, 13, tzinfo=UTC)
    assert after == datetime(2026, 11, 2, 14, tzinfo=UTC)


def test_an_occurrence_in_the_skipped_hour_is_refused_by_its_date():
    with pytest.raises(clock.SkippedHour, match=r"Sunday, March 8, 2026 has no 02:30 in America/New_York"):
        recurrence.expand(datetime(2026, 3, 1, 2, 30), "FREQ=WEEKLY;COUNT=3", ZONE, TODAY)


def test_the_doubled_hour_is_its_first_pass():
    [(wall, instant)] = recurrence.expand(datetime(2026, 11, 1, 1, 30), "FREQ=DAILY;COUNT=1", ZONE, TODAY)
    assert wall == datetime(2026, 11, 1, 1, 30)
    assert instant == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_rule_goes_over_the_end_of_the_year():
    assert walls("2026-12-30T13:00", "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=3") == [
        "2026-12-30T13:00",
        "2027-01-01T13:00",
        "2027-01-04T13:00",
    ]


def test_a_leap_day_comes_in_leap_years_only():
    assert walls("2024-02-29T10:00", "FREQ=YEARLY;COUNT=2") == ["2024-02-29T10:00", "2028-02-29T10:00"]


def test_count_ends_a_rule():
    assert len(walls("2026-03-02T13:00", "FREQ=DAILY;COUNT=5")) == 5


@pytest.mark.parametrize("until", ["20260306", "20260306T130000", "20260306T180000Z"])
def test_until_includes_its_last_session(until):
    assert walls("2026-03-02T13:00", f"FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL={until}")[-1] == "2026-03-06T13:00"


@pytest.mark.parametrize("until", ["20260305", "20260306T125959", "20260306T175959Z"])
def test_until_leaves_out_what_comes_after(until):
    assert walls("2026-03-02T13:00", f"FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL={until}")[-1] == "2026-03-04T13:00"


def test_a_rule_without_an_end_goes_26_weeks_from_today():
    last = datetime.fromisoformat(walls("2026-02-02T13:00", "FREQ=WEEKLY;BYDAY=WE")[-1])
    assert last.date() == TODAY + timedelta(weeks=26)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "every Monday",
        "FREQ=WEEKLY;",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=HOURLY",
        "BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=-1",
        "FREQ=WEEKLY;COUNT=many",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20260601",
        "FREQ=WEEKLY;UNTIL=soon",
        "RRULE:FREQ=WEEKLY",
        "FREQ=WEEKLY\nEXDATE:20260302T130000",
        "FREQ=WEEKLY;BYSOMETHING=1",
    ],
)
def test_a_malformed_rule_is_refused_in_one_sentence(rule):
    with pytest.raises(ValueError) as refused:
        walls("2026-03-02T13:00", rule)
    assert str(refused.value).startswith(repr(rule))
    assert str(refused.value).endswith(".")


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValueError, match="'America/Atlantis' is not a time zone"):
        recurrence.expand(datetime(2026, 3, 2, 13), "FREQ=WEEKLY", "America/Atlantis", TODAY)


def test_more_than_two_thousand_sessions_are_refused():
    assert len(walls("2020-01-01T13:00", "FREQ=DAILY;COUNT=2000")) == 2000
    with pytest.raises(ValueError, match="more than 2,000 sessions"):
        walls("2020-01-01T13:00", "FREQ=DAILY;COUNT=2001")
    with pytest.raises(ValueError, match="more than 2,000 sessions"):
        walls("2000-01-01T13:00", "FREQ=DAILY")


def test_a_materialized_session_is_a_copy_of_its_track(app, cast):
    with app.app_context():
        group = track(cast.cho)
        first = db.session.scalars(select(Session).order_by(Session.starts_at)).first()
        assert (first.kind, first.status, first.track_id) == ("group", "planned", group.id)
        assert first.occurrence == first.wall_at == datetime(2026, 2, 2, 13)
        assert first.local_day == date(2026, 2, 2)
        assert first.starts_at == datetime(2026, 2, 2, 18, tzinfo=UTC)
        assert (first.room, first.bring, first.minutes) == (group.room, group.bring, group.minutes)


def test_materializing_again_adds_only_what_is_new(app, cast):
    with app.app_context():
        group = track(cast.cho)
        keys = set(db.session.scalars(select(Session.key)))
        assert recurrence.materialize(group, TODAY) == 0
        assert recurrence.materialize(group, TODAY + timedelta(weeks=1)) == 3
        assert keys < set(db.session.scalars(select(Session.key)))


def test_a_moved_or_cancelled_session_is_not_made_again(app, cast):
    with app.app_context():
        group = track(cast.cho)
        count = db.session.scalar(select(func.count()).select_from(Session))
        one = select(Session.id).where(Session.occurrence == datetime(2026, 3, 13, 13)).scalar_subquery()
        later = datetime(2026, 3, 14, 9)
        db.session.execute(
            update(Session)
            .where(Session.id == one)
            .values(
                status="cancelled",
                wall_at=later,
                local_day=later.date(),
                starts_at=clock.at_wall(later, ZONE),
            )
        )
        assert recurrence.materialize(group, TODAY) == 0
        assert db.session.scalar(select(func.count()).select_from(Session)) == count


def test_a_track_in_the_skipped_hour_adds_nothing(app, cast):
    with app.app_context():
        group = Track(
            title="Night watch",
            facilitator_id=cast.cho.id,
            first_at=datetime(2026, 3, 1, 2, 30),
            zone=ZONE,
            minutes=60,
            rule="FREQ=WEEKLY;BYDAY=SU",
        )
        db.session.add(group)
        db.session.flush()
        with pytest.raises(clock.SkippedHour, match="March 8"):
            recurrence.materialize(group, TODAY)
        assert db.session.scalar(select(func.count()).select_from(Session)) == 0
