"""Saying beforehand that one cannot come: for whom, who reads why, and taking it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock, drafts, seal
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.seats import absences
from portal.schedule.seats.models import Absence
from tests.browser import words
from tests.on_record import told

REASON = "My sister's canarybirthday."


def rows(app) -> list[tuple]:
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(Absence.participant_id, Absence.withdrawn_at))]


def say(browser, key: str, reason: str = REASON, who: str = "ada", status: int = 303):
    person = browser(who)
    person.get(f"/sessions/{key}/absence")
    return person, person.submit(f"/sessions/{key}/absence", {"reason": reason}, status)


def test_the_page_says_first_who_reads_it(timetable, browser):
    page = browser("ada").get(f"/sessions/{timetable.wednesday}/absence")
    assert (page.title, page.heading) == ("Session | Foothold", "I can't make it")
    assert (
        "Who reads this: whoever leads the session, now Dr Cho. The coordinator sees that you can't make it"
        in page.text
    )
    assert "Skills group, Wednesday, March 11, 1:00 to 4:00 pm" in page.text


def test_it_is_kept_and_thanked_for_and_other_seats_come_next(app, cast, timetable, browser):
    ada, _ = say(browser, timetable.wednesday)
    assert ada.location == f"/sessions/{timetable.wednesday}/seats?saved=absent"
    page = ada.get(ada.location)
    assert words(page.one("p", role="status")) == "Thank you for telling us."
    assert rows(app) == [(cast.ada.id, None)]
    assert told(app, "absence.say") == [("absence.say", cast.ada.id, cast.ada.id, timetable.wednesday)]


def test_of_a_session_that_does_not_count_the_page_of_it_comes_next(app, cast, timetable, browser):
    with app.app_context():
        medicine = next(m for m in _all(cast.ada) if m.kind == "medication")
    ada, _ = say(browser, medicine.key)
    assert ada.location == f"/sessions/{medicine.key}?saved=absent"
    assert "Thank you for telling us." in ada.get(ada.location).text


def _all(person) -> list[own_meetings.OwnMeeting]:
    return own_meetings.between(person, clock.now() - timedelta(days=7), clock.now() + timedelta(days=14))


@pytest.mark.asvs("11.3.2")
def test_the_reason_is_sealed(app, cast, timetable, browser):
    say(browser, timetable.wednesday)
    with app.app_context():
        row = db.session.execute(select(Absence)).scalar_one()
        assert b"canarybirthday" not in row.reason
        assert seal.open(Absence.reason, row.reason, row.session_id, cast.ada.id) == REASON


@pytest.mark.asvs("8.2.3")
def test_the_reason_is_read_by_who_leads_the_session_alone(app, cast, timetable, browser):
    say(browser, timetable.wednesday)
    with app.app_context():
        group = staff_meetings.called(cast.kit, timetable.wednesday)
        assert absences.reasons(group, cast.cho) == {cast.ada.id: REASON}
        assert absences.reasons(group, cast.dee) == {} == absences.reasons(group, cast.kit)
        sessions.substitute(cast.kit, group, cast.dee, "Dr Cho is away.", clock.now())
        group = staff_meetings.called(cast.kit, timetable.wednesday)
        assert absences.reasons(group, cast.dee) == {cast.ada.id: REASON}
        assert absences.reasons(group, cast.cho) == {}


def test_no_reason_is_fine(app, cast, timetable, browser):
    say(browser, timetable.wednesday, "  ")
    with app.app_context():
        assert db.session.scalar(select(Absence.reason)) is None
        assert absences.reasons(staff_meetings.called(cast.cho, timetable.wednesday), cast.cho) == {}


def test_said_twice_it_is_said_once(app, cast, timetable, browser):
    say(browser, timetable.wednesday)
    say(browser, timetable.wednesday)
    assert rows(app) == [(cast.ada.id, None)]
    assert len(told(app, "absence.say")) == 1


def test_a_second_word_takes_the_place_of_the_first(app, cast, timetable, browser):
    say(browser, timetable.wednesday)
    ada = browser("ada")
    page = ada.get(f"/sessions/{timetable.wednesday}/absence")
    assert page.fields(f"/sessions/{timetable.wednesday}/absence")["reason"] == [REASON]
    say(browser, timetable.wednesday, "The car.")
    with app.app_context():
        assert absences.reasons(staff_meetings.called(cast.cho, timetable.wednesday), cast.cho) == {
            cast.ada.id: "The car."
        }


def test_it_can_be_taken_back_and_said_again(app, cast, timetable, browser, at):
    ada, _ = say(browser, timetable.wednesday)
    page = ada.get(f"/sessions/{timetable.wednesday}")
    assert "You told us you can't make it. Changed your mind? You are still welcome." in page.text
    for _ in range(2):  # the second press of the same button
        ada.post(f"/sessions/{timetable.wednesday}/absence/withdraw")
    assert ada.location == f"/sessions/{timetable.wednesday}?saved=coming"
    page = ada.get(ada.location)
    assert "Good to know." in page.text and "You told us you can't make it" not in page.text
    assert rows(app) == [(cast.ada.id, clock.now())]
    assert len(told(app, "absence.withdraw")) == 1
    with app.app_context():
        assert absences.reasons(staff_meetings.called(cast.cho, timetable.wednesday), cast.cho) == {}
    say(browser, timetable.wednesday, "")
    assert rows(app) == [(cast.ada.id, None)]


@pytest.mark.parametrize(("moment", "open_"), [("2026-03-11T15:59", True), ("2026-03-11T16:00", False)])
def test_it_can_be_said_until_the_session_is_over(timetable, browser, at, moment, open_):
    at(moment)
    ada = browser("ada")
    page = ada.get(f"/sessions/{timetable.wednesday}/absence")
    assert ("Tell them I can't make it" in page.text) == open_
    page = ada.post(f"/sessions/{timetable.wednesday}/absence", {"reason": REASON}, 303 if open_ else 422)
    if not open_:
        assert "This session is over" in page.text and REASON in page.text


def test_of_a_cancelled_session_there_is_nothing_to_tell(timetable, browser):
    ada = browser("ada")
    assert "This session is cancelled" in ada.get(f"/sessions/{timetable.friday}/absence").text
    ada.post(f"/sessions/{timetable.friday}/absence", {"reason": ""}, 422)


def test_a_reason_that_is_too_long_comes_back_whole(timetable, browser):
    long = "x" * 2001
    _, page = say(browser, timetable.wednesday, long, status=422)
    assert page.fields(f"/sessions/{timetable.wednesday}/absence")["reason"] == [long]
    assert "This is 1 character too long. 2000 fit." in page.text


def test_what_was_typed_outlives_a_session_that_ran_out(app, cast, timetable, browser, at):
    path = f"/sessions/{timetable.wednesday}/absence"
    ada = browser("ada")
    ada.get(path)
    at.later(minutes=16)
    ada.submit(path, {"reason": REASON})
    assert ada.location.startswith("/sign-in")
    again = browser("ada")
    page = again.get(path)
    assert "We kept what you typed" in page.text and page.fields(path)["reason"] == [REASON]
    again.submit(path)
    with app.app_context():
        assert drafts.kept(cast.ada, path) is None


@pytest.mark.asvs("8.2.2")
def test_nobody_says_it_for_another(app, timetable, browser):
    for who in ("ben", "cleo", "cho", "kit"):
        person = browser(who)
        person.get(f"/sessions/{timetable.alone}/absence", 404)
        person.post(f"/sessions/{timetable.alone}/absence", {"reason": "x"}, 404)
        person.post(f"/sessions/{timetable.alone}/absence/withdraw", status=404)
    assert rows(app) == []


def test_fellow_members_learn_nothing(timetable, browser):
    say(browser, timetable.wednesday)
    ben = browser("ben")
    for page in ("/today", "/schedule/", f"/sessions/{timetable.wednesday}"):
        text = ben.get(page).text
        assert "Ada" not in text and REASON not in text and "told us" not in text
