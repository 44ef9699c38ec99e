"""The report as a page and as a file: for coordinators, on record, and the same cost for any number of people."""

import csv
import io

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEvent
from portal.db import db
from portal.schedule.models import Session, Track
from portal.spreadsheet import BYTE_ORDER_MARK
from portal.web import A_PAGE
from tests.browser import BUDGET, words
from tests.schedule.attendance import crowd
from tests.schedule.timetable import track
from tests.world import MARKS

PAGE, FILE = "/schedule/report", "/schedule/report.csv"


def rows(page, name: str) -> list[list[str]]:
    """The cells of the table whose section has this label."""
    section = page.one("section", aria_label=name)
    return [[words(cell) for cell in row if cell.tag in ("th", "td")] for row in section.iter("tr")]


def events(app) -> list[tuple]:
    with app.app_context():
        asked = select(AuditEvent.what, AuditEvent.participant_id, AuditEvent.subject).order_by(AuditEvent.id)
        return [tuple(event) for event in db.session.execute(asked) if event.what.startswith("report.")]


def test_the_page_says_the_week_in_numbers(timetable, browser):
    page = browser("kit").get(PAGE)
    assert (page.title, page.heading) == ("Report | Foothold", "March 9 to 15")
    assert "Attendance 100% : came to 1 of 1 that are marked. 1 not marked yet." in page.text
    assert "Hours 3 h attended in all, by 1 of 3 people. 9 h 30 min more planned." in page.text
    assert "1 held, 6 to come, 1 cancelled, 1 moved. 1 with attendance still to take." in page.text
    assert rows(page, "Table of those under their target") == [
        ["Name", "Short by", "Attended", "Still planned", "Target", "Not marked yet"],
        ["Cleo Park", "8 h 10 min", "0 h", "50 min", "9 h", "0"],
        ["Ben Whitaker", "5 h 10 min", "0 h", "3 h 50 min", "9 h", "1"],
        ["Ada Moreno", "2 h 10 min", "3 h", "4 h 50 min", "10 h", "0"],
    ]
    assert rows(page, "Table of everyone's week")[1] == [
        *("Ada Moreno", "Intensive outpatient", "3 h", "10 h", "1 of 1", "0"),
        *("1", "0", "0", "0", "0", "0", "0"),
    ]
    assert "Skills group , Fri, Mar 13, 1:00 pm : Dr Cho is away. (Dr Cho)" in page.text
    assert "Family session , Tue, Mar 10, 5:00 pm to Thu, Mar 12, 5:30 pm : Jo works late" in page.text


def test_the_page_says_how_it_counts(timetable, browser):
    details = words(browser("kit").get(PAGE).one("details"))
    assert "Counted for hours, attendance and services: group, one-to-one, family session." in details
    assert "Nothing counts before attendance is taken." in details


def test_another_week_is_a_link_away(timetable, browser):
    kit = browser("kit")
    page = kit.get(PAGE)
    assert page.all("a", href=f"{PAGE}?week=2026-03-16") and page.all("a", href=f"{FILE}?week=2026-03-09")
    assert kit.get(f"{PAGE}?week=2026-03-18").heading == "March 16 to 22"


def test_an_empty_week_says_so(cast, browser):
    page = browser("kit").get(f"{PAGE}?week=2025-06-02")
    for said in ("Nothing is marked yet.", "No sessions this week.", "Nobody is in the program this week."):
        assert said in page.text
    assert "Every session of the week is where it was planned." in page.text


def test_a_week_that_is_none_is_said_to_be_none(cast, browser):
    kit = browser("kit")
    assert "That is not a week we can show" in kit.get(f"{PAGE}?week=soon", status=422).text
    kit.get(f"{FILE}?week=soon", status=303)
    assert kit.location == f"{PAGE}?week=soon"


def test_the_file_has_a_line_for_each_person_and_a_name_that_says_nothing(timetable, browser):
    kit = browser("kit")
    kit.get(f"{FILE}?week=2026-03-11")
    assert kit.answer.headers["Content-Disposition"] == "attachment; filename=week-2026-03-09.csv"
    assert kit.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert kit.answer.headers["Cache-Control"] == "no-store"
    read = list(csv.DictReader(io.StringIO(kit.answer.text.removeprefix(BYTE_ORDER_MARK), newline="")))
    assert [(row["Name"], row["Attended minutes"], row["Planned minutes"]) for row in read] == [
        ("Ada Moreno", "180", "290"),
        ("Ben Whitaker", "0", "230"),
        ("Cleo Park", "0", "50"),
    ]


@pytest.mark.asvs("7.5.1")
def test_the_file_wants_a_fresh_proof_and_the_page_does_not(timetable, browser, at):
    kit = browser("kit")
    at.later(minutes=6)
    page = kit.get(f"{PAGE}?week=2026-03-09")
    assert not page.all("a", href=f"{FILE}?week=2026-03-09")
    assert page.all("a", href="/confirm?next=/schedule/report?week%3D2026-03-09")
    kit.get(f"{FILE}?week=2026-03-09", status=303)
    assert kit.location.startswith("/confirm?next=/schedule/report.csv")


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho", "dee"])
def test_the_report_is_for_coordinators(timetable, browser, who):
    browser(who).get(PAGE, status=404)
    browser(who).get(FILE, status=404)


@pytest.mark.asvs("15.3.1")
def test_nothing_that_a_participant_wrote_is_in_it(fill_clinic, browser):
    kit = browser("kit")
    fill_clinic()
    page = kit.get(PAGE)
    kit.get(FILE)
    for mark in MARKS.values():
        assert mark not in page.text and mark not in kit.answer.text


@pytest.mark.asvs("16.2.1")
def test_looking_and_taking_it_out_are_kept_in_the_record(app, timetable, browser):
    kit = browser("kit")
    kit.get(PAGE)
    kit.get(f"{FILE}?week=2026-03-02")
    assert events(app) == [("report.view", None, "2026-03-09"), ("report.export", None, "2026-03-02")]


def test_five_hundred_people_take_as_few_selects_as_three(app, cast, timetable, browser):
    kit = browser("kit")
    kit.get(PAGE)
    few = len(kit.selects)
    with app.app_context():
        people = crowd.people(500)
        for account in people:
            crowd.stay(account)
        for n in range(10):
            track(cast.cho, *people[50 * n : 50 * n + 50], rule="FREQ=DAILY", minutes=60, capacity=500)
        db.session.commit()
        assert db.session.query(Track).count() == 11 and db.session.query(Session).count() > 1000
    page = kit.get(PAGE)
    assert len(kit.selects) == few <= BUDGET["coordinator"]
    assert len(rows(page, "Table of everyone's week")) == 1 + A_PAGE and "of 503 people" in page.text
    kit.get(FILE)
    assert len(kit.selects) == few
    assert kit.answer.text.count("\r\n") == 504
