"""What is said of an answer later on, elsewhere, and without anybody to read it: never more than is true."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from portal import program
from portal.flags import branch
from portal.flags.safety_answers import SafetyAnswers
from portal.people.care.reach import Reach

ASKED = datetime.fromisoformat
NUMBER = "(212) 555-0171"
THERE = Reach(("Dr Cho",), ("Dr Oduya",), ("Dr Dee",), None, NUMBER, None)
NOBODY_SIGNED = "Nobody has signed that they have seen this answer yet. If you still need someone, call us."
NO_CALL = "We cannot promise that someone calls you today. 988 is open at every hour."


def entry(at, brings_help=True):
    """A check-in that was entered at `at`, or changed then."""
    return SimpleNamespace(entered_at=at, brings_help=brings_help)


@pytest.fixture
def facts(app, cast):
    with app.app_context():
        return program.current()


def outlook(facts, person, since, now, told=None, reach=THERE, code="yes_talk"):
    told = told or SafetyAnswers(((code, ASKED(since), True),))
    return branch.branch_of(person.zone, facts, reach, told, entry(ASKED(since)), ASKED(now)).outlook


def test_a_call_is_promised_until_the_time_for_it_is_over_and_then_only_what_is_known_is_said(facts, cast):
    """Rule: after 30 minutes of an urgent answer nobody has signed for, the promise is as good as broken."""
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T10:29-04:00")
    assert said == "Your answer is with Dr Cho. We will call you today."
    for later in ("2026-03-11T10:30-04:00", "2026-03-11T18:00-04:00", "2026-03-12T09:00-04:00"):
        assert outlook(facts, cast.ada, "2026-03-11T10:00-04:00", later) == NOBODY_SIGNED
    said = outlook(facts, cast.ada, "2026-03-11T18:00-04:00", "2026-03-11T18:00-04:00")
    assert said == f"Your answer is with Dr Cho. {NO_CALL}"


def test_nobody_who_did_not_ask_for_a_call_is_promised_one(facts, cast):
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T10:00-04:00", code="yes_safe")
    assert said == "Your answer is with Dr Cho."


def test_today_is_the_day_of_whoever_reads_it(facts, cast):
    """Rule: in Honolulu it is still yesterday when the clinic opens, so "today" would be false there."""
    far = replace(cast.ada, zone="Pacific/Honolulu")
    answered, opened = "2026-03-11T04:30-04:00", "2026-03-11T08:01-04:00"
    assert "We will call you today" not in outlook(facts, far, answered, opened)
    assert "We will call you today" in outlook(facts, far, "2026-03-11T10:30-04:00", "2026-03-11T10:30-04:00")


@pytest.mark.parametrize(
    ("reach", "whose"),
    [
        (replace(THERE, primary=(), away="Dr Cho"), "Dr Oduya"),
        (replace(THERE, primary=(), covering=()), "Dr Dee"),
        (replace(THERE, primary=(), covering=(), on_call=("Dr Dee", "Dr Roth")), "Dr Dee and Dr Roth"),
    ],
)
def test_the_answer_is_with_the_nearest_who_is_there(facts, cast, reach, whose):
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T10:00-04:00", reach=reach)
    assert said == f"Your answer is with {whose}. We will call you today."


def test_with_nobody_there_or_no_number_no_call_is_promised(facts, cast):
    nobody = replace(THERE, primary=(), covering=(), on_call=())
    for reach, begins in ((nobody, ""), (replace(THERE, phone=None), "Your answer is with Dr Cho. ")):
        said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T10:00-04:00", reach=reach)
        no_call = "We cannot promise that someone calls you today. You can call us now. 988 is open at every hour."
        assert said == begins + no_call


def test_a_program_without_hours_promises_nothing(facts, cast):
    closed = replace(facts, open_days=[])
    shown = branch.branch_of(
        cast.ada.zone,
        closed,
        THERE,
        SafetyAnswers(),
        entry(ASKED("2026-03-11T10:00-04:00")),
        ASKED("2026-03-11T10:00-04:00"),
    )
    assert shown.outlook == NO_CALL
    assert shown.hours == "No hours are set right now"


def test_once_signed_it_says_who_saw_it(facts, cast):
    seen = SafetyAnswers(
        (("item9_1", ASKED("2026-03-11T10:00-04:00"), False),), ASKED("2026-03-11T11:05-04:00"), "Dr Cho"
    )
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T12:00-04:00", seen)
    assert said == "Dr Cho has seen your answer, today, 11:05 am."
    tried = replace(seen, act="tried")
    said = outlook(facts, cast.ada, "2026-03-11T10:00-04:00", "2026-03-11T12:00-04:00", tried)
    assert said.startswith("Dr Cho tried to reach you and could not, today, 11:05 am. Call us when you can. 988 ")


def branch_of(facts, cast, told, answered, now):
    return branch.branch_of(cast.ada.zone, facts, THERE, told, answered, now)


def test_the_last_word_counts_and_what_was_said_before_a_change_does_not(facts, cast):
    at = [ASKED(f"2026-03-11T10:0{minute}-04:00") for minute in range(4)]
    codes = ("safe_now_yes", "item9_2", "safe_now_no", "call_me")
    told = SafetyAnswers(tuple((code, moment, True) for code, moment in zip(codes, at, strict=True)))
    later = branch_of(facts, cast, told, entry(at[1]), at[3])
    assert (later.said, later.wants_call) == ("safe_now_no", True)
    assert branch_of(facts, cast, SafetyAnswers(told.reasons[:2]), entry(at[1]), at[1]).said is None


def test_a_yes_that_was_taken_back_asks_nothing_anew_and_forgets_nothing(facts, cast):
    """Rule: changing the answer to no changes nothing about what the team was told after the yes."""
    at = [ASKED(f"2026-03-11T10:0{minute}-04:00") for minute in range(4)]
    codes = ("yes_safe", "safe_now_not_sure", "call_me")
    told = SafetyAnswers(tuple((code, moment, True) for code, moment in zip(codes, at, strict=False)))
    now = branch_of(facts, cast, told, entry(at[3], brings_help=False), at[3])
    assert (now.said, now.wants_call, now.taken_back) == ("safe_now_not_sure", True, True)
    assert now.stays_open


def test_what_a_taken_back_yes_left_open_is_open_until_the_flag_is_closed_and_no_longer(facts, cast):
    at = ASKED("2026-03-11T10:00-04:00")
    for is_open in (True, False):
        told = SafetyAnswers((("yes_safe", at, is_open),))
        assert branch_of(facts, cast, told, entry(at, brings_help=False), at).stays_open is is_open


def test_a_call_that_was_asked_for_and_signed_is_asked_for_again(facts, cast):
    """Rule: a yes after the flag was signed begins anew; until then a call once asked for stays asked for."""
    first, second = ASKED("2026-03-11T10:00-04:00"), ASKED("2026-03-11T12:00-04:00")
    for waits in (True, False):
        answers = ("yes_safe", first, waits), ("call_me", first, waits), ("yes_safe", second, True)
        told = SafetyAnswers(answers, waits_for_call=waits)
        assert branch_of(facts, cast, told, entry(second), second).wants_call is waits


def test_urges_without_a_flag_promise_nothing_of_a_team_that_was_not_told(facts, cast):
    at = ASKED("2026-03-11T10:00-04:00")
    assert branch_of(facts, cast, SafetyAnswers(), entry(at), at).outlook == ""
