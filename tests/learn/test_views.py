"""The page of Learn: what is due first, then where one stopped, a search that keeps nothing, and the topics."""

from datetime import date

import pytest

from portal import clock, homework, learn
from portal.content import TOPICS
from portal.db import db
from portal.exercises import EXERCISES, SAFETY_PLAN
from portal.homework import Assignment
from portal.library import MATERIALS
from tests.browser import words

WAVES = MATERIALS["waves"]


def read(ada, slug, *parts):
    ada.get(f"/library/{slug}")
    for part in parts:
        ada.post(f"/library/{slug}/parts/{part}")


def find(browser, asked, who="ada", **more):
    person = browser(who)
    person.get("/library/")
    return person.post("/library/search", {"words": asked}, 200, **more)


def test_every_reading_and_exercise_has_one_topic_that_shows_it(browser):
    ada, shown = browser("ada"), []
    for slug in TOPICS:
        page = ada.get(f"/library/topics/{slug}")
        shown += [a.get("href") for a in page.one("main").iter("a") if a.get("href") != "/library/"]
    exercises = {f"/exercises/{slug}" for slug in EXERCISES if slug != SAFETY_PLAN}
    assert sorted(shown) == sorted(exercises | {f"/library/{slug}" for slug in MATERIALS})


def test_a_topic_that_there_is_not_is_not_found(browser):
    browser("ada").get("/library/topics/cooking", 404)


def test_the_tiles_count_what_is_read(browser):
    ada = browser("ada")
    assert "Urges and cravings 4 readings" in words(ada.get("/library/").one("main"))
    read(ada, "waves", *range(1, len(WAVES.parts) + 1))
    assert "Urges and cravings 4 readings, 1 read" in words(ada.get("/library/").one("main"))
    assert f"{WAVES.title} Read" in words(ada.get("/library/topics/urges").one("main"))


def test_it_goes_on_where_one_stopped_last(browser, at):
    ada = browser("ada")
    read(ada, "welcome", 1)
    at.later(minutes=1)
    read(ada, "waves", 1, 2)
    page = words(ada.get("/library/").one("main"))
    assert f"Where you stopped: part 3 of {len(WAVES.parts)} {WAVES.title}" in page
    read(ada, "waves", *range(3, len(WAVES.parts) + 1))
    assert f"Where you stopped: part 2 of 4 {MATERIALS['welcome'].title}" in words(ada.get("/library/").one("main"))


def test_what_is_due_stands_first(app, cast, browser):
    with app.app_context():
        given = Assignment("reading", "waves", "", "", 1, None, date(2026, 3, 13), "b" * 22)
        homework.give(cast.cho, [cast.ada], given, clock.now())
        db.session.commit()
    page = words(browser("ada").get("/library/").one("main"))
    assert page.startswith(f"Learn By Friday {WAVES.title} From Dr Cho")


def test_staff_see_the_same_without_progress(browser):
    page = words(browser("cho").get("/library/").one("main"))
    assert page.startswith("Library Find something") and "4 readings" in page


def test_what_was_typed_is_in_no_address_and_no_title_and_answers_200(browser):
    page = find(browser, "panick")
    assert page.one("input", name="words").get("value") == "panick"
    assert "panick" not in page.title
    assert "/library/burnt-toast" in [a.get("href") for a in page.all("a")]
    browser("ada").get("/library/search", 404)


def test_a_search_puts_only_the_results_into_an_open_page(browser):
    page = find(browser, "sleep", fragment=True)
    assert not page.whole and words(page.one("h2")) == "Found"


@pytest.mark.parametrize(
    "asked", ["", "   ", "qqqqzzzz", "the", "\U0001f30a", "שלום", "x" * 10_000, "a " * 5_000, "\x00"]
)
def test_whatever_is_typed_gets_a_calm_answer(browser, asked):
    page = words(find(browser, asked).one("main"))
    assert "Topics" in page
    if asked.strip("\x00 "):
        assert "Nothing found Try one plain word" in page or "Found" in page


@pytest.mark.parametrize(
    "asked", ["I want to die", "cutting myself", "suicide", "hurt myself", "self-harm", "kill myself"]
)
def test_words_about_hurting_oneself_put_people_first(browser, asked):
    page = words(find(browser, asked).one("main"))
    assert page.index("People first") < page.index("Call 988") < page.index("Topics")
    assert "Found" not in page or page.index("Call 988") < page.index("Found")


def test_other_words_do_not(browser):
    for asked in ("cut down on beer", "how do i sleep", "my cat died", "odd thoughts"):
        assert "People first" not in words(find(browser, asked).one("main"))


def test_learn_knows_a_look_for_every_topic():
    assert learn.LOOKS.keys() == TOPICS.keys()


def test_staff_see_an_exercise_as_participants_do_with_nothing_to_send(browser):
    for who in ("cho", "kit"):
        page = browser(who).get("/library/exercises/the-wave")
        assert "The same as on a participant’s page." in words(page.one("main"))
        assert not list(page.one("main").iter("form"))
        assert ("Give this" in words(page.one("main"))) == (who == "cho")
    browser("ada").get("/library/exercises/the-wave", 404)


@pytest.mark.parametrize("slug", EXERCISES)
def test_every_exercise_can_be_looked_at_by_staff(browser, slug):
    page = browser("cho").get(f"/library/exercises/{slug}")
    assert page.heading == EXERCISES[slug].title


def test_a_therapist_gives_from_a_reading_or_an_exercise_to_one_of_theirs(app, cast, browser):
    cho = browser("cho")
    exercise = "/library/exercises/the-wave", "exercise", "the-wave"
    for page, kind, slug in (("/library/waves", "reading", "waves"), exercise):
        [link] = [a for a in cho.get(page).all("a") if words(a) == "Give this"]
        shown = cho.get(link.get("href"))
        assert "Nobody here has begun it yet." in words(shown.one("main"))
        people = {words(a): a.get("href") for a in shown.one("main").iter("a")}
        assert "Ada Moreno" in people and "Cleo Park" not in people
        form = cho.get(people["Ada Moreno"]).fields(f"/caseload/{cast.ada.key}/homework")
        assert form["piece"] == [f"{kind}:{slug}"]


def test_how_many_began_it_counts_each_person_once(browser):
    for who in ("ada", "ben", "ada"):
        read(browser(who), "waves", 1)
    assert "2 people here have begun it." in words(browser("cho").get("/library/give/reading/waves").one("main"))


@pytest.mark.parametrize("path", ["reading/nothing", "exercise/waves", "own/x", "cake/waves", "measure/phq-9"])
def test_what_there_is_not_cannot_be_given(browser, path):
    browser("cho").get(f"/library/give/{path}", 404)
