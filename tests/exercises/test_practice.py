"""Practicing: drafts that wait, finishing once, and a history that is nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal.db import db, new_key
from portal.exercises import EXERCISES, open_answers
from portal.exercises.definition_files import load
from portal.exercises.models import Practice
from tests.browser import words

WAVE = "/exercises/the-wave"
THOUGHT = "/exercises/notice-and-weigh"
LIST = "/exercises/a-list"
A_LIST = """---
title: "A list"
synopsis: "All on one page."
minutes: 5
version: 1
icon: pen
topic: days
evidence: "None."
related: []
fields:
  - {kind: long_text, name: problem, label: "The problem", required: true}
  - {kind: text, name: goal, label: "A goal"}
  - kind: rows
    name: feelings
    label: "Feelings"
    fields:
      - {kind: text, name: feeling, label: "Feeling"}
      - {kind: suds, name: strength, label: "How strong, 0 to 100"}
  - kind: rows
    name: ideas
    rows: 3
    label: "Ideas"
    fields:
      - {kind: text, name: idea, label: "Idea"}
      - {kind: choice, name: doable, label: "Can you do it?", choices: {"yes": "Yes", "no": "No"}}
---
Write.
"""
STEPPED = [f"/exercises/{slug}" for slug, exercise in EXERCISES.items() if exercise.by_step]
PLAN, PLAN_PAGES = "safety-plan", ["/safety-plan", "/safety-plan/edit"]


@pytest.fixture(autouse=True)
def a_list(monkeypatch, tmp_path):
    """An exercise on one page, with rows."""
    (tmp_path / "a-list.md").write_text(A_LIST)
    monkeypatch.setitem(EXERCISES, "a-list", load(tmp_path)["a-list"])


def rows(app):
    """(exercise, answers, finished) of each practice; without the length of the timer, which is always set."""
    with app.app_context():
        return [
            (
                p.slug,
                {name: given for name, given in open_answers(p.answers, p.key).items() if name != "minutes"},
                p.finished_at is not None,
            )
            for p in db.session.scalars(db.select(Practice).order_by(Practice.id))
        ]


def test_a_thought_record_is_completed_over_two_visits(app, browser, at):
    """One section a page; each step is kept, and the next visit opens on the one after the last that was answered."""
    ada = browser("ada")
    ada.get(THOUGHT, 303)
    ada.get(ada.location)
    ada.submit(f"{THOUGHT}/steps/1", {"situation": "The bus was late.", "action": "next"})
    ada.get(ada.location)
    ada.submit(f"{THOUGHT}/steps/2", {"action": "next"})
    ada.get(ada.location)
    ada.submit(f"{THOUGHT}/steps/3", {"belief_before": "70", "action": "draft"})
    assert ada.location == "/exercises/"
    assert "Draft from today, 10:52 am" in ada.get("/exercises/").text
    at("2026-03-11T11:00")
    ada.get(THOUGHT, 303)
    page = ada.get(ada.location)
    assert "Draft from today, 10:52 am" in page.text
    assert "Step 4 of 6: weigh it" in page.text
    ada.get(f"{THOUGHT}/steps/5")
    ada.submit(f"{THOUGHT}/steps/5", {"balanced": "It often is.", "action": "next"})
    ada.get(ada.location)
    ada.submit(f"{THOUGHT}/steps/6", {"belief_after": "40", "action": "finish"})
    page = ada.get(ada.location)
    assert "It went from 70 to 40." in page.text
    assert rows(app) == [
        (
            "notice-and-weigh",
            {"situation": "The bus was late.", "belief_before": 70, "balanced": "It often is.", "belief_after": 40},
            True,
        )
    ]


def test_a_step_that_is_missing_is_named_at_the_end_and_nothing_is_lost(app, browser):
    ada = browser("ada")
    ada.get(f"{THOUGHT}/steps/6")
    page = ada.submit(f"{THOUGHT}/steps/6", {"next_step": "Call Ana", "action": "finish"}, 422)
    assert "Step 1 is needed first: What was going on?" in page.text
    assert page.fields(f"{THOUGHT}/steps/6")["next_step"] == ["Call Ana"]
    assert not rows(app)


def test_the_last_step_may_be_left_out(app, browser):
    ada = browser("ada")
    ada.get(f"{THOUGHT}/steps/1")
    ada.submit(f"{THOUGHT}/steps/1", {"situation": "The bus", "action": "next"})
    ada.get(f"{THOUGHT}/steps/6")
    ada.submit(f"{THOUGHT}/steps/6", {"action": "finish"})
    assert rows(app) == [("notice-and-weigh", {"situation": "The bus"}, True)]


def test_a_step_taken_again_changes_its_own_answers_alone(app, browser):
    ada = browser("ada")
    for number, typed in (
        (1, {"situation": "The bus"}),
        (3, {"hottest": "I am late"}),
        (1, {"situation": "The train"}),
    ):
        ada.get(f"{THOUGHT}/steps/{number}")
        ada.submit(f"{THOUGHT}/steps/{number}", typed | {"action": "next"})
    assert rows(app) == [("notice-and-weigh", {"situation": "The train", "hottest": "I am late"}, False)]


def test_what_a_step_needs_is_asked_before_the_next(browser):
    ada = browser("ada")
    ada.get(f"{THOUGHT}/steps/1")
    page = ada.submit(f"{THOUGHT}/steps/1", {"action": "next"}, 422)
    assert "Please answer this one to continue." in words(page.one("p", id="situation-error"))


@pytest.mark.parametrize(
    "path", [f"{THOUGHT}/steps/0", f"{THOUGHT}/steps/7", f"{WAVE}/steps/1", "/exercises/juggling/steps/1"]
)
def test_a_step_that_is_not_there_is_not_found(browser, path):
    browser("ada").get(path, 404)


def test_a_tool_is_finished_with_one_tap(app, browser):
    """Nothing has to be said of it, and nothing is listed as skipped."""
    ada = browser("ada")
    ada.get(WAVE)
    ada.submit(WAVE, {"action": "finish"})
    page = ada.get(ada.location)
    assert EXERCISES["the-wave"].after in page.text
    assert "Skipped" not in page.text
    assert rows(app) == [("the-wave", {}, True)]


@pytest.mark.parametrize("path", [*(f"/exercises/{slug}" for slug in EXERCISES if slug != PLAN), *PLAN_PAGES])
def test_that_nobody_reviewed_it_is_said_once_at_the_end_of_the_page(browser, path):
    ada = browser("ada")
    page = ada.get(f"{path}/steps/1") if path in STEPPED else ada.get(path)
    main = words(page.one("main"))
    assert main.lower().count("reviewed by a clinician") == 1
    assert main.lower().endswith("not yet reviewed by a clinician.")


def test_a_zero_is_kept_and_a_skip_is_left_out(app, browser):
    ada = browser("ada")
    ada.get(WAVE)
    ada.submit(WAVE, {"before": "0", "urge": "   ", "action": "finish"})
    assert rows(app)[0][1] == {"before": 0}
    ada.get(LIST)
    ada.submit(LIST, {"problem": "The rent", "action": "finish"})
    assert "Skipped: A goal, Feelings and Ideas." in ada.get(ada.location).text


def test_finishing_twice_with_the_same_form_is_one_practice(app, browser):
    ada = browser("ada")
    form = ada.get(WAVE).fields(WAVE) | {"before": "7", "after": "4", "action": "finish"}
    ada.post(WAVE, form)
    first = ada.location
    ada.post(WAVE, form)
    assert ada.location == first
    assert len(rows(app)) == 1


def test_a_finished_practice_never_changes_and_what_was_changed_after_is_a_new_one(app, browser):
    """Finish, Back, change, Finish: nothing typed is lost, and a second click adds nothing."""
    ada = browser("ada")
    form = ada.get(WAVE).fields(WAVE) | {"before": "7", "action": "finish"}
    ada.post(WAVE, form)
    first = ada.location
    ada.post(WAVE, form | {"before": "2"})
    second = ada.location
    ada.post(WAVE, form | {"before": "2"})
    assert ada.location == second != first
    assert [row[1] for row in rows(app)] == [{"before": 7}, {"before": 2}]


def test_a_draft_from_a_finished_form_is_a_draft_of_its_own(app, browser):
    ada = browser("ada")
    form = ada.get(WAVE).fields(WAVE) | {"before": "7", "action": "finish"}
    ada.post(WAVE, form)
    ada.post(WAVE, form | {"action": "draft"})
    assert len(rows(app)) == 1
    ada.post(WAVE, form | {"before": "1", "action": "draft"})
    ada.post(WAVE, form | {"before": "2", "action": "draft"})
    assert [(row[1], row[2]) for row in rows(app)] == [({"before": 7}, True), ({"before": 2}, False)]


def at_once(*requests):
    """Send (browser, path, form) all at the same moment; gives where each answer leads."""
    gate = Barrier(len(requests))

    def send(request):
        browser, path, form = request
        gate.wait()
        answer = browser.client.post(path, data=form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def test_two_clicks_at_the_same_moment_are_one_practice(app, browser):
    ada, again = browser("ada"), browser("ada")
    first, second = (b.get(WAVE).fields(WAVE) | {"before": "7", "action": "finish"} for b in (ada, again))
    for _ in range(5):
        key = new_key()
        one, two = at_once((ada, WAVE, first | {"key": key}), (again, WAVE, second | {"key": key}))
        assert one == two == f"{WAVE}/practices/{key}"
    assert len(rows(app)) == 5


@pytest.mark.asvs("15.4.2")
def test_a_draft_saved_while_it_is_being_finished_does_not_change_it(app, browser):
    ada, elsewhere = browser("ada"), browser("ada")
    done = ada.get(WAVE).fields(WAVE) | {"before": "7", "after": "4", "action": "finish"}
    late = elsewhere.get(WAVE).fields(WAVE) | {"before": "1", "action": "draft"}
    for _ in range(5):
        key = new_key()
        at_once((ada, WAVE, done | {"key": key}), (elsewhere, WAVE, late | {"key": key}))
    assert [answers for _, answers, finished in rows(app) if finished] == [{"before": 7, "after": 4}] * 5


def test_there_is_one_draft_of_an_exercise(app, browser):
    ada = browser("ada")
    first = ada.get(WAVE).fields(WAVE)
    second = ada.get(WAVE).fields(WAVE)
    ada.post(WAVE, first | {"before": "7", "action": "draft"})
    ada.post(WAVE, second | {"before": "6", "action": "draft"})
    assert [row[1] for row in rows(app)] == [{"before": 6}]


def test_starting_afresh_throws_the_draft_away(app, browser):
    ada = browser("ada")
    ada.get(WAVE)
    ada.submit(WAVE, {"before": "7", "action": "draft"})
    ada.get(WAVE)
    ada.submit(f"{WAVE}/drafts/drop")
    assert "Draft from" not in ada.get(WAVE).text
    assert not rows(app)


def test_one_more_row_keeps_everything_typed(browser):
    ada = browser("ada")
    page = ada.get(LIST)
    before = len([name for name in page.fields(LIST) if name.endswith("-idea")])
    typed = {"problem": "The rent", "ideas-0-idea": "Ask for a plan", "action": "add-ideas"}
    page = ada.submit(LIST, typed, 200)
    fields = page.fields(LIST)
    assert len([name for name in fields if name.endswith("-idea")]) == before + 1
    assert (fields["problem"], fields["ideas-0-idea"]) == (["The rent"], ["Ask for a plan"])
    assert page.one("input", autofocus="").get("name") == f"ideas-{before}-idea"


def test_a_row_is_moved_up_or_removed_and_the_others_stay(browser):
    ada = browser("ada")
    ada.get(LIST)
    typed = {"ideas-0-idea": "Walk", "ideas-1-idea": "Call", "ideas-1-doable": "yes", "ideas-2-idea": "Wait"}
    page = ada.submit(LIST, typed | {"feelings-0-strength": "400", "action": "up-ideas-1"}, 200)
    fields = page.fields(LIST)
    assert [fields[f"ideas-{n}-idea"] for n in range(3)] == [["Call"], ["Walk"], ["Wait"]]
    assert (fields["ideas-0-doable"], fields["feelings-0-strength"]) == (["yes"], ["400"])
    ada.submit(LIST, {"action": "remove-ideas-1"}, 200)
    page = ada.submit(LIST, {"action": "up-ideas-1"}, 200)
    ideas = [value for name, (value, *_) in page.fields(LIST).items() if name.endswith("-idea") and value]
    assert ideas == ["Wait", "Call"]


@pytest.mark.parametrize(
    "action", ["up-ideas-0", "up-ideas-99", "remove-ideas-99", "remove-ideas", "up-problem-1", "remove-juggling-0"]
)
def test_a_row_that_is_not_there_is_neither_moved_nor_removed(browser, action):
    ada = browser("ada")
    ada.get(LIST)
    page = ada.submit(LIST, {"problem": "p", "ideas-0-idea": "Walk", "ideas-2-idea": "Wait", "action": action}, 200)
    fields = page.fields(LIST)
    assert (fields["ideas-0-idea"], fields["ideas-2-idea"], fields["problem"]) == (["Walk"], ["Wait"], ["p"])


def test_the_form_leads_to_other_pages_and_is_no_part_of_one(browser):
    form = browser("ada").get(LIST).form(LIST)
    assert not [name for name in form.attrib if name.startswith("data-hx")]


@pytest.mark.parametrize("address", [LIST, "/safety-plan/edit"])
def test_an_empty_form_is_not_kept(app, browser, address):
    ada = browser("ada")
    ada.get(address)
    page = ada.submit(address, {"action": "finish"}, 422)
    assert "nothing to save yet" in page.text or "answer this one" in page.text
    assert not rows(app)


def test_empty_rows_are_left_out(app, browser):
    ada = browser("ada")
    ada.get(LIST)
    typed = {"problem": "The rent", "ideas-1-idea": "Call", "ideas-1-doable": "yes", "action": "finish"}
    ada.submit(LIST, typed)
    assert rows(app)[0][1]["ideas"] == [{"idea": "Call", "doable": "yes"}]


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"before": "11"}, "before"),
        ({"before": "2.5"}, "before"),
        ({"minutes": "4"}, "minutes"),
        ({"body": ["chest", "soul"]}, "body"),
        ({"urge": "x" * 2001}, "urge"),
        ({"urge": "a\x00b"}, "urge"),
        ({"acted": "perhaps"}, "acted"),
    ],
)
def test_an_impossible_answer_is_refused_beside_its_field_and_all_is_kept(app, browser, typed, field):
    ada = browser("ada")
    ada.get(WAVE)
    page = ada.submit(WAVE, {"helped": "walking"} | typed | {"action": "finish"}, 422)
    assert words(page.one("p", id=f"{field}-error"))
    assert page.fields(WAVE)["helped"] == ["walking"]
    assert not rows(app)


@pytest.mark.asvs("1.4.2")
@pytest.mark.parametrize("number", ["101", "-1", "half", "1e2"])
def test_a_strength_is_a_whole_number_from_0_to_100(browser, number):
    ada = browser("ada")
    ada.get(LIST)
    typed = {"problem": "s", "feelings-0-feeling": "sad", "feelings-0-strength": number, "action": "finish"}
    page = ada.submit(LIST, typed, 422)
    assert "whole number from 0 to 100" in page.text
    assert page.fields(LIST)["feelings-0-strength"] == [number]


def test_what_the_definition_requires_is_asked_for(browser):
    ada = browser("ada")
    ada.get(LIST)
    page = ada.submit(LIST, {"goal": "Sleep", "action": "finish"}, 422)
    assert "Please answer this one to continue." in words(page.one("p", id="problem-error"))


def test_a_draft_may_lack_what_finishing_requires(app, browser):
    ada = browser("ada")
    ada.get(LIST)
    ada.submit(LIST, {"goal": "Sleep", "action": "draft"})
    assert rows(app) == [("a-list", {"goal": "Sleep"}, False)]


def test_the_summary_says_what_is_wrong_in_which_row(browser):
    ada = browser("ada")
    ada.get(LIST)
    typed = {"problem": "s", "feelings-1-strength": "400", "action": "finish"}
    page = ada.submit(LIST, typed, 422)
    assert "row 2, How strong, 0 to 100: Write a whole number from 0 to 100." in words(page.one("div", id="errors"))


@pytest.mark.parametrize("row", ["\u00b2", "9" * 5000, "-1", "x"])
def test_a_row_without_a_proper_number_is_not_a_row(app, browser, row):
    ada = browser("ada")
    ada.get(LIST)
    ada.submit(LIST, {"problem": "p", f"ideas-{row}-idea": "a", "action": "finish"})
    assert rows(app)[0][1] == {"problem": "p"}


@pytest.mark.asvs("2.3.2")
def test_a_form_takes_30_rows(app, browser):
    ada = browser("ada")
    ada.get(LIST)
    ideas = {f"ideas-{n}-idea": str(n) for n in range(30)}
    page = ada.submit(LIST, {"problem": "p", **ideas, "action": "add-ideas"}, 200)
    assert not page.all("button", value="add-ideas")
    ada.submit(LIST, {"action": "finish"})
    assert len(rows(app)[0][1]["ideas"]) == 30


@pytest.mark.parametrize("action", ["add-problem", "add-", "add-juggling", "add-ideas-0"])
def test_a_row_of_nothing_changes_nothing(browser, action):
    ada = browser("ada")
    before = ada.get(LIST).fields(LIST)
    after = ada.submit(LIST, {"action": action}, 200).fields(LIST)
    assert set(after) == set(before)


def test_starting_afresh_also_forgets_what_was_typed_when_the_session_ran_out(browser, at):
    ada = browser("ada")
    ada.get(WAVE)
    at.later(minutes=16)
    ada.submit(WAVE, {"urge": "to scroll", "action": "draft"})
    ada.role = None
    ada.get(ada.location)
    ada.submit("/sign-in", {"email": "ada@example.org", "password": "a long walk by the river"})
    ada.get(WAVE)
    ada.submit(f"{WAVE}/drafts/drop")
    page = ada.get(WAVE)
    assert page.fields(WAVE)["urge"] == [""]
    assert "We kept" not in page.text


@pytest.mark.asvs("8.2.2")
def test_nobody_else_reads_a_practice(browser):
    ada, ben = browser("ada"), browser("ben")
    ada.get(WAVE)
    ada.submit(WAVE, {"urge": "to hide", "action": "finish"})
    ben.get(ada.location, 404)
    assert "Nothing here yet" in ben.get(f"{WAVE}/history").text


@pytest.mark.asvs("8.2.2")
def test_a_key_of_somebody_else_becomes_a_practice_of_ones_own(app, browser):
    ada, ben = browser("ada"), browser("ben")
    ada.get(WAVE)
    form = ada.page.fields(WAVE) | {"before": "7", "action": "finish"}
    ada.post(WAVE, form)
    ben.get(WAVE)
    ben.post(WAVE, {"before": "2", "key": form["key"], "action": "finish"})
    assert ben.location != ada.location
    assert [row[1] for row in rows(app)] == [{"before": 7}, {"before": 2}]


def test_the_history_shows_before_and_after_in_words_and_in_a_table(browser):
    ada = browser("ada")
    for before, after in (("7", "4"), ("5", "")):
        ada.get(WAVE)
        ada.submit(WAVE, {"before": before, "after": after, "action": "finish"})
    page = ada.get(f"{WAVE}/history")
    assert "It went from 7 to 4." in page.text
    assert [words(cell) for cell in page.one("table").iter("td")].count("Skipped") == 1


def test_an_unknown_exercise_is_not_found(browser):
    ada = browser("ada")
    for path in (
        "/exercises/juggling",
        "/exercises/safety-plan",
        "/exercises/juggling/history",
        f"{WAVE}/practices/nothing",
    ):
        ada.get(path, 404)


def test_what_was_typed_when_the_session_ran_out_is_back(browser, at):
    ada = browser("ada")
    ada.get(WAVE)
    at.later(minutes=16)
    ada.submit(WAVE, {"urge": "to scroll", "action": "draft"})
    ada.role = None
    ada.get(ada.location)
    ada.submit("/sign-in", {"email": "ada@example.org", "password": "a long walk by the river"})
    page = ada.get(ada.location)
    assert page.fields(WAVE)["urge"] == ["to scroll"]
    assert "We kept what you typed" in page.text


def test_the_written_steps_stand_beside_the_timer_and_the_circle(browser):
    ada = browser("ada")
    assert "Look at a clock" in ada.get(WAVE).text
    page = ada.get("/exercises/slow-breath")
    assert "You can do all of this without the circle" in page.text
    assert page.one("div", class_="air").get("aria-hidden") == "true"


@pytest.mark.parametrize(("path", "name"), [(WAVE, "timer"), ("/exercises/slow-breath", "circle")])
def test_the_timer_and_the_circle_start_without_a_script(browser, path, name):
    page = browser("ada").get(path)
    switch = next(box for box in page.all("input", type="checkbox") if box.get("name") is None)
    assert switch.get("aria-label") == f"Run the {name}"
    assert words(page.one("label", for_=switch.get("id"))) == "Start Stop"
