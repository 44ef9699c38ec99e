"""Question sets: what ships loads, what could not be answered or kept stops the start, and old words stay."""

import shutil

import pytest

from portal.checkins import sets
from portal.checkins.set_rules import COLUMNS
from portal.content import ContentError

GOOD = (sets.FOLDER / "low-1.md").read_text(encoding="utf-8")
EXTRA = """  - id: joy
    kind: scale
    short: Joy
    text: How much joy was there?
    high: 5
    low_words: none
    high_words: much
"""


def load(tmp_path, text=GOOD, name="low-1.md"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return sets.load(tmp_path)


def with_extra(extra=EXTRA):
    return GOOD.replace("items:\n", f"items:\n{extra}", 1)


def test_the_four_sets_ship_and_each_asks_for_mood_and_safety():
    assert {one.slug for one in sets.to_choose()} == {"daily-2", "dbt-2", "ocd-1", "low-1"}
    for one in sets.SETS.values():
        assert not one.by_id["mood"].optional
        assert [item.id for item in one.items if not item.optional] == ["mood"]
        assert "safety" in one.by_id


def test_the_daily_one_is_what_the_first_check_ins_answered():
    items = [item.id for item in sets.SETS["daily", 1].items if item.kind != "target"]
    assert items == list(COLUMNS)
    assert sets.SETS["daily", 1].by_id["substance_use"].text == "Since your last check-in, did you drink or use?"


def test_the_short_one_asks_for_nothing_else():
    assert list(sets.latest("low").by_id) == ["mood", "safety"]


def test_targets_are_asked_in_their_own_words_and_only_as_many_as_there_are():
    asked = sets.latest("daily").asked([sets.Target("urge to gamble")])
    assert [(one.id, one.text) for one in asked if one.kind == "target"] == [("target-1", "urge to gamble")]
    assert not [one for one in sets.latest("low").asked([sets.Target("urge to gamble")]) if one.kind == "target"]


def test_a_newer_version_is_asked_and_the_older_one_stays(tmp_path, monkeypatch):
    shutil.copy(sets.FOLDER / "low-1.md", tmp_path / "low-1.md")
    held = load(tmp_path, GOOD.replace("How is your mood right now?", "How are you?"), "low-2.md")
    monkeypatch.setattr(sets, "SETS", held)
    assert sets.latest("low").version == 2
    assert sets.SETS["low", 1].by_id["mood"].text == "How is your mood right now?"


def test_one_more_item_needs_no_python(tmp_path):
    assert load(tmp_path, with_extra())["low", 1].by_id["joy"].numbers == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("kind: scale\n    short: Joy", "kind: slider\n    short: Joy", "is no kind"),
        ("id: joy", "id: mood", "the same item twice: mood"),
        ("id: joy", "id: Joy!", "an id is of"),
        ("id: joy", "id: for_day", "means something else"),
        ("id: joy", "id: target-1", "means something else"),
        ("id: joy", "id: anxiety", "its column takes the high 10, not 5"),
        ("id: joy", "id: sleep_hours", "its column takes the kind hours"),
        ("id: joy", "id: medication", "its column takes the kind choice"),
        ("id: joy", "id: safety", "safety"),
        ("high: 5", "high: 0", "is no range"),
        ("high: 5", "high: 11", "is no range"),
        ("high: 5", "high: five", "high should be int"),
        ("    high_words: much\n", "", "does not say what its ends mean"),
        ("    high: 5\n", "    high: 5\n    anchors: {0: none, 6: much}\n", "anchors do not name each number"),
        ("    high: 5\n", "    high: 5\n    anchors: {0: none, 5: much}\n", "anchors do not name each number"),
        ("    high: 5\n", "    high: 5\n    choices: {a: A, b: B}\n", "choices belong to a choice"),
        ("    high: 5\n", "    high: 5\n    opens: [a]\n", "what it opens"),
        ("    high: 5\n", "    high: 5\n    sees: nobody\n", "the care team sees"),
        ("    high: 5\n", "    high: 5\n    optional: false\n", "can be skipped"),
        ("    high: 5\n", "    high: 5\n    color: red\n", "unknown field color"),
        ("    text: How much joy was there?\n", "", "missing field text"),
        ("kind: scale\n    short: Joy", "kind: text\n    short: Joy", "the only text"),
    ],
)
def test_a_set_that_could_not_be_answered_or_kept_stops_the_start_and_is_named(tmp_path, was, becomes, why):
    assert was in EXTRA
    with pytest.raises(ContentError, match=r"low-1\.md") as refused:
        load(tmp_path, with_extra(EXTRA.replace(was, becomes, 1)))
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ('"no": "No"', "no: No", "put yes and no into quotes"),
        ("      yes_safe: Yes, and I can keep myself safe\n", "", "it has the answers no, yes_safe"),
        ("    optional: false\n", "", "say optional: false"),
        ("title:", "heading:", "unknown field heading"),
        ("- id: safety\n    kind: safety", "- id: safe\n    kind: choice", "safety must be asked"),
        (
            "For days when more is too much: mood, and the safety question. Two or three taps.",
            "",
            "who the set is for",
        ),
    ],
)
def test_a_set_without_what_every_set_has_is_refused(tmp_path, was, becomes, why):
    assert was in GOOD
    with pytest.raises(ContentError, match=r"low-1\.md") as refused:
        load(tmp_path, GOOD.replace(was, becomes, 1))
    assert why in str(refused.value)


def test_a_file_without_a_version_in_its_name_is_refused(tmp_path):
    with pytest.raises(ContentError, match=r"low\.md"):
        load(tmp_path, GOOD, "low.md")
