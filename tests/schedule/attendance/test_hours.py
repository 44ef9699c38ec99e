"""What counts toward the hours of a week, and how it is said."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from portal import clock
from portal.schedule.attendance import hours
from portal.schedule.meetings import Place, Time
from portal.schedule.own_meetings import OwnMeeting
from tests.schedule.timetable import ZONE

MONDAY = date(2026, 3, 9)
NOW = clock.at_wall(datetime(2026, 3, 11, 10, 52), ZONE)
COUNTED = {"group", "one_to_one", "family"}


def meeting(wall_at: str, minutes: int = 180, zone: str = ZONE, **other) -> OwnMeeting:
    """A group session at a wall time of a zone, to which somebody has not come yet."""
    none_of = dict.fromkeys(("topic", "material", "worksheet", "bring", "note"), "")
    facts = {"id": 1, "key": wall_at, "kind": "group", "status": "planned", "title": "Skills group"} | none_of
    time = Time.at(clock.at_wall(datetime.fromisoformat(wall_at), zone), zone, minutes)
    own = {"attendance": None, "attended": None, "absent": None}
    where = {"leader": "Dr Cho", "leader_id": 1, "time": time, "place": Place("", "")}
    return OwnMeeting(**{**facts, **where, **own, **other})


def week(*meetings: OwnMeeting, now: datetime = NOW, target: int = 10) -> hours.WeekHours:
    return of_week(meetings, MONDAY, target, COUNTED, now)


def of_week(meetings, monday: date, target: int, kinds: set[str], now: datetime) -> hours.WeekHours:
    episode = SimpleNamespace(starts_on=monday, weekly_hours=target)
    return hours.hours_of_week(meetings, monday, episode, SimpleNamespace(counted_kinds=kinds, zone=ZONE), now)


@pytest.mark.parametrize(
    ("status", "minutes", "counted"),
    [("present", None, 180), ("late", 100, 100), ("left_early", 90, 90), ("excused", None, 0), ("missed", None, 0)],
)
def test_each_attendance_counts_as_it_should(status, minutes, counted):
    held = meeting("2026-03-09T13:00", status="held", attendance=status, attended=minutes)
    assert week(held).attended == counted
    assert week(held).planned == 0


def test_nothing_counts_before_attendance_is_taken():
    assert (week(meeting("2026-03-09T13:00")).attended, week(meeting("2026-03-09T13:00")).planned) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("group", True), ("one_to_one", True), ("family", True), ("medication", False), ("assessment", False)],
)
def test_only_the_kinds_of_the_setting_count(kind, counts):
    of_kind = week(
        meeting("2026-03-09T13:00", kind=kind, status="held", attendance="present"),
        meeting("2026-03-12T13:00", kind=kind),
    )
    assert (of_kind.attended, of_kind.planned) == ((180, 180) if counts else (0, 0))
    assert len(of_kind.segments) == (2 if counts else 0)


def test_a_setting_can_count_medicine_checks():
    check = meeting("2026-03-12T11:00", 20, kind="medication")
    assert of_week([check], MONDAY, 10, {"medication"}, NOW).planned == 20


def test_planned_is_what_is_not_cancelled_and_still_to_come():
    shown = week(
        meeting("2026-03-11T13:00"),
        meeting("2026-03-12T10:00", 50, kind="one_to_one"),
        meeting("2026-03-13T13:00", status="cancelled"),
    )
    assert (shown.planned, shown.today) == (230, 180)


def test_a_session_going_on_is_still_to_come():
    assert week(meeting("2026-03-11T09:00")).today == 180
    assert week(meeting("2026-03-11T07:00")).today == 0


def test_a_cancelled_session_never_counts():
    assert week(meeting("2026-03-09T13:00", status="cancelled", attendance="present")).attended == 0


def test_the_week_runs_from_monday_to_sunday_in_the_programs_zone():
    came = {"status": "held", "attendance": "present"}
    sunday_before = meeting("2026-03-08T23:30", 60, **came)
    monday = meeting("2026-03-09T00:00", 60, **came)
    sunday = meeting("2026-03-15T23:30", 60, **came)
    monday_after = meeting("2026-03-16T00:00", 60, **came)
    assert week(sunday_before, monday, sunday, monday_after).attended == 120


def test_the_week_of_the_clock_change_has_all_its_days():
    came = {"status": "held", "attendance": "present"}
    held = [meeting("2026-03-02T00:00", 60, **came), meeting("2026-03-08T23:30", 60, **came)]
    assert of_week(held, date(2026, 3, 2), 10, COUNTED, NOW).attended == 120


def test_a_session_in_another_zone_lies_in_the_week_of_the_program():
    assert week(meeting("2026-03-16T09:00", zone="Asia/Tokyo")).planned == 180


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0"), (15, "15 min"), (30, "0.5"), (100, "1 h 40 min"), (180, "3"), (450, "7.5"), (640, "10 h 40 min")],
)
def test_hours_are_said_with_their_minutes_unless_they_are_whole_or_half_ones(minutes, words):
    assert hours.in_hours(minutes) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 h"), (50, "50 min"), (60, "1 h"), (180, "3 h"), (455, "7 h 35 min")]
)
def test_minutes_can_be_said_exactly(minutes, words):
    assert hours.exactly(minutes) == words


def test_minutes_are_the_same_wherever_the_week_says_them():
    shown = week(
        meeting("2026-03-09T13:00", 100, status="held", attendance="present"),
        meeting("2026-03-11T13:00", 100),
        meeting("2026-03-12T13:00", 90),
    )
    assert shown.sentence == "1 h 40 min of 10 hours"
    assert shown.outlook == "Today makes it 3 h 20 min."
    assert shown.bar_words == "1 h 40 min done on Monday, 1 h 40 min today, 1.5 hours planned on Thursday"
    assert week(meeting("2026-03-12T10:00", 100)).outlook == "1 h 40 min more are planned."


def test_a_session_that_they_cannot_make_is_not_planned_and_the_seat_instead_is():
    declined = meeting("2026-03-11T13:00", absent=NOW)
    seat = meeting("2026-03-12T18:00", 60)
    shown = week(declined, seat)
    assert (shown.planned, shown.today) == (60, 0)
    assert shown.outlook == "1 hour more is planned."
    assert [(s.state, s.words) for s in shown.segments] == [("gone", "Can't make it"), ("plan", "1 h")]
    assert shown.bar_words == "3 hours that you can't make on Wednesday, 1 hour planned on Thursday"
    assert week(meeting("2026-03-11T13:00", absent=NOW, attendance="present", status="held")).attended == 180


def test_the_sentence_says_what_today_adds():
    shown = week(
        meeting("2026-03-09T13:00", status="held", attendance="present"),
        meeting("2026-03-11T13:00"),
        meeting("2026-03-12T10:00", 60, kind="one_to_one"),
    )
    assert shown.sentence == "3 of 10 hours"
    assert shown.outlook == "Today makes it 6."


def test_several_sessions_of_a_day_are_said_together():
    shown = week(meeting("2026-03-11T13:00"), meeting("2026-03-11T17:00", 60, kind="family"))
    assert shown.outlook == "Today makes it 4."


def test_without_a_session_today_the_sentence_says_what_is_planned():
    assert week(meeting("2026-03-12T10:00", 60)).outlook == "1 hour more is planned."
    assert week(meeting("2026-03-12T10:00", 180)).outlook == "3 hours more are planned."
    assert week(meeting("2026-03-12T10:00", 20)).outlook == "20 minutes more are planned."
    assert week(meeting("2026-03-13T13:00", status="cancelled")).outlook == ""


def test_the_bar_has_the_sessions_in_plan_order_with_their_words():
    shown = week(
        meeting("2026-03-13T13:00", status="cancelled"),
        meeting("2026-03-09T13:00", status="held", attendance="present"),
        meeting("2026-03-10T13:00", status="held", attendance="missed"),
        meeting("2026-03-10T17:00", 60, status="held"),
        meeting("2026-03-11T13:00"),
        meeting("2026-03-12T10:00", 50, kind="one_to_one"),
        meeting("2026-03-12T12:00", 90, kind="one_to_one"),
    )
    assert [(s.state, s.label, s.words) for s in shown.segments] == [
        ("done", "Mon", "You came"),
        ("gone", "Tue", "We missed you"),
        ("plan", "Tue", "Not marked yet"),
        ("now", "Today", "1:00 pm"),
        ("plan", "Thu", "2 h 20 min"),
        ("gone", "Fri", "Cancelled"),
    ]
    assert shown.bar_words == (
        "3 hours done on Monday, 3 hours missed on Tuesday, 1 hour not marked yet on Tuesday, 3 hours today, "
        "2 h 20 min planned on Thursday, 3 hours cancelled on Friday"
    )


def test_sessions_of_a_day_are_one_in_the_bar_only_while_they_are_alike():
    shown = week(
        meeting("2026-03-11T09:00", 60),
        meeting("2026-03-11T13:00", 60),
        meeting("2026-03-12T10:00", 50),
        meeting("2026-03-12T13:00", 60, absent=True),
        meeting("2026-03-12T15:00", 60),
    )
    assert [(s.label, s.words) for s in shown.segments] == [
        ("Today", "Not marked yet"),
        ("Today", "1:00 pm"),
        ("Thu", "50 min"),
        ("Thu", "Can't make it"),
        ("Thu", "1 h"),
    ]


def test_the_bar_is_as_long_as_its_sessions_side_by_side():
    shown = week(meeting("2026-03-11T13:00", 180), meeting("2026-03-12T13:00", 60), meeting("2026-03-13T13:00", 60))
    assert [(s.x, s.width, s.grow) for s in shown.segments] == [(0, 59, 6), (60, 19, 2), (80, 19, 2)]


def test_a_session_attended_in_part_is_as_long_as_what_was_attended():
    late = meeting("2026-03-09T13:00", status="held", attendance="late", attended=60)
    [segment] = week(late).segments
    assert (segment.state, segment.minutes, segment.words) == ("done", 60, "Came late")


def test_someone_who_left_at_once_was_missed_in_the_bar():
    [segment] = week(meeting("2026-03-09T13:00", status="held", attendance="left_early", attended=0)).segments
    assert (segment.state, segment.said) == ("gone", "missed on Monday")


def test_a_week_without_sessions_has_no_bar():
    assert week().segments == ()
    assert week().sentence == "0 of 10 hours"


def test_the_week_moves_on_with_the_clock():
    group = meeting("2026-03-11T13:00")
    states = [week(group, now=NOW + timedelta(hours=h)).segments[0].words for h in (0, 4, 6)]
    assert states == ["1:00 pm", "1:00 pm", "Not marked yet"]
