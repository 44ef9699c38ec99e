"""The page of one session, as its participant sees it, and "I have seen this"."""

from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from portal import clock, exercises, library
from portal.db import db
from portal.people.models import Account
from portal.program.models import Program
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.models import ChangeSeen, Seat, Session, SessionChange
from portal.schedule.seats import absences
from tests.browser import words
from tests.on_record import told

MATERIAL = next(iter(library.MATERIALS.values()))
WORKSHEET = exercises.EXERCISES["six-steps"]


def page_of(browser, key: str, who: str = "ada"):
    return browser(who).get(f"/sessions/{key}")


def change(app, key: str, **values) -> None:
    with app.app_context():
        db.session.execute(update(Session).where(Session.key == key).values(**values))
        db.session.commit()


def card(page, heading: str) -> str:
    found = [words(s) for s in page.all("section") if any(words(h) == heading for h in s.iter("h2"))]
    return found[0] if found else ""


def test_the_page_has_everything_about_a_session(app, timetable, browser):
    about = {
        "topic": "Riding out an urge",
        "material": MATERIAL.slug,
        "worksheet": WORKSHEET.slug,
        "note": "We start late.",
    }
    change(app, timetable.wednesday, **about)
    with app.app_context():
        db.session.execute(update(Program).values(address="40 River Street", directions="Ring twice."))
        db.session.commit()
    page = page_of(browser, timetable.wednesday)
    assert (page.title, page.heading) == ("Session | Foothold", "Skills group")
    assert "Riding out an urge" in page.text
    assert card(page, "Wednesday, March 11") == (
        "Wednesday, March 11 Time 1:00 to 4:00 pm With Dr Cho Where Room 204, or by video 40 River Street Ring twice. "
        "Bring Your workbook and some water Note We start late. The video room opens at 12:50 pm. Add to calendar "
        "Add all my sessions"
    )
    assert page.all("a", href=f"/library/{MATERIAL.slug}") and page.all("a", href=f"/exercises/{WORKSHEET.slug}")
    assert page.all("a", href=f"/sessions/{timetable.wednesday}/absence")
    assert page.all("a", href=f"/sessions/{timetable.wednesday}/calendar.ics")
    assert page.all("a", href=f"/schedule/?week=2026-03-11#s-{timetable.wednesday}")


def test_a_session_about_which_little_is_known_has_a_short_page(app, timetable, browser):
    change(app, timetable.alone, room="", material="no-such-text", worksheet="no-such-sheet")
    page = page_of(browser, timetable.alone)
    assert (
        card(page, "Thursday, March 12")
        == "Thursday, March 12 Time 10:00 to 10:50 am With Dr Cho Add to calendar Add all my sessions"
    )
    assert not card(page, "For this session") and not card(page, "What changed") and not card(page, "Attendance")


def test_the_longest_words_fit_into_a_page(app, timetable, browser):
    change(app, timetable.wednesday, title="T" * 120, topic="O" * 120, room="R" * 60, bring="B" * 200, note="N" * 300)
    ada = browser("ada")
    for path in (
        f"/sessions/{timetable.wednesday}",
        f"/sessions/{timetable.wednesday}/absence",
        "/schedule/",
        "/today",
    ):
        assert "T" * 120 in ada.get(path).text


def test_video_is_joined_from_ten_minutes_before_to_the_end(timetable, browser, at):
    for moment, links in (("12:49", 0), ("12:50", 1), ("15:59", 1), ("16:00", 0)):
        at(f"2026-03-11T{moment}")
        page = page_of(browser, timetable.wednesday)
        assert len(page.all("a", href="https://video.example.org/skills")) == links, moment


def test_a_reader_on_another_clock_is_told_which_clock(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(zone="America/Chicago"))
        db.session.commit()
    assert "1:00 to 4:00 pm (New York time)" in page_of(browser, timetable.wednesday).text


def test_everything_that_changed_is_told_in_order_with_who_when_and_why(app, cast, timetable, browser, at):
    at("2026-03-11T11:30")
    with app.app_context():
        for verb, said in (
            (sessions.move, (datetime(2026, 3, 12, 18), "Traffic.")),
            (sessions.substitute, (cast.dee, "A course.")),
            (sessions.place, ("Room 5", "", "Paint.")),
            (sessions.cancel, ("Snow.",)),
            (sessions.restore, ("No snow.",)),
        ):
            verb(cast.kit, staff_meetings.called(cast.kit, timetable.family), *said, clock.now())
        db.session.commit()
    page = page_of(browser, timetable.family)
    said = [words(li).split(" I have seen")[0] for li in page.one("ol", class_="rows").iter("li")]
    assert said == [
        "Moved to Thu, Mar 12, 5:30 pm . It was Tue, Mar 10, 5:00 pm . Jo works late on Tuesday. "
        "Dr Cho, Wed, Mar 11, 10:52 am",
        "Moved to Thu, Mar 12, 6:00 pm . It was Thu, Mar 12, 5:30 pm . Traffic. Kit Larsen, Wed, Mar 11, 11:30 am",
        "Led by Dr Dee, not Dr Cho. A course. Kit Larsen, Wed, Mar 11, 11:30 am",
        "New place: Room 5. It was by video. Paint. Kit Larsen, Wed, Mar 11, 11:30 am",
        "Cancelled. Snow. Kit Larsen, Wed, Mar 11, 11:30 am",
        "It is on after all. No snow. Kit Larsen, Wed, Mar 11, 11:30 am",
    ]
    buttons = [words(b).split(" : ")[0] for b in page.one("ol", class_="rows").iter("button")]
    assert buttons == [
        "I have seen the new time",
        "I have seen the new time",
        "I have seen who leads it now",
        "I have seen the new room",
        "I have seen that it is cancelled",
        "I have seen that it is on after all",
    ]


def test_a_change_that_was_not_the_programs_names_nobody(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(update(SessionChange).where(SessionChange.kind == "cancelled").values(by_id=cast.ada.id))
        db.session.commit()
    assert "Ada" not in page_of(browser, timetable.friday, "ben").text


def test_a_cancelled_session_is_struck_through_with_why(timetable, browser):
    page = page_of(browser, timetable.friday)
    assert [words(struck) for struck in page.all("s")] == ["Skills group", "Friday, March 13", "1:00 to 4:00 pm"]
    assert "This session is cancelled. Dr Cho is away. This does not count against you." in page.text
    assert page.all("a", href=f"/sessions/{timetable.friday}/seats")
    assert not page.all("a", href=f"/sessions/{timetable.friday}/absence")


def test_what_is_seen_says_when_and_asks_no_more(app, cast, timetable, browser):
    ada = browser("ada")
    page = ada.get(f"/sessions/{timetable.family}")
    [button] = [form.get("action") for form in page.all("form") if "/changes/" in (form.get("action") or "")]
    ada.submit(button)
    assert ada.location == f"/sessions/{timetable.family}?saved=seen"
    page = ada.get(ada.location)
    assert "You saw this on Wed, Mar 11, 10:52 am" in page.text and "I have seen this" not in page.text
    ada.post(button)  # the page before, and the button once more
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ChangeSeen)) == 1
    assert len(told(app, "change.see")) == 1


@pytest.mark.parametrize(
    ("sent", "there"),
    [
        ({"back": "today"}, "/schedule/?saved=seen"),
        ({"back": "week", "week": "2026-03-16"}, "/schedule/?week=2026-03-16&saved=seen"),
        ({"back": "week", "week": "//evil.example"}, "/schedule/?saved=seen"),
        ({"back": "https://evil.example"}, "/schedule/?saved=seen"),
        ({"back": "session", "session": "//evil.example"}, "/schedule/?saved=seen"),
        ({"back": "session"}, "/schedule/?saved=seen"),
        ({}, "/schedule/?saved=seen"),
    ],
)
def test_the_button_leads_back_to_one_of_two_pages(app, timetable, browser, sent, there):
    with app.app_context():
        key = db.session.scalar(select(SessionChange.key).where(SessionChange.kind == "moved"))
    ada = browser("ada")
    ada.post(f"/changes/{key}/seen", sent)
    assert ada.location == there


@pytest.mark.asvs("8.2.2")
def test_nobody_sees_a_change_for_another(app, timetable, browser):
    with app.app_context():
        key = db.session.scalar(select(SessionChange.key).where(SessionChange.kind == "moved"))
    for who in ("ben", "cleo", "cho", "kit"):
        browser(who).post(f"/changes/{key}/seen", status=404)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ChangeSeen)) == 0


@pytest.mark.parametrize(
    ("status", "minutes", "said"),
    [
        ("present", None, "You came."),
        ("late", 100, "Came late: 100 of 180 minutes."),
        ("missed", None, "We missed you."),
    ],
)
def test_afterwards_attendance_is_said_in_kind_words(app, cast, timetable, browser, status, minutes, said):
    with app.app_context():
        monday = staff_meetings.called(cast.cho, timetable.monday)
        roster.take_attendance(monday, cast.ada, status, minutes, cast.cho, clock.now())
        db.session.commit()
    assert card(page_of(browser, timetable.monday), "Attendance") == f"Attendance {said}"


def test_afterwards_what_is_not_marked_is_said_so(timetable, browser, at):
    at("2026-03-11T16:00")
    page = page_of(browser, timetable.wednesday)
    assert card(page, "Attendance") == "Attendance Not marked yet."
    assert "I can't make it" not in page.text and not page.all(
        "a", href=f"/sessions/{timetable.wednesday}/calendar.ics"
    )


@pytest.mark.asvs("8.2.2")
def test_what_is_not_theirs_is_not_there(timetable, browser):
    for who, key in (("ben", timetable.alone), ("cleo", timetable.wednesday), ("ada", timetable.cleos), ("ada", "x")):
        browser(who).get(f"/sessions/{key}", 404)
    for who in ("cho", "kit"):
        browser(who).get(f"/sessions/{timetable.wednesday}", 404)


@pytest.mark.asvs("8.2.3")
def test_no_fellow_member_is_named_and_nobody_is_counted(app, cast, timetable, browser):
    with app.app_context():
        absences.say(cast.ben, own_meetings.called(cast.ben, timetable.wednesday), "Why.", clock.now())
        db.session.commit()
    text = page_of(browser, timetable.wednesday).text
    assert "Ben" not in text and "Whitaker" not in text and "people" not in text


def test_a_seat_that_was_given_by_a_coordinator_is_theirs_and_cannot_be_given_up(
    app, cast, timetable, evening, browser
):
    with app.app_context():
        other = db.session.scalar(select(Session.id).where(Session.key == evening.on_17))
        db.session.add(Seat(session_id=other, participant_id=cast.ada.id))
        db.session.commit()
    page = page_of(browser, evening.on_17)
    assert "instead of" not in page.text and "Give up this seat" not in page.text
    assert "I can't make it" in page.text


def test_the_page_takes_three_selects(timetable, browser):
    ada = browser("ada")
    for key in (timetable.family, timetable.friday, timetable.monday):
        ada.get(f"/sessions/{key}")
        assert len(ada.selects) == 3
