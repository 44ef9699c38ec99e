"""What staff see of the schedule: what a therapist leads, and the program's week."""

from datetime import datetime

import pytest

from portal import clock
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from tests.browser import words
from tests.schedule.attendance.test_views import address, cannot_come, rows
from tests.schedule.timetable import track


def test_groups_shows_what_a_therapist_leads(timetable, browser):
    page = browser("cho").get("/groups/")
    assert (page.title, page.heading) == ("Groups | Foothold", "March 9 to 15")
    cards = [words(card) for card in page.all("div", class_="sess")]
    assert cards == [
        "Skills group 1:00 to 4:00 pm 2 people, Room 204, or by video 1 of 2 taken",
        "Skills group 1:00 to 4:00 pm 2 people, Room 204, or by video The brief opens today, 12:00 pm .",
        "One-to-one 10:00 to 10:50 am Ada Moreno, Room 110",
        "Ben's hour 11:00 to 11:50 am Ben Whitaker, Room 110",
        "Family session 5:30 to 6:30 pm Ada Moreno, by video Moved was Tue, Mar 10, 5:00 pm. Jo works late on Tuesday.",
        "Skills group 1:00 to 4:00 pm Cancelled Dr Cho is away.",
    ]
    assert page.all("a", href=address(timetable.wednesday))


def test_groups_says_who_leads_instead_of_a_session_that_was_given_away(app, cast, timetable, browser, at):
    with app.app_context():
        row = staff_meetings.called(cast.kit, timetable.alone)
        sessions.substitute(cast.kit, row, cast.oduya, "Dr Cho is ill.", at.now)
        db.session.commit()
    text = browser("cho").get("/groups/").text
    assert "One-to-one , Thursday, March 12, 10:00 to 10:50 am : Dr Oduya leads instead. Dr Cho is ill." in text
    assert "leads instead" not in browser("oduya").get("/groups/").text
    at("2026-03-12T10:01")
    assert "leads instead" not in browser("cho").get("/groups/").text


def test_groups_says_where_attendance_is_to_take(timetable, browser, at):
    at("2026-03-11T13:00")
    assert browser("cho").get("/groups/").text.count("Attendance to take") == 1


def test_groups_says_what_each_is_about_and_how_many_cannot_come(app, cast, timetable, browser):
    cannot_come(app, timetable.wednesday, cast.ada)
    cannot_come(app, timetable.wednesday, cast.ben, withdrawn=True)
    with app.app_context():
        row = staff_meetings.called(cast.cho, timetable.wednesday)
        sessions.describe(cast.cho, row, "Skills group", "Riding the wave", "", "", clock.now())
        db.session.commit()
    card = words(browser("cho").get("/groups/").all("div", class_="sess")[1])
    assert card.startswith("Skills group Riding the wave 1:00 to 4:00 pm 2 people, Room 204, or by video")
    assert card.endswith("1 can't come")


def test_a_session_taken_in_part_is_not_said_to_be_done(app, cast, timetable, browser):
    cho = browser("cho")
    assert "1 of 2 taken" in [words(tag) for tag in cho.get("/groups/").all("span", class_="honey")]
    cho.post(address(timetable.monday), {f"status-{cast.ben.key}": "missed"})
    assert words(cho.get("/groups/").one("span", class_="leaf")) == "2 of 2 taken"


def test_groups_lists_what_is_still_to_take_of_the_last_two_weeks(cast, timetable, browser, at):
    at("2026-03-18T10:00")
    cho = browser("cho")
    listed = [words(li) for li in cho.get("/groups/").one("section", aria_labelledby="to-take").iter("li")]
    assert listed == [
        "Skills group Wednesday, March 4, 1:00 pm . 2 people",
        "Skills group Friday, March 6, 1:00 pm . 2 people",
        "Skills group Monday, March 9, 1:00 pm . 1 of 2 taken",
        "Skills group Wednesday, March 11, 1:00 pm . 2 people",
        "One-to-one, Ada Moreno Thursday, March 12, 10:00 am . 1 person",
        "Ben's hour, Ben Whitaker Thursday, March 12, 11:00 am . 1 person",
        "Family session, Ada Moreno Thursday, March 12, 5:30 pm . 1 person",
    ]
    assert len(cho.page.all("a", href=address(timetable.wednesday))) == 1
    assert "Monday, March 16" in words(cho.get("/groups/?week=2026-03-23").one("section", aria_labelledby="to-take"))


def test_nothing_is_still_to_take_once_everyone_is_marked(app, cast, timetable, browser, at):
    at("2026-03-18T10:00")
    cho = browser("cho")
    with app.app_context():
        for row in staff_meetings.led_by(
            cast.cho, clock.start_of(clock.now().date(), "UTC") - own_meetings.LOOK_AHEAD, at.now
        ):
            for person in roster.read_roster(row) if row.can_be_taken(at.now) else ():
                roster.take_attendance(row, person, "present", None, cast.cho, at.now)
        db.session.commit()
    assert not cho.get("/groups/").all("section", aria_labelledby="to-take")


def test_who_leads_a_session_now_takes_its_attendance(app, cast, timetable, browser, at):
    with app.app_context():
        row = staff_meetings.called(cast.cho, timetable.wednesday)
        sessions.substitute(cast.kit, row, cast.dee, "Dr Cho is away.", clock.now())
        db.session.commit()
    at("2026-03-11T13:05")
    dee = browser("dee")
    assert dee.get("/groups/").all("a", href=address(timetable.wednesday))
    dee.get(address(timetable.wednesday))
    dee.submit(address(timetable.wednesday), {"rest": "came"})
    assert (cast.ben.id, 1, "present", None) in rows(app)
    browser("cho").get(address(timetable.wednesday), status=404)


def test_a_therapist_who_leads_nothing_is_told_so(timetable, browser):
    assert "You lead nothing this week" in browser("cho").get("/groups/?week=2027-06-01").text


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_groups_is_for_therapists(timetable, browser, who):
    browser(who).get("/groups/", status=404)


def test_a_coordinators_week_can_be_empty_or_nonsense(timetable, browser):
    kit = browser("kit")
    assert "No sessions this week" in kit.get("/schedule/?week=2027-06-01").text
    assert "That is not a week we can show" in kit.get("/schedule/?week=soon", status=422).text


@pytest.mark.parametrize(("who", "path", "count"), [("cho", "/groups/", 4), ("kit", "/schedule/", 4)])
def test_staff_pages_take_the_same_selects_whatever_the_number_of_sessions(
    app, cast, timetable, browser, who, path, count
):
    staff = browser(who)
    staff.get(path)
    assert len(staff.selects) == count
    with app.app_context():
        for hour in range(8, 12):
            track(cast.cho, cast.ada, cast.ben, first_at=datetime(2026, 2, 2, hour), rule="FREQ=DAILY", minutes=30)
        db.session.commit()
    staff.get(path)
    assert len(staff.selects) == count
