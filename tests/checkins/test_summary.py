"""What happened since the last session: sentences with the numbers in them, computed and never guessed."""

from datetime import date, timedelta

import pytest

from portal.checkins.summary import summarize
from portal.schedule.on_caseload import groups_came_to
from tests.caseload.diary import TODAY, days, entry, month
from tests.schedule.attendance.test_hours import meeting

START = date(2026, 3, 6)  # the session was on Thursday, March 5
BEFORE = month(START - timedelta(days=1), 28, mood=6, anxiety=5, urges=3, sleep_hours=7.0)


def said(*entries, meetings=(), hot=None):
    came = groups_came_to([one for one in meetings if one.time.day >= START])
    all_ = summarize(days(*BEFORE, *entries), START, TODAY, came)
    return [one.text for one in all_ if hot is None or one.stands_out is hot]


def group(day, attendance):
    return meeting(f"{day}T13:00", status="held", attendance=attendance)


def on(day, **answers):
    return entry(date(2026, 3, day), **{"mood": 6, "anxiety": 5, "urges": 3, "sleep_hours": 7.0} | answers)


def test_a_peak_is_said_with_its_day_the_latest_value_and_what_is_usual():
    assert "Urges reached 8 on Sunday and are 7 today. Usual is 2 to 4." in said(
        on(8, urges=8), on(11, urges=7), hot=True
    )


def test_an_evening_without_an_answer_hides_nothing_of_the_noon():
    noon, evening = on(11, urges=8, medication="no"), on(11, urges=None, medication=None)
    told = said(noon, evening)
    assert "Urges reached 8 today. Usual is 2 to 4." in told
    assert any("Medicine as planned" in one for one in told)


def test_what_was_is_not_said_to_be_so_now():
    told = said(on(8, urges=8), on(10, urges=7), hot=True)
    assert "Urges reached 8 on Sunday and were 7 yesterday. Usual is 2 to 4." in told


def test_a_peak_today_is_said_once():
    assert said(on(11, anxiety=9), hot=True) == ["Anxiety reached 9 today. Usual is 4 to 6."]


def test_mood_is_said_when_it_falls_and_when_it_rises():
    assert "Mood fell to 3 yesterday and is 4 today. Usual is 5 to 7." in said(on(10, mood=3), on(11, mood=4), hot=True)
    assert "Mood reached 9 today. Usual is 5 to 7." in said(on(11, mood=9), hot=True)


def test_zero_is_a_value():
    assert "Mood fell to 0 today. Usual is 5 to 7." in said(on(11, mood=0), hot=True)


def test_nights_are_counted_among_those_with_an_answer():
    nights = on(7, sleep_hours=3.0), on(8, sleep_hours=None), on(9, sleep_hours=4.0), on(10)
    assert "Sleep was under the usual 5.5 to 8.5 h on 2 of 3 nights." in said(*nights, hot=True)


def test_safety_answers_and_return_to_use_stand_out():
    told = said(on(7, substance_use="yes"), on(10, safety="yes_safe"), on(11, substance_use="yes"), hot=True)
    assert told == [
        "Said “yes, and I can keep myself safe” to the safety question yesterday.",
        "Told us about drinking or using on Saturday and today.",
    ]
    acted = said(on(10, question_set="dbt", answers={"acted": "yes"}), hot=True)
    assert "Told us about acting on an urge yesterday." in acted


def test_mood_is_averaged_against_the_seven_days_before():
    assert "Mood averaged 4.5. In the 7 days before, it averaged 6.0." in said(on(10, mood=5), on(11, mood=4))


def test_days_are_counted_and_today_only_once_there_is_a_check_in():
    assert "Checked in on 2 of 5 days." in said(on(7), on(10))
    assert "Checked in on 3 of 6 days." in said(on(7), on(10), on(11))


def test_medicine_that_was_not_taken_as_planned_is_counted():
    taken = on(8, medication="some"), on(9, medication="no"), on(10, medication="some"), on(11, medication="yes")
    assert "Medicine as planned: “some of it” on 2 days and “no” on 1 day." in said(*taken)


def test_groups_are_those_since_then_whose_attendance_is_taken():
    held = [group(date(2026, 3, 4), "missed"), group(date(2026, 3, 6), "present"), group(date(2026, 3, 9), "missed")]
    assert "Came to 1 of 2 groups." in said(on(11), meetings=held)


def test_what_helped_is_named_with_how_often():
    skills = on(10, skills=["walk", "music"]), on(11, skills=["walk", "nothing_yet"])
    assert "What helped: a walk twice and music once." in said(*skills)


def test_silence_is_said_and_groups_still_count():
    assert said(meetings=[group(date(2026, 3, 9), "present")]) == ["No check-in since then.", "Came to 1 of 1 group."]


def test_a_session_today_leaves_nothing_to_say_yet():
    assert [s.text for s in summarize(days(*BEFORE, on(11)), TODAY + timedelta(days=1), TODAY)] == [
        "No check-in since then."
    ]


@pytest.mark.parametrize("count", [0, 6])
def test_without_a_usual_range_nothing_is_called_unusual(count):
    held = days(*BEFORE[:count], on(11, mood=0, urges=10, sleep_hours=0.0))
    assert not [one for one in summarize(held, START, TODAY) if one.stands_out]
