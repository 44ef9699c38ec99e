"""Time away as a therapist or a coordinator enters and ends it, and what that opens and closes."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import program
from portal.db import db
from portal.people.care import time_away
from portal.people.care.on_call import on_call
from portal.people.models import TimeAway
from tests.browser import words

DAYS = {"first_day": "2026-03-12", "last_day": "2026-03-13"}


def enter(who, status=303, **said):
    who.get("/time-away")
    return who.submit("/time-away", {**DAYS, **said}, status)


def times(app):
    with app.app_context():
        found = select(TimeAway.first_day, TimeAway.last_day, TimeAway.cancelled_at).order_by(TimeAway.id)
        return [tuple(row) for row in db.session.execute(found)]


def beside(page, field):
    return words(page.one("p", id=f"{field}-error"))


def test_who_covers_opens_the_records_on_these_days_and_on_no_other(app, browser, cast, at):
    enter(browser("cho"), cover=cast.oduya.key)
    ben = f"/caseload/{cast.ben.key}"
    for moment, status in (
        ("2026-03-11T23:59", 404),
        ("2026-03-12T00:00", 200),
        ("2026-03-13T23:59", 200),
        ("2026-03-14T00:00", 404),
    ):
        at(moment)
        browser("oduya").get(ben, status)


def test_the_list_says_who_is_away_from_when_to_when_and_who_covers(app, browser, cast, at):
    enter(browser("cho"), cover=cast.oduya.key)
    cho, kit, oduya = browser("cho"), browser("kit"), browser("oduya")
    assert "You Thu, Mar 12 to Fri, Mar 13 Dr Oduya covers. Remove" in cho.get("/time-away").text
    assert "Dr Cho Thu, Mar 12 to Fri, Mar 13 Dr Oduya covers. Remove" in kit.get("/time-away").text
    theirs = oduya.get("/time-away")
    assert "Dr Cho Thu, Mar 12 to Fri, Mar 13 You cover." in theirs.text
    assert not [form for form in theirs.all("form") if (form.get("action") or "").endswith("/end")]
    assert "You are not away, and you cover for nobody." in browser("dee").get("/time-away").text
    at("2026-03-12T09:00")
    assert "Now Dr Oduya covers. End now" in browser("cho").get("/time-away").text


def test_a_coordinator_enters_anybodys(app, browser, cast):
    enter(browser("kit"), therapist=cast.cho.key, cover=cast.dee.key)
    assert times(app) == [(date(2026, 3, 12), date(2026, 3, 13), None)]


def test_a_therapist_enters_their_own_and_nobody_elses(app, browser, cast):
    enter(browser("cho"), therapist=cast.oduya.key, cover=cast.dee.key)
    with app.app_context():
        assert db.session.scalar(select(TimeAway.therapist_id)) == cast.cho.id


def test_it_is_ended_early_by_who_is_back_and_the_records_close_at_once(app, browser, cast, at):
    enter(browser("cho"), cover=cast.oduya.key)
    at("2026-03-12T09:00")
    oduya, cho = browser("oduya"), browser("cho")
    oduya.get(f"/caseload/{cast.ben.key}")
    with app.app_context():
        [one] = time_away.times_away_seen_by(cast.cho, date(2026, 3, 12))
    oduya.post(f"/time-away/{one.key}/end", {}, 404)
    cho.get("/time-away")
    cho.submit(f"/time-away/{one.key}/end")
    assert "Ended. Whoever covered can no longer open these records." in cho.get(cho.location).text
    oduya.get(f"/caseload/{cast.ben.key}", 404)
    cho.post(f"/time-away/{one.key}/end", {}, 404)


@pytest.mark.parametrize(
    ("said", "field", "words_"),
    [
        ({"first_day": "2026-03-10"}, "first_day", "This day is over. Begin today or later."),
        ({"last_day": "2026-03-11"}, "last_day", "The last day is before the first."),
        ({"last_day": "2027-04-30"}, "last_day", "This is longer than a year. Check the days."),
        ({"first_day": ""}, "first_day", "Choose the first day."),
        ({"last_day": ""}, "last_day", "Choose the last day."),
        ({"cover": ""}, "cover", "Choose who covers."),
        ({"cover": "nobody"}, "cover", "Choose who covers."),
        ({"therapist": ""}, "therapist", "Choose a therapist."),
        ({"cover": "cho"}, "cover", "Choose someone else: this therapist is the one who is away."),
        ({"first_day": "soon"}, "first_day", "Write the day as 12/24/2026."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(app, browser, cast, said, field, words_):
    said = {name: getattr(cast, value).key if value == "cho" else value for name, value in said.items()}
    page = enter(browser("kit"), 422, **{"therapist": cast.cho.key, "cover": cast.oduya.key, **said})
    assert beside(page, field) == words_
    assert times(app) == []


def test_days_that_are_entered_already_are_refused(app, browser, cast):
    enter(browser("cho"), cover=cast.oduya.key)
    page = enter(browser("cho"), 422, cover=cast.oduya.key, last_day="2026-03-12")
    assert beside(page, "first_day") == "Some of these days have already been entered."


def test_who_is_away_too_does_not_cover_while_somebody_else_is_there(app, browser, cast):
    enter(browser("oduya"), cover=cast.cho.key)
    page = enter(browser("cho"), 422, cover=cast.oduya.key)
    assert beside(page, "cover") == ("Dr Oduya is away too, Thu, Mar 12 to Fri, Mar 13. Choose someone who is there.")
    enter(browser("cho"), cover=cast.dee.key)


def test_where_everybody_is_away_one_of_them_covers_and_the_list_says_who_gets_flags(app, browser, cast, at):
    with app.app_context():
        program.change_settings(cast.kit, asks_safety=False)
        db.session.commit()
    enter(browser("oduya"), cover=cast.cho.key)
    enter(browser("dee"), cover=cast.cho.key)
    enter(browser("cho"), cover=cast.oduya.key)
    text = browser("kit").get("/time-away").text
    assert "Away too, Thu, Mar 12 to Fri, Mar 13: whoever is on call gets the safety flags then." in text


def test_the_last_one_on_call_names_another_in_the_same_form(app, browser, cast, at):
    page = enter(browser("dee"), 422, cover=cast.cho.key)
    assert "Nobody else would be on call on Thursday, March 12." in beside(page, "on_call")
    assert times(app) == []
    enter(browser("dee"), cover=cast.cho.key, on_call=cast.oduya.key)
    with app.app_context():
        assert [one.therapist.name for one in on_call(date(2026, 3, 12)) if not one.is_away] == ["Dr Oduya"]


def test_while_nothing_is_asked_about_safety_nobody_is_asked_who_is_on_call(app, browser, cast):
    with app.app_context():
        program.change_settings(cast.kit, asks_safety=False)
        db.session.commit()
    assert not browser("dee").get("/time-away").all("select", id="on_call")
    enter(browser("dee"), cover=cast.cho.key)


@pytest.mark.asvs("8.2.1")
def test_it_is_for_staff_and_found_from_their_pages(browser):
    browser("ada").get("/time-away", 404)
    assert browser("cho").get("/caseload/").all("a", href="/time-away")
    assert browser("kit").get("/program").all("a", href="/time-away")
