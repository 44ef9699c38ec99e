"""Exercise files: each draws a real form, and one that cannot be drawn stops the start and is named."""

import pytest

from portal import content, exercises
from portal.db import db
from portal.exercises import EXERCISES
from portal.exercises.definition_files import load
from portal.exercises.models import Practice
from portal.library import MATERIALS
from tests.browser import words

GOOD = """---
title: "A walk"
synopsis: "Walk."
minutes: 5
version: 1
icon: wind
topic: days
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
    columns += ["{kind: date, name: a_date, label: The date}", "{kind: phone, name: a_phone, label: The phone}"]
    rows = f'{{kind: rows, name: walks, label: "Walks", required: true, fields: [{", ".join(columns)}]}}'
    monkeypatch.setitem(EXERCISES, "a-walk", load(files(tmp_path, GOOD.replace(field, rows)))["a-walk"])
    ada, path = browser("ada"), "/exercises/a-walk"
    ada.get(path)
    assert "answer this one to continue" in words(
        ada.submit(path, {"action": "finish"}, 422).one("p", id="walks-error")
    )
    row = {"walks-1-a_text": "River", "walks-1-a_long_text": "one\r\ntwo", "walks-1-a_rating": "0"}
    row |= {"walks-1-a_date": "12/24/2026", "walks-1-a_phone": "212 555 0142"}
    ada.submit(path, row | {"walks-1-a_suds": "0", "walks-1-a_choice": "a", "action": "draft"})
    assert "two" in words(ada.get(path).one("textarea", name="walks-0-a_long_text"))
    ada.submit(path, {"action": "finish"})
    assert "River" in (page := ada.get(ada.location)).text
    assert words(page.one("main")).count("212 555 0142") == 1
    assert page.all("a", href="tel:+12125550142")
    with app.app_context():
        kept = db.session.scalars(db.select(Practice)).one()
        kept = exercises.open_answers(kept.answers, kept.key)
    assert kept == {
        "walks": [
            {
                "a_text": "River",
                "a_long_text": "one\ntwo",
                "a_rating": 0,
                "a_suds": 0,
                "a_choice": "a",
                "a_date": "2026-12-24",
                "a_phone": "212 555 0142",
            }
        ]
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
            "the same column twice: a",
        ),
        ("kind: text", "kind: rows, fields: [{kind: timer, name: a, label: A}]", "unknown kind 'timer'"),
        ("kind: text", "kind: rows, rows: 99, fields: [{kind: text, name: a, label: A}]", "1 to 30 rows"),
        (
            "kind: text",
            "kind: rows, fields: [{kind: text, name: a, label: A, required: true}]",
            "a row may be left empty",
        ),
        ("topic: days", "topic: food", "topic should be one of"),
        ("name: where, ", "name: where, name: there, ", "line 12: name stands twice"),
        ("minutes: 5", "minutes: 5\nminutes: 6", "line 6: minutes stands twice"),
        ("kind: text", "kind: timer, shape: steps, choices: {a: A}", "line 12: field 'where' should have steps"),
        (
            "kind: text",
            "kind: timer, shape: steps, choices: {a: A}, steps: [{words: Go, only: [b]}]",
            "no choice is called 'b'",
        ),
        (
            "kind: text",
            "kind: timer, shape: steps, choices: {a: A}, steps: [{words: Go, seconds: -1}]",
            "should last 0 to 1200 seconds, not -1",
        ),
        ("kind: text", "kind: text, when: {answer: who, among: [me]}", "'who', which is not asked before it"),
        ("fields:\n", "fields:\n  - {kind: computed, label: Sum, how: sum}\n", "should say how"),
        (
            "fields:\n",
            "fields:\n  - {kind: computed, label: Sum, how: sum, uses: [who]}\n",
            "which is not asked before it",
        ),
        ("kind: text", "kind: text, approval: true", "can need approval only if its kind is rows"),
        ("kind: text", "kind: choice, drawn_from: a-walk.walks.where", "which no exercise asks"),
        ("kind: text", "kind: text, required: true, folded: true", "cannot be folded"),
        ("minutes: 5", "minutes: 5\nnext: [juggling]", "no other exercise is called 'juggling'"),
        ("minutes: 5", "minutes: 5\nby_step: true", "should begin with a section"),
        ("minutes: 5", "minutes: 5\ncaution: {words: Stop, reasons: [], instead: a-walk}", "should name its reasons"),
        ("minutes: 5", "minutes: 0", "minutes should be 1 or more"),
        ("---\ntitle", "title", "line 1: should begin with front matter"),
        ("minutes: 5", "minutes: [5", "line 6"),
    ],
)
def test_a_file_with_a_mistake_stops_the_start_and_is_named(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(content.ContentError) as refused:
        load(files(tmp_path, GOOD.replace(old, new)))
    assert "a-walk.md" in str(refused.value)
    assert said in str(refused.value)


def test_every_shipped_exercise_says_what_it_rests_on_and_that_nobody_reviewed_it():
    for exercise in EXERCISES.values():
        assert exercise.evidence.lower().endswith("not yet reviewed by a clinician."), exercise.slug
        assert "reviewed by" not in exercise.synopsis + exercise.html, "at the end, not at its head"
