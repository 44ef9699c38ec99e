"""What has worked: the person's own numbers before and after, worked out a second time by hand, and their choices."""

from datetime import timedelta
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from portal import exercises
from portal.db import db, new_key
from portal.exercises import EXERCISES
from portal.exercises.models import Practice
from portal.exercises.worked import LATEST, LEAST, choose, to_offer, worked_exercises
from tests.browser import words

WAVE, BREATH, SENSES = EXERCISES["the-wave"], EXERCISES["slow-breath"], EXERCISES["five-senses"]


@pytest.fixture
def use(app, cast, at):
    """`use("the-wave", (7, 4), ...)`: Ada used it, with these numbers before and after, an hour apart."""

    def used(slug, *pairs, person=None):
        with app.app_context():
            for before, after in pairs:
                numbers = {"before": before, "after": after}
                given_ = {name: value for name, value in numbers.items() if value is not None}
                exercises.finish(person or cast.ada, EXERCISES[slug], new_key(), given_, at.later(hours=1))
            db.session.commit()

    return used


@pytest.fixture
def found(app, cast):
    def of_ada():
        with app.app_context():
            return worked_exercises(cast.ada)

    return of_ada


def test_three_uses_with_both_numbers_say_something_and_two_do_not(use, found):
    use("the-wave", (8, 4), (7, 4), (6, None), (None, 3))
    assert found() == []
    use("the-wave", (9, 3))
    [one] = found()
    assert one.sentence == "In 3 uses your number went down by 4 in the middle, from down by 3 to down by 6."


def test_better_may_be_up(use, found):
    use("slow-breath", (2, 6), (3, 5), (2, 3))
    [one] = found()
    assert one.sentence == "In 3 uses your number went up by 2 in the middle, from up by 1 to up by 4."


def test_what_went_worse_or_nowhere_is_not_said(use, found):
    use("the-wave", (4, 6), (5, 5), (3, 7))
    use("five-senses", (5, 5), (5, 5), (5, 5))
    assert found() == []


def test_what_somebody_else_did_is_not_counted(use, found, cast):
    use("the-wave", (8, 4), (7, 4))
    use("the-wave", (9, 3), person=cast.ben)
    assert found() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=30))
def test_the_middle_and_the_spread_are_those_of_the_last_twenty(app, cast, at, pairs):
    now = at.now
    with app.app_context():
        db.session.execute(delete(Practice))
        for number, (before, after) in enumerate(pairs):
            answers = {"before": before, "after": after}
            exercises.finish(cast.ada, WAVE, new_key(), answers, now + timedelta(minutes=number))
        held = worked_exercises(cast.ada)
        db.session.rollback()
    changes = [after - before for before, after in pairs[-LATEST:]]
    if len(changes) < LEAST or median(changes) >= 0:
        assert held == []
    else:
        [one] = held
        assert (one.middle, len(one.uses)) == (median(changes), len(changes))
        for end in (max(changes), min(changes)):
            assert (f"by {abs(end)}" if end else "no change") in one.sentence


def test_what_went_further_comes_first_and_what_is_pinned_before_it(app, cast, at, use, found):
    use("the-wave", (8, 6), (8, 6), (8, 6))
    use("five-senses", (9, 2), (9, 2), (9, 2))
    assert [one.exercise.slug for one in found()] == ["five-senses", "the-wave"]
    with app.app_context():
        choose(cast.ada, WAVE, "pinned", at.now)
        db.session.commit()
    assert [one.exercise.slug for one in found()] == ["the-wave", "five-senses"]


def test_what_is_offered_is_of_the_topic_or_pinned_and_never_hidden(app, cast, at, use, found):
    use("the-wave", (8, 6), (8, 6), (8, 6))
    use("five-senses", (9, 2), (9, 2), (9, 2))
    assert to_offer(found(), "urges").exercise is WAVE
    assert to_offer(found(), "calm").exercise is SENSES
    assert to_offer(found(), "fears") is None
    with app.app_context():
        choose(cast.ada, SENSES, "hidden", at.now)
        choose(cast.ada, WAVE, "pinned", at.now)
        db.session.commit()
    assert to_offer(found(), "calm").exercise is WAVE
    assert to_offer([one for one in found() if one.exercise is SENSES], "calm") is None


def test_cold_water_is_not_offered_unasked(use, found):
    use("cool-down", (9, 2), (9, 2), (9, 2))
    assert found() and to_offer(found(), "calm") is None


def test_the_page_says_it_shows_its_working_and_takes_choices_back(browser, use):
    use("the-wave", (8, 4), (7, 4), (9, 3))
    ada = browser("ada")
    page = words(ada.get("/exercises/").one("section", id="worked"))
    assert "went down by 4 in the middle" in page and "Wed, Mar 11: 9 before, 3 after" in page
    ada.submit("/exercises/the-wave/choice", {"choice": "pinned"})
    assert "First" in words(ada.get("/exercises/").one("section", id="worked"))
    ada.submit("/exercises/the-wave/choice", {"choice": ""})
    ada.get("/exercises/")
    ada.submit("/exercises/the-wave/choice", {"choice": "hidden"})
    assert "Not offered to you" in words(ada.get("/exercises/").one("section", id="worked"))
    ada.submit("/exercises/the-wave/choice", {"choice": ""})
    assert "Offer it first" in words(ada.get("/exercises/").one("section", id="worked"))


def test_a_choice_that_there_is_not_is_refused(browser, use):
    use("the-wave", (8, 4), (7, 4), (9, 3))
    ada = browser("ada")
    ada.get("/exercises/")
    ada.post("/exercises/the-wave/choice", {"choice": "loved"}, 400)
    ada.post("/exercises/safety-plan/choice", {"choice": "hidden"}, 404)


def saved_with(browser, **answers):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "5"} | answers)
    return words(ada.get(ada.location).one("main"))


def test_after_high_anxiety_what_has_worked_comes_first(browser, use):
    assert "Paced breathing" in saved_with(browser, anxiety="8")
    use("five-senses", (9, 2), (9, 3), (9, 2))
    page = saved_with(browser, anxiety="8")
    said = "You put your anxiety at 8. In 3 uses your number went down"
    assert "Five, four, three, two, one" in page and said in page


def test_what_is_hidden_is_not_offered_after_a_check_in(app, cast, at, browser, use):
    use("slow-breath", (2, 6), (3, 5), (2, 3))
    assert "went up by 2 in the middle" in saved_with(browser, anxiety="8")
    with app.app_context():
        choose(cast.ada, BREATH, "hidden", at.now)
        db.session.commit()
    assert "Paced breathing" not in saved_with(browser, anxiety="8")


def test_what_is_hidden_stays_hidden_when_it_goes_worse(app, cast, at, browser, use):
    use("slow-breath", (2, 6), (3, 5), (2, 3))
    with app.app_context():
        choose(cast.ada, BREATH, "hidden", at.now)
        db.session.commit()
    use("slow-breath", (6, 2), (6, 2), (6, 2), (6, 2))
    assert "Paced breathing" not in saved_with(browser, anxiety="8")
    assert "Offer it again" in words(browser("ada").get("/exercises/").one("section", id="worked"))
