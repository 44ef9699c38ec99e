"""What is said of an answer later on, elsewhere, and without anybody to read it: never more than is true."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from portal import program
from portal.flags import branch
from portal.flags.safety_answers import SafetyAnswers

ASKED = datetime.fromisoformat


def entry(at, positive=True):
    """A check-in that was entered at `at`, or changed then."""
    return SimpleNamespace(entered_at=at, positive=positive)


@pytest.fixture
def facts(app, cast):
    with app.app_context():
        return program.current()


def outlook(facts, person, since, now, told=None, has_therapist=True):
    return branch.branch_after(
        person, has_therapist, facts, told or SafetyAnswers(), entry(ASKED(since)), ASKED(now)
    ).outlook


def test_the_promise_of_the_morning_is_not_repeated_after_hours(facts, cast):
    """Rule: at 6 pm nobody calls any more today, though the answer came at 10 am."""
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T16:59-04:00")
    assert said == "Your team has this answer. We will call you today."
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T18:00-04:00")
    assert "We will call" not in said
    assert (
        "Nobody can call you today. Your team sees this answer when someone is next in: Thursday, March 12, 8:00 am."
        in said
    )


def test_today_is_the_day_of_whoever_reads_it(facts, cast):
    """Rule: in Honolulu it is still yesterday when the clinic opens, so "today" would be false there."""
    far = replace(cast.ada, zone="Pacific/Honolulu")
    assert "We will call you today" not in outlook(facts, far, "2026-03-11T04:30-04:00", "2026-03-11T04:30-04:00")
    assert "We will call you today" in outlook(facts, far, "2026-03-11T10:30-04:00", "2026-03-11T10:30-04:00")


def test_without_a_therapist_nothing_is_promised(facts, cast):
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T10:00-04:00", has_therapist=False)
    assert "We will call" not in said and "You can call us: someone is in now." in said


def test_a_program_without_hours_promises_nothing(facts, cast):
    closed = replace(facts, open_days=[])
    said = outlook(closed, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T10:00-04:00")
    assert said == "Nobody can call you today. 988 answers right away, at every hour."


def test_the_next_day_it_says_that_nobody_signed_yet_and_once_signed_who_saw_it(facts, cast):
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-12T09:00-04:00")
    assert said == "Nobody has signed that they have seen this answer yet. If you still need someone, call us."
    seen = SafetyAnswers(
        (("item9_1", ASKED("2026-03-11T10:00-04:00"), False),), ASKED("2026-03-11T11:05-04:00"), "Dr Cho"
    )
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T12:00-04:00", seen)
    assert said == "Dr Cho has seen your answer, today, 11:05 am."
    tried = replace(seen, act="tried")
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T12:00-04:00", tried)
    assert said.startswith("Dr Cho tried to reach you and could not, today, 11:05 am. Call us when you can. 988 ")


def test_the_last_word_counts_and_what_was_said_before_a_change_does_not(facts, cast):
    at = [ASKED(f"2026-03-11T10:0{minute}-04:00") for minute in range(4)]
    codes = ("safe_now_yes", "item9_2", "safe_now_no", "call_me")
    told = SafetyAnswers(tuple((code, moment, True) for code, moment in zip(codes, at, strict=True)))
    later = branch.branch_after(cast.ada, True, facts, told, entry(at[1]), at[3])
    assert (later.said, later.wants_call, later.seen) == ("safe_now_no", True, False)
    assert branch.branch_after(cast.ada, True, facts, SafetyAnswers(told.reasons[:2]), entry(at[1]), at[1]).said is None


def test_a_yes_that_was_taken_back_asks_nothing_anew_and_forgets_nothing(facts, cast):
    """Rule: changing the answer to no changes nothing about what the team was told after the yes."""
    at = [ASKED(f"2026-03-11T10:0{minute}-04:00") for minute in range(4)]
    codes = ("yes_safe", "safe_now_not_sure", "call_me")
    told = SafetyAnswers(tuple((code, moment, True) for code, moment in zip(codes, at, strict=False)))
    now = branch.branch_after(cast.ada, True, facts, told, entry(at[3], positive=False), at[3])
    assert (now.said, now.wants_call, now.taken_back) == ("safe_now_not_sure", True, True)


def test_a_call_that_was_asked_for_and_signed_is_asked_for_again(facts, cast):
    """Rule: a yes after the flag was signed begins anew; until then a call once asked for stays asked for."""
    first, second = ASKED("2026-03-11T10:00-04:00"), ASKED("2026-03-11T12:00-04:00")
    for waits in (True, False):
        told = SafetyAnswers((("yes_safe", first, waits), ("call_me", first, waits), ("yes_safe", second, True)))
        assert branch.branch_after(cast.ada, True, facts, told, entry(second), second).wants_call is waits
