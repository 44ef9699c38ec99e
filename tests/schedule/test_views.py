"""The participant's week, as a page."""

from datetime import date, datetime

import pytest
from sqlalchemy import delete, update

from portal import clock
from portal.db import db
from portal.episodes.models import Episode
from portal.people.models import Account
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.models import SessionChange, TrackEnrollment
from portal.schedule.seats import absences
from tests.browser import words
from tests.schedule.timetable import track


def cards(page) -> dict[str, str]:
    """The text of every session on the page, by its id."""
    return {card.get("id"): words(card) for card in page.all("div", class_="sess")}


def taken(app, cast, key: str, status: str, minutes: int | None = None) -> None:
    with app.app_context():
        row = staff_meetings.called(cast.kit, key)
        roster.take_attendance(row, cast.ada, status, minutes, cast.kit, clock.now())
        db.session.commit()


def test_the_week_has_its_days_and_sessions(timetable, browser):
    page = browser("ada").get("/schedule/")
    assert (page.title, page.heading) == ("Week | Foothold", "March 9 to 15")
    assert "Week 6 of 12. Two things changed this week." in page.text
    assert "3 of 10 hours . Today makes it 6." in page.text
    days = [li for li in page.one("ol", class_="days") if li.tag == "li"]
    assert len(days) == 7
    assert [li.get("class") for li in days] == [None, None, "today", None, None, "free", "free"]
    assert cards(page)[f"s-{timetable.wednesday}"] == "Skills group 1:00 to 4:00 pm Dr Cho, Room 204, or by video"


def test_a_cancelled_session_stays_with_why(timetable, browser):
    page = browser("ada").get("/schedule/")
    assert cards(page)[f"s-{timetable.friday}"] == (
        "Skills group 1:00 to 4:00 pm Cancelled Dr Cho is away. This does not count against you."
        " Dr Cho, Wed, Mar 11, 10:52 am Find a make-up seat instead of Skills group, Fri, Mar 13"
        " I have seen this : Skills group, Fri, Mar 13"
    )
    card = page.one("div", id=f"s-{timetable.friday}")
    assert [words(struck) for struck in card.iter("s")] == ["Skills group", "1:00 to 4:00 pm"]


def test_a_cancellation_that_was_not_the_programs_says_nothing_of_counting(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(update(SessionChange).where(SessionChange.kind == "cancelled").values(by_id=cast.ada.id))
        db.session.commit()
    assert "does not count against you" not in browser("ada").get("/schedule/").text


def test_a_moved_session_is_in_both_places_and_each_links_to_the_other(timetable, browser):
    page = browser("ada").get("/schedule/")
    [old, new] = [i for i in cards(page) if i.startswith(f"s-{timetable.family}")]
    assert cards(page)[old] == (
        "Family session 5:00 to 6:00 pm Moved to Thursday, 5:30 pm . Jo works late on Tuesday."
        " Dr Cho, Wed, Mar 11, 10:52 am I have seen this : Family session, Tue, Mar 10"
    )
    assert cards(page)[new].startswith("New time was Tuesday, 5:00 pm Family session")
    assert page.all("a", href=f"#{new}") and page.all("a", href=f"#{old}")


def test_a_session_moved_to_another_week_links_there_and_back(app, cast, timetable, browser):
    with app.app_context():
        alone = staff_meetings.called(cast.cho, timetable.alone)
        sessions.move(cast.cho, alone, datetime(2026, 3, 19, 10), "A holiday.", clock.now())
        db.session.commit()
    ada = browser("ada")
    page = ada.get("/schedule/")
    assert "Moved to Thu, Mar 19, 10:00 am . A holiday." in page.text
    assert page.all("a", href=f"/schedule/?week=2026-03-19#s-{timetable.alone}")
    later = ada.get("/schedule/?week=2026-03-19")
    assert "New time was Thu, Mar 12, 10:00 am . A holiday." in later.text


@pytest.mark.parametrize(
    ("status", "minutes", "said"),
    [
        ("present", None, "You came"),
        ("late", 100, "Came late 100 of 180 minutes"),
        ("left_early", 0, "Left early 0 of 180 minutes"),
        ("excused", None, "Excused"),
        ("missed", None, "We missed you"),
    ],
)
def test_attendance_is_said_in_kind_words(app, cast, timetable, browser, status, minutes, said):
    taken(app, cast, timetable.monday, status, minutes)
    card = cards(browser("ada").get("/schedule/"))[f"s-{timetable.monday}"]
    assert card.removesuffix(" Find a make-up seat instead of Skills group, Mon, Mar 9").endswith(said)
    assert ("Find a make-up seat" in card) == (status in ("excused", "missed"))


def test_attendance_not_taken_yet_is_said_so(timetable, browser):
    assert cards(browser("ben").get("/schedule/"))[f"s-{timetable.monday}"].endswith("Not marked yet")


def test_the_video_room_shows_only_while_it_is_open(timetable, browser, at):
    for moment, links in (("12:49", 0), ("12:50", 1), ("15:59", 1), ("16:00", 0)):
        at(f"2026-03-11T{moment}")
        page = browser("ada").get("/schedule/")
        assert len(page.all("a", href="https://video.example.org/skills")) == links, moment


def test_the_weeks_before_and_after_are_a_link_away(timetable, browser):
    ada = browser("ada")
    page = ada.get("/schedule/")
    assert page.all("a", href="/schedule/?week=2026-03-02") and page.all("a", href="/schedule/?week=2026-03-16")
    page = ada.get("/schedule/?week=2026-03-18")
    assert page.heading == "March 16 to 22"
    assert "9 hours more are planned." in page.text
    assert page.all("a", href="/schedule/")


def test_a_week_that_is_none_gets_this_week_and_a_note(timetable, browser):
    page = browser("ada").get("/schedule/?week=soon", status=422)
    assert page.heading == "March 9 to 15"
    assert words(page.one("p", role="status")) == "That is not a week we can show. Here is this week."


@pytest.mark.parametrize("asked", ["2021-03-08", "2031-03-17", "1990-05-05", "9999-12-31"])
def test_a_week_too_far_away_either_way_says_how_far_weeks_go(timetable, browser, asked):
    page = browser("ada").get(f"/schedule/?week={asked}", status=422)
    assert words(page.one("p", role="status")) == (
        "Weeks are shown from five years back to five years ahead. Here is this week."
    )


def test_two_acts_on_one_card_have_buttons_that_say_which(app, cast, timetable, browser):
    changed(app, cast, timetable.alone, sessions.place, "Room 5", "")
    page = browser("ada").get("/schedule/")
    assert "I have seen this : One-to-one" in cards(page)[f"s-{timetable.alone}"]
    changed(app, cast, timetable.alone, sessions.substitute, cast.dee)
    card = cards(browser("ada").get("/schedule/"))[f"s-{timetable.alone}"]
    assert "I have seen the new room : One-to-one" in card and "I have seen who leads it now : One-to-one" in card
    assert "I have seen this" not in card


def test_a_reason_without_a_full_stop_gets_one(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(update(SessionChange).values(reason=" Snow "))
        db.session.commit()
    ada = browser("ada")
    for path in ("/schedule/", "/today", f"/sessions/{timetable.friday}"):
        page = ada.get(path)
        assert "Snow. This does not count against you." in page.text, path
        assert "Snow Dr" not in page.text and ("Snow. Dr" in page.text or path == "/today"), path


def test_a_week_without_sessions_says_whom_to_ask(timetable, browser):
    page = browser("ada").get("/schedule/?week=2027-06-01")
    assert "Nothing is planned this week" in page.text
    assert not page.all("ol", class_="days")
    assert "Week 6" not in page.text


def test_a_person_without_an_episode_has_a_week_without_hours(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(delete(Episode).where(Episode.participant_id == cast.ada.id))
        db.session.commit()
    page = browser("ada").get("/schedule/")
    assert "Two things changed this week." in page.text
    assert "of 10 hours" not in page.text


@pytest.mark.asvs("8.2.2")
def test_another_persons_sessions_never_show(timetable, browser):
    page = browser("cleo").get("/schedule/")
    assert list(cards(page)) == [f"s-{timetable.cleos}"]


def test_a_reader_on_another_clock_is_told_which_clock(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(zone="America/Chicago"))
        db.session.commit()
    assert "1:00 to 4:00 pm (New York time)" in browser("ada").get("/schedule/").text


def test_the_page_takes_four_selects_whatever_the_number_of_sessions(app, cast, timetable, browser):
    ada = browser("ada")
    ada.get("/schedule/")
    assert len(ada.selects) == 4
    with app.app_context():
        for hour in range(8, 12):
            track(cast.cho, cast.ada, first_at=datetime(2026, 2, 2, hour), rule="FREQ=DAILY", minutes=30)
        db.session.commit()
    assert len(cards(ada.get("/schedule/"))) > 30
    assert len(ada.selects) == 4


def test_sessions_after_the_enrollment_ended_do_not_show(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(
            update(TrackEnrollment)
            .where(TrackEnrollment.participant_id == cast.ada.id)
            .values(ends_on=date(2026, 3, 11))
        )
        db.session.commit()
    assert f"s-{timetable.friday}" not in cards(browser("ada").get("/schedule/"))


@pytest.mark.parametrize("path", ["/schedule/", "/groups/", "/sessions/x/attendance"])
def test_a_stranger_is_asked_to_sign_in(browser, path):
    stranger = browser()
    stranger.get(path, status=303)
    assert stranger.location.startswith("/sign-in")


def test_a_therapist_has_no_week_of_their_own_here(timetable, browser):
    browser("cho").get("/schedule/", status=404)


def test_the_week_of_the_spring_change_is_whole(timetable, browser, at):
    at("2026-03-08T10:00")
    page = browser("ada").get("/schedule/")
    assert page.heading == "March 2 to 8"
    assert [len(list(day.iter("h3"))) for day in page.one("ol", class_="days")] == [1, 0, 1, 0, 1, 0, 0]


def test_each_session_leads_to_its_page(timetable, browser):
    ada = browser("ada")
    for card in ada.get("/schedule/").all("div", class_="sess"):
        [heading] = list(card.iter("h3"))
        ada.get(next(heading.iter("a")).get("href"))


def changed(app, cast, key, verb, *said) -> None:
    with app.app_context():
        verb(cast.kit, staff_meetings.called(cast.kit, key), *said, "The pipes burst.", clock.now())
        db.session.commit()


def test_every_kind_of_change_is_said_with_why_and_who(app, cast, timetable, browser):
    changed(app, cast, timetable.wednesday, sessions.substitute, cast.dee)
    changed(app, cast, timetable.alone, sessions.place, "Room 5", "")
    changed(app, cast, timetable.friday, sessions.restore)
    held = cards(browser("ada").get("/schedule/"))
    assert (
        "Changed Led by Dr Dee, not Dr Cho. The pipes burst. Kit Larsen, Wed, Mar 11"
        in held[f"s-{timetable.wednesday}"]
    )
    assert "Changed New place: Room 5. It was Room 110. The pipes burst." in held[f"s-{timetable.alone}"]
    friday = held[f"s-{timetable.friday}"]
    assert "On after all The pipes burst." in friday and "Cancelled" not in friday


def test_a_new_length_and_a_new_video_link_are_said(app, cast, timetable, browser):
    with app.app_context():
        told = {"kind": "lasts", "was": "180 minutes", "becomes": "120 minutes"}
        group = staff_meetings.called(cast.kit, timetable.wednesday)
        sessions.note_changes(
            cast.kit, [{"session_id": group.id, "old_at": group.time.start, **told}], "A talk.", clock.now()
        )
        sessions.place(cast.kit, group, group.place.room, "https://video.example.org/new", "A new room.", clock.now())
        db.session.commit()
    card = cards(browser("ada").get("/schedule/"))[f"s-{timetable.wednesday}"]
    assert "Lasts 120 minutes, not 180 minutes. A talk." in card
    assert "The video link is new. A new room." in card


def test_what_is_seen_stays_in_the_week_and_asks_no_more(app, cast, timetable, browser):
    ada = browser("ada")
    page = ada.get("/schedule/")
    assert page.text.count("I have seen this") == 2  # the move is asked for once, though it shows twice
    for button in [form.get("action") for form in page.all("form") if "/changes/" in (form.get("action") or "")]:
        ada.get("/schedule/")
        ada.submit(button)
        assert ada.location == "/schedule/?week=2026-03-09&saved=seen"
    page = ada.get(ada.location)
    said = page.one("p", role="status")
    assert (said.get("class"), words(said)) == ("note leaf", "Thank you. We know that you have seen it.")
    assert "I have seen this" not in page.text and "Dr Cho is away." in page.text


def test_one_act_that_changed_many_sessions_is_asked_for_once(app, cast, timetable, browser):
    with app.app_context():
        told = {"kind": "led", "was": "Dr Cho", "becomes": "Dr Dee"}
        groups = [staff_meetings.called(cast.kit, key) for key in (timetable.wednesday, timetable.alone)]
        rows = [{"session_id": group.id, "old_at": group.time.start, **told} for group in groups]
        sessions.note_changes(cast.kit, rows, "Dr Cho is at a course.", clock.now())
        db.session.commit()
    ada = browser("ada")
    held = cards(ada.get("/schedule/"))
    assert (
        "This changed 2 of your sessions this week. This button is for all of them." in held[f"s-{timetable.wednesday}"]
    )
    assert "I have seen this" not in held[f"s-{timetable.alone}"]
    assert "Led by Dr Dee, not Dr Cho." in held[f"s-{timetable.alone}"]


def test_what_is_over_asks_for_nothing(timetable, browser, at):
    at("2026-03-15T10:00")
    assert "I have seen this" not in browser("ada").get("/schedule/").text


def test_somebody_who_cannot_come_is_welcome(app, cast, timetable, browser):
    with app.app_context():
        absences.say(cast.ada, own_meetings.called(cast.ada, timetable.wednesday), "", clock.now())
        db.session.commit()
    card = cards(browser("ada").get("/schedule/"))[f"s-{timetable.wednesday}"]
    assert "You told us you can't make it. You are still welcome. Find a make-up seat" in card
    assert "can't make it" not in browser("ben").get("/schedule/").text
