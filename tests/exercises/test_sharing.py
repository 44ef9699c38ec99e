"""Sharing: what somebody wrote is theirs until they share it, and again from the moment they take it back."""

import pytest

from portal import clock, exercises
from portal.db import db
from portal.exercises import EXERCISES
from portal.exercises.models import PracticeShare, StepApproval
from portal.exercises.sharing import approve_rows, choices_drawn, share, shared_practice
from tests.browser import words

PLAN = "/safety-plan"
LADDER, RUNG = "/exercises/the-ladder", "/exercises/one-rung/steps/1"
STEPS = {
    "theme": "The subway",
    "steps-0-what": "Stand on the platform",
    "steps-0-expected": "40",
    "steps-1-what": "Ride one stop",
    "steps-1-expected": "60",
    "action": "finish",
}


@pytest.fixture
def pages(browser, cast):
    """(Ada, Dr Cho, the path of what she shares with him)."""
    return browser("ada"), browser("cho"), f"/caseload/{cast.ada.key}/practices"


def saved(ada, edit, answers):
    """What Ada saves; the page she comes to."""
    ada.get(edit)
    ada.submit(edit, answers | {"action": "finish"})
    return ada.get(ada.location)


def shared(ada, page):
    """Press the button that shares what is on this page; its address of sharing."""
    action = next(f.get("action") for f in page.all("form") if (f.get("action") or "").endswith("/share"))
    ada.submit(action)
    ada.get(ada.location, 303)
    return action


def test_a_plan_that_is_not_shared_is_nobody_elses(pages):
    ada, cho, path = pages
    saved(ada, f"{PLAN}/edit", {"signs": "Not sleeping"})
    assert "Nothing now" in cho.get(path).text


def test_a_plan_is_read_while_it_is_shared_and_the_next_request_after_is_refused(pages):
    ada, cho, path = pages
    action = shared(ada, saved(ada, f"{PLAN}/edit", {"signs": "Not sleeping"}))
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    assert "Not sleeping" in cho.get(link).text
    ada.get(PLAN)
    ada.submit(action.removesuffix("share") + "unshare")
    cho.get(link, 404)
    assert "Only you can read this" in ada.get(PLAN).text


def test_a_new_version_of_a_plan_is_not_shared_by_itself(pages):
    ada, cho, path = pages
    shared(ada, saved(ada, f"{PLAN}/edit", {"signs": "Not sleeping"}))
    saved(ada, f"{PLAN}/edit", {"signs": "Only for me"})
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    assert "Not sleeping" in cho.get(link).text
    assert "Only for me" not in cho.get(link).text


def test_a_shared_practice_is_for_the_care_team_alone(browser, pages, cast):
    ada, cho, path = pages
    shared(ada, saved(ada, f"{PLAN}/edit", {"signs": "Not sleeping"}))
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    browser("dee").get(link, 404)
    cho.get(link.replace(cast.ada.key, cast.ben.key), 404)


def test_sharing_twice_is_once(app, pages):
    ada, *_ = pages
    page = saved(ada, f"{PLAN}/edit", {"signs": "Not sleeping"})
    action = next(f.get("action") for f in page.all("form") if (f.get("action") or "").endswith("/share"))
    form = page.fields(action)
    ada.post(action, form)
    ada.post(action, form)
    with app.app_context():
        assert len(db.session.scalars(db.select(PracticeShare)).all()) == 1


def test_reading_it_is_a_look_that_the_participant_sees(pages):
    ada, cho, path = pages
    shared(ada, saved(ada, f"{PLAN}/edit", {"signs": "Not sleeping"}))
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    cho.get(link)
    assert "read an exercise or a plan that you shared" in ada.get("/my-record/looks").text


def test_only_steps_that_a_therapist_approved_are_offered(pages):
    ada, cho, path = pages
    saved(ada, f"{LADDER}/edit", STEPS)
    assert "nothing to choose from yet" in ada.get(RUNG).text
    shared(ada, ada.get(LADDER))
    assert "nothing to choose from yet" in ada.get(RUNG).text
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    page = cho.get(link)
    cho.submit(link, {"rows": ["1"]})
    page = ada.get(RUNG)
    assert [box.get("value") for box in page.all("input", name="rung") if box.get("value")] == ["Ride one stop"]
    ada.submit(RUNG, {"rung": "Stand on the platform", "action": "next"}, 422)
    ada.submit(RUNG, {"rung": "Ride one stop", "action": "next"})


def test_an_approval_outlives_a_change_of_other_steps_and_not_of_its_own(app, cast, pages):
    ada, cho, path = pages
    shared(ada, saved(ada, f"{LADDER}/edit", STEPS))
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    cho.get(link)
    cho.submit(link, {"rows": ["0", "1"]})
    saved(ada, f"{LADDER}/edit", {"steps-0-what": "Stand at the stairs"})
    [field] = [field for field in EXERCISES["one-rung"].asked if field.drawn_from]
    with app.app_context():
        assert list(choices_drawn(cast.ada, field)) == ["Ride one stop"]
    cho.get(link)
    cho.submit(link, {"rows": []})
    with app.app_context():
        assert not choices_drawn(cast.ada, field)
        assert len(db.session.scalars(db.select(StepApproval)).all()) == 2, "an approval that ended stays on record"


def test_a_row_that_is_not_there_is_not_approved(pages):
    ada, cho, path = pages
    shared(ada, saved(ada, f"{LADDER}/edit", STEPS))
    [link] = [a.get("href") for a in cho.get(path).all("a") if (a.get("href") or "").startswith(f"{path}/")]
    page = cho.get(link)
    assert "Stand on the platform" in words(page.one("main"))
    cho.submit(link, {"rows": ["7"]}, 422)


def test_the_verbs_do_not_ask_the_page(app, cast, browser):
    """Sharing, reading and approving hold for whoever calls them."""
    ada = browser("ada")
    saved(ada, f"{LADDER}/edit", STEPS)
    with app.app_context():
        ladder = exercises.living_plan(cast.ada, EXERCISES["the-ladder"])
        assert shared_practice(cast.ada, ladder.key) is None
        share(cast.ada, ladder, clock.now())
        approve_rows(cast.cho, cast.ada, ladder, [0, 99], clock.now())
        assert shared_practice(cast.ben, ladder.key) is None
        assert db.session.scalars(db.select(StepApproval.row)).all() == [0]
