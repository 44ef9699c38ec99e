"""The table of suggestions, tried with every combination of what it looks at: never a thing that misreads a person."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from portal.checkins import sets
from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.sets import Question, Target
from portal.checkins.suggestions import NO_RULE, RULES, NamedSkill, suggestion
from portal.exercises import EXERCISES
from tests.caseload.diary import TODAY, entry

WALK = NamedSkill("A walk", 4, 6, "What has helped since then?")
# Each side of each number that a rule looks at, a skip, and whatever can be chosen.
BUCKETS = {
    "mood": (2, 3, 4, 9),
    "anxiety": (None, 6, 7),
    "urges": (None, 6, 7, 10),
    "sleep_hours": (None, 3.5, 4),
    "substance_use": (None, "no", "yes", "not_say"),
    "acted": (None, "no", "yes", "not_say"),
    "self_harm": (None, 0, 1, 6, 7),
    "acted_self_harm": (None, "no", "yes", "not_say"),
    "safety": (None, "no", "yes_safe", "yes_talk", "not_say"),
    "target-1": (None, 6, 7),
    "target-2": (None, 0, 6, 7),
}
TARGETS = (Target("urge to gamble"), Target("urge to cut", self_harm=True))
CHEERFUL = re.compile(r"(?i)\b(steadier|well done|great|good (job|day|work)|keep it up|proud|congrat|better day)")
NAMED = ("mood", "anxiety", "urges", "sleep_hours", "substance_use", "safety")


class Asked(CheckInVersion):
    """A check-in whose targets need no row to be opened from."""

    __slots__ = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        return TARGETS if "target-1" in self.answers or "target-2" in self.answers else ()


def said(slug: str, **given) -> CheckInVersion:
    """A check-in of the set `slug` in which these answers were given."""
    one = sets.BY_SLUG[slug]
    blank = entry(**{item: value for item, value in given.items() if item in NAMED})
    values = {name: getattr(blank, name) for name in CheckInVersion.__dataclass_fields__}
    more = {item: value for item, value in given.items() if item not in NAMED and value is not None}
    return Asked(**values | {"question_set": one.name, "question_set_version": one.version, "answers": more})


def every(slug: str, *, targets: bool = False):
    """All combinations of answers to what the set asks and a rule looks at."""
    asked = [one.id for one in sets.BY_SLUG[slug].asked(TARGETS if targets else ())]
    items = [item for item in BUCKETS if item in asked]
    for answers in product(*(BUCKETS[item] for item in items)):
        yield dict(zip(items, answers, strict=True))


CASES = [("daily-2", False), ("dbt-2", False), ("ocd-1", False), ("ocd-1", True), ("low-1", False), ("daily-1", False)]


def is_help_first(given) -> bool:
    return (
        given.get("safety") in ("yes_safe", "yes_talk")
        or given.get("acted_self_harm") == "yes"
        or (given.get("self_harm") or 0) >= 7
        or (given.get("target-2") or 0) >= 7
    )


@pytest.mark.parametrize(("slug", "targets"), CASES)
@pytest.mark.parametrize("skill", [None, WALK], ids=["no skill", "a skill"])
def test_no_combination_of_answers_is_misread(slug, targets, skill):
    for given in every(slug, targets=targets):
        found = suggestion(said(slug, **given), TODAY, skill)
        if is_help_first(given):
            assert found is None, given
            continue
        if found is None:
            assert skill is None, given
            continue
        assert not CHEERFUL.search(" ".join([found.title, found.words, *found.steps])), given
        used = "yes" in (given.get("substance_use"), given.get("acted"))
        hurting = max(given.get("self_harm") or 0, given.get("target-2") or 0)
        if used:
            assert found.title == "The next 24 hours" and not found.exercise, given
        elif hurting:
            assert found.title == "People before exercises" and not found.exercise, given
        if found.exercise == "the-wave":
            assert slug in ("daily-2", "dbt-2") and given["urges"] >= 7, given
        if found.exercise == "slow-breath":
            assert given["anxiety"] >= 7, given
        if found.rule == NO_RULE:
            assert given["mood"] > 3 and (given.get("anxiety") or 0) < 7 and (given.get("urges") or 0) < 7, given
            assert not used and not hurting and (given.get("sleep_hours") or 8) >= 4, given


@pytest.mark.parametrize("slug", ["ocd-1", "daily-1", "dbt-1"])
def test_an_urge_that_may_be_a_ritual_or_to_hurt_oneself_brings_no_exercise(slug):
    assert not suggestion(said(slug, mood=5, urges=9), TODAY, WALK).exercise


def test_a_target_of_ones_own_is_left_to_the_person_and_their_therapist():
    found = suggestion(said("ocd-1", **{"mood": 6, "target-1": 8}), TODAY)
    assert "“urge to gamble” at 8" in found.words and not found.exercise


def test_who_used_meets_the_first_24_hours_whatever_else_they_said():
    found = suggestion(said("daily-2", mood=9, urges=5, anxiety=9, substance_use="yes"), TODAY, WALK)
    steps = " ".join(found.steps)
    assert "You told us that you drank or used" in found.words
    for word in ("safe right now", "911", "naloxone", "handle less", "Tell one person", "next group"):
        assert word in steps


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"urges": 8}, "You put your urges at 8"),
        ({"anxiety": 7}, "You put your anxiety at 7"),
        ({"mood": 0}, "You put your mood at 0"),
        ({"sleep_hours": 3.5}, "You slept 3.5 h"),
    ],
)
def test_each_says_with_which_number_it_was_met(given, words):
    assert words in suggestion(said("daily-2", **{"mood": 5} | given), TODAY).words


def test_the_order_of_the_rules_decides():
    """Rule: use, then urges to hurt oneself, then other urges, anxiety, mood, sleep, and last what has helped."""
    given = {"mood": 1, "anxiety": 9, "urges": 9, "sleep_hours": 2.0, "acted": "yes", "self_harm": 5}
    titles = []
    for item in ("acted", "self_harm", "urges", "anxiety", "mood", "sleep_hours"):
        found = suggestion(said("dbt-2", **given), TODAY, WALK)
        titles.append(found.title or found.exercise)
        given |= {item: 5 if item == "mood" else None}
    titles.append(suggestion(said("dbt-2", **given), TODAY, WALK).title)
    assert titles == [
        "The next 24 hours",
        "People before exercises",
        "the-wave",
        "slow-breath",
        "A walk",
        "Tonight, keep to a steady hour",
        "A walk",
    ]


def test_a_low_mood_asks_for_no_writing_and_names_what_helped():
    assert "warm some soup" in suggestion(said("low-1", mood=2), TODAY).words.lower()
    found = suggestion(said("low-1", mood=2), TODAY, WALK)
    assert found.title == "A walk"
    assert "You named it in 4 of your last 6 answers to “What has helped since then?”" in found.words


def test_without_a_reason_and_without_a_skill_nothing_is_said():
    assert suggestion(said("daily-2", mood=6, urges=5), TODAY) is None


def test_of_yesterday_only_what_still_holds_is_said():
    late = {"for_day": TODAY - timedelta(days=1)}
    assert suggestion(replace(said("daily-2", mood=1, urges=9, anxiety=9), **late), TODAY, WALK) is None
    assert suggestion(replace(said("daily-2", mood=6, substance_use="yes"), **late), TODAY).title == "The next 24 hours"


def test_every_row_has_its_rule_and_its_source_and_its_exercise_exists():
    for rule in (one.gives for one in RULES):
        assert rule.rule.endswith(".") and rule.source.endswith(".")
        assert bool(rule.title) != bool(rule.exercise)
        assert not rule.exercise or rule.exercise in EXERCISES


def test_a_set_says_which_urges_it_asks_about():
    kinds = {slug: one.by_id["urges"].urge for slug, one in sets.BY_SLUG.items() if "urges" in one.by_id}
    assert kinds == {"daily-1": "", "dbt-1": "", "daily-2": "own", "dbt-2": "use", "ocd-1": "ritual"}
    assert Question("urges", "scale", "", "").urge == ""


def test_what_led_to_it_is_offered_after_use_and_after_acting_on_an_urge_alone():
    """And only for later: the first 24 hours come first."""
    assert [rule.gives.later for rule in RULES if rule.gives.later] == ["link-by-link"]
    assert RULES[0].gives.later in EXERCISES
