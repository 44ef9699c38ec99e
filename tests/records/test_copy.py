"""A copy to take away: every version of everything, with zero, skipped, declined, not asked and missed told apart."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal import checkins, clock, exercises
from portal.checkins import question_plans, sets
from portal.checkins.sets import Target
from portal.db import db, new_key
from portal.exercises import EXERCISES
from portal.measures import INSTRUMENTS, measure_entries
from portal.people import contact_details
from tests.browser import words
from tests.on_record import told

TODAY = date(2026, 3, 11)
MOOD, URGES = "Mood (0 very low, 10 very good)", "Urges (0 none, 10 very strong)"


def taken(browser, path):
    """The file at `path` as a spreadsheet reads it."""
    browser.get(path)
    text = browser.answer.text
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.fixture
def week(app, cast, at):
    """Ada's last five days: a zero, a skip with a declined answer, the short set, a missed one, and a changed one."""
    now = at.now
    with app.app_context():
        plan = question_plans.choose(cast.cho, cast.ada, "daily", [Target("=to gamble")], None, at.now)
        days = {
            4: ({"mood": 0, "urges": 0, "substance_use": "no", "sleep_hours": 0.0, "target-1": 0}, plan),
            3: ({"mood": 4, "substance_use": "not_say", "note": '=1+1, "she said"\nand 🌊'}, plan),
            2: ({"mood": 3}, replace(plan, question_set=sets.latest("low"))),
            0: ({"mood": 7, "skills": ["walk", "music"], "safety": "no"}, plan),
        }
        for ago, (given, asked) in days.items():
            entered = at(now - timedelta(days=ago))
            checkins.log(
                cast.ada, given | {"for_day": TODAY - timedelta(days=ago)}, f"key-{ago}", entered, 40, plan=asked
            )
        entry = checkins.log(cast.ada, {"mood": 6, "for_day": TODAY}, "key-0", at.later(minutes=3), 9, plan=plan)
        checkins.review(cast.cho, cast.ada, entry, "Thank you, Ada.", at.later(minutes=1))
        db.session.commit()


def test_each_state_is_told_apart_in_the_file(browser, week):
    rows = taken(browser("ada"), "/my-record/check-ins.csv")
    assert [row["Day it is about"] for row in rows] == [f"2026-03-{day:02}" for day in (7, 8, 9, 10, 11, 11)]
    said = [(row[MOOD], row[URGES], row["Drank or used"], row["'=to gamble (0 none, 10 very strong)"]) for row in rows]
    assert said == [
        ("0", "0", "No", "0"),
        ("4", "Skipped", "Rather not say", "Skipped"),
        ("3", "Not asked", "Not asked", "Not asked"),
        ("No check-in",) * 4,
        ("7", "Skipped", "Skipped", "Skipped"),
        ("6", "Skipped", "Skipped", "Skipped"),
    ]
    assert rows[0]["Sleep (hours)"] == "0.0"
    assert rows[4]["Helped"] == "A walk, Music"
    assert [row["Note"] for row in rows[:3]] == ["Skipped", '\'=1+1, "she said"\nand 🌊', "Not asked"]


def test_the_file_has_every_version_with_its_times_and_who_read_it(browser, week):
    *_, first, changed = taken(browser("ada"), "/my-record/check-ins.csv")
    assert (first["Version (1 is the first)"], first["Latest version"], first["Seconds taken"], first["Read by"]) == (
        "1",
        "no",
        "40",
        "",
    )
    assert (changed["Version (1 is the first)"], changed["Latest version"], changed["Seconds taken"]) == (
        "2",
        "yes",
        "9",
    )
    assert (changed["Saved at"], changed["Time zone"], changed["Written on a later day"]) == (
        "2026-03-11 10:55",
        "America/New_York",
        "no",
    )
    assert (changed["Read by"], changed["Read at"], changed["Reply"]) == (
        "Dr Cho",
        "2026-03-11 10:56",
        "Thank you, Ada.",
    )


def test_what_was_said_after_the_safety_question_is_in_it(app, cast, browser, at):
    with app.app_context():
        phone = dict.fromkeys(contact_details.OWN) | {"phone": "(212) 555-0107"}
        contact_details.keep(cast.ada, phone, None, at.now)
        db.session.commit()
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "3", "safety": "yes_safe"})
    saved = ada.location
    ada.get(saved)
    ada.submit(saved.replace("saved", "safe-now"), {"safe_now": "not_sure"})
    at.later(minutes=1)
    ada.get(saved)
    ada.submit(saved.replace("saved", "call-me"))
    [row] = taken(ada, "/my-record/check-ins.csv")
    said = "Safe right now: not sure, 2026-03-11 10:52\nAsked to be called, 2026-03-11 10:53"
    assert row["Said after the safety question"] == said


def test_the_days_since_the_last_check_in_are_missed_days(browser, week, at):
    at.later(days=2)
    rows = taken(browser("ada"), "/my-record/check-ins.csv")
    assert [(row["Day it is about"], row[MOOD], row["Saved at"]) for row in rows[-2:]] == [
        ("2026-03-12", "No check-in", ""),
        ("2026-03-13", "No check-in", ""),
    ]


def test_a_skipped_answer_to_a_measure_is_no_zero(app, browser, cast, at):
    one = INSTRUMENTS["phq-9"]
    given = {item.id: 0 for item in one.items[:-2]}
    with app.app_context():
        measure_entries.keep(cast.ada, one, given, "answers-1", at.now)
        measure_entries.keep(cast.ada, one, given | {one.items[-1].id: 1}, "answers-1", at.later(minutes=1))
        db.session.commit()
    rows = taken(browser("ada"), "/my-record/questions.csv")
    first, changed = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    assert {row["Version (1 is the first)"] for row in first} == {"1"} and {
        row["Latest version"] for row in changed
    } == {"yes"}
    answers = [(row["Answer"], row["Points"]) for row in first]
    assert answers[0] == (one.items[0].answers[0].words, "0")
    assert ("Skipped", "") in answers
    assert (first[-1]["Question"], first[-1]["Points"]) == ("Total", "")
    assert [row["Question"] for row in changed][-1] == "Total"


def test_before_the_first_check_in_the_file_says_that_today_has_none(browser):
    ada = browser("ada")
    assert [(row["Day it is about"], row["Saved at"]) for row in taken(ada, "/my-record/check-ins.csv")] == [
        ("2026-03-11", "")
    ]
    assert taken(ada, "/my-record/questions.csv") == []


@pytest.mark.asvs("5.4.1", "5.4.2")
@pytest.mark.parametrize("name", ["check-ins", "questions", "practice"])
def test_a_copy_is_put_on_record_and_is_a_file_with_nobodys_name(app, browser, cast, week, name):
    ada = browser("ada")
    ada.get(f"/my-record/{name}.csv")
    assert ada.answer.headers["Content-Disposition"] == f"attachment; filename={name}.csv"
    assert ada.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in ada.answer.headers["Cache-Control"]
    assert told(app, "record.export") == [("record.export", cast.ada.id, cast.ada.id, name)]


def test_only_they_themselves_get_their_copy_and_only_after_showing_who_they_are(browser, week, at):
    ada = browser("ada")
    assert words(ada.get("/my-record").one("section", id="copy")).count("Download") == 5
    at.later(minutes=6)
    page = ada.get("/my-record")
    assert "Download" not in words(page.one("section", id="copy"))
    ada.get("/my-record/check-ins.csv", 303)
    assert ada.location.startswith("/confirm?next=/my-record/check-ins.csv")
    ben = taken(browser("ben"), "/my-record/check-ins.csv")
    assert [row["Day it is about"] for row in ben] == [str(clock.day_of(at.now, "America/New_York"))]
    for staff in ("cho", "kit"):
        browser(staff).get("/my-record/check-ins.csv", 404)


def test_every_answer_of_every_practice_plan_and_draft_is_in_it(browser):
    ada = browser("ada")
    ada.get("/exercises/the-wave")
    ada.submit("/exercises/the-wave", {"before": "0", "body": ["chest", "jaw"], "action": "finish"})
    ada.get("/exercises/short-log")
    ada.submit("/exercises/short-log", {"strength": "7", "what": "=HYPERLINK()", "action": "draft"})
    ada.get("/safety-plan/edit")
    ada.submit("/safety-plan/edit", {"ask-0-who": "Jo", "ask-0-phone": "212 555 0188", "action": "finish"})
    found = {(row["Exercise or plan"], row["Question"]): row for row in taken(ada, "/my-record/practice.csv")}
    assert found["Ride one wave", "How strong is it right now?"]["Your answer"] == "0"
    assert found["Ride one wave", "Where is it in your body?"]["Your answer"] == "Chest, Jaw"
    assert found["Ride one wave", "How strong is it now?"]["Your answer"] == "Skipped"
    craving = found["Note one craving", "A craving for what?"]
    assert (craving["Your answer"], craving["Finished"]) == ("'=HYPERLINK()", "No, it is a draft")
    assert found["My safety plan", "People I can tell how bad it is"]["Your answer"] == "Jo 212 555 0188"


def test_an_answer_that_is_no_longer_asked_is_in_it(app, browser, cast, at):
    with app.app_context():
        exercises.finish(cast.ada, EXERCISES["slow-breath"], new_key(), {"once": "asked"}, at.now)
        db.session.commit()
    rows = taken(browser("ada"), "/my-record/practice.csv")
    assert {"Something that is no longer asked": "asked"}.items() <= {
        r["Question"]: r["Your answer"] for r in rows
    }.items()
