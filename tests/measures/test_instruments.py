"""Instrument files: a new one needs no Python, and one that could not be trusted stops the start and is named."""

import re

import pytest

from portal import content
from portal.measures import INSTRUMENTS, TOTALS, totals
from portal.measures.instrument_files import load
from portal.measures.scoring import score

GOOD = """---
title: "Two questions about walking"
short_title: "Walk-2"
version: 1
language: en
about: "how often you walked"
recall: "These questions are about the last week."
recall_days: 7
every_days: 7
stem: "In the last week:"
answer_sets:
  often:
    - {value: 0, words: "Never"}
    - {value: 1, words: "Once"}
    - {value: 2, words: "More than once"}
items:
  - {id: walk_1, answers: often, text: "Walked"}
  - {id: walk_2, answers: often, text: "Wanted to walk"}
scoring: {rule: sum, lowest: 0, highest: 4, source: "Walker 2020", missing_allowed: 1, missing_source: "Walker 2021"}
low_is_worse: true
bands:
  - {lowest: 0, highest: 2, name: "Little", plain: "It is in the first of two ranges."}
  - {lowest: 3, highest: 4, name: "Much", plain: "It is in the second of two ranges."}
bands_source: "Walker 2020"
subscales:
  - {id: walking, title: "Walking", items: [walk_1], lowest: 0, highest: 2, source: "Walker 2020"}
  - {id: wanting, title: "Wanting", items: [walk_2], lowest: 0, highest: 2, source: "Walker 2020"}
change: {points: 2, kind: reliable, cited: "Walker, 2022", source: "Walker 2022"}
critical: {item: walk_2, same_day: [1], urgent: [2]}
stand_in: walk-1
loinc: {panel: "", total: ""}
copyright: "Nobody's"
license: "Free"
free: true
verified: true
wording_sources:
  - {title: "One", address: "https://one.example/walk"}
  - {title: "Two", address: "https://two.example/walk"}
---
They agree.
"""


# The same without the question that is critical: it stands in for the other.
STANDS_IN = GOOD.replace("critical: {item: walk_2, same_day: [1], urgent: [2]}\nstand_in: walk-1\n", "")


def files(tmp_path, text, beside=STANDS_IN):
    (tmp_path / "walk-2.md").write_text(text, encoding="utf-8")
    if beside:
        (tmp_path / "walk-1.md").write_text(beside, encoding="utf-8")
    return tmp_path


def test_a_new_instrument_needs_no_python(tmp_path):
    walk = load(files(tmp_path, GOOD))["walk-2"]
    assert (walk.slug, walk.short_title, walk.notes) == ("walk-2", "Walk-2", "They agree.")
    assert [(item.number, item.text) for item in walk.items] == [("1", "Walked"), ("2", "Wanted to walk")]
    found = score(walk, {"walk_1": 2, "walk_2": 1})
    assert (found.total, found.band.name, found.critical) == (3, "Much", "same_day")
    assert score(walk, {"walk_1": 1}).total == 2


def test_answers_may_be_numbers_to_type(tmp_path):
    numbers = GOOD.replace(GOOD[GOOD.index("  often:") : GOOD.index("items:\n")], "  often: {numbers: [0, 2]}\n")
    item = load(files(tmp_path, numbers))["walk-2"].items[0]
    assert (item.by_number, [answer.words for answer in item.answers]) == (True, ["0", "1", "2"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: one", "version should be int"),
        ("version: 1", "version: 0", "should be 1 or more"),
        ("recall_days: 7", "recall_days: -1", "0 or more"),
        ('title: "Two', 'titel: "Two', "unknown field titel"),
        ('title: "Two questions about walking"\n', "", "missing field title"),
        ("verified: true\n", "", "missing field verified"),
        ("verified: true", "verified: yes please", "verified should be bool"),
        ('short_title: "Walk-2"', 'short_title: " "', "short_title should not be empty"),
        ('recall: "These questions are about the last week."', 'recall: ""', "recall should not be empty"),
        ("version: 1", "version: 1\nslug: other", "unknown field slug"),
        ("id: walk_2,", "id: walk_1,", "the same item twice: walk_1"),
        ("id: walk_2,", "id: Walk 2,", "should have an id of small letters"),
        ("id: walk_2,", 'id: walk_2, number: "1",', "the same question number twice: 1"),
        ('text: "Walked"', 'text: ""', "item walk_1 has no words"),
        ('text: "Walked"', 'texts: "Walked"', "item 1: unknown field texts"),
        ('text: "Walked"', 'text: "Walked", by_number: true', "item 1: unknown field by_number"),
        (', text: "Walked"', "", "item 1: missing field text"),
        ("id: walk_1, answers: often", "id: walk_1, answers: seldom", "in no answer set: 'seldom'"),
        ("id: walk_1,", "id: walk_1, after: walk_2,", "after 'walk_2', which is no item before it"),
        ('{value: 1, words: "Once"}', '{value: 0, words: "Once"}', "the same answer of item walk_1 twice: 0"),
        ('words: "Once"', 'words: "Never"', "the same answer of item walk_1 twice: Never"),
        ('words: "Once"', 'words: ""', "two answers or more, each with words"),
        ('value: 1, words: "Once"', 'value: "1", words: "Once"', "item 1: answer 2: value should be int"),
        ("items:\n", '  unused: [{value: 0, words: "A"}, {value: 1, words: "B"}]\nitems:\n', "has the answers unused"),
        ("rule: sum", "rule: product", "should be one of sum, sum times 4, subscales, not 'product'"),
        ("rule: sum", "rule: sum times 4", "the total runs from 0 to 16, not from 0 to 4"),
        ("highest: 4, source", "highest: 5, source", "the total runs from 0 to 4, not from 0 to 5"),
        ('source: "Walker 2020", missing_allowed', 'source: "", missing_allowed', "the scoring rule needs a source"),
        (', missing_source: "Walker 2021"', "", "needs a missing_source"),
        ("missing_allowed: 1", "missing_allowed: 2", "leave at least one item answered"),
        ("missing_allowed: 1", "missing_allowed: 1, never_missing: [walk_3]", "never_missing names walk_3"),
        ("rule: sum", "rule: subscales", "no bands, change or missing_allowed"),
        ("{lowest: 3, highest: 4, name", "{lowest: 4, highest: 4, name", "leave a gap or overlap at 3: 4 to 4"),
        ("{lowest: 3, highest: 4, name", "{lowest: 2, highest: 4, name", "leave a gap or overlap at 3: 2 to 4"),
        ("{lowest: 0, highest: 2, name", "{lowest: 1, highest: 2, name", "leave a gap or overlap at 0: 1 to 2"),
        ("{lowest: 3, highest: 4, name", "{lowest: 3, highest: 3, name", "should end at 4, not at 3"),
        ("{lowest: 3, highest: 4, name", "{lowest: 3, highest: 5, name", "should end at 4, not at 5"),
        ('name: "Much"', 'name: ""', "needs a name and plain words"),
        ('bands_source: "Walker 2020"', 'bands_source: ""', "the bands need a source"),
        ("items: [walk_1]", "items: [walk_3]", "a subscale names walk_3, which is no scored item"),
        ("items: [walk_1]", "items: [walk_2]", "the same item of the subscales twice: walk_2"),
        ("items: [walk_1], lowest: 0, highest: 2", "items: [], lowest: 0, highest: 0", "no subscale has walk_1"),
        ("items: [walk_1], lowest: 0, highest: 2", "items: [walk_1], lowest: 0, highest: 3", "runs from 0 to 2, not"),
        ("id: wanting", "id: walking", "the same subscale twice: walking"),
        (
            'lowest: 0, highest: 2, source: "Walker 2020"}',
            'lowest: 0, highest: 2, source: ""}',
            "walking needs a source",
        ),
        (', source: "Walker 2022"', "", "change: missing field source"),
        ('source: "Walker 2022"', 'source: ""', "a change needs a source"),
        ('cited: "Walker, 2022"', 'cited: ""', "a change needs a source, and in cited the words"),
        ("points: 2", "points: 0", "from 1 point or more"),
        ("kind: reliable", "kind: likely", "should be one of reliable, important, stated, not 'likely'"),
        ("change: {", 'explained: "A walk is outside."\nchange: {', "what is explained needs an explained_source"),
        ("stand_in: walk-1\n", "", "critical needs a stand_in"),
        ("critical: {item: walk_2, same_day: [1], urgent: [2]}\n", "", "nothing else has one"),
        ("stand_in: walk-1", "stand_in: walk-3", "stand_in should name an instrument without a critical item"),
        ("stand_in: walk-1", "stand_in: walk-2", "stand_in should name an instrument without a critical item"),
        ("critical: {item: walk_2", "critical: {item: walk_9", "critical names walk_9"),
        ("urgent: [2]", "urgent: [3]", "critical names the answer [3] that walk_2 does not have"),
        ("urgent: [2]", "urgent: [1]", "the same critical answer twice: 1"),
        ("urgent: [2]", "urgent: []", "critical needs an urgent answer"),
        ("free: true", "free: false", "what is not free needs a notice"),
        ('  - {title: "Two", address: "https://two.example/walk"}\n', "", "verified needs two wording_sources"),
        ("https://two.example/walk", "https://one.example/walk", "verified needs two wording_sources"),
        ('address: "https://two.example/walk"', 'address: "two.example"', "begins with https://"),
        ('title: "Two", address', 'title: "", address', "a wording source needs a title"),
        ('loinc: {panel: "", total: ""}', "loinc: none", "loinc"),
        ("bands:\n", "bands: 3\nother:\n", ""),
        ("answer_sets:\n", "answersets:\n", "in no answer set: 'often'"),
    ],
)
def test_a_file_with_a_mistake_stops_the_start_and_is_named(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(content.ContentError) as refused:
        load(files(tmp_path, GOOD.replace(old, new, 1)))
    assert "walk-2.md" in str(refused.value)
    assert said in str(refused.value)


def test_an_item_with_no_items_is_refused(tmp_path):
    none = re.sub(r"items:\n.*\n.*\n", "items: []\n", GOOD, count=1)
    with pytest.raises(content.ContentError, match=r"walk-2\.md"):
        load(files(tmp_path, none))


def test_the_instruments_are_those_that_are_agreed_on():
    slugs = {"phq-9", "phq-8", "phq-2", "gad-7", "gad-2", "bam", "bam-7", "barc-10", "audit-c", "pcl-5", "who-5"}
    assert set(INSTRUMENTS) == slugs
    assert {slug for slug, one in INSTRUMENTS.items() if not one.free} == {"audit-c", "barc-10", "who-5"}
    assert {slug for slug, one in INSTRUMENTS.items() if one.low_is_worse} == {"barc-10", "who-5"}
    assert {slug for slug, one in INSTRUMENTS.items() if one.critical} == {"phq-9"}


def test_the_only_total_that_may_be_made_with_items_missing_is_that_of_the_phq_9_and_never_without_item_9():
    allowed = {slug: one.scoring.missing_allowed for slug, one in INSTRUMENTS.items() if one.scoring.missing_allowed}
    assert allowed == {"phq-9": 2}
    assert INSTRUMENTS["phq-9"].scoring.never_missing == ("phq9_9",)


def test_measures_whose_words_may_not_be_shown_have_a_name_and_a_range_alone():
    assert set(TOTALS) == {"y-bocs", "oci-r", "ors", "srs", "c-ssrs"}
    assert not set(TOTALS) & set(INSTRUMENTS)
    assert {slug for slug, one in TOTALS.items() if one.low_is_worse} == {"ors", "srs"}
    assert (TOTALS["y-bocs"].lowest, TOTALS["y-bocs"].highest) == (0, 40)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\nmeasures: [{slug: a}]\n---\n", "missing field"),
        ("---\nmeasure: []\n---\n", "unknown field measure"),
        (
            "---\nmeasures: [{slug: a, name: A, lowest: 4, highest: 4, low_is_worse: no, made_by: B, why: C}]\n---\n",
            "a should have a range",
        ),
    ],
)
def test_a_mistake_in_the_list_of_totals_stops_the_start_and_is_named(tmp_path, text, said):
    (tmp_path / "totals.md").write_text(text, encoding="utf-8")
    with pytest.raises(content.ContentError) as refused:
        totals.load(tmp_path)
    assert "totals.md" in str(refused.value)
    assert said in str(refused.value)
