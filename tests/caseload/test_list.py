"""The caseload page: everybody in the published order, at a constant price, as page and as fragment."""

from dataclasses import replace
from datetime import date, timedelta

import brotli
import pytest
from sqlalchemy import delete, select

from portal import checkins, people
from portal.audit.models import AuditEvent
from portal.checkins.models import CheckIn
from portal.db import db
from portal.flags.raising import raise_flag
from portal.people.contacts import new_account
from portal.people.models import CareRelationship
from portal.schedule.attendance import roster
from tests.browser import words
from tests.caseload.diary import TODAY, entry, month, write
from tests.house.source import ROOT
from tests.schedule.timetable import at as session_at
from tests.schedule.timetable import session, track

FIRST_VIEW = 18 * 1024  # bytes compressed, of a page for staff
SVG = "{http://www.w3.org/2000/svg}svg"
BEFORE = TODAY - timedelta(days=1)


def rows(page):
    return [words(page.parents[who]) for who in page.all("p", class_="who")]


def names(page):
    return [words(p.find("a")) for p in page.all("p", class_="who")]


@pytest.fixture
def enroll(app, cast, at):
    """`enroll(5)` adds five participants of Dr Cho's, each with 28 days of check-ins."""

    def add(count):
        with app.app_context():
            for number in range(count):
                account = new_account(
                    f"p{number}@example.org",
                    role="participant",
                    name=f"Person Number{number:02}",
                    called=f"P{number}",
                    password_hash="-",
                    zone="America/New_York",
                    created_at=at.now,
                )
                db.session.add(account)
                db.session.flush()
                care = {"therapist_id": cast.cho.id, "role": "primary", "starts_on": date(2026, 2, 2)}
                db.session.add(CareRelationship(participant_id=account.id, **care))
                write(account, *(replace(one, mood=number % 11, urges=one.for_day.day % 11) for one in month()))
            db.session.commit()

    return add


def test_everybody_stands_in_the_published_order_with_a_reason(app, cast, browser, at, enroll):
    enroll(3)
    with app.app_context():
        number = {p.name: p for p, _ in people.participants_of(cast.cho, at.now)}
        safety, change, quiet = (number[f"Person Number{n:02}"] for n in range(3))
        write(cast.ada, *month(mood=6))
        write(cast.ben, *month(mood=6))
        raise_flag(safety, "yes_talk", None, at.now)
        write(change, entry(hour=20, mood=9))
        db.session.execute(
            delete(CheckIn).where(CheckIn.participant_id == quiet.id, CheckIn.for_day > date(2026, 3, 7))
        )
        monday = session_at(track(cast.cho, cast.ben), "2026-03-09T13:00", cast.cho)
        roster.take_attendance(monday, cast.ben, "missed", None, cast.cho, at.now)
        db.session.commit()
    page = browser("cho").get("/caseload/")
    assert page.heading == "Who needs you today"
    assert names(page) == ["Person Number00", "Person Number01", "Person Number02", "Ben Whitaker", "Ada Moreno"]
    one, two, three, four, five = rows(page)
    assert (
        "Safety" in one and "Said “yes, and I want to talk to someone” to the safety question, today, 10:52 am." in one
    )
    assert "Change" in two and "Mood 9, usual is 0 to 2." in two
    assert "Quiet" in three and "No check-in for 4 days." in three
    assert "Missed" in four and "Missed group on Monday." in four and "Missed: 1 of 3" in four
    assert "In the usual range." in five
    assert [words(h2) for h2 in page.all("h2")] == ["Needs a look 4", "Steady 1"]
    assert "4 of 5 people need a look" in page.text


def test_within_a_kind_the_sooner_session_comes_first(app, cast, browser):
    with app.app_context():
        write(cast.ada, *month())
        write(cast.ben, *month())
        session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ben)
        db.session.commit()
    page = browser("cho").get("/caseload/")
    assert names(page) == ["Ben Whitaker", "Ada Moreno"]
    assert "One-to-one tomorrow, 10:00 am" in rows(page)[0]


def test_the_header_counts_who_needs_a_look_before_the_next_group(app, cast, browser, at):
    with app.app_context():
        track(cast.cho, cast.ada)
        raise_flag(cast.ada, "yes_safe", None, at.now)
        db.session.commit()
    assert "2 of 2 people need a look, 1 of them before group at 1:00 pm." in browser("cho").get("/caseload/").text
    at("2026-03-11T13:30")
    assert "before group" not in browser("cho").get("/caseload/").text


def test_the_choices_are_links_of_a_form_and_swap_only_the_list(app, cast, browser, at):
    with app.app_context():
        write(cast.ada, *month())
        track(cast.cho, cast.ada)
        db.session.commit()
    cho = browser("cho")
    assert names(cho.get("/caseload/?show=look")) == ["Ben Whitaker"]
    assert names(cho.get("/caseload/?show=groups")) == ["Ada Moreno"]
    assert names(cho.get("/caseload/?show=nonsense")) == ["Ben Whitaker", "Ada Moreno"]
    part = cho.get("/caseload/?show=look&rows=compact", fragment=True)
    assert not part.whole
    assert part.one("div", id="list").get("data-density") == "compact"
    assert words(part.one("p", id="shown")) == "Those who need a look: 1 of 2 people."


def test_an_empty_caseload_and_an_empty_choice_say_what_is_so(cast, browser, app):
    with app.app_context():
        db.session.execute(delete(CareRelationship).where(CareRelationship.therapist_id == cast.oduya.id))
        write(cast.ada, *month())
        write(cast.ben, *month())
        db.session.commit()
    assert "Nobody is in your care yet" in browser("oduya").get("/caseload/").text
    assert "Nobody needs a look right now" in browser("cho").get("/caseload/?show=look").text
    assert "None of your participants has a group with you today" in browser("cho").get("/caseload/?show=groups").text


@pytest.mark.asvs("8.2.2")
def test_a_therapist_sees_their_own_people_and_those_they_cover(browser):
    assert names(browser("cho").get("/caseload/")) == ["Ada Moreno", "Ben Whitaker"]
    assert names(browser("dee").get("/caseload/")) == ["Cleo Park"]
    covered = browser("oduya").get("/caseload/")
    assert names(covered) == ["Ada Moreno"]
    assert "Covering" in rows(covered)[0]


def test_a_flag_is_safety_for_the_covering_therapist_once_nothing_was_done_in_time(app, cast, browser, at):
    with app.app_context():
        write(cast.ada, *month())
        raise_flag(cast.ada, "yes_safe", None, at.now)
        db.session.commit()
    at("2026-03-11T12:51")
    assert "Safety" not in rows(browser("oduya").get("/caseload/"))[0]
    assert "Safety" in rows(browser("cho").get("/caseload/"))[0]
    at("2026-03-11T12:52")
    assert "Safety" in rows(browser("oduya").get("/caseload/"))[0]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_the_caseload_is_for_therapists(browser, who):
    someone = browser(who)
    someone.get("/caseload/", 404)
    someone.get("/caseload/rules", 404)


def test_unread_counts_what_nobody_has_read_in_its_latest_version(app, cast, browser, at):
    one, two = entry(BEFORE), entry(TODAY)
    with app.app_context():
        write(cast.ada, one, two)
        for each in (one, two):
            checkins.review(cast.oduya, cast.ada, checkins.find(cast.ada, each.key), None, at.now)
        db.session.commit()
    assert "Unread: 0" in rows(browser("cho").get("/caseload/"))[-1]
    with app.app_context():
        write(cast.ada, entry(TODAY, version=2, mood=2))
        db.session.commit()
    assert "Unread: 1" in rows(browser("cho").get("/caseload/"))[-1]


def test_a_chart_has_words_and_fewer_than_three_answers_have_words_alone(app, cast, browser):
    with app.app_context():
        write(cast.ada, *month(days=10, mood=6, urges=2), entry(hour=20, mood=4, urges=0))
        write(cast.ben, entry(mood=6))
        db.session.commit()
    page = browser("cho").get("/caseload/")
    assert [svg.get("aria-label") for svg in page.all(SVG, class_="spark")] == [
        "Mood 4 to 6, now 4; urges 0 to 2, now 0; 10 of 14 days"
    ]
    assert "1 check-in" in page.text


def test_a_listing_is_one_row_of_the_record_of_views(app, cast, browser):
    browser("cho").get("/caseload/")
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.actor_id == cast.cho.id))
        views = [(event.what, event.participant_id) for event in events if event.what.endswith(".view")]
    assert views == [("caseload.view", None)]


@pytest.mark.asvs("15.2.2")
def test_the_list_costs_the_same_with_two_people_and_with_sixty(browser, enroll):
    cho = browser("cho")
    cho.get("/caseload/")
    few = len(cho.selects)
    enroll(58)
    assert len(names(cho.get("/caseload/"))) == 60
    assert len(cho.selects) == few <= 8


def test_the_first_view_of_27_people_fits(browser, enroll):
    enroll(25)
    cho = browser("cho")
    page = cho.get("/caseload/", headers={"Accept-Encoding": "identity"})
    assert len(names(page)) == 27
    styles = sum(len(brotli.compress((ROOT / "static" / name).read_bytes())) for name in ("portal.css", "staff.css"))
    assert len(brotli.compress(page.html.encode(), quality=5)) + styles <= FIRST_VIEW


def test_the_rules_are_published(browser):
    text = browser("cho").get("/caseload/rules").text
    assert "(same day) of program time (weekdays, 8 am to 5 pm, holidays left out)" in text
    assert "No check-in for 3 days or more." in text
    assert "at least 1.5 points" in text
