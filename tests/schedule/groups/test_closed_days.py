"""Closing the program on some days, from the page to the sessions."""

from datetime import datetime

import pytest
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.program.models import Program
from portal.schedule.groups import tracks
from portal.schedule.models import SessionChange
from tests.browser import words
from tests.schedule import plans
from tests.schedule.timetable import session, track

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
    assert "does not bring its sessions back" in kit.get(PAGE).text
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
        from portal.schedule.groups.tracks import give_topics

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


def test_what_goes_and_what_stays_is_listed_by_day_with_links(app, planner, cast, timetable):
    with app.app_context():
        session("one_to_one", "2026-03-16T10:00", 50, cast.dee, cast.cleo, title="Cleo's hour")
        db.session.commit()
    kit = planner()
    kit.get(PAGE)
    page = kit.submit(PAGE, {"days": "3/16/2026"}, 200)
    look = page.one("div", id="confirm-preview")
    assert [words(h) for h in look.iter("h4")] == ["Monday, March 16, 2026"]
    lines = [words(line) for line in look.iter("li")]
    assert lines[-2:] == ["Cleo's hour , 10:00 am stays planned", "Skills group , 1:00 pm is cancelled"]
    assert len([a for a in look.iter("a") if (a.get("href") or "").endswith("/plan")]) == 2


def reopened(kit) -> None:
    """Close two days, and open one of them again."""
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "3/16/2026\n3/18/2026"}, 200)
    kit.submit(PAGE, {})
    kit.get(PAGE)
    kit.submit(PAGE, {"days": "3/18/2026"})
    kit.get(kit.location)


def test_a_day_that_is_open_again_restores_all_that_it_cancelled_and_nothing_else(app, planner, timetable):
    kit = planner()
    reopened(kit)
    section = kit.page.one("section", aria_labelledby="open-again")
    assert [words(line) for line in section.iter("li")] == ["Skills group , 1:00 pm"]
    assert [words(h) for h in section.iter("h3")] == ["Monday, March 16, 2026"]
    kit.submit(f"{PAGE}/restore", {})
    page = kit.get(kit.location)
    assert "The sessions take place again." in page.text
    assert not page.all("section", aria_labelledby="open-again")
    assert [s.wall_at.day for s in plans.sessions(app, "Skills group") if s.status == "cancelled"] == [13, 18]
    with app.app_context():
        last = db.session.scalars(select(SessionChange).order_by(SessionChange.id.desc())).first()
        assert (last.kind, last.reason) == ("restored", "The program is now open that day.")


def test_what_somebody_is_taken_for_by_now_stays_cancelled(app, planner, cast, timetable):
    kit = planner()
    reopened(kit)
    with app.app_context():
        session("one_to_one", "2026-03-16T14:00", 50, cast.cho, cast.cleo)
        db.session.commit()
    kit.submit(f"{PAGE}/restore", {})
    page = kit.get(kit.location)
    assert "by now" in page.text and page.all("section", aria_labelledby="open-again")
    assert [s.wall_at.day for s in plans.sessions(app, "Skills group") if s.status == "cancelled"] == [13, 16, 18]


@pytest.mark.parametrize("day", ["soon", ""])
def test_a_day_that_is_none_restores_nothing(app, planner, timetable, day):
    kit = planner()
    kit.post(f"{PAGE}/restore", {"day": day})
    assert kit.location == PAGE
    assert plans.changes(app) == 2  # those of the timetable


@pytest.mark.asvs("8.2.1")
def test_restoring_a_day_is_for_coordinators(planner, timetable):
    planner("cho").post(f"{PAGE}/restore", {"day": "2026-03-16"}, 404)


def test_the_topics_that_shift_are_named_before_the_day_is_closed(app, planner, cast):
    with app.app_context():
        group = track(
            cast.cho, cast.ada, topics=[{"title": t, "material": "", "worksheet": ""} for t in ("One", "Two")]
        )
        tracks.give_topics(group, clock.now())
        db.session.commit()
    kit = planner()
    kit.get(PAGE)
    page = kit.submit(PAGE, {"days": "3/13/2026"}, 200)
    assert "Topics shift: Mon, Mar 16 One becomes Two" in page.text
