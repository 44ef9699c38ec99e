"""Exercise files: each draws a real form, and one that cannot be drawn stops the start and is named."""

import pytest

from portal import content, exercises
from portal.db import db
from portal.exercises import EXERCISES
from portal.exercises.definition import KINDS, load
from portal.exercises.models import Practice
from portal.library import MATERIALS
from tests.browser import words

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
    assert exercise.related == {"waves": MATERIALS["waves"].title}


def test_a_new_exercise_is_drawn_and_practiced_like_the_others(app, browser, monkeypatch, tmp_path):
    """Every kind of field that rows may hold is in it."""
    field = '{kind: text, name: where, label: "Where?"}'
    columns = [
        f"{{kind: {kind}, name: a_{kind}, label: The {kind}}}" for kind in ("text", "long_text", "rating", "suds")
    ]
    columns.append("{kind: choice, name: a_choice, label: The choice, choices: {a: A}}")
    rows = f'{{kind: rows, name: walks, label: "Walks", required: true, fields: [{", ".join(columns)}]}}'
    monkeypatch.setitem(EXERCISES, "a-walk", load(files(tmp_path, GOOD.replace(field, rows)))["a-walk"])
    ada, path = browser("ada"), "/exercises/a-walk"
    ada.get(path)
    assert "answer this one to continue" in words(
        ada.submit(path, {"action": "finish"}, 422).one("p", id="walks-error")
    )
    row = {"walks-1-a_text": "River", "walks-1-a_long_text": "one\r\ntwo", "walks-1-a_rating": "0"}
    ada.submit(path, row | {"walks-1-a_suds": "0", "walks-1-a_choice": "a", "action": "draft"})
    assert "two" in words(ada.get(path).one("textarea", name="walks-0-a_long_text"))
    ada.submit(path, {"action": "finish"})
    assert "River" in ada.get(ada.location).text
    with app.app_context():
        kept = db.session.scalars(db.select(Practice)).one()
        kept = exercises.open_answers(kept.answers, kept.key)
    assert kept == {
        "walks": [{"a_text": "River", "a_long_text": "one\ntwo", "a_rating": 0, "a_suds": 0, "a_choice": "a"}]
    }


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
            "the same field twice: where",
        ),
        ('fields:\n  - {kind: text, name: where, label: "Where?"}', "fields: []", "nothing to answer"),
        ("minutes: 5", "minutes: five", "minutes should be int"),
        ("minutes: 5", "minutes: 5\nhtml: x", "unknown field html"),
        ("name: where", "name: data", "this one is taken"),
        ("name: where", "name: key", "this one is taken"),
        ("kind: text", "kind: choice, choices: [a, b]", "choices like"),
        ("kind: text", "kind: choice, choices: {no: No}", "choices like"),
        (
            "kind: text",
            "kind: rows, fields: [{kind: text, name: a, label: A}, {kind: suds, name: a, label: B}]",
            "the same field twice: a",
        ),
        ("kind: text", "kind: rows, fields: [{kind: timer, name: a, label: A}]", "unknown kind 'timer'"),
        ("kind: text", "kind: rows, rows: 99, fields: [{kind: text, name: a, label: A}]", "1 to 30 rows"),
        (
            "kind: text",
            "kind: rows, fields: [{kind: text, name: a, label: A, required: true}]",
            "a row may be left empty",
        ),
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
        assert exercise.evidence.lower().endswith("not yet reviewed by a clinician."), exercise.slug
        assert "reviewed by" not in exercise.synopsis + exercise.html, "at the end, not at its head"
