"""Closing the program on some days, from the page to the sessions."""

from datetime import datetime

import pytest
from sqlalchemy import select

from portal.db import db
from portal.program.models import Program
from portal.schedule.models import SessionChange
from tests.browser import words
from tests.schedule.planning import plans
from tests.schedule.timetable import track

PAGE = "/program/holidays"


def holidays(app) -> list[str]:
    with app.app_context():
        return db.session.get(Program, 1).holidays


def test_days_are_read_as_people_write_them_and_shown_as_dates(app, planner, cast):
    kit = planner()
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "12/25/2026\n2026-12-24\n"})
    assert holidays(app) == ["2026-12-24", "2026-12-25"]
    page = kit.get(kit.location)
    assert "Thursday, December 24, 2026" in page.text
    assert words(kit.get(PAGE).one("textarea", id="days")) == "12/24/2026 12/25/2026"


def test_a_line_that_is_no_day_is_named(app, planner, cast):
    kit = planner()
    kit.get(PAGE)
    page = kit.submit(PAGE, {"days": "12/25/2026\nNew Year"}, 422)
    assert "Line 2, “New Year”" in words(page.one("p", id="days-error"))
    assert holidays(app) == []


def test_sessions_on_a_new_one_are_cancelled_after_that_was_said(app, planner, cast, timetable):
    with app.app_context():
        track(cast.dee, title="Open house", skips_holidays=False, first_at=datetime(2026, 3, 9, 9))
        db.session.commit()
    kit = planner()
    kit.get(PAGE)
    page = kit.submit(PAGE, {"days": "3/16/2026\n3/18/2026"}, 200)
    assert "2 group sessions are cancelled." in page.text
    assert "2 other sessions on those days stay planned." in page.text
    assert holidays(app) == []
    kit.submit(PAGE, {})
    off = [s for s in plans.sessions(app, "Skills group") if s.status == "cancelled"]
    assert [s.wall_at.day for s in off] == [13, 16, 18]
    assert not [s for s in plans.sessions(app, "Open house") if s.status == "cancelled"]
    with app.app_context():
        told = db.session.execute(select(SessionChange.key, SessionChange.reason).order_by(SessionChange.id)).all()
    assert {row.reason for row in told[-2:]} == {"The program is closed that day."}
    assert len({row.key for row in told[-2:]}) == 1


def test_saving_the_same_days_again_cancels_nothing(app, planner, timetable):
    kit = planner()
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "3/16/2026"}, 200)
    kit.submit(PAGE, {})
    before = plans.changes(app)
    kit.get(PAGE)
    kit.submit(PAGE, {})
    assert plans.changes(app) == before


def test_a_day_that_is_taken_back_restores_nothing_and_the_page_says_so(app, planner, timetable):
    kit = planner()
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "3/16/2026"}, 200)
    kit.submit(PAGE, {})
    assert "brings nothing back by itself" in kit.get(PAGE).text
    kit.submit(PAGE, {"days": ""})
    assert holidays(app) == []
    assert [s.wall_at.day for s in plans.sessions(app, "Skills group") if s.status == "cancelled"] == [13, 16]


def test_what_is_over_stays_as_it_was(app, planner, timetable):
    kit = planner()
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "3/9/2026\n2/2/2026"})
    assert [s.wall_at.day for s in plans.sessions(app, "Skills group") if s.status == "cancelled"] == [13]


def test_the_topic_of_a_day_that_is_closed_comes_next(app, planner, cast):
    with app.app_context():
        topics = [{"title": title, "material": "", "worksheet": ""} for title in ("One", "Two", "Three")]
        made = track(cast.dee, title="Topics", first_at=datetime(2026, 3, 16, 9), topics=topics)
        from portal.schedule.tracks import give_topics

        give_topics(made, datetime.fromisoformat("2026-03-11T15:00+00:00"))
        db.session.commit()
    kit = planner()
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "3/18/2026"}, 200)
    kit.submit(PAGE, {})
    held = plans.sessions(app, "Topics")[:4]
    assert [s.topic for s in held if s.status == "planned"] == ["One", "Two", "Three"]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_the_days_are_for_coordinators(app, planner, who):
    person = planner(who)
    person.get(PAGE, 404)
    person.post(PAGE, {"days": "3/16/2026"}, 404)
    assert holidays(app) == []
