"""The day of a person is their own, late in the evening and early in the morning: not the program's, nor UTC's."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.checkins.models import CheckIn
from portal.db import db
from portal.measures.models import MeasureEntry
from tests.measures.asked import answered
from tests.page import words

# New York's time: in the first it is tomorrow in UTC, in the others it is tomorrow for Ada and not yet for Ben.
EVENINGS = [
    ("ada", "2026-03-11T21:30", date(2026, 3, 11)),
    ("ben", "2026-03-11T21:30", date(2026, 3, 11)),
    ("ada", "2026-03-12T01:30", date(2026, 3, 12)),
    ("ben", "2026-03-12T01:30", date(2026, 3, 11)),
    ("ben", "2026-03-12T03:30", date(2026, 3, 12)),
]
evenings = pytest.mark.parametrize(("who", "moment", "day"), EVENINGS)


@evenings
def test_todays_page_says_the_persons_own_day(browser, at, who, moment, day):
    at(moment)
    assert f"{day:%A, %B} {day.day} " in browser(who).get("/today").text


@evenings
def test_a_check_in_is_for_the_persons_own_day(app, browser, at, who, moment, day):
    at(moment)
    person = browser(who)
    form = person.get("/check-ins/new")
    assert form.fields("/check-ins/")["for_day"] == [f"{day}"]
    assert words(form.one("fieldset", id="for_day")) == "Which day is this for? Today Yesterday"
    person.submit("/check-ins/", {"mood": "5"})
    with app.app_context():
        assert db.session.scalars(select(CheckIn.for_day)).all() == [day]
    assert f"printed {day:%B} {day.day}, 2026" in person.get("/check-ins/").text


@pytest.mark.parametrize(("who", "midnight"), [("ada", "2026-03-12T00:00"), ("ben", "2026-03-12T03:00")])
def test_a_day_is_over_at_the_persons_own_midnight(browser, at, who, midnight):
    """What was answered this evening is said until then, and not a minute longer."""
    said, minute = "You checked in today at ", timedelta(minutes=1)
    at(at(midnight) - timedelta(hours=4))
    person = browser(who)
    person.get("/check-ins/new")
    person.submit("/check-ins/", {"mood": "5"})
    at(at(midnight) - minute)
    assert said in browser(who).get("/check-ins/new").text
    at(midnight)
    assert said not in browser(who).get("/check-ins/new").text


def test_what_is_today_for_the_program_and_not_yet_for_the_person_is_refused(app, browser, at):
    at("2026-03-12T01:30")
    ben = browser("ben")
    ben.get("/check-ins/new")
    ben.submit("/check-ins/", {"mood": "5", "for_day": "2026-03-12"}, 422)
    with app.app_context():
        assert db.session.scalars(select(CheckIn.key)).all() == []


@evenings
def test_a_history_ends_on_the_persons_own_day_for_whoever_reads_it(cast, browser, at, who, moment, day):
    at(moment)
    person = browser(who)
    person.get("/check-ins/new")
    person.submit("/check-ins/", {"mood": "5"})
    for page in (person.get("/check-ins/"), browser("cho").get(f"/caseload/{getattr(cast, who).key}")):
        rows = [words(row) for row in page.all("tr")]
        newest = next(row for row in rows if "Skipped" in row or "No check-in" in row)
        assert newest.startswith(f"{day:%a, %b} {day.day} 5 ")


@evenings
def test_a_measure_is_answered_on_the_persons_own_day(app, browser, at, who, moment, day):
    at(moment)
    answered(browser(who), "phq-2")
    with app.app_context():
        assert db.session.scalars(select(MeasureEntry.for_day)).all() == [day]
