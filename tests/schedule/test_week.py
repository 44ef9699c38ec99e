"""Which week is shown, how it is called, and where in it a session is and was."""

from datetime import date, datetime, timedelta

import pytest

from portal import clock, words
from portal.schedule import week
from portal.schedule.meetings import MeetingChange
from tests.schedule.attendance.test_hours import meeting
from tests.schedule.timetable import ZONE

NOW = clock.at_wall(datetime(2026, 3, 11, 10, 52), ZONE)


def shown(asked: str | None = None) -> week.ShownWeek:
    return week.shown_week(asked, NOW, ZONE)


def moved(old: str, new: str, reason: str = "A holiday.") -> MeetingChange:
    old_at, new_at = (clock.at_wall(datetime.fromisoformat(wall), ZONE) for wall in (old, new))
    return change("moved", old_at=old_at, new_at=new_at, was=None, becomes=None, reason=reason, minutes=60)


@pytest.mark.parametrize("asked", [None, "", "2026-03-09", "2026-03-12", "2026-03-15"])
def test_any_day_of_a_week_shows_its_monday(asked):
    assert (shown(asked).monday, shown(asked).understood) == (date(2026, 3, 9), True)
    assert shown(asked).is_this_week


@pytest.mark.parametrize("asked", ["soon", "2026-13-01", "2026-02-30", "0001-01-01", "9999-12-31", "1990-05-05", "-1"])
def test_nonsense_shows_this_week_and_says_so(asked):
    assert (shown(asked).monday, shown(asked).understood) == (date(2026, 3, 9), False)


def test_today_is_the_programs_day():
    late = clock.at_wall(datetime(2026, 3, 15, 23, 30), ZONE)
    assert week.shown_week(None, late, ZONE).today == date(2026, 3, 15)
    assert week.shown_week(None, late + timedelta(hours=1), ZONE).monday == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2026-03-09", "March 9 to 15"),
        ("2026-03-30", "March 30 to April 5"),
        ("2025-12-29", "December 29 to January 4"),
        ("2026-12-28", "December 28 to January 3, 2027"),
    ],
)
def test_a_week_is_called_by_its_days(asked, words):
    assert shown(asked).words == words


def test_the_week_of_a_clock_change_begins_and_ends_at_midnight():
    spring = shown("2026-03-02")
    assert spring.end - spring.start == timedelta(days=7, hours=-1)
    assert clock.local(spring.end, ZONE).hour == 0


def test_a_moved_session_is_in_both_places_and_each_points_at_the_other():
    family = meeting("2026-03-12T17:30", 60, changes=(moved("2026-03-10T17:00", "2026-03-12T17:30"),))
    old, new = week.slots_of(family)
    assert (old.is_off, new.is_off) == (True, False)
    assert old.current.anchor == new.anchor
    assert new.previous.anchor == old.anchor != new.anchor
    assert words.span(old.time.local_start, old.time.local_end) == "5:00 to 6:00 pm"


def test_every_place_a_session_was_moved_from_stays():
    twice = meeting(
        "2026-03-13T09:00",
        changes=(moved("2026-03-10T17:00", "2026-03-12T17:30"), moved("2026-03-12T17:30", "2026-03-13T09:00")),
    )
    assert [f"{slot.time.local_start:%a}" for slot in week.slots_of(twice)] == ["Tue", "Thu", "Fri"]


def test_a_session_moved_back_is_in_its_first_place_only_once():
    back = meeting(
        "2026-03-10T17:00",
        changes=(moved("2026-03-10T17:00", "2026-03-12T17:30"), moved("2026-03-12T17:30", "2026-03-10T17:00")),
    )
    assert [(f"{slot.time.local_start:%a}", slot.is_off) for slot in week.slots_of(back)] == [
        ("Thu", True),
        ("Tue", False),
    ]


def test_the_days_are_seven_with_their_slots_by_time():
    days = week.place_in_days(
        [
            meeting("2026-03-12T17:30", 60, changes=(moved("2026-03-10T17:00", "2026-03-12T17:30"),)),
            meeting("2026-03-10T09:00"),
            meeting("2026-03-16T09:00"),
        ],
        shown(),
    )
    assert [(f"{day.date:%a}", len(day.slots)) for day in days] == [
        ("Mon", 0),
        ("Tue", 2),
        ("Wed", 0),
        ("Thu", 1),
        ("Fri", 0),
        ("Sat", 0),
        ("Sun", 0),
    ]
    assert [day.date for day in days if day.is_today] == [date(2026, 3, 11)]
    assert [slot.is_off for slot in days[1].slots] == [False, True]


def test_changes_are_counted_once_each():
    family = meeting("2026-03-12T17:30", 60, changes=(moved("2026-03-10T17:00", "2026-03-12T17:30"),))
    cancelled = meeting(
        "2026-03-13T13:00", status="cancelled", changes=(moved("2026-03-13T12:00", "2026-03-13T13:00"),)
    )
    assert week.count_changes(week.place_in_days([family], shown())) == "One thing changed this week."
    assert week.count_changes(week.place_in_days([family, cancelled], shown())) == "Two things changed this week."
    assert week.count_changes(week.place_in_days([meeting("2026-03-13T13:00")], shown())) == ""


def change(kind: str, key: str = "k", seen: datetime | None = None, **said) -> MeetingChange:
    at = clock.at_wall(datetime(2026, 3, 12, 13), ZONE)
    facts = {
        "zone": ZONE,
        "minutes": 180,
        "old_at": at,
        "new_at": None,
        "was": "a",
        "becomes": "b",
        "reason": "Why.",
        "at": NOW,
    } | said
    return MeetingChange(key, kind, **facts, by="Kit", by_program=True, seen=seen)


def test_of_each_kind_the_latest_change_is_told():
    first, second, room = change("led"), change("led", becomes="c"), change("placed")
    assert week.standing_changes(meeting("2026-03-12T13:00", changes=(first, room, second))) == [room, second]


def test_a_session_that_is_off_tells_only_why():
    led, off = change("led"), change("cancelled")
    assert week.standing_changes(meeting("2026-03-12T13:00", status="cancelled", changes=(led, off))) == [off]
    assert week.standing_changes(meeting("2026-03-12T13:00", status="cancelled", changes=())) == []


def test_a_session_that_is_on_after_all_tells_of_no_cancellation():
    off, on = change("cancelled"), change("restored")
    assert week.standing_changes(meeting("2026-03-12T13:00", changes=(off, on))) == [on]


def test_what_one_act_changed_in_a_session_stands_together():
    acts = (change("moved", "x"), change("led", "x"), change("placed", "y"))
    assert [[one.kind for one in act] for act in week.changes_by_act(meeting("2026-03-12T13:00", changes=acts))] == [
        ["moved", "led"],
        ["placed"],
    ]


def test_an_act_is_asked_for_where_the_week_tells_of_it_first():
    shown_days = week.place_in_days(
        [
            meeting("2026-03-12T13:00", changes=(change("led", "x"),)),
            meeting("2026-03-13T13:00", changes=(change("led", "x"), change("placed", "y"))),
            meeting("2026-03-14T13:00", changes=(change("led", "z", seen=NOW),)),
            meeting("2026-03-09T13:00", changes=(change("led", "over"),)),
        ],
        shown(),
    )
    asked = week.unseen_acts(shown_days, NOW)
    assert {key: (act.anchor, len(act.meetings)) for key, act in asked.items()} == {
        "x": ("s-2026-03-12T13:00", 2),
        "y": ("s-2026-03-13T13:00", 1),
    }
