"""Exercise files: each draws a real form, and one that cannot be drawn stops the start and is named."""

import pytest

from portal import content
from portal.exercises import EXERCISES
from portal.exercises.definition import KINDS, load

GOOD = """---
title: "A walk"
synopsis: "Walk."
minutes: 5
version: 1
icon: wind
evidence: "None."
related: [waves]
fields:
  - {kind: text, name: where, label: "Where?"}
---
Go.
"""


def files(tmp_path, text):
    (tmp_path / "a-walk.md").write_text(text)
    return tmp_path


def test_a_new_exercise_needs_no_python(tmp_path):
    exercise = load(files(tmp_path, GOOD))["a-walk"]
    assert (exercise.title, exercise.asked[0].label, exercise.html) == ("A walk", "Where?", "<p>Go.</p>\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minutes: 5", "minuts: 5", "unknown field minuts"),
        ('title: "A walk"\n', "", "missing field title"),
        ("kind: text", "kind: slider", "unknown kind 'slider'"),
        ("name: where, ", "", "should have a name"),
        ("name: where", 'name: "where to"', "letters and underscores"),
        ("related: [waves]", "related: [moon]", "no material is called 'moon'"),
        ("kind: text", "kind: choice", "should have choices"),
        ("kind: text", "kind: rows", "fields of its own"),
        ("kind: text", "kind: timer, choices: {a: A}", "should have a shape"),
        ("kind: text", "kind: text, role: before", "unknown role"),
        (
            'label: "Where?"}',
            'label: "Where?"}\n  - {kind: text, name: where, label: "Again"}',
            "two fields are called where",
        ),
        ('fields:\n  - {kind: text, name: where, label: "Where?"}', "fields: []", "nothing to answer"),
        ("minutes: 5", "minutes: five", "minutes should be int"),
    ],
)
def test_a_file_with_a_mistake_stops_the_start_and_is_named(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(content.ContentError) as refused:
        load(files(tmp_path, GOOD.replace(old, new)))
    assert "a-walk.md" in str(refused.value)
    assert said in str(refused.value)


def test_the_shipped_exercises_use_every_kind_of_field():
    assert {field.kind for exercise in EXERCISES.values() for field in exercise.fields} == set(KINDS)


def test_every_shipped_exercise_says_what_it_rests_on_and_that_nobody_reviewed_it():
    for exercise in EXERCISES.values():
        assert "clinician has reviewed" in exercise.evidence, exercise.slug
