"""What was written goes on in another exercise: it is there when its form opens, and saved only by the person."""

import pytest

from portal import exercises
from portal.content import ContentError
from portal.db import db, new_key
from portal.exercises import EXERCISES
from portal.exercises.definition_files import FOLDER, load
from tests.browser import words

CHAIN, PLAN, WORRY, STEPS = (EXERCISES[n] for n in ("link-by-link", "staying-on-track", "set-a-time", "six-steps"))


@pytest.fixture
def wrote(app, cast, at):
    """`wrote(exercise, answers)` is the key of a practice of Ada's, or of `person`'s."""

    def write(exercise, answers, person=None):
        with app.app_context():
            key = exercises.finish(person or cast.ada, exercise, new_key(), answers, at.now)
            db.session.commit()
        return key

    return write


def test_a_weak_spot_stands_in_the_plan_when_its_form_opens_and_not_before_it_is_saved(app, cast, browser, wrote):
    wrote(PLAN, {"reasons": "My son", "weak_spots": "Payday"})
    key = wrote(CHAIN, {"what": "I drank", "weak_spot": "Walking past the bar"})
    ada = browser("ada")
    page = ada.get(f"/exercises/link-by-link/practices/{key}")
    [link] = [a for a in page.all("a") if words(a).startswith("Put this weak spot into my plan")]
    form = ada.get(link.get("href"))
    assert form.fields("/exercises/staying-on-track/edit")["weak_spots"] == ["Payday\nWalking past the bar"]
    assert form.fields("/exercises/staying-on-track/edit")["reasons"] == ["My son"]
    with app.app_context():
        assert exercises.living_plan(cast.ada, PLAN).answers["weak_spots"] == "Payday"
    ada.submit("/exercises/staying-on-track/edit", {"action": "finish"})
    with app.app_context():
        assert exercises.living_plan(cast.ada, PLAN).answers["weak_spots"] == "Payday\nWalking past the bar"


def test_what_is_in_the_plan_already_is_not_added_again(browser, wrote):
    wrote(PLAN, {"weak_spots": "Payday"})
    key = wrote(CHAIN, {"what": "I drank", "weak_spot": "Payday"})
    form = browser("ada").get(f"/exercises/staying-on-track/edit?from={key}&line=0")
    assert form.fields("/exercises/staying-on-track/edit")["weak_spots"] == ["Payday"]


def test_each_worry_can_go_on_in_six_steps(browser, wrote):
    key = wrote(WORRY, {"slot": "Five", "worries": [{"worry": "The rent"}, {"trigger": "Mail"}, {"worry": "My knee"}]})
    ada = browser("ada")
    page = ada.get(f"/exercises/set-a-time/practices/{key}")
    links = {words(a): a.get("href") for a in page.all("a") if words(a).startswith("Solve this one")}
    assert list(links) == ["Solve this one in six steps “The rent”", "Solve this one in six steps “My knee”"]
    form = ada.get(links["Solve this one in six steps “My knee”"])
    assert form.fields("/exercises/six-steps/steps/1")["problem"] == ["My knee"]


def test_a_problem_that_is_begun_stays_as_it_is(app, cast, at, browser, wrote):
    key = wrote(WORRY, {"slot": "Five", "worries": [{"worry": "The rent"}]})
    with app.app_context():
        exercises.save_draft(cast.ada, STEPS, new_key(), {"problem": "My knee"}, at.now)
        db.session.commit()
    form = browser("ada").get(f"/exercises/six-steps/steps/1?from={key}&line=0")
    assert form.fields("/exercises/six-steps/steps/1")["problem"] == ["My knee"]


@pytest.mark.parametrize("line", ["1", "-1", "x", "", "9" * 30])
def test_a_line_that_there_is_not_hands_over_nothing(browser, wrote, line):
    key = wrote(WORRY, {"slot": "Five", "worries": [{"worry": "The rent"}]})
    form = browser("ada").get(f"/exercises/six-steps/steps/1?from={key}&line={line}")
    assert form.fields("/exercises/six-steps/steps/1")["problem"] == [""]


@pytest.mark.parametrize("key", ["x", "%F0%9F%8C%8A", "x" * 5_000, "a" * 22])
def test_a_key_that_is_none_hands_over_nothing(browser, key):
    ada = browser("ada")
    for page in ("/exercises/six-steps/steps/1", "/exercises/staying-on-track/edit"):
        ada.get(f"{page}?from={key}&line=0")


def test_nothing_of_somebody_else_is_handed_over(browser, wrote, cast):
    key = wrote(WORRY, {"slot": "Five", "worries": [{"worry": "The rent"}]}, person=cast.ben)
    form = browser("ada").get(f"/exercises/six-steps/steps/1?from={key}&line=0")
    assert form.fields("/exercises/six-steps/steps/1")["problem"] == [""]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("answer: weak_spot,", "answer: weakest,", "no text is asked as 'weakest'"),
        ("answer: weak_spot,", "answer: worn,", "no text is asked as 'worn'"),
        ("answer: weak_spot,", "answer: links.kind,", "no text is asked as 'links.kind'"),
        ("field: weak_spots,", "field: nothing,", "staying-on-track asks no text as 'nothing'"),
        ("field: weak_spots,", "field: situations,", "staying-on-track asks no text as 'situations'"),
        ("to: staying-on-track,", "to: going-off-track,", "no other exercise is called 'going-off-track'"),
    ],
)
def test_what_cannot_be_handed_over_stops_the_start_with_file_and_line(tmp_path, old, new, said):
    for path in FOLDER.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace(old, new) if path.stem == CHAIN.slug else text)
    with pytest.raises(ContentError, match=r"link-by-link.md: line \d+: ") as refused:
        load(tmp_path)
    assert said in str(refused.value)
