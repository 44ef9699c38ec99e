"""The words of a caseload: each reason with its numbers, how it is known, and when all is called usual."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.caseload.order import STEADY, CaseloadFacts
from portal.caseload.reasons import SAFETY_NO, WITH_OTHERS, reasons_for
from portal.checkins.floors import FloorAnswer
from portal.checkins.usual_range import ITEMS, UnusualAnswer, UsualRange
from tests.caseload.diary import TODAY
from tests.caseload.test_order import (
    LATEST,
    MOOD,
    PHQ_24,
    PHQ_WORSE,
    URGES,
    USED,
    ZONE,
    act,
    closed,
    days_ago,
    flag,
    missed,
    seen,
)

USUAL = "In the usual range."


@pytest.fixture
def facts(at):
    """Someone who checked in today and is steady."""
    return CaseloadFacts(
        now=at.now, today=TODAY, zone=ZONE, latest=LATEST, usual=((ITEMS["mood"], MOOD),), moods=(6,) * 20
    )


def said(facts):
    return [one.words for one in reasons_for(facts)]


def tag(facts):
    return reasons_for(facts)[0].tag


def test_the_reasons_carry_their_numbers_in_the_published_order(facts, at):
    person = replace(
        facts,
        flag=flag(at, "yes_safe", "safe_now_no", "call_me"),
        floors=(USED,),
        high=(PHQ_24,),
        outside=(URGES, UnusualAnswer(ITEMS["mood"], 4, UsualRange(5, 6))),
        worse=(PHQ_WORSE,),
        missed=missed(at, TODAY - timedelta(days=2)),
    )
    assert said(person) == [
        "Said “no” to being safe right now, today, 10:52 am. Asked the team to call. Nothing done yet.",
        "Drank or used: yes, today.",
        "PHQ-9 was 24 today.",
        "Urges 7, usual is 2 to 4.",
        "Mood 4, usual is 5 to 6.",
        "PHQ-9 went from 9 to 14 today.",
        "Missed group on Monday.",
    ]


def test_who_was_not_reached_is_said_with_who_tries_again(facts, at):
    tried = act(at, "tried", by="Dr Oduya", again=at.now + timedelta(hours=2))
    person = replace(facts, flag=flag(at, "yes_talk", acts=(tried,)))
    assert tag(person) == "Not reached"
    assert said(person)[0].endswith(
        "Dr Cho could not reach them, today, 10:52 am. Dr Oduya is to try again, today, 12:52 pm."
    )
    twice = replace(facts, reader_id=7, flag=flag(at, "yes_talk", acts=(tried, tried)))
    assert "Tried twice, not reached: You last, today, 10:52 am." in said(twice)[0]
    late = replace(person, now=at.now + timedelta(hours=3))
    assert said(late)[0].endswith("Dr Oduya was to try again, today, 12:52 pm.")


def test_a_flag_closed_lately_says_what_was_answered_what_was_done_by_whom_and_when(facts, at):
    person = replace(facts, now=at.now + timedelta(days=1), today=TODAY + timedelta(days=1), flag=closed(at))
    first = reasons_for(person)[0]
    assert first.words == (
        "Said “no” to being safe right now, yesterday, 10:52 am. Dr Cho reached them and talked, yesterday, 10:52 am."
    )
    assert first.tag == "Closed yesterday"
    assert first.working == ("It stays here for 72 hours after that, until Sat, Mar 14, 10:52 am.",)
    assert said(replace(person, reader_id=7))[0].endswith("You reached them and talked, yesterday, 10:52 am.")


def test_a_floor_says_how_often_and_what_is_usual_and_how_it_is_known(facts):
    days = [TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=2)]
    lows = tuple(FloorAnswer("mood", "Mood", "2", day, f"of-{day}", is_seen=False) for day in days)
    person = replace(facts, floors=lows, outside=(UnusualAnswer(ITEMS["mood"], 2, MOOD),))
    first, *more = reasons_for(person)
    assert (first.words, first.tag) == ("Mood 2 today, usual is 5 to 7; 2 other days like it not seen yet.", "Mood 2")
    assert first.check_in_key == f"of-{TODAY}"
    assert first.working == (
        "A mood of 2 or less needs a look, even where that is usual.",
        "Mood 2 today.",
        "Mood 2 yesterday.",
        "Mood 2 on Monday.",
        "This is a rule of the portal, the same for everyone, until someone marks the check-in as seen.",
        "Mood, usual is 5 to 7: the middle of 20 days from Feb 11 to Mar 10, give or take their usual swing.",
    )
    assert more == [], "the change is said with the floor, once"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"latest": days_ago(5)}, "No check-in for 5 days."),
        ({"latest": None}, "No check-in in the last 6 weeks."),
        ({"latest": None, "enrolled": TODAY - timedelta(4)}, "No check-in since they were enrolled, 4 days ago."),
        ({"latest": None, "enrolled": TODAY - timedelta(90)}, "No check-in in the last 6 weeks."),
        ({"latest": None, "enrolled": TODAY - timedelta(1)}, "No check-in yet. Enrolled yesterday."),
        ({"latest": None, "enrolled": TODAY + timedelta(1)}, "Starts tomorrow."),
    ],
)
def test_silence_is_said_as_it_is(facts, change, words):
    assert said(replace(facts, **change)) == [words]


def test_a_change_for_the_better_is_said_and_called_better(facts):
    fewer = replace(facts, outside=(UnusualAnswer(ITEMS["urges"], 1, UsualRange(3, 5)),))
    assert said(fewer) == ["Better: urges 1, usual is 3 to 5.", "Mood as usual."]
    longer = replace(facts, outside=(UnusualAnswer(ITEMS["sleep_hours"], 11, UsualRange(6, 8)),))
    assert said(longer)[0] == "Sleep 11 h, usual is 6 to 8 h.", "neither better nor worse"
    assert {one.step for one in reasons_for(fewer)} == {STEADY}
    assert said(replace(facts, better=(PHQ_WORSE,)))[0] == "Better: PHQ-9 went from 9 to 14 today."


def test_in_the_usual_range_shows_its_numbers(facts):
    (one,) = reasons_for(facts)
    assert one.words == USUAL
    assert one.working == (
        "Mood, usual is 5 to 7: the middle of 20 days from Feb 11 to Mar 10, give or take their usual swing.",
        SAFETY_NO,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"moods": (6,) * 6}, ["Not enough check-ins yet to know the usual range: 6 of 7 days."]),
        (
            {"latest": replace(LATEST, safety="not_say")},
            ["Answered “rather not say” to the safety question today.", "Mood as usual."],
        ),
        (
            {"latest": replace(LATEST, safety=None)},
            ["Did not answer the safety question last time.", "Mood as usual."],
        ),
        (
            {"latest": replace(LATEST, safety="yes_safe")},
            ["Answered “yes, and I can keep myself safe” to the safety question today.", "Mood as usual."],
        ),
        ({"floors": (seen(USED),)}, ["Drank or used: yes, today. It is marked as seen."]),
        ({"flag_with_others": True}, [WITH_OTHERS, "Mood as usual."]),
        ({"left_out": ("The question was not answered.",)}, ["The question was not answered.", "Mood as usual."]),
        (
            {"usual": ((ITEMS["mood"], UsualRange(0, 10, 20)),), "moods": (2, 8) * 10},
            ["Mood went between 2 and 8 in the 28 days before. That is too wide to call a usual range."],
        ),
        (
            {"usual": ((ITEMS["mood"], UsualRange(7, 9, 21)),), "moods": (8, *(2, 8) * 10)},
            ["Mood went between 2 and 8 in the 28 days before. That is too wide to call a usual range."],
        ),
    ],
)
def test_the_usual_range_is_not_said_where_it_would_not_be_true(facts, change, words):
    assert said(replace(facts, **change)) == words


def test_where_the_program_does_not_ask_no_answer_about_safety_is_missing(facts):
    assert said(replace(facts, asks_safety=False, latest=replace(LATEST, safety=None))) == [USUAL]


def test_nobody_who_is_ranked_is_called_usual(facts, at):
    for change in (
        {"flag": flag(at, "yes_talk")},
        {"flag": closed(at)},
        {"floors": (USED,)},
        {"high": (PHQ_24,)},
        {"outside": (URGES,)},
        {"worse": (PHQ_WORSE,)},
        {"latest": days_ago(3)},
        {"missed": missed(at)},
    ):
        assert not any("usual range" in words or "as usual" in words for words in said(replace(facts, **change)))
