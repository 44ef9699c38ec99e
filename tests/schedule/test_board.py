"""The coordinator's week on a time grid: by day, room and leader, what was changed, and who has not seen it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from portal.db import db
from portal.people.models import Account
from portal.schedule import session_changes, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.models import Session, Track
from portal.schedule.seats.models import Absence
from tests.browser import words
from tests.schedule.timetable import session, track


def lines(page) -> list[str]:
    """Each session on the board, as it is read."""
    return [words(line) for box in page.all("li", class_="sess") for line in box.iter("li") if line is not box]


def test_the_week_by_day_shows_every_session_and_leads_to_its_plan(timetable, browser):
    page = browser("kit").get("/schedule/")
    assert (page.title, page.heading) == ("Schedule | Foothold", "March 9 to 15")
    assert lines(page) == [
        "Skills group Dr Cho, Room 204 1 of 2 taken : Skills group",
        "Cleo Park Dr Dee",
        "Skills group Dr Cho, Room 204 2 of 12 seats",
        "Ada Moreno Dr Cho",
        "Ada Moreno Dr Oduya, medicine",
        "Ben Whitaker Dr Cho",
        "Ada Moreno Dr Cho, family, video Moved was Tue, Mar 10, 5:00 pm 1 has not seen this",
        "Skills group Dr Cho, Room 204 Cancelled 2 have not seen this",
    ]
    assert page.all("a", href=f"/sessions/{timetable.cleos}/plan")


def test_what_is_cancelled_is_struck_through_and_in_words(timetable, browser):
    page = browser("kit").get("/schedule/")
    (off,) = [box for box in page.all("li", class_="sess") if "Cancelled" in words(box)]
    assert "off" in off.get("class").split()
    assert [words(s) for s in off.iter("s")] == ["Skills group"]
    assert "2 of 12 seats" not in words(off)


def test_a_box_says_where_it_stands_in_classes_alone(timetable, browser):
    page = browser("kit").get("/schedule/")
    assert [box.get("class") for box in page.all("li", class_="sess")] == [
        "sess group h13 l3",
        "sess h12 l1",
        "sess group h13 l3",
        "sess h10 l1",
        "sess h11 l0 m2 w6",
        "sess h11 l1 w6",
        "sess h17 q2 l1",
        "sess group off h13 l3",
    ]
    assert [label.get("class") for label in page.one("ol", class_="hours")] == [f"h{hour}" for hour in range(8, 21)]


def test_the_dot_stands_at_now_and_only_beside_the_hours_that_are_named(timetable, browser, at):
    kit = browser("kit")
    assert [dot.get("class") for dot in kit.get("/schedule/").all("li", class_="now")] == ["now h10 q3"]
    assert not kit.get("/schedule/?week=2026-03-16").all("li", class_="now")
    assert len(kit.get("/schedule/?by=leader").all("li", class_="now")) == 1
    at("2026-03-11T23:10")
    assert not browser("kit").get("/schedule/").all("li", class_="now")


def test_after_attendance_it_says_how_many_came(app, cast, timetable, browser, at):
    at("2026-03-11T16:30")
    with app.app_context():
        for key, people in ((timetable.monday, [cast.ada, cast.ben]), (timetable.cleos, [cast.cleo])):
            session_ = staff_meetings.called(cast.kit, key)
            for person in people:
                roster.take_attendance(session_, person, "missed", None, cast.kit, at.now)
        session_ = staff_meetings.called(cast.kit, timetable.monday)
        roster.take_attendance(session_, cast.ben, "late", 90, cast.kit, at.now)
        db.session.commit()
    page = browser("kit").get("/schedule/")
    assert lines(page)[:3] == [
        "Skills group Dr Cho, Room 204 1 came : Skills group",
        "Cleo Park Dr Dee Did not come : Cleo Park",
        "Skills group Dr Cho, Room 204 Attendance : Skills group",
    ]
    assert page.all("a", href=f"/sessions/{timetable.wednesday}/attendance")
    with app.app_context():
        session_ = staff_meetings.called(cast.kit, timetable.cleos)
        roster.take_attendance(session_, cast.cleo, "present", None, cast.kit, at.now)
        db.session.commit()
    assert lines(browser("kit").get("/schedule/"))[1] == "Cleo Park Dr Dee"


def test_days_of_a_weekend_without_a_session_are_said_in_words(app, cast, timetable, browser, at):
    kit = browser("kit")
    page = kit.get("/schedule/")
    assert "Saturday and Sunday: nothing planned" in page.text
    assert [words(one)[:6].strip() for one in page.all("h2", class_="split")] == [
        "Mon 9",
        "Tue 10",
        "Today",
        "Thu 12",
        "Fri 13",
    ]
    with app.app_context():
        session("one_to_one", "2026-03-14T10:00", 50, cast.cho, cast.ada)
        db.session.commit()
    page = kit.get("/schedule/")
    assert "Sunday: nothing planned" in page.text and "Saturday and" not in page.text
    assert len(page.all("h2", class_="split")) == 6
    at("2026-03-15T09:00")
    assert len(browser("kit").get("/schedule/").all("h2", class_="split")) == 7


def test_a_phone_shows_the_day_that_is_chosen_and_each_day_is_a_link(timetable, browser):
    kit = browser("kit")

    def chosen():
        return [words(one.find("h2"))[:6].strip() for one in kit.page.all("section", class_="on")]

    page = kit.get("/schedule/")
    assert chosen() == ["Today"]
    assert [words(one) for one in page.all("a", class_="btn", aria_current="true")] == ["Wednesday, March 11 Wed 11"]
    assert page.all("a", href="/schedule/?week=2026-03-12")
    kit.get("/schedule/?week=2026-03-12")
    assert chosen() == ["Thu 12"]
    kit.get("/schedule/?week=2026-03-16")
    assert chosen() == ["Mon 16"]


def test_a_session_outside_the_usual_hours_has_its_hour_beside_it(app, cast, browser):
    with app.app_context():
        session("one_to_one", "2026-03-12T06:15", 50, cast.cho, cast.ada)
        session("one_to_one", "2026-03-12T22:30", 180, cast.cho, cast.ada)
        db.session.commit()
    page = browser("kit").get("/schedule/")
    assert [box.get("class") for box in page.all("li", class_="sess")] == ["sess h6 q1 l1", "sess h22 q2 l1 m2"]
    assert [label.get("class") for label in page.one("ol", class_="hours")] == [f"h{hour}" for hour in range(6, 24)]
    assert "10:30 pm to 1:30 am" in words(page.all("li", class_="sess")[1])


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
    assert "2 of 1 seats 1 cannot come 1 over" in text


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("room", ["Room 110 2 sessions", "No room 2 sessions"]),
        ("leader", ["Dr Cho 3 sessions", "Dr Oduya 1 session"]),
    ],
)
def test_one_day_stands_in_a_column_for_each_room_or_leader(timetable, browser, by, names):
    page = browser("kit").get(f"/schedule/?by={by}&week=2026-03-12")
    assert page.heading == "Thursday, March 12"
    assert [words(heading) for heading in page.all("h2", class_="split")] == names
    assert len(page.all("section", class_="on")) == len(names)
    assert len(lines(page)) == 4
    assert {f"/schedule/?week=2026-03-13&by={by}", f"/schedule/?week=2026-03-16&by={by}"} <= {
        a.get("href") for a in page.all("a")
    }


def test_a_column_does_not_say_again_what_it_is_named(timetable, browser):
    kit = browser("kit")
    assert lines(kit.get("/schedule/?by=leader&week=2026-03-12"))[0] == "Ada Moreno Room 110"
    assert lines(kit.get("/schedule/?by=room&week=2026-03-12"))[0] == "Ada Moreno Dr Cho"


def test_rooms_stand_as_people_count_them(app, cast, browser):
    with app.app_context():
        for number in (112, 3, 1, 5):
            session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ada, room=f"Room {number}")
        db.session.commit()
    page = browser("kit").get("/schedule/?by=room&week=2026-03-12")
    assert [words(heading)[:-10] for heading in page.all("h2", class_="split")] == [
        "Room 1",
        "Room 3",
        "Room 5",
        "Room 112",
    ]


def test_two_leaders_of_one_name_have_a_column_each(app, cast, browser):
    with app.app_context():
        for leader in (cast.cho, cast.dee):
            session("one_to_one", "2026-03-12T10:00", 50, leader, cast.ada)
        db.session.execute(update(Account).where(Account.id == cast.dee.id).values(name="Dr Cho"))
        db.session.commit()
    page = browser("kit").get("/schedule/?by=leader&week=2026-03-12")
    assert [words(heading) for heading in page.all("h2", class_="split")] == ["Dr Cho 1 session"] * 2


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        ("leader={cast.dee.key}", ["Cleo Park"]),
        ("room=Room 110", ["Ada Moreno", "Ben Whitaker"]),
        ("room=No room&leader={cast.oduya.key}", ["Ada Moreno"]),
        ("track={track}", ["Skills group"] * 3),
        ("show=attendance", ["Skills group"]),
        ("show=moved", ["Ada Moreno"]),
        ("show=cancelled", ["Skills group"]),
        ("show=unseen", ["Ada Moreno", "Skills group"]),
        ("show=unseen&room=Room 204", ["Skills group"]),
    ],
)
def test_filters_leave_what_they_name(app, cast, timetable, browser, asked, people):
    with app.app_context():
        track_key = db.session.scalar(select(Track.key))
    page = browser("kit").get("/schedule/?" + asked.format(cast=cast, track=track_key))
    assert [words(link) for link in page.all("a", class_="b")] == people
    assert f"{len(people)} of 8 sessions" in page.text
    assert page.all("a", href="/schedule/?week=2026-03-11")
    assert "nothing planned" not in page.text.replace("Saturday and Sunday: nothing planned", "")


def test_what_is_chosen_stays_chosen_from_week_to_week_and_in_the_form(cast, timetable, browser):
    page = browser("kit").get(f"/schedule/?leader={cast.dee.key}&by=leader&week=2026-03-11")
    assert [option.get("value") for option in page.all("option") if option.get("selected") is not None] == [
        cast.dee.key,
        "leader",
    ]
    assert page.one("input", name="week").get("value") == "2026-03-11"
    assert page.all("a", href=f"/schedule/?week=2026-03-16&by=leader&leader={cast.dee.key}")
    page = browser("kit").get(f"/schedule/?leader={cast.dee.key}&week=2026-03-16")
    assert (
        next(words(option) for option in page.all("option") if option.get("selected") is not None) == "Not in this week"
    )
    assert "No session is like this" in page.text


def test_the_first_line_counts_what_needs_a_hand_and_leads_to_it(timetable, browser):
    page = browser("kit").get("/schedule/")
    links = {words(a): a.get("href") for a in page.all("a") if "show=" in (a.get("href") or "")}
    assert links == {
        "1 needs attendance": "/schedule/?week=2026-03-11&show=attendance",
        "1 moved": "/schedule/?week=2026-03-11&show=moved",
        "1 cancelled": "/schedule/?week=2026-03-11&show=cancelled",
        "2 have not seen a change": "/schedule/?week=2026-03-11&show=unseen",
    }


def test_nonsense_in_an_address_asks_for_nothing(timetable, browser):
    assert "8 sessions" in browser("kit").get("/schedule/?by=mood&show=mood").text


def test_an_empty_week_says_so(timetable, browser):
    kit = browser("kit")
    assert "No sessions this week" in kit.get("/schedule/?week=2027-06-01").text
    assert "No sessions on this day" in kit.get("/schedule/?week=2027-06-01&by=room").text


def test_a_participant_sees_nothing_of_it(timetable, browser):
    text = browser("ada").get("/schedule/?by=room").text
    assert "have not seen" not in text
    assert "seats" not in text


def test_three_hundred_sessions_take_the_same_selects_as_eight(app, cast, timetable, browser):
    kit = browser("kit")
    kit.get("/schedule/")
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
    for by, count in {"": 300, "?by=room": 44, "?by=leader": 44}.items():
        page = kit.get(f"/schedule/{by}")
        assert f"{count} sessions" in page.text
        assert len(kit.selects) == few <= 8
