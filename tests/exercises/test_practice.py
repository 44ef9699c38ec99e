"""Practicing: drafts that wait, finishing once, and a history that is nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal.db import db, new_key
from portal.exercises import EXERCISES, open_answers
from portal.exercises.models import Practice
from tests.browser import words

WAVE = "/exercises/the-wave"
PLAN, PLAN_PAGES = "safety-plan", ["/safety-plan", "/safety-plan/edit"]


def rows(app):
    with app.app_context():
        return [
            (p.slug, open_answers(p.answers, p.key), p.finished_at is not None)
            for p in db.session.scalars(db.select(Practice).order_by(Practice.id))
        ]


def test_a_thought_record_is_completed_over_two_visits(app, browser, at):
    ada = browser("ada")
    ada.get("/exercises/notice-and-weigh")
    ada.submit(
        "/exercises/notice-and-weigh", {"situation": "The bus was late.", "belief_before": "70", "action": "draft"}
    )
    assert ada.location == "/exercises/"
    assert "Draft from today, 10:52 am" in ada.get("/exercises/").text
    at("2026-03-11T11:00")
    page = ada.get("/exercises/notice-and-weigh")
    assert "Draft from today, 10:52 am" in page.text
    assert page.fields("/exercises/notice-and-weigh")["situation"] == ["The bus was late."]
    ada.submit("/exercises/notice-and-weigh", {"balanced": "It often is.", "belief_after": "40", "action": "finish"})
    page = ada.get(ada.location)
    assert "It went from 70 to 40." in page.text
    assert rows(app) == [
        (
            "notice-and-weigh",
            {"situation": "The bus was late.", "belief_before": 70, "balanced": "It often is.", "belief_after": 40},
            True,
        )
    ]


@pytest.mark.parametrize("path", [*(f"/exercises/{slug}" for slug in EXERCISES if slug != PLAN), *PLAN_PAGES])
def test_that_nobody_reviewed_it_is_said_once_at_the_end_of_the_page(browser, path):
    main = words(browser("ada").get(path).one("main"))
    assert main.lower().count("reviewed by a clinician") == 1
    assert main.lower().endswith("not yet reviewed by a clinician.")


def test_a_zero_is_kept_and_a_skip_is_left_out(app, browser):
    ada = browser("ada")
    ada.get(WAVE)
    ada.submit(WAVE, {"before": "0", "urge": "   ", "action": "finish"})
    page = ada.get(ada.location)
    assert rows(app)[0][1] == {"before": 0}
    assert "Skipped" in page.text


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
    page = ada.get("/exercises/six-steps")
    before = len([name for name in page.fields("/exercises/six-steps") if name.endswith("-idea")])
    typed = {"problem": "The rent", "ideas-0-idea": "Ask for a plan", "action": "add-ideas"}
    page = ada.submit("/exercises/six-steps", typed, 200)
    fields = page.fields("/exercises/six-steps")
    assert len([name for name in fields if name.endswith("-idea")]) == before + 1
    assert (fields["problem"], fields["ideas-0-idea"]) == (["The rent"], ["Ask for a plan"])
    assert page.one("input", autofocus="").get("name") == f"ideas-{before}-idea"


def test_the_form_leads_to_other_pages_and_is_no_part_of_one(browser):
    form = browser("ada").get("/exercises/six-steps").form("/exercises/six-steps")
    assert not [name for name in form.attrib if name.startswith("data-hx")]


@pytest.mark.parametrize("address", ["/exercises/the-wave", "/safety-plan/edit"])
def test_an_empty_form_is_not_kept(app, browser, address):
    ada = browser("ada")
    ada.get(address)
    page = ada.submit(address, {"action": "finish"}, 422)
    assert "nothing to save yet" in page.text
    assert not rows(app)


def test_empty_rows_are_left_out(app, browser):
    ada = browser("ada")
    ada.get("/exercises/six-steps")
    typed = {"problem": "The rent", "ideas-1-idea": "Call", "ideas-1-doable": "yes", "action": "finish"}
    ada.submit("/exercises/six-steps", typed)
    assert rows(app)[0][1]["ideas"] == [{"idea": "Call", "doable": "yes"}]


@pytest.mark.asvs("1.3.3", "2.2.1")
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
    ada.get("/exercises/notice-and-weigh")
    typed = {"situation": "s", "feelings-0-feeling": "sad", "feelings-0-strength": number, "action": "finish"}
    page = ada.submit("/exercises/notice-and-weigh", typed, 422)
    assert "whole number from 0 to 100" in page.text
    assert page.fields("/exercises/notice-and-weigh")["feelings-0-strength"] == [number]


def test_what_the_definition_requires_is_asked_for(browser):
    ada = browser("ada")
    ada.get("/exercises/six-steps")
    page = ada.submit("/exercises/six-steps", {"goal": "Sleep", "action": "finish"}, 422)
    assert "Please answer this one to continue." in words(page.one("p", id="problem-error"))


def test_a_draft_may_lack_what_finishing_requires(app, browser):
    ada = browser("ada")
    ada.get("/exercises/six-steps")
    ada.submit("/exercises/six-steps", {"goal": "Sleep", "action": "draft"})
    assert rows(app) == [("six-steps", {"goal": "Sleep"}, False)]


def test_the_summary_says_what_is_wrong_in_which_row(browser):
    ada = browser("ada")
    ada.get("/exercises/notice-and-weigh")
    typed = {"situation": "s", "feelings-1-strength": "400", "action": "finish"}
    page = ada.submit("/exercises/notice-and-weigh", typed, 422)
    assert "row 2, How strong, 0 to 100: Write a whole number from 0 to 100." in words(page.one("div", id="errors"))


@pytest.mark.parametrize("row", ["\u00b2", "9" * 5000, "-1", "x"])
def test_a_row_without_a_proper_number_is_not_a_row(app, browser, row):
    ada = browser("ada")
    ada.get("/exercises/six-steps")
    ada.submit("/exercises/six-steps", {"problem": "p", f"ideas-{row}-idea": "a", "action": "finish"})
    assert rows(app)[0][1] == {"problem": "p"}


@pytest.mark.asvs("2.3.2")
def test_a_form_takes_30_rows(app, browser):
    ada = browser("ada")
    ada.get("/exercises/six-steps")
    ideas = {f"ideas-{n}-idea": str(n) for n in range(30)}
    page = ada.submit("/exercises/six-steps", {"problem": "p", **ideas, "action": "add-ideas"}, 200)
    assert "Add a row" not in page.text
    ada.submit("/exercises/six-steps", {"action": "finish"})
    assert len(rows(app)[0][1]["ideas"]) == 30


@pytest.mark.parametrize("action", ["add-problem", "add-", "add-juggling", "add-ideas-0"])
def test_a_row_of_nothing_changes_nothing(browser, action):
    ada = browser("ada")
    before = ada.get("/exercises/six-steps").fields("/exercises/six-steps")
    after = ada.submit("/exercises/six-steps", {"action": action}, 200).fields("/exercises/six-steps")
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
    assert words(page.one("label", for_=switch.get("id"))) == f"Start the {name} Stop the {name}"
