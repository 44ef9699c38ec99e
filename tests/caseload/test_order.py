"""The published order and its reasons: safety, change, silence, missed group, the rest; the sooner session first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.caseload import order
from portal.caseload.order import CHANGE, MISSED, QUIET, SAFETY, STEADY, CaseloadFacts
from portal.checkins.on_caseload import LatestCheckIn
from portal.checkins.usual_range import UnusualAnswer, UsualRange
from portal.flags import Act, RaisedFlag, Reason
from portal.schedule.on_caseload import GroupOfPerson
from tests.caseload.diary import TODAY

ZONE = "America/New_York"
LATEST = LatestCheckIn(TODAY, clock.start_of(TODAY, ZONE))
URGES = UnusualAnswer("urges", 7, UsualRange(2, 4))


@pytest.fixture
def facts():
    """Someone who checked in today and is steady."""
    return CaseloadFacts(today=TODAY, zone=ZONE, latest=LATEST, has_range=True)


def flag(at, *codes, tier="urgent"):
    reasons = tuple(Reason(code, at.now, "check-in") for code in codes)
    return RaisedFlag(1, "key", tier, at.now, None, reasons=reasons)


def missed(at, day):
    return GroupOfPerson(1, 1, 1, at.now, day, "missed")


def days_ago(count):
    return replace(LATEST, for_day=TODAY - timedelta(days=count))


def test_each_kind_comes_before_those_after_it(facts, at):
    kinds = [
        replace(facts, flag=flag(at, "yes_talk")),
        replace(facts, changes=(URGES,)),
        replace(facts, latest=days_ago(3)),
        replace(facts, missed=missed(at, TODAY)),
        facts,
    ]
    assert [order.rank(one) for one in kinds] == [SAFETY, CHANGE, QUIET, MISSED, STEADY]
    assert sorted((kinds[n] for n in (4, 2, 0, 3, 1)), key=order.place) == kinds


def test_the_first_kind_that_applies_decides(facts, at):
    everything = replace(facts, flag=flag(at, "yes_talk"), changes=(URGES,), missed=missed(at, TODAY))
    assert order.rank(everything) == SAFETY
    assert order.rank(replace(everything, flag=None)) == CHANGE


def test_within_a_kind_the_sooner_session_comes_first(facts, at):
    soon, later, never = (replace(facts, next_at=at_) for at_ in (at.later(hours=1), at.later(hours=1), None))
    assert sorted([never, later, soon], key=order.place) == [soon, later, never]


def test_urgent_flags_come_before_the_others_whatever_their_sessions(facts, at):
    urgent = replace(facts, flag=flag(at, "yes_talk"))
    same_day = replace(facts, flag=flag(at, "yes_safe", tier="same_day"), next_at=at.now)
    assert sorted([same_day, urgent], key=order.place) == [urgent, same_day]


@pytest.mark.parametrize(("days", "is_quiet"), [(0, False), (2, False), (3, True), (9, True)])
def test_three_days_without_a_check_in_are_silence(facts, days, is_quiet):
    assert order.rank(replace(facts, latest=days_ago(days))) == (QUIET if is_quiet else STEADY)


def test_somebody_who_never_checked_in_is_quiet(facts):
    never = replace(facts, latest=None, has_range=False)
    assert order.rank(never) == QUIET
    assert order.reasons(never) == ["No check-in yet, or none in the last 6 weeks."]


def test_silence_after_a_change_takes_nobody_further_down(facts):
    quiet = replace(facts, latest=days_ago(5), changes=(URGES,))
    assert order.rank(quiet) == CHANGE
    assert order.reasons(quiet) == ["Urges 7, usual is 2 to 4.", "No check-in for 5 days."]


def test_the_reasons_carry_their_numbers(facts, at):
    person = replace(
        facts,
        flag=flag(at, "yes_safe", "safe_now_no", "call_me"),
        changes=(URGES, UnusualAnswer("mood", 2, UsualRange(5, 6))),
        missed=missed(at, TODAY - timedelta(days=2)),
    )
    assert order.reasons(person) == [
        "Said “no” to being safe right now, today, 10:52 am.",
        "Asked the team to call.",
        "Urges 7, usual is 2 to 4.",
        "Mood 2, usual is 5 to 6.",
        "Missed group on Monday.",
    ]


def test_return_to_use_is_said_and_moves_nobody(facts):
    person = replace(facts, latest=replace(LATEST, used=True))
    assert order.rank(person) == STEADY
    assert order.reasons(person) == ["Told us about drinking or using."]


def test_acting_on_an_urge_is_said_and_moves_nobody(facts):
    person = replace(facts, latest=replace(LATEST, acted=True))
    assert order.rank(person) == STEADY
    assert order.reasons(person) == ["Told us about acting on an urge."]


def test_who_was_not_reached_stays_first(facts, at):
    tried = Act("key", "tried", at.now, "Dr Cho", 1, None, "Dr Oduya", 2, at.now + timedelta(hours=2))
    person = replace(facts, flag=replace(flag(at, "yes_talk"), acts=(tried,)))
    assert order.rank(person) == SAFETY
    assert order.reasons(person)[1:] == [
        "Dr Cho could not reach them, today, 10:52 am.",
        "Dr Oduya tries again, today, 12:52 pm.",
    ]


def test_steady_says_whether_enough_is_known(facts):
    assert order.reasons(facts) == ["In the usual range."]
    assert order.reasons(replace(facts, has_range=False)) == ["Not enough check-ins yet to know the usual range."]
