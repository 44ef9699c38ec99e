"""What staff see of the schedule: groups, the program's week, and the page that takes attendance."""

from datetime import datetime

import pytest
from sqlalchemy import select

from portal.audit import AuditEvent
from portal.db import db
from portal.schedule.models import Attendance, Session
from tests.browser import words
from tests.schedule.timetable import track


def address(key: str) -> str:
    return f"/sessions/{key}/attendance"


def rows(app) -> list[tuple]:
    with app.app_context():
        return [
            tuple(row)
            for row in db.session.execute(
                select(Attendance.participant_id, Attendance.version, Attendance.status, Attendance.minutes).order_by(
                    Attendance.participant_id, Attendance.version
                )
            )
        ]


def test_groups_shows_what_a_therapist_leads(timetable, browser):
    page = browser("cho").get("/groups/")
    assert (page.title, page.heading) == ("Groups | Foothold", "March 9 to 15")
    cards = [words(card) for card in page.all("div", class_="sess")]
    assert cards == [
        "Skills group 1:00 to 4:00 pm 2 people, Room 204, or by video 1 of 2 taken",
        "Skills group 1:00 to 4:00 pm 2 people, Room 204, or by video",
        "One-to-one 10:00 to 10:50 am Ada Moreno, Room 110",
        "Ben's hour 11:00 to 11:50 am Ben Whitaker, Room 110",
        "Family session 5:30 to 6:30 pm Ada Moreno, by video",
        "Skills group 1:00 to 4:00 pm Cancelled",
    ]
    assert page.all("a", href=address(timetable.wednesday))


def test_groups_says_where_attendance_is_to_take(timetable, browser, at):
    at("2026-03-11T13:00")
    assert browser("cho").get("/groups/").text.count("Attendance to take") == 1


def test_a_therapist_who_leads_nothing_is_told_so(timetable, browser):
    assert "You lead nothing this week" in browser("cho").get("/groups/?week=2027-06-01").text


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_groups_is_for_therapists(timetable, browser, who):
    browser(who).get("/groups/", status=404)


def test_a_coordinator_sees_the_programs_week(timetable, browser):
    page = browser("kit").get("/schedule/")
    assert (page.title, page.heading) == ("Schedule | Foothold", "March 9 to 15")
    assert [words(h) for h in page.all("h2")] == [
        "Monday, March 9",
        "Today, Wednesday, March 11",
        "Thursday, March 12",
        "Friday, March 13",
    ]
    lines = [words(li) for li in page.one("main", id="main").iter("li")]
    assert "1:00 to 4:00 pm , Skills group Dr Cho, Room 204, or by video. 2 people. 1 of 2 taken" in lines
    assert "12:00 to 12:50 pm , Cleo's hour Dr Dee. 1 person. Planned" in lines
    assert "1:00 to 4:00 pm , Skills group Dr Cho, Room 204, or by video. 2 people. Cancelled" in lines
    assert page.all("a", href=address(timetable.cleos))


def test_a_coordinators_week_can_be_empty_or_nonsense(timetable, browser):
    kit = browser("kit")
    assert "No sessions this week" in kit.get("/schedule/?week=2027-06-01").text
    assert "That is not a week we can show" in kit.get("/schedule/?week=soon", status=422).text


@pytest.mark.parametrize(("who", "path", "count"), [("cho", "/groups/", 3), ("kit", "/schedule/", 2)])
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


@pytest.mark.asvs("8.2.3", "15.3.1")
def test_attendance_shows_names_and_what_is_known_and_nothing_else(cast, timetable, browser):
    page = browser("cho").get(address(timetable.monday))
    assert (page.title, page.heading) == ("Attendance | Foothold", "Skills group")
    assert [words(legend) for legend in page.all("legend")] == ["Ada Moreno", "Ben Whitaker"]
    assert [e.get("value") for e in page.all("input", type="radio") if e.get("checked") is not None] == ["present"]
    assert not page.all("a", href=f"/caseload/{cast.ada.key}")


def test_attendance_is_saved_person_by_person(app, cast, timetable, browser):
    cho = browser("cho")
    cho.get(address(timetable.monday))
    cho.submit(
        address(timetable.monday),
        {f"status-{cast.ben.key}": "late", f"minutes-{cast.ben.key}": "100"},
    )
    page = cho.get(cho.location)
    assert words(page.one("p", role="status")) == "Saved. Attendance is taken for 2 of 2."
    assert rows(app) == [(cast.ada.id, 1, "present", None), (cast.ben.id, 1, "late", 100)]


def test_a_second_click_on_save_adds_nothing(app, cast, timetable, browser):
    cho = browser("cho")
    for _ in range(2):
        cho.post(address(timetable.monday), {f"status-{cast.ben.key}": "missed"})
    assert rows(app) == [(cast.ada.id, 1, "present", None), (cast.ben.id, 1, "missed", None)]


def test_leaving_someone_out_says_nothing_about_them(app, cast, timetable, browser):
    kit = browser("kit")
    kit.get(address(timetable.monday))
    kit.submit(address(timetable.monday))
    assert rows(app) == [(cast.ada.id, 1, "present", None)]


def test_a_coordinator_corrects_attendance_and_the_first_stays(app, cast, timetable, browser):
    kit = browser("kit")
    kit.post(address(timetable.monday), {f"status-{cast.ada.key}": "left_early", f"minutes-{cast.ada.key}": "90"})
    assert rows(app) == [(cast.ada.id, 1, "present", None), (cast.ada.id, 2, "left_early", 90)]


@pytest.mark.asvs("2.2.2", "2.2.3")
@pytest.mark.parametrize(
    ("status", "minutes", "error"),
    [
        ("late", "", "How many minutes were they there?"),
        ("late", "181", "The session has 180 minutes."),
        ("left_early", "-5", "The session has 180 minutes."),
        ("left_early", "some", "Write the minutes as a whole number, such as 100."),
        ("", "50", "Choose first how they came."),
        ("asleep", "", "Choose one of these."),
    ],
)
def test_a_wrong_answer_is_shown_beside_the_person_and_nothing_is_saved(
    app, cast, timetable, browser, status, minutes, error
):
    cho = browser("cho")
    wrong = {f"status-{cast.ben.key}": status, f"minutes-{cast.ben.key}": minutes}
    page = cho.post(
        address(timetable.monday), {f"status-{cast.ada.key}": "missed"} | {k: v for k, v in wrong.items() if v}, 422
    )
    fieldset = page.one("fieldset", id=f"status-{cast.ben.key}")
    assert error in words(fieldset)
    assert error in words(page.one("div", role="alert"))
    assert page.one("input", name=f"minutes-{cast.ben.key}").get("value") == minutes
    assert page.one("input", name=f"status-{cast.ada.key}", value="missed").get("checked") is not None
    assert rows(app) == [(cast.ada.id, 1, "present", None)]


def test_minutes_typed_for_someone_who_came_are_left_out(app, cast, timetable, browser):
    browser("cho").post(
        address(timetable.monday), {f"status-{cast.ben.key}": "present", f"minutes-{cast.ben.key}": "100"}
    )
    assert (cast.ben.id, 1, "present", None) in rows(app)


@pytest.mark.asvs("2.3.1")
def test_before_it_begins_a_session_only_says_who_is_coming(timetable, browser, cast):
    cho = browser("cho")
    page = cho.get(address(timetable.wednesday))
    assert "Who is coming Ada Moreno Ben Whitaker" in page.text
    assert "Attendance opens when it begins: Today, 1:00 pm." in page.text
    assert not page.all("fieldset")
    page = cho.post(address(timetable.wednesday), {f"status-{cast.ada.key}": "present"}, 422)
    assert "Attendance can be taken once a session has begun" in page.text


def test_a_cancelled_session_has_no_attendance_to_take(app, timetable, browser, cast, at):
    at("2026-03-13T14:00")
    cho = browser("cho")
    assert "There is no attendance to take" in cho.get(address(timetable.friday)).text
    cho.post(address(timetable.friday), {f"status-{cast.ada.key}": "present"}, 422)
    with app.app_context():
        assert db.session.scalar(select(Session.status).where(Session.key == timetable.friday)) == "cancelled"


def test_a_session_of_nobody_says_so(app, cast, browser):
    with app.app_context():
        track(cast.cho)
        key = db.session.scalars(select(Session.key).order_by(Session.starts_at)).first()
        db.session.commit()
    assert "Nobody belongs to this session" in browser("cho").get(address(key)).text


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("who", ["dee", "oduya", "ada"])
def test_a_session_someone_does_not_lead_is_not_there(timetable, browser, who):
    other = browser(who)
    other.get(address(timetable.monday), status=404)
    other.post(address(timetable.monday), {}, status=404)


def test_an_unknown_session_is_not_there(timetable, browser):
    browser("kit").get(address("unknown"), status=404)


@pytest.mark.asvs("15.3.3")
def test_a_person_of_another_session_cannot_be_marked(app, cast, timetable, browser):
    browser("cho").post(address(timetable.monday), {f"status-{cast.cleo.key}": "present"})
    assert rows(app) == [(cast.ada.id, 1, "present", None)]


@pytest.mark.asvs("16.2.1")
def test_looking_and_saving_are_kept_in_the_record(app, cast, timetable, browser):
    cho = browser("cho")
    cho.get("/groups/")
    cho.get(address(timetable.monday))
    cho.post(address(timetable.monday), {f"status-{cast.ben.key}": "present"})
    with app.app_context():
        events = db.session.execute(
            select(AuditEvent.what, AuditEvent.participant_id, AuditEvent.subject).order_by(AuditEvent.id)
        ).all()
    assert [tuple(event) for event in events][-3:] == [
        ("groups.view", None, None),
        ("roster.view", None, timetable.monday),
        ("attendance.take", cast.ben.id, timetable.monday),
    ]


def test_what_was_typed_comes_back_after_the_session_ran_out(cast, timetable, browser, at):
    cho = browser("cho")
    cho.get(address(timetable.monday))
    at.later(minutes=16)
    cho.submit(address(timetable.monday), {f"status-{cast.ben.key}": "late", f"minutes-{cast.ben.key}": "55"}, 303)
    assert cho.location.startswith("/sign-in")
    again = browser("cho")
    page = again.get(address(timetable.monday))
    assert "We kept what you typed" in page.text
    assert page.one("input", name=f"minutes-{cast.ben.key}").get("value") == "55"
    again.submit(address(timetable.monday))
    assert "We kept what you typed" not in again.get(address(timetable.monday)).text


def test_attendance_takes_the_same_selects_for_two_people_and_for_twelve(app, cast, timetable, browser):
    cho = browser("cho")
    cho.get(address(timetable.monday))
    assert len(cho.selects) == 4
    with app.app_context():
        from portal.people.contacts import new_account
        from portal.schedule.models import Seat

        monday = db.session.scalar(select(Session.id).where(Session.key == timetable.monday))
        people = [
            new_account(
                f"p{n}@example.org",
                role="participant",
                name=f"Person {n}",
                called="P",
                password_hash="x",
                zone=cast.ada.zone,
                created_at=datetime.fromisoformat("2026-02-02T12:00+00:00"),
            )
            for n in range(10)
        ]
        db.session.add_all(people)
        db.session.flush()
        db.session.add_all(Seat(session_id=monday, participant_id=person.id) for person in people)
        db.session.commit()
    assert len(cho.get(address(timetable.monday)).all("fieldset")) == 12
    assert len(cho.selects) == 4
