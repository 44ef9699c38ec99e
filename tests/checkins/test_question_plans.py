"""What one person is asked: chosen by their therapist, in versions, with targets in the person's own words."""

from datetime import date

import pytest

from portal import checkins, program
from portal.audit.models import AuditEvent
from portal.checkins import question_plans, sets
from portal.checkins.models import CheckIn, CheckInPlan
from portal.checkins.sets import Target
from portal.db import db

URGE = "urge to gamble"
DAY = date(2026, 3, 11)


def choose(app, cast, at, name="dbt", targets=(URGE,), goal=None, who="ada"):
    with app.app_context():
        plan = question_plans.choose(
            cast.cho, getattr(cast, who), name, [Target(words) for words in targets], goal, at.now
        )
        db.session.commit()
    return plan


def question_plan_of(app, person):
    with app.app_context():
        return question_plans.question_plan_of(person, program.current())


def kept(app):
    with app.app_context():
        query = db.select(CheckIn).order_by(CheckIn.entered_at, CheckIn.key, CheckIn.version)
        return [(c.question_set, c.question_set_version, c.plan_key, c.answers) for c in db.session.scalars(query)]


def test_without_a_choice_the_set_of_the_program_holds(app, cast):
    from portal.program.models import Program

    assert question_plan_of(app, cast.ada).question_set.slug == "daily-2"
    with app.app_context():
        db.session.get(Program, 1).question_set = "ocd"
        db.session.commit()
    assert question_plan_of(app, cast.ada).question_set.slug == "ocd-1"
    with app.app_context():
        db.session.get(Program, 1).question_set = "no-such"
        db.session.commit()
    assert question_plan_of(app, cast.ada).question_set.slug == "daily-2"


def test_the_latest_choice_holds_and_the_one_before_stays_as_it_was(app, cast, at):
    first = choose(app, cast, at, targets=[URGE])
    choose(app, cast, at, "ocd", [])
    held = question_plan_of(app, cast.ada)
    assert (held.question_set.name, held.targets) == ("ocd", ())
    with app.app_context():
        before = question_plans.question_plan_called(cast.ada, program.current(), first.key)
    assert (before.question_set.name, before.targets) == ("dbt", (Target(URGE),))
    assert question_plan_of(app, cast.ben).key is None


def test_targets_and_goal_are_sealed_and_the_choice_is_on_record(app, cast, at):
    choose(app, cast, at, goal="My daughter at the beach")
    with app.app_context():
        row = db.session.scalars(db.select(CheckInPlan)).one()
        told = [e.what for e in db.session.scalars(db.select(AuditEvent))]
    assert URGE.encode() not in row.targets
    assert b"beach" not in row.goal
    assert told == ["checkin_plan.choose"]


@pytest.mark.parametrize(
    ("name", "targets", "goal"),
    [
        ("no-such", [], None),
        ("dbt", ["a"] * 4, None),
        ("dbt", ["x" * 61], None),
        ("dbt", [""], None),
        ("dbt", [], "x" * 201),
    ],
)
def test_what_does_not_fit_is_refused(app, cast, at, name, targets, goal):
    with pytest.raises(ValueError):
        choose(app, cast, at, name, targets, goal)


def test_the_plan_of_somebody_else_is_nobodys(app, cast, at):
    plan = choose(app, cast, at)
    with app.app_context():
        assert question_plans.question_plan_called(cast.ben, program.current(), plan.key) is None


def test_the_form_asks_what_was_chosen_with_the_goal_on_top(app, cast, at, browser):
    choose(app, cast, at, goal="My daughter at the beach")
    page = browser("ada").get("/check-ins/new")
    assert "My daughter at the beach" in page.text
    asked = [e.get("id") for e in page.all("fieldset")] + [e.get("name") for e in page.all("textarea")]
    assert {"sad", "target-1", "urge-quit", "acted", "skill-use", "note"} <= set(asked)
    assert "anxiety" not in asked
    assert "target-2" not in asked
    assert URGE in page.text


def test_answers_beyond_the_named_items_are_kept_by_item_and_only_the_given_ones(app, cast, at, browser):
    plan = choose(app, cast, at)
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "4", "sad": "0", "acted": "not_say", "target-1": "7", "skill-use": "5"})
    assert kept(app) == [("dbt", 2, plan.key, {"sad": 0, "acted": "not_say", "target-1": 7, "skill-use": 5})]
    text = ada.get(ada.location).text
    assert "Sad 0" in text
    assert "Skipped Angry," in text
    assert "Acted on an urge Rather not say" in text
    assert f"{URGE} 7" in text
    assert "Skill use 5: I used one, and it helped a little" in text
    assert "Not asked" not in text, "of a whole card that is no news"


def test_old_answers_keep_the_words_they_were_given_to(app, cast, at, browser):
    choose(app, cast, at)
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "4", "target-1": "7"})
    first = ada.location
    at.later(minutes=2)
    choose(app, cast, at, targets=["urge to check the door", URGE])
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "5", "target-1": "2", "target-2": "3"})
    assert f"{URGE} 7" in ada.get(first).text
    page = ada.get("/check-ins/")
    assert "urge to check the door 2" in page.text
    heads = [h.text for h in page.one("thead").iter("th")]
    rows = [["".join(cell.itertext()) for cell in row] for row in page.one("tbody")]
    gamble, door = heads.index(URGE), heads.index("urge to check the door")
    assert [(row[gamble], row[door]) for row in rows[:2]] == [("3", "2"), ("7", "Not asked")]


def test_a_form_that_was_open_when_the_plan_changed_is_read_by_the_questions_it_showed(app, cast, at, browser):
    first = choose(app, cast, at)
    ada = browser("ada")
    form = ada.get("/check-ins/new").fields("/check-ins/")
    choose(app, cast, at, targets=["urge to check the door"])
    ada.post("/check-ins/", form | {"mood": "4", "target-1": "7"})
    assert kept(app) == [("dbt", 2, first.key, {"target-1": 7})]


def test_a_draft_never_answers_a_target_that_has_other_words_now(app, cast, at, browser):
    choose(app, cast, at)
    ada = browser("ada")
    fields = ada.get("/check-ins/new").fields("/check-ins/")
    ada.post("/account/drafts", fields | {"mood": "4", "target-1": "7", "_form": "/check-ins/"}, status=200)
    assert ada.get("/check-ins/new").fields("/check-ins/")["target-1"] == ["7"]
    choose(app, cast, at, targets=["urge to check the door"])
    fields = ada.get("/check-ins/new").fields("/check-ins/")
    assert (fields["mood"], fields.get("target-1")) == (["4"], None)


def test_the_shorter_one_is_for_this_once(app, cast, at, browser):
    choose(app, cast, at)
    ada = browser("ada")
    page = ada.get("/check-ins/new")
    assert page.all("a", href="/check-ins/new?set=low")
    page = ada.get("/check-ins/new?set=low")
    asked = [e.get("id") for e in page.all("fieldset")]
    assert asked[:4] == ["for_day", "mood", "safety", "sad"], "the rest is folded behind these"
    ada.submit("/check-ins/", {"mood": "0"})
    assert "Not asked anything else" in ada.get(ada.location).text
    assert kept(app)[0][:2] == ("low", 1)
    assert ada.get("/check-ins/new").all("fieldset", id="sad")


def test_a_change_asks_what_was_asked_then(app, cast, at, browser):
    ada = browser("ada")
    ada.get("/check-ins/new?set=low")
    ada.submit("/check-ins/", {"mood": "4"})
    key = ada.location.split("/")[2]
    choose(app, cast, at)
    page = ada.get(f"/check-ins/new?change={key}")
    asked = {e.get("id") for e in page.all("fieldset")}
    assert "anxiety" in asked
    assert "sad" not in asked, "what was chosen later asks from the next check-in on"
    ada.submit("/check-ins/", {"mood": "5"})
    assert [row[0] for row in kept(app)] == ["low", "low"]
    ada.get(f"/check-ins/new?change={key}")
    ada.submit("/check-ins/", {"anxiety": "3"})
    assert [row[0] for row in kept(app)] == ["low", "low", "daily"]


@pytest.mark.parametrize(
    "sent",
    [
        {"asked": "no-such-1"},
        {"asked": "../daily-1"},
        {"plan": "p" * 22},
        {"juggling": "5"},
        {"sad": "3"},
        {"target-1": "3"},
    ],
)
def test_what_was_not_asked_is_refused_and_everything_is_kept(app, browser, sent):
    ada = browser("ada")
    ada.get("/check-ins/new")
    page = ada.submit("/check-ins/", {"mood": "5", "note": "a long evening"} | sent, 422)
    assert page.one("div", id="errors") is not None
    fields = page.fields("/check-ins/")
    assert (fields["mood"], fields["note"]) == (["5"], ["a long evening"])
    assert kept(app) == []
    ada.submit("/check-ins/")
    assert len(kept(app)) == 1


def test_a_set_from_before_is_still_read_when_a_check_in_names_it(app, cast, at):
    answers = {"mood": 4, "for_day": DAY}
    with app.app_context():
        entry = checkins.log(cast.ada, answers, "a-key-of-ada", at.now, question_set=sets.latest("low"))
        db.session.commit()
    assert entry.said("urges").words == "Not asked"
    assert entry.said("safety").words == "Skipped"


def test_a_change_of_what_only_this_set_asks_is_a_new_version_and_the_same_again_is_none(app, cast, at, browser):
    choose(app, cast, at)
    ada = browser("ada")
    form = ada.get("/check-ins/new").fields("/check-ins/") | {"mood": "4", "sad": "0"}
    for sent in (form, form, form | {"sad": "1"}, {k: v for k, v in form.items() if k != "sad"}):
        ada.post("/check-ins/", sent)
    assert [row[3] for row in kept(app)] == [{"sad": 0}, {"sad": 1}, {}]
