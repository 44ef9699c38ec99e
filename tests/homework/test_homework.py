"""Homework: given by a therapist, due before a session, opened from Today, and never called failed."""

from datetime import date, timedelta

import pytest

from portal import clock, exercises, homework
from portal.db import db, new_key
from portal.exercises import EXERCISES
from portal.homework import Assignment
from portal.homework.models import Homework, HomeworkAnswer
from portal.people.models import Account
from portal.schedule.models import Session
from tests.browser import words
from tests.schedule.timetable import track

FRIDAY, MONDAY = date(2026, 3, 13), date(2026, 3, 16)


def given(**other):
    """What is given: the wave, once, by the end of Friday, unless told otherwise."""
    plain = {
        "kind": "exercise",
        "slug": "the-wave",
        "words": "",
        "why": "",
        "times": 1,
        "due_session_id": None,
        "due_day": date(2026, 3, 13),
        "batch": new_key(),
    }
    return Assignment(**plain | other)


@pytest.fixture
def groups(app, cast):
    """The ids of Ada's and Ben's group on Friday and on Monday, which Dr Cho leads."""
    with app.app_context():
        skills = track(cast.cho, cast.ada, cast.ben)
        db.session.commit()
        return [
            db.session.scalar(db.select(Session.id).where(Session.track_id == skills.id, Session.local_day == day))
            for day in (FRIDAY, MONDAY)
        ]


@pytest.fixture
def give(app, cast):
    """Give something to Ada, or to `people`; returns how many got it."""

    def to(*people, **other):
        with app.app_context():
            number = homework.give(cast.cho, people or [cast.ada], given(**other), clock.now())
            db.session.commit()
            return number

    return to


@pytest.fixture
def adas(app, cast):
    """What Ada was given, as it is now."""

    def read():
        with app.app_context():
            return homework.homework_of(cast.ada, clock.now())

    return read


def test_what_is_due_stands_on_today_with_one_tap_into_it(browser, give):
    give(why="We tried it together.")
    page = browser("ada").get("/today")
    [link] = [a for a in page.all("a") if words(a).startswith("Ride one wave")]
    assert link.get("href") == "/exercises/the-wave"
    assert "By Friday, 10 minutes" in words(link)


def test_finishing_the_exercise_is_doing_the_homework(browser, give, adas):
    give(times=2)
    ada = browser("ada")
    for state in ("started", "done"):
        ada.get("/exercises/the-wave")
        ada.submit("/exercises/the-wave", {"action": "finish"})
        assert [one.state for one in adas()] == [state]
    assert "Done" in ada.get("/today").text


def test_what_was_done_before_it_was_given_does_not_count(app, at, cast, give, adas):
    with app.app_context():
        exercises.finish(cast.ada, EXERCISES["the-wave"], new_key(), {"before": 3}, clock.now())
        db.session.commit()
    at.later(minutes=1)
    give()
    assert [one.state for one in adas()] == ["open"]


def test_a_draft_is_started_and_stands_once_on_today(browser, give, adas):
    give(slug="six-steps")
    ada = browser("ada")
    ada.get("/exercises/six-steps/steps/1")
    ada.submit("/exercises/six-steps/steps/1", {"problem": "The rent", "action": "draft"})
    assert [one.state for one in adas()] == ["started"]
    assert len([a for a in ada.get("/today").all("a") if a.get("href") == "/exercises/six-steps"]) == 1


def test_stuck_needs_no_reason_and_doing_it_is_no_longer_stuck(browser, give, adas):
    give()
    ada, [one] = browser("ada"), adas()
    ada.get(f"/homework/{one.key}")
    ada.submit(f"/homework/{one.key}", {"words": ""})
    assert [each.state for each in adas()] == ["stuck"]
    ada.get(f"/homework/{one.key}")
    ada.submit(f"/homework/{one.key}/done")
    assert [each.state for each in adas()] == ["done"]


def test_words_of_being_stuck_are_read_by_the_care_team(browser, cast, give, adas):
    give()
    ada, [one] = browser("ada"), adas()
    ada.get(f"/homework/{one.key}")
    ada.submit(f"/homework/{one.key}", {"words": "There is no quiet room."})
    assert "There is no quiet room." in browser("cho").get(f"/caseload/{cast.ada.key}/homework").text
    browser("dee").get(f"/caseload/{cast.ada.key}/homework", 404)
    browser("ben").get(f"/homework/{one.key}", 404)


def test_a_second_press_says_it_once(app, browser, give, adas):
    give()
    ada, [one] = browser("ada"), adas()
    form = ada.get(f"/homework/{one.key}").fields(f"/homework/{one.key}/done")
    for _ in range(2):
        ada.post(f"/homework/{one.key}/done", form)
    with app.app_context():
        assert len(db.session.scalars(db.select(HomeworkAnswer)).all()) == 1


def test_given_twice_by_the_same_form_is_given_once(cast, give):
    batch = new_key()
    assert give(cast.ada, cast.ben, batch=batch) == 2
    assert give(cast.ada, cast.ben, batch=batch) == 0


def test_it_is_due_before_the_group_and_moves_to_the_next_when_that_is_cancelled(app, groups, give, adas):
    give(due_session_id=groups[0], due_day=None)
    assert [one.due_in_words(date(2026, 3, 11)) for one in adas()] == ["before Friday's group"]
    with app.app_context():
        db.session.get(Session, groups[0]).status = "cancelled"
        db.session.commit()
    assert [one.due_day for one in adas()] == [MONDAY]
    with app.app_context():
        coming = db.session.scalars(db.select(Session).where(Session.local_day > FRIDAY))
        for one in coming:
            one.status = "cancelled"
        db.session.commit()
    [one] = adas()
    assert (one.due_day, one.due_in_words(date(2026, 3, 11))) == (None, "")


def test_what_is_over_leaves_today_and_is_never_called_failed(browser, at, give):
    give()
    at("2026-03-14T10:00")
    ada = browser("ada")
    assert "Ride one wave" not in words(ada.get("/today").one("main"))
    page = ada.get("/homework/")
    assert "Ride one wave" in page.text
    assert not {"failed", "late", "missed", "overdue"} & set(words(page.one("main")).lower().split())


def test_a_therapist_gives_it_to_one_of_theirs_and_takes_it_back(browser, cast, adas):
    cho, path = browser("cho"), f"/caseload/{cast.ada.key}/homework"
    cho.get(path)
    cho.submit(path, {"piece": "exercise:slow-breath", "due": "week", "times": "3", "why": "It helps at night."})
    [one] = adas()
    assert (one.title, one.due_day) == ("Paced breathing, 3 times", date(2026, 3, 18))
    assert "It helps at night." in browser("ada").get(f"/homework/{one.key}").text
    cho.get(path)
    cho.submit(f"{path}/{one.key}/withdraw")
    assert adas() == []
    browser("ada").get(f"/homework/{one.key}", 404)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"piece": ""}, "piece"),
        ({"piece": "exercise:juggling"}, "piece"),
        ({"piece": "own", "own": " "}, "own"),
        ({"due": "day", "day": ""}, "day"),
        ({"due": "day", "day": "03/01/2026"}, "day"),
        ({"times": "99"}, "times"),
        ({"why": "x" * 501}, "why"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(browser, cast, adas, typed, field):
    cho, path = browser("cho"), f"/caseload/{cast.ada.key}/homework"
    cho.get(path)
    page = cho.submit(path, {"piece": "exercise:the-wave", "due": "week", "why": "Kept"} | typed, 422)
    assert page.one("p", id=f"{field}-error") is not None
    assert adas() == []


def test_a_leader_gives_it_to_the_people_of_a_session_only_while_its_brief_is_open(browser, app, at, cast, groups):
    with app.app_context():
        key = db.session.get(Session, groups[0]).key
    path = f"/sessions/{key}/homework"
    browser("cho").get(path, 404)
    at("2026-03-13T12:30")
    cho = browser("cho")
    cho.get(path)
    cho.submit(path, {"piece": "own", "own": "Bring one sentence", "due": "next"})
    with app.app_context():
        rows = db.session.scalars(db.select(Homework)).all()
        assert {row.participant_id for row in rows} == {cast.ada.id, cast.ben.id}
        assert {row.due_session_id for row in rows} == {groups[1]}
    browser("dee").get(path, 404)


def test_before_the_group_its_leader_sees_who_is_ready_stuck_or_silent_and_no_words(
    app, browser, at, cast, groups, give, adas
):
    give(cast.ada, cast.ben, due_session_id=groups[0], due_day=None)
    ada, [one] = browser("ada"), adas()
    ada.get(f"/homework/{one.key}")
    ada.submit(f"/homework/{one.key}", {"words": "There is no quiet room."})
    with app.app_context():
        key = db.session.get(Session, groups[0]).key
    at("2026-03-13T12:30")
    page = browser("cho").get(f"/sessions/{key}/brief")
    assert "Homework: 1 stuck, 1 not said." in page.text
    assert "quiet room" not in page.text


def test_nothing_is_due_is_none_yet(app, browser, at, groups):
    with app.app_context():
        key = db.session.get(Session, groups[0]).key
    at("2026-03-13T12:30")
    page = browser("cho").get(f"/sessions/{key}/brief")
    assert "Homework: " not in words(page.one("p", class_="note"))


def test_somebody_who_left_is_not_given_anything(app, browser, at, cast, groups):
    with app.app_context():
        key = db.session.get(Session, groups[0]).key
        db.session.get(Account, cast.ben.id).disabled_at = clock.now()
        db.session.commit()
    at("2026-03-13T12:30")
    cho, path = browser("cho"), f"/sessions/{key}/homework"
    cho.get(path)
    cho.submit(path, {"piece": "exercise:the-wave", "due": "week"})
    with app.app_context():
        assert {row.participant_id for row in db.session.scalars(db.select(Homework))} == {cast.ada.id}


def weekly(at, give, ada, **other):
    """Three waves a week for four weeks, given on Wednesday, March 11."""
    give(times=3, weekly=True, due_day=date(2026, 4, 8), **other)
    ada.get("/exercises/the-wave")
    ada.submit("/exercises/the-wave", {"action": "finish"})


def test_what_repeats_begins_anew_every_week(browser, at, give, adas):
    ada = browser("ada")
    weekly(at, give, ada)
    [one] = adas()
    assert (one.title, one.state_words) == ("Ride one wave, 3 times a week", "Done once")
    assert one.due_in_words(date(2026, 3, 11)) == "by Sunday"
    at("2026-03-16T08:00")
    [one] = adas()
    assert (one.state, one.done) == ("open", 0)
    assert "By Sunday, 10 minutes" in words(browser("ada").get("/today").one("main"))


def test_what_repeats_ends_on_its_last_day(browser, at, give, adas):
    ada = browser("ada")
    weekly(at, give, ada)
    at("2026-04-07T08:00")
    [one] = adas()
    assert one.due_day == date(2026, 4, 8)
    at("2026-04-13T08:00")
    assert "Ride one wave" not in words(browser("ada").get("/today").one("main"))
    [one] = adas()
    assert (one.state, one.done) == ("started", 1)


def test_a_stuck_of_last_week_is_not_this_weeks(browser, at, give, adas):
    give(times=3, weekly=True, due_day=date(2026, 4, 8))
    ada, [one] = browser("ada"), adas()
    ada.get(f"/homework/{one.key}")
    ada.submit(f"/homework/{one.key}", {"words": "No quiet room."})
    assert [one.state for one in adas()] == ["stuck"]
    at("2026-03-16T08:00")
    assert [one.state for one in adas()] == ["open"]


def test_a_therapist_gives_it_for_every_week(browser, cast, adas):
    cho, path = browser("cho"), f"/caseload/{cast.ada.key}/homework"
    cho.get(path)
    cho.submit(path, {"piece": "exercise:the-wave", "times": "3", "due": "weekly"})
    [one] = adas()
    assert (one.weekly, one.times, one.due_day) == (True, 3, date(2026, 3, 15))


def test_the_topic_of_a_session_gives_its_worksheet_once_before_the_next_group(app, browser, at, cast, groups, adas):
    with app.app_context():
        held = db.session.get(Session, groups[0])
        held.worksheet = "the-wave"
        key = held.key
        db.session.commit()
    at("2026-03-13T15:50")
    cho, path = browser("cho"), f"/sessions/{key}/agreed"
    assert "Give “Ride one wave” to everyone, before the group on Mon, Mar 16" in words(cho.get(path).one("main"))
    cho.submit(path, {"first": "One wave a day."})
    assert [one.title for one in adas()] == ["Ride one wave"]
    assert "Everyone has Ride one wave to do, before the group on Mon, Mar 16." in words(cho.get(path).one("main"))
    cho.submit(path, {"first": "One wave a day.", "second": "Or two."})
    with app.app_context():
        rows = db.session.scalars(db.select(Homework)).all()
        assert {(row.participant_id, row.due_session_id) for row in rows} == {
            (cast.ada.id, groups[1]),
            (cast.ben.id, groups[1]),
        }


def test_the_topic_gives_nothing_where_its_leader_unticks_it(app, browser, at, groups, adas):
    with app.app_context():
        db.session.get(Session, groups[0]).worksheet = "the-wave"
        key = db.session.get(Session, groups[0]).key
        db.session.commit()
    at("2026-03-13T15:50")
    cho, path = browser("cho"), f"/sessions/{key}/agreed"
    cho.get(path)
    cho.submit(path, {"first": "One wave a day.", "topic": []})
    assert adas() == []


def test_only_the_last_ninety_days_are_listed(at, give, adas):
    give()
    at.later(minutes=int(timedelta(days=91).total_seconds()) // 60)
    assert adas() == []
