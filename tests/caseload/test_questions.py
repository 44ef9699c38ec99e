"""Choosing what somebody's check-ins ask: by their therapist, with a look at every set first."""

import pytest

from portal import program
from portal.checkins import question_plans, sets
from portal.checkins.sets import Target


@pytest.fixture
def address(cast):
    return f"/caseload/{cast.ada.key}/questions"


def plan(app, cast):
    with app.app_context():
        return question_plans.question_plan_of(cast.ada, program.current())


def test_the_page_shows_what_each_set_asks_and_which_one_holds(browser, address):
    page = browser("cho").get(address)
    for one in sets.to_choose():
        assert one.title in page.text
        assert all(item.text in page.text for item in one.items if item.kind != "target")
    assert page.fields(address)["asks"] == ["daily"]


def test_a_choice_holds_from_now_on_and_is_said(app, cast, browser, address):
    cho = browser("cho")
    cho.get(address)
    cho.submit(address, {"asks": "dbt", "first": " urge to gamble ", "third": "urge to hide", "goal": "The sea"})
    held = plan(app, cast)
    assert (held.question_set.name, held.targets, held.goal) == (
        "dbt",
        (Target("urge to gamble"), Target("urge to hide")),
        "The sea",
    )
    page = cho.get(cho.location)
    assert "Saved." in page.text
    fields = page.fields(address)
    assert [fields[name] for name in ("asks", "first", "second")] == [["dbt"], ["urge to gamble"], ["urge to hide"]]
    assert "chose what your check-ins ask" in browser("ada").get("/my-record/looks").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("asks", ""),
        ("asks", "no-such"),
        ("first", "x" * 61),
        ("third", "a\x00b"),
        ("second", "URGE to gamble"),
        ("goal", "x" * 201),
    ],
)
def test_what_does_not_fit_comes_back_beside_its_field(app, cast, browser, address, field, value):
    cho = browser("cho")
    cho.get(address)
    page = cho.submit(address, {"asks": "ocd", "first": "urge to gamble"} | {field: value}, 422)
    assert page.one("p", id=f"{field}-error").text
    if field != "first":
        assert page.fields(address)["first"] == ["urge to gamble"]
    assert plan(app, cast).key is None


def test_nobody_but_those_who_treat_them_may_choose(app, cast, browser, address):
    for who in ("dee", "kit", "ada"):
        person = browser(who)
        person.get(address, 404)
        person.post(address, {"asks": "dbt"}, 404)
    assert plan(app, cast).key is None
    browser("oduya").get(address)


def test_their_history_leads_there(browser, cast, address):
    assert browser("cho").get(f"/caseload/{cast.ada.key}").all("a", href=address)


def test_what_was_typed_when_the_session_ran_out_is_back(browser, address, at):
    cho = browser("cho")
    fields = cho.get(address).fields(address)
    at.later(minutes=16)
    cho.post(address, fields | {"first": "urge to gamble"})
    assert cho.location.startswith("/sign-in")
