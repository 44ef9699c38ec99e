"""Agreements: lines written together at the end of a session, on Today at once and before the next one."""

import csv
import io

import pytest

from portal.db import db
from portal.homework.models import Agreement
from portal.schedule.models import Session
from tests.browser import words
from tests.schedule.timetable import session, track

WEDNESDAY, FRIDAY = "2026-03-11", "2026-03-13"
LINES = {"first": "Notice one urge a day.", "second": "Try the opposite once, small.", "third": ""}


@pytest.fixture
def groups(app, cast, at):
    """The keys of Ada's and Ben's groups by day, which Dr Cho leads from 1 to 4 pm; it is Wednesday, 3:50 pm."""
    at("2026-03-11T15:50")
    with app.app_context():
        skills = track(cast.cho, cast.ada, cast.ben)
        db.session.commit()
        rows = db.session.execute(db.select(Session.local_day, Session.key).where(Session.track_id == skills.id))
        return {str(row.local_day): row.key for row in rows}


def agree(browser, key, status=303, **lines):
    """Write the lines of a session as Dr Cho, on its page."""
    cho = browser("cho")
    cho.get(f"/sessions/{key}/agreed")
    return cho.submit(f"/sessions/{key}/agreed", LINES | lines, status)


def main(page):
    return words(page.one("main"))


def test_what_was_agreed_stands_on_today_at_once(browser, groups):
    agree(browser, groups[WEDNESDAY])
    assert "What we agreed today : “Notice one urge a day.” And 1 more." in main(browser("ada").get("/today"))
    shown = main(browser("ada").get("/homework/"))
    assert "Notice one urge a day." in shown and "Try the opposite once, small." in shown


def test_somebody_of_another_group_reads_none_of_it(browser, groups):
    agree(browser, groups[WEDNESDAY])
    assert "What we agreed" not in main(browser("cleo").get("/today"))
    assert "Notice one urge" not in main(browser("cleo").get("/homework/"))


def test_the_next_brief_begins_with_what_was_agreed(browser, groups, at):
    agree(browser, groups[WEDNESDAY])
    at("2026-03-13T12:30")
    page = main(browser("cho").get(f"/sessions/{groups[FRIDAY]}/brief"))
    assert "What we agreed on Wednesday Notice one urge a day. Try the opposite once, small." in page


def test_the_lines_of_the_session_itself_stand_after_those_before_it(browser, groups, at):
    agree(browser, groups[WEDNESDAY])
    at("2026-03-13T15:50")
    agree(browser, groups[FRIDAY], first="Bring one sentence.")
    page = main(browser("cho").get(f"/sessions/{groups[FRIDAY]}/brief"))
    assert page.index("What we agreed on Wednesday") < page.index("What we agreed today Bring one sentence.")


@pytest.mark.parametrize("now", ["2026-03-11T12:59", "2026-03-12T00:00"])
def test_it_is_written_from_the_start_of_the_session_to_the_end_of_its_day(browser, groups, at, now):
    at(now)
    cho = browser("cho")
    cho.get(f"/sessions/{groups[WEDNESDAY]}/agreed", 404)
    cho.post(f"/sessions/{groups[WEDNESDAY]}/agreed", LINES, 404)


def test_who_does_not_lead_the_session_cannot_write_it(browser, groups):
    for who in ("oduya", "kit", "ada"):
        browser(who).get(f"/sessions/{groups[WEDNESDAY]}/agreed", 404)
        browser(who).post(f"/sessions/{groups[WEDNESDAY]}/agreed", LINES, 404)


def test_the_same_lines_sent_twice_are_one_version(app, browser, groups):
    agree(browser, groups[WEDNESDAY])
    agree(browser, groups[WEDNESDAY])
    agree(browser, groups[WEDNESDAY], third="Call one person.")
    with app.app_context():
        kept = db.session.scalars(db.select(Agreement.number).order_by(Agreement.version)).all()
    assert kept == [2, 3]


def test_lines_taken_away_are_nowhere_anymore(browser, groups):
    agree(browser, groups[WEDNESDAY])
    agree(browser, groups[WEDNESDAY], first="", second="")
    assert "What we agreed" not in main(browser("ada").get("/today"))
    assert "What we agreed today" not in main(browser("cho").get(f"/sessions/{groups[WEDNESDAY]}/brief"))


def test_nothing_agreed_keeps_nothing(app, browser, groups):
    agree(browser, groups[WEDNESDAY], first="", second="")
    with app.app_context():
        assert db.session.scalars(db.select(Agreement.number)).all() == []


def test_a_line_that_is_too_long_is_refused_and_kept(browser, groups):
    page = agree(browser, groups[WEDNESDAY], 422, second="x" * 201)
    assert page.one("input", name="second").get("value") == "x" * 201


def test_after_a_week_it_leaves_today_and_stays_in_the_list(browser, groups, at):
    agree(browser, groups[WEDNESDAY])
    at("2026-03-18T14:00")
    assert "What we agreed" not in main(browser("ada").get("/today"))
    assert "Notice one urge a day." in main(browser("ada").get("/homework/"))


def test_lines_of_a_one_to_one_are_for_its_two_people(app, cast, browser, at):
    with app.app_context():
        mine = session("one_to_one", "2026-03-11T10:30", 45, cast.cho, cast.ada).key
        next_one = session("one_to_one", "2026-03-12T10:30", 45, cast.cho, cast.ada).key
        of_ben = session("one_to_one", "2026-03-12T13:00", 45, cast.cho, cast.ben).key
        db.session.commit()
    page = browser("cho").get(f"/sessions/{mine}/agreed")
    assert "It is shown to Ada and is part of their record." in main(page)
    agree(browser, mine)
    assert "What we agreed today" in main(browser("ada").get("/today"))
    at("2026-03-12T12:30")
    assert "What we agreed yesterday" in main(browser("cho").get(f"/sessions/{next_one}/brief"))
    assert "What we agreed" not in main(browser("cho").get(f"/sessions/{of_ben}/brief"))


def test_the_copy_of_the_record_holds_every_line(browser, groups):
    agree(browser, groups[WEDNESDAY])
    ada = browser("ada")
    ada.get("/my-record/given.csv")
    rows = list(csv.DictReader(io.StringIO(ada.answer.text.removeprefix("\ufeff"), newline="")))
    assert [row["What"] for row in rows] == [LINES["first"], LINES["second"]]
    assert {(row["Kind"], row["Session"]) for row in rows} == {("Agreed in a session", "Skills group, 2026-03-11")}
