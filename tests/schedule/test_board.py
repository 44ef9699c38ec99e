"""The coordinator's week: by day, by room and by leader, with what was changed and who has not seen it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from portal.db import db
from portal.schedule import session_changes
from portal.schedule.models import Session, Track
from portal.schedule.seats.models import Absence
from tests.browser import words
from tests.schedule.timetable import session, track


def cards(page) -> list[str]:
    return [words(card) for card in page.all("div", class_="sess")]


def test_the_week_by_day_shows_every_session_and_leads_to_its_plan(timetable, browser):
    page = browser("kit").get("/schedule/")
    assert (page.title, page.heading) == ("Schedule | Foothold", "March 9 to 15")
    assert "Skills group 1:00 to 4:00 pm Dr Cho, Room 204, or by video 2 of 12 seats 1 of 2 taken" in cards(page)
    assert "Cleo's hour 12:00 to 12:50 pm Dr Dee Cleo Park" in cards(page)
    assert page.all("a", href=f"/sessions/{timetable.cleos}/plan")


def test_what_is_cancelled_is_struck_through_and_what_is_moved_says_from_when(timetable, browser):
    page = browser("kit").get("/schedule/")
    off = [card for card in page.all("div", class_="sess") if "Cancelled" in words(card)]
    assert [words(s) for card in off for s in card.iter("s")] == ["Skills group", "1:00 to 4:00 pm"]
    assert any("Moved was Tue, Mar 10, 5:00 pm" in card for card in cards(page))


def test_it_says_how_many_have_not_seen_a_change(app, cast, timetable, browser):
    kit = browser("kit")
    text = kit.get("/schedule/").text
    assert "2 have not seen this" in text
    assert "1 has not seen this" in text
    with app.app_context():
        from portal.schedule.models import SessionChange

        friday = db.session.scalar(select(Session.id).where(Session.key == timetable.friday))
        key = db.session.scalar(select(SessionChange.key).where(SessionChange.session_id == friday))
        session_changes.see(cast.ada, key, datetime.fromisoformat("2026-03-11T15:00+00:00"))
        db.session.commit()
    text = kit.get("/schedule/").text
    assert "2 have not seen this" not in text
    assert text.count("1 has not seen this") == 2


def test_it_says_who_cannot_come_and_where_seats_are_short(app, cast, timetable, browser, at):
    with app.app_context():
        wednesday = db.session.scalar(select(Session.id).where(Session.key == timetable.wednesday))
        db.session.add(Absence(session_id=wednesday, participant_id=cast.ada.id, said_at=at.now))
        db.session.execute(update(Track).values(capacity=1))
        db.session.commit()
    text = browser("kit").get("/schedule/").text
    assert "2 of 1 seats, 1 cannot come" in text
    assert "1 over" in text


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("room", ["Room 110", "Room 204", "No room"]),
        ("facilitator", ["Dr Cho", "Dr Dee", "Dr Oduya"]),
    ],
)
def test_the_week_is_a_table_by_room_and_by_leader(timetable, browser, by, rows):
    page = browser("kit").get(f"/schedule/?by={by}")
    assert [words(th) for th in page.all("th", scope="row")] == rows
    assert len(page.all("th", scope="col")) == 8
    assert words(page.one("a", aria_current="true")) == {"room": "By room", "facilitator": "By leader"}[by]
    assert len(cards(page)) == 8
    assert f"/schedule/?week=2026-03-16&by={by}" in {a.get("href") for a in page.all("a")}


def test_rooms_stand_as_people_count_them(app, cast, browser):
    with app.app_context():
        for number in (112, 3, 1, 5):
            session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ada, room=f"Room {number}")
        db.session.commit()
    page = browser("kit").get("/schedule/?by=room")
    assert [words(th) for th in page.all("th", scope="row")] == ["Room 1", "Room 3", "Room 5", "Room 112"]


def test_this_week_leads_down_to_today(timetable, browser):
    kit = browser("kit")
    page = kit.get("/schedule/")
    assert page.all("a", href="#today") and page.one("li", id="today") is not None
    assert not kit.get("/schedule/?week=2026-03-16").all("a", href="#today")


def test_another_way_to_lay_it_out_is_by_day(timetable, browser):
    assert browser("kit").get("/schedule/?by=mood").one("ol", class_="days") is not None


def test_an_empty_week_says_so(timetable, browser):
    assert "No sessions this week" in browser("kit").get("/schedule/?week=2027-06-01&by=room").text


def test_a_participant_sees_nothing_of_it(timetable, browser):
    text = browser("ada").get("/schedule/?by=room").text
    assert "have not seen" not in text
    assert "seats" not in text


def test_three_hundred_sessions_take_the_same_selects_as_eight(app, cast, timetable, browser):
    kit = browser("kit")
    kit.get("/schedule/?by=room")
    few = len(kit.selects)
    with app.app_context():
        for hour in range(8, 18):
            group = track(cast.dee, cast.ben, first_at=datetime(2026, 3, 9, hour), rule="FREQ=DAILY;COUNT=7")
            group.room = f"Room {hour}"
        monday = datetime(2026, 3, 9, 8)
        for number in range(222):
            wall = monday + timedelta(hours=number % 10, days=number % 7)
            session("one_to_one", wall.isoformat(), 50, cast.oduya, cast.ada, room="Room 3")
        db.session.commit()
    for by in ("", "?by=room", "?by=facilitator"):
        page = kit.get(f"/schedule/{by}")
        assert "300 sessions" in page.text
        assert len(kit.selects) == few <= 8
