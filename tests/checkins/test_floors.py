"""Floors: the answers that need a look whatever is usual, until the check-in is marked as seen."""

import json
from datetime import date, timedelta

import pytest

from portal.checkins.floors import floors_in
from portal.checkins.sets import SETS, Target
from portal.checkins.urges import URGES

TODAY = date(2026, 3, 11)
TARGETS = (Target("Urge to shop"), Target("Cutting", self_harm=True))
BLANK = {
    **dict.fromkeys(("anxiety", "urges", "sleep_hours", "medication", "substance_use", "safety")),
    "mood": 6,
    "is_read": False,
    "more": {},
}


def found(*check_ins):
    """The tags of the floors of these check-ins, each (days ago, answers), the oldest first; and the latest first."""
    rows = [
        BLANK | {"for_day": TODAY - timedelta(days=back), "key": f"{n}"} | answers
        for n, (back, answers) in enumerate(check_ins)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["more"] = [json.dumps(more) for more in columns["more"]]
    columns["targets"] = [TARGETS] * len(rows)
    return floors_in(columns)


def tags(*check_ins):
    return [one.tag for one in found(*check_ins)]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"mood": 2}, ["Mood 2"]),
        ({"mood": 0}, ["Mood 0"]),
        ({"mood": 3}, []),
        ({"urges": 8}, ["Urges 8"]),
        ({"urges": 7}, []),
        ({"anxiety": 9}, ["Anxiety 9"]),
        ({"anxiety": 8}, []),
        ({"substance_use": "yes"}, ["Drank or used"]),
        ({"substance_use": "not_say"}, []),
        ({"more": {"acted": "yes"}}, ["Acted on an urge"]),
        ({"more": {"acted": "no"}}, []),
        ({"more": {"acted_self_harm": "yes"}}, ["Hurt themselves"]),
        ({"more": {"self_harm": 8}}, ["Urge to self-harm 8"]),
        ({"more": {"self_harm": 7}}, []),
        ({"more": {"target-1": 8}}, ["Urge to shop 8"]),
        ({"more": {"target-1": 7}}, []),
        ({"more": {"target-2": 9}}, ["Urge to self-harm 9"]),
        ({"more": {"target-3": 9}}, ["Own target 9"]),
        ({"more": {"urge-quit": 4}}, ["Urge to stop treatment 4 of 5"]),
        ({"more": {"urge-quit": 3}}, []),
        ({"more": {"joyful": 5, "resisted": 10, "exposures": 50}}, []),
        ({"urges": 8, "more": {"self_harm": 10}}, ["Urges 8", "Urge to self-harm 10"]),
        ({"mood": 6, "substance_use": "yes"}, ["Drank or used"]),
    ],
)
def test_each_answer_counts_from_its_own_number_on(answers, said):
    assert tags((0, answers)) == said


def test_every_urge_that_a_set_asks_about_counts():
    asked = {item.id for one in SETS.values() for item in one.items if "urge" in item.text.lower()}
    asked -= {"acted", "skills", "resisted"}
    assert asked - {item for item in asked if item.startswith("target")} <= set(URGES) | {"urges"}, asked - set(URGES)


@pytest.mark.parametrize(
    ("item", "low", "fine", "words"),
    [
        ("sleep_hours", 3.5, 4.0, "Sleep 3.5 h today and 3.5 h yesterday"),
        ("medication", "no", "some", "Medicine: no, today and yesterday"),
    ],
)
def test_short_sleep_and_no_medicine_count_twice_running(item, low, fine, words):
    assert [one.sentence(TODAY) for one in found((1, {item: low}), (0, {item: low}))] == [words]
    assert found((0, {item: low})) == ()
    assert found((1, {item: fine}), (0, {item: low})) == ()
    assert found((2, {item: low}), (1, {item: fine}), (0, {item: low})) == ()
    assert len(found((2, {item: low}), (1, {}), (0, {item: low}))) == 1, "a skip is passed over"
    assert found((0, {item: low}), (0, {item: low})) == (), "two of one day are one night"
    assert len(found((1, {item: low, "is_read": True}), (0, {item: low}))) == 1


def test_a_check_in_that_somebody_has_seen_counts_no_more_and_only_the_latest_day_is_told():
    read, unread = {"mood": 1, "is_read": True}, {"mood": 1}
    assert tags((2, read), (1, read), (0, {"mood": 6})) == []
    assert [(one.for_day.day, one.is_seen) for one in found((1, unread), (0, read))] == [(11, True), (10, False)]
    assert [one.check_in_key for one in found((0, unread), (0, {"mood": 7}))] == ["0"], "the evening takes nothing away"


def test_alternating_low_and_high_days_leave_the_low_ones_to_be_seen():
    days = [(back, {"mood": 2 if back % 2 else 8}) for back in range(27, -1, -1)]
    assert len(found(*days)) == 14
