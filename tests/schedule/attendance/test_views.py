"""The page that takes attendance: who is on it, what it accepts, and what it keeps."""

from datetime import datetime

import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditEvent
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.models import Attendance, Seat, Session
from portal.schedule.seats import absences
from portal.schedule.seats.models import Absence
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


def session_id(key: str) -> int:
    return db.session.scalar(select(Session.id).where(Session.key == key))


def cannot_come(app, key: str, *people, withdrawn: bool = False) -> None:
    """These people have said that they cannot come to the session."""
    with app.app_context():
        now = clock.now()
        told = {"session_id": session_id(key), "said_at": now, "withdrawn_at": now if withdrawn else None}
        db.session.add_all(Absence(participant_id=person.id, **told) for person in people)
        db.session.commit()


def visit(app, key: str, person, instead_of: str) -> None:
    """The person has a make-up seat in the session `key`."""
    with app.app_context():
        ids = {"session_id": session_id(key), "instead_of_id": session_id(instead_of)}
        db.session.add(Seat(participant_id=person.id, made_at=clock.now(), **ids))
        db.session.commit()


def status_line(page) -> str:
    return words(page.one("main", id="main").find(".//p[@role='status']"))


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
    assert status_line(page) == "Saved. Attendance is taken for 2 of 2."
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


def test_a_correction_shows_what_was_said_before_and_who_changed_it(app, cast, timetable, browser, at):
    cho, kit = browser("cho"), browser("kit")
    cho.post(address(timetable.monday), {f"status-{cast.ben.key}": "late", f"minutes-{cast.ben.key}": "100"})
    assert "Was:" not in cho.get(address(timetable.monday)).text
    at("2026-03-11T10:58")
    kit.post(address(timetable.monday), {f"status-{cast.ben.key}": "missed"})
    page = cho.get(address(timetable.monday))
    bens, adas = (page.one("fieldset", id=f"status-{person.key}") for person in (cast.ben, cast.ada))
    assert "Was: came late, 100 minutes. Changed by Kit Larsen: Today, 10:58 am ." in words(bens)
    assert "Was:" not in words(adas)


def test_everyone_else_came_in_one_tap(app, cast, timetable, browser):
    cho = browser("cho")
    page = cho.get(address(timetable.monday))
    assert [words(button) for button in page.form(address(timetable.monday)).iter("button")] == [
        "Save attendance",
        "Everyone else came",
    ]
    cho.submit(address(timetable.monday), {"rest": "came"})
    page = cho.get(cho.location)
    assert status_line(page) == "Saved. Attendance is taken for 2 of 2."
    assert rows(app) == [(cast.ada.id, 1, "present", None), (cast.ben.id, 1, "present", None)]
    assert [words(button) for button in page.form(address(timetable.monday)).iter("button")] == ["Save attendance"]


def test_everyone_else_is_who_has_nothing_chosen(app, cast, timetable, browser):
    kit = browser("kit")
    kit.get(address(timetable.monday))
    kit.submit(
        address(timetable.monday),
        {"rest": "came", f"status-{cast.ada.key}": "left_early", f"minutes-{cast.ada.key}": "90"},
    )
    assert rows(app) == [
        (cast.ada.id, 1, "present", None),
        (cast.ada.id, 2, "left_early", 90),
        (cast.ben.id, 1, "present", None),
    ]


def test_who_was_marked_meanwhile_is_not_among_everyone_else(app, cast, timetable, browser):
    cho = browser("cho")
    cho.get(address(timetable.monday))
    browser("kit").post(address(timetable.monday), {f"status-{cast.ben.key}": "missed"})
    cho.submit(address(timetable.monday), {"rest": "came"})
    assert rows(app) == [(cast.ada.id, 1, "present", None), (cast.ben.id, 1, "missed", None)]


def test_who_said_they_cannot_come_is_left_for_the_clinician_to_mark(app, cast, timetable, browser, at):
    cannot_come(app, timetable.wednesday, cast.ada)
    at("2026-03-11T13:05")
    cho = browser("cho")
    page = cho.get(address(timetable.wednesday))
    assert [words(legend) for legend in page.all("legend")] == ["Ada Moreno Said they can't come", "Ben Whitaker"]
    assert "Those who said they can't come stay open" in page.text
    cho.submit(address(timetable.wednesday), {"rest": "came"})
    page = cho.get(cho.location)
    assert status_line(page) == "Saved. Attendance is taken for 1 of 2. 1 left to mark: they said they can't come."
    assert (cast.ben.id, 1, "present", None) in rows(app)
    assert [words(button) for button in page.form(address(timetable.wednesday)).iter("button")] == ["Save attendance"]
    cho.submit(address(timetable.wednesday), {f"status-{cast.ada.key}": "excused"})
    assert status_line(cho.get(cho.location)) == "Saved. Attendance is taken for 2 of 2."


@pytest.mark.asvs("8.2.3", "15.3.1")
def test_why_somebody_cannot_come_is_for_who_leads_the_session_alone(app, cast, timetable, browser, at):
    with app.app_context():
        start = clock.start_of(clock.now().date(), cast.ada.zone)
        today = next(
            m for m in own_meetings.between(cast.ada, start, at.now + own_meetings.LOOK_AHEAD) if m.kind == "group"
        )
        absences.say(cast.ada, today, "My son is ill.", clock.now())
        db.session.commit()
    assert "Ada Moreno Said they can't come My son is ill." in browser("cho").get(address(timetable.wednesday)).text
    at("2026-03-11T13:05")
    for who, told in (("cho", True), ("kit", False)):
        page = browser(who).get(address(timetable.wednesday))
        adas = words(page.one("fieldset", id=f"status-{cast.ada.key}"))
        assert "Said they can't come" in adas and ("My son is ill." in adas) is told


def test_the_status_line_says_how_many_are_left_and_why(app, cast, timetable, browser, at):
    cannot_come(app, timetable.wednesday, cast.ada)
    visit(app, timetable.wednesday, cast.cleo, timetable.cleos)
    at("2026-03-11T13:05")
    cho = browser("cho")
    cho.post(address(timetable.wednesday), {f"status-{cast.ben.key}": "present"})
    assert status_line(cho.get(cho.location)).endswith("2 left to mark, 1 of them said they can't come.")
    cho.post(address(timetable.wednesday), {f"status-{cast.ada.key}": "excused"})
    assert status_line(cho.get(cho.location)).endswith("taken for 2 of 3. 1 left to mark.")


def test_who_makes_up_another_session_here_is_marked_as_a_visitor(app, cast, timetable, browser):
    visit(app, timetable.wednesday, cast.cleo, timetable.cleos)
    assert "Who is coming Ada Moreno Ben Whitaker Cleo Park Make-up seat" in (
        browser("cho").get(address(timetable.wednesday)).text
    )


def test_the_page_says_what_the_session_is_about(app, cast, timetable, browser):
    with app.app_context():
        row = staff_meetings.called(cast.cho, timetable.monday)
        sessions.describe(cast.cho, row, "Skills group", "Riding the wave", "", "Come by the side door", clock.now())
        db.session.commit()
    page = browser("cho").get(address(timetable.monday))
    assert "Dr Cho Riding the wave Come by the side door" in page.text


def test_minutes_are_offered_and_none_is_filled_in(cast, timetable, browser):
    page = browser("cho").get(address(timetable.monday))
    offered = [option.get("value") for option in page.one("datalist", id="likely").iter("option")]
    assert offered == ["175", "170", "165", "160", "150", "135", "120", "90"]
    field = page.one("input", name=f"minutes-{cast.ben.key}")
    assert (field.get("list"), field.get("value")) == ("likely", "")


def test_of_a_short_session_no_minutes_are_offered_that_it_does_not_have(app, cast, browser):
    from tests.schedule.timetable import session

    with app.app_context():
        key = session("one_to_one", "2026-03-11T10:00", 20, cast.cho, cast.ada).key
        db.session.commit()
    page = browser("cho").get(address(key))
    assert [o.get("value") for o in page.one("datalist", id="likely").iter("option")] == ["15", "10", "5"]


@pytest.mark.asvs("2.2.2", "2.2.3")
@pytest.mark.parametrize(
    ("status", "minutes", "error"),
    [
        ("late", "", "How many minutes were they there?"),
        ("late", "181", "The session has 180 minutes."),
        ("left_early", "-5", "The session has 180 minutes."),
        ("left_early", "some", "Write the minutes as a whole number, such as 100."),
        ("", "50", "First choose how they came."),
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
    assert len(cho.selects) == 5
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
    assert len(cho.selects) == 5


def test_on_paper_a_roster_says_how_each_came(timetable, browser, at):
    """Forms are not printed: without the list the sheet would name nobody."""
    (printed,) = browser("cho").get(address(timetable.monday)).all("ul", class_="only-print")
    assert [words(one) for one in printed.iter("li")] == ["Ada Moreno: came", "Ben Whitaker: not marked yet"]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("cho", "/caseload/{ada}"),
        ("cho", "/sessions/{monday}/attendance"),
        ("kit", "/schedule/"),
        ("kit", "/schedule/report"),
    ],
)
def test_what_staff_take_along_on_paper_has_a_button_for_it(timetable, cast, browser, who, path):
    page = browser(who).get(path.format(ada=cast.ada.key, monday=timetable.monday))
    assert [one.get("type") for one in page.all("button") if one.get("data-print") is not None] == ["button"]
