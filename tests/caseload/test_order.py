"""The published order in seven steps, each rule and each tie; the sooner session first, urgent flags before others."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal import clock
from portal.caseload import order
from portal.caseload.order import CHANGE, CLOSED_FLAG, FLOOR, MISSED, OPEN_FLAG, QUIET, STEADY, CaseloadFacts
from portal.caseload.reasons import reasons_for
from portal.checkins.floors import RULES, FloorAnswer
from portal.checkins.on_caseload import LatestCheckIn
from portal.checkins.usual_range import ITEMS, UnusualAnswer, UsualRange
from portal.flags import Act, RaisedFlag, Reason
from portal.measures.on_caseload import MeasureReason
from portal.schedule.on_caseload import GroupOfPerson
from tests.caseload.diary import TODAY

ZONE = "America/New_York"
LATEST = LatestCheckIn(TODAY, clock.start_of(TODAY, ZONE), "no")
MOOD = UsualRange(5, 7, 20)
URGES = UnusualAnswer(ITEMS["urges"], 7, UsualRange(2, 4, 20))
USED = FloorAnswer("substance_use", "Drank or used", "yes", TODAY, "check-in", is_seen=False)
PHQ_24 = MeasureReason("PHQ-9 24", "PHQ-9 was 24 today.", ())
PHQ_WORSE = MeasureReason("Change", "PHQ-9 went from 9 to 14 today.", ())


@pytest.fixture
def facts(at):
    """Someone who checked in today and is steady."""
    return CaseloadFacts(
        now=at.now, today=TODAY, zone=ZONE, latest=LATEST, usual=((ITEMS["mood"], MOOD),), moods=(6,) * 20
    )


def flag(at, *codes, tier="urgent", acts=(), closed_at=None):
    reasons = tuple(Reason(code, at.now, "check-in") for code in codes)
    return RaisedFlag(1, "key", tier, at.now, closed_at, reasons=reasons, acts=acts)


def act(at, kind, **again):
    return Act("key", kind, at.now, "Dr Cho", 7, None, again.get("by"), 2, again.get("again"))


def closed(at):
    return flag(at, "safe_now_no", acts=(act(at, "contacted"),), closed_at=at.now)


def missed(at, day=TODAY):
    return GroupOfPerson(1, 1, 1, at.now, day, "missed")


def days_ago(count):
    return replace(LATEST, for_day=TODAY - timedelta(days=count))


def seen(floor):
    return replace(floor, is_seen=True)


@pytest.fixture
def kinds(facts, at):
    """One person under each of the seven steps, in order."""
    return [
        replace(facts, flag=flag(at, "yes_talk")),
        replace(facts, flag=closed(at)),
        replace(facts, floors=(USED,)),
        replace(facts, outside=(URGES,)),
        replace(facts, latest=days_ago(3)),
        replace(facts, missed=missed(at)),
        facts,
    ]


def test_each_step_comes_before_those_after_it(kinds):
    assert [order.rank(one) for one in kinds] == [OPEN_FLAG, CLOSED_FLAG, FLOOR, CHANGE, QUIET, MISSED, STEADY]
    assert sorted((kinds[n] for n in (4, 2, 6, 0, 3, 1, 5)), key=order.place) == kinds


def test_the_first_step_that_applies_decides_and_its_reason_is_said_first(facts, at):
    everything = {
        "flag": flag(at, "yes_talk"),
        "floors": (USED,),
        "outside": (URGES,),
        "latest": days_ago(3),
        "missed": missed(at),
    }
    one, ranks = replace(facts, **everything), []
    for field in everything:
        ranks.append((order.rank(one), reasons_for(one)[0].step))
        if field == "flag":
            one = replace(one, flag=closed(at))
            ranks.append((order.rank(one), reasons_for(one)[0].step))
        one = replace(one, **{field: getattr(facts, field)})
    assert ranks == [(step, step) for step in range(STEADY)]
    assert order.rank(one) == reasons_for(one)[0].step == STEADY


@pytest.mark.parametrize("step", range(7))
def test_within_each_step_the_sooner_session_comes_first(kinds, at, step):
    at_hours = (at.now + timedelta(hours=1), at.now + timedelta(hours=2), None)
    soon, later, never = (replace(kinds[step], next_at=one) for one in at_hours)
    assert sorted([never, later, soon], key=order.place) == [soon, later, never]


def test_of_open_flags_urgent_ones_come_first_whatever_their_sessions_and_not_reached_is_among_them(facts, at):
    tried = act(at, "tried", by="Dr Oduya", again=at.now + timedelta(hours=2))
    urgent = replace(facts, flag=flag(at, "yes_talk"), next_at=at.now + timedelta(hours=3))
    not_reached = replace(facts, flag=flag(at, "yes_talk", acts=(tried,)), next_at=at.now + timedelta(hours=5))
    same_day = replace(facts, flag=flag(at, "yes_safe", tier="same_day"), next_at=at.now)
    tried_same_day = replace(facts, flag=flag(at, "yes_safe", tier="same_day", acts=(tried,)))
    mixed = [tried_same_day, same_day, not_reached, urgent]
    assert sorted(mixed, key=order.place) == [urgent, not_reached, same_day, tried_same_day]
    assert {order.rank(one) for one in mixed} == {OPEN_FLAG}


def test_of_flags_closed_lately_the_tier_decides_nothing(facts, at):
    urgent, same_day = closed(at), replace(closed(at), tier="same_day")
    soon, later = replace(facts, flag=same_day, next_at=at.now), replace(facts, flag=urgent)
    assert sorted([later, soon], key=order.place) == [soon, later]


@pytest.mark.parametrize("rule", RULES)
def test_each_floor_ranks_until_it_is_seen(facts, rule):
    floor = replace(USED, rule=rule)
    assert order.rank(replace(facts, floors=(floor,))) == FLOOR
    assert order.rank(replace(facts, floors=(seen(floor),))) == STEADY


def test_a_floor_of_a_day_before_ranks_even_after_a_better_day_was_seen(facts):
    before = replace(USED, for_day=TODAY - timedelta(days=9))
    assert order.rank(replace(facts, floors=(before,))) == FLOOR


def test_a_high_total_that_nobody_has_seen_is_a_floor_and_one_that_got_worse_is_a_change(facts):
    assert order.rank(replace(facts, high=(PHQ_24,), worse=(PHQ_WORSE,))) == FLOOR
    assert order.rank(replace(facts, worse=(PHQ_WORSE,))) == CHANGE
    assert order.rank(replace(facts, better=(PHQ_WORSE,))) == STEADY


@pytest.mark.parametrize(
    ("item", "value", "usual", "rank"),
    [
        ("mood", 4, UsualRange(5, 7), CHANGE),
        ("mood", 8, UsualRange(5, 7), STEADY),
        ("anxiety", 8, UsualRange(3, 6), CHANGE),
        ("anxiety", 1, UsualRange(3, 6), STEADY),
        ("urges", 7, UsualRange(2, 4), CHANGE),
        ("urges", 0, UsualRange(2, 4), STEADY),
        ("sleep_hours", 4.5, UsualRange(6, 8), CHANGE),
        ("sleep_hours", 11, UsualRange(6, 8), STEADY),
    ],
)
def test_only_a_change_for_the_worse_ranks(facts, item, value, usual, rank):
    assert order.rank(replace(facts, outside=(UnusualAnswer(ITEMS[item], value, usual),))) == rank


@pytest.mark.parametrize(("days", "is_quiet"), [(0, False), (2, False), (3, True), (9, True)])
def test_three_days_without_a_check_in_are_silence(facts, days, is_quiet):
    assert order.rank(replace(facts, latest=days_ago(days))) == (QUIET if is_quiet else STEADY)


@pytest.mark.parametrize(("days", "is_quiet"), [(-5, False), (0, False), (2, False), (3, True), (60, True)])
def test_someone_new_has_three_days_from_enrollment(facts, days, is_quiet):
    new = replace(facts, latest=None, enrolled=TODAY - timedelta(days=days))
    assert order.rank(new) == (QUIET if is_quiet else STEADY)
    back_again = replace(new, latest=days_ago(80))
    assert order.rank(back_again) == (QUIET if is_quiet or days == 60 else STEADY)


def test_who_never_checked_in_and_is_in_no_stay_is_quiet(facts):
    assert order.rank(replace(facts, latest=None)) == QUIET


def test_silence_after_a_change_takes_nobody_further_down(facts):
    assert order.rank(replace(facts, latest=days_ago(5), outside=(URGES,))) == CHANGE


def test_what_is_only_said_ranks_nobody(facts):
    said = replace(facts, left_out=("PHQ-9 today: the question about being better off dead was not answered.",))
    for one in (said, replace(facts, flag_with_others=True), replace(facts, latest=replace(LATEST, safety=None))):
        assert order.rank(one) == STEADY
    assert date(2026, 3, 11) == facts.read_on
