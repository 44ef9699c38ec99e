"""Planning one session: a new one, and every change of it, by a coordinator and by who leads it."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from portal import program
from portal.audit.models import AuditEvent
from portal.db import db
from portal.schedule import sessions, staff_meetings
from portal.schedule.models import Seat, Session, SessionChange, Track
from portal.schedule.seats.models import Absence
from tests.browser import words
from tests.schedule import plans
from tests.schedule.timetable import session as plan_one


def address(key: str, act: str = "plan") -> str:
    return f"/sessions/{key}/{act}"


def error(page, field: str) -> str:
    return words(page.one("p", id=f"{field}-error"))


def alone(cast, *people: str, **other) -> dict:
    return {
        "kind": "one_to_one",
        "title": "",
        "leader": cast.dee.key,
        "people": list(people or (cast.ben.key,)),
        "day": "2026-03-17",
        "starts": "09:00",
        "minutes": "50",
        "weeks": "1",
        "room": "",
        "video_url": "",
        "bring": "",
        "note": "",
    } | other


def test_a_session_for_one_is_planned_and_theirs(app, cast, planner):
    kit = planner()
    kit.get("/sessions/new")
    kit.submit("/sessions/", alone(cast, note="Ask at the desk."))
    page = kit.get(kit.location)
    assert "It is planned." in page.text
    assert page.heading == "One-to-one"
    (made,) = plans.sessions(app, "One-to-one")
    assert (made.wall_at, made.minutes, made.note) == (datetime(2026, 3, 17, 9), 50, "Ask at the desk.")
    with app.app_context():
        assert db.session.scalars(select(Seat.participant_id)).all() == [cast.ben.id]
        events = set(db.session.scalars(select(AuditEvent.what).where(AuditEvent.actor_id == cast.kit.id)))
    assert {"session.plan", "seat.give", "people.view"} <= events


def test_a_family_session_of_two_repeats_every_week(app, cast, planner):
    kit = planner()
    kit.get("/sessions/new")
    two = alone(cast, cast.ada.key, cast.ben.key, kind="family", title="Talk with Jo", weeks="8")
    kit.submit("/sessions/", two)
    held = plans.sessions(app, "Talk with Jo")
    assert [each.wall_at.date().isoformat() for each in held[:2]] == ["2026-03-17", "2026-03-24"]
    assert len(held) == 8
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Seat)) == 16


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("kind", {"kind": "group"}, "Choose a kind."),
        ("people", {"people": []}, "Choose who comes."),
        ("people", {"people": ["x"]}, "Choose from the people shown."),
        ("leader", {"leader": ""}, "Choose a therapist."),
        ("day", {"day": ""}, "Choose a day."),
        ("day", {"day": "2026-03-10"}, "This time is over."),
        ("starts", {"starts": "25:00"}, "Write a time such as 6:00 pm."),
        ("starts", {"day": "2027-03-14", "starts": "02:30"}, "Sunday, March 14, 2027 has no 02:30"),
        ("minutes", {"minutes": ""}, "Write how long it lasts."),
        ("minutes", {"minutes": "4"}, "Write a whole number from 5 to 720."),
        ("weeks", {"weeks": "27"}, "Write a whole number from 1 to 26."),
        ("video_url", {"video_url": "http://x.example"}, "A link begins with https://"),
        ("note", {"note": "x" * 301}, "This is 1 character too long. 300 fit."),
    ],
)
def test_a_session_that_does_not_hold_is_refused_beside_its_field(app, cast, planner, field, wrong, said):
    kit = planner()
    kit.get("/sessions/new")
    page = kit.submit("/sessions/", alone(cast, title="Kept") | wrong, 422)
    assert said in error(page, field)
    assert page.one("input", id="title").get("value") == "Kept"
    assert plans.sessions(app, "Kept") == []


def test_a_session_where_somebody_is_taken_needs_a_reason(app, cast, planner, timetable):
    kit = planner()
    kit.get("/sessions/new")
    page = kit.submit("/sessions/", alone(cast, cast.ada.key, day="2026-03-16", starts="15:00", title="New"), 422)
    assert "Ada Moreno comes to Skills group at that time (Mon, Mar 16, 1:00 pm)." in page.text
    assert plans.sessions(app, "New") == []
    kit.submit("/sessions/", {"clash_reason": "The doctor is only in then."})
    assert [s.clash_reason for s in plans.sessions(app, "New")] == ["The doctor is only in then."]
    assert "The doctor is only in then." in kit.get(kit.location).text


def test_the_page_says_what_changed_who_has_not_seen_it_and_who_cannot_come(app, cast, browser, timetable, at):
    with app.app_context():
        friday = db.session.scalar(select(Session.id).where(Session.key == timetable.friday))
        db.session.add(Absence(session_id=friday, participant_id=cast.ben.id, said_at=at.now))
        db.session.commit()
    kit = browser("kit")
    text = kit.get(address(timetable.friday)).text
    assert "Cancelled . Dr Cho is away. Dr Cho, today, 10:52 am" in text
    assert "2 have not seen the latest change: Ada Moreno, Ben Whitaker." in text
    assert "Cannot come Ben Whitaker" in text
    text = kit.get(address(timetable.family)).text
    assert "Moved : Tue, Mar 10, 5:00 pm to Thu, Mar 12, 5:30 pm. Jo works late on Tuesday." in text
    with app.app_context():
        subjects = db.session.scalars(select(AuditEvent.subject).where(AuditEvent.what == "roster.view")).all()
    assert subjects == [timetable.friday, timetable.family]


def test_a_group_session_leads_to_this_and_following_and_to_all(app, browser, timetable):
    page = browser("kit").get(address(timetable.wednesday))
    with app.app_context():
        key = db.session.scalar(select(Track.key))
    assert page.all("a", href=f"/tracks/{key}/edit?from=2026-03-11")
    assert page.all("a", href=f"/tracks/{key}/edit")
    assert not browser("cho").get(address(timetable.wednesday)).all("a", href=f"/tracks/{key}/edit")


@pytest.mark.parametrize("who", ["kit", "cho"])
def test_a_session_is_moved(app, cast, planner, timetable, who):
    person, path = planner(who), address(timetable.alone, "move")
    person.get(address(timetable.alone))
    page = person.submit(path, {"move-day": "2026-03-13", "move-starts": "09:00"}, 422)
    assert error(page, "move-reason") == "Say why, so that people can be told."
    person.submit(path, {"move-reason": "The room is painted."})
    assert "It is moved." in person.get(person.location).text
    assert plans.session(app, timetable.alone).wall_at == datetime(2026, 3, 13, 9)


def test_a_move_to_a_time_that_is_over_or_missing_is_refused_beside_its_field(app, planner, timetable):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    page = kit.submit(path, {"move-day": "2026-03-10", "move-reason": "Earlier."}, 422)
    assert "This time is over." in error(page, "move-day")
    page = kit.submit(path, {"move-day": "2027-03-14", "move-starts": "02:30"}, 422)
    assert "March 14, 2027" in error(page, "move-starts")
    assert plans.changes(app) == 2  # those of the timetable


def test_a_move_into_a_clash_shows_it_and_takes_a_reason(app, cast, planner, timetable):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    page = kit.submit(path, {"move-day": "2026-03-16", "move-starts": "14:00", "move-reason": "Later."}, 422)
    assert "Dr Cho leads Skills group at that time" in page.text
    assert plans.session(app, timetable.alone).wall_at == datetime(2026, 3, 12, 10)
    kit.submit(path, {"move-clash_reason": "In the break."})
    moved = plans.session(app, timetable.alone)
    assert (moved.wall_at, moved.clash_reason) == (datetime(2026, 3, 16, 14), "In the break.")


def test_who_leads_a_session_is_not_told_whose_other_session_is_in_the_way(app, cast, planner, timetable):
    cho, path = planner("cho"), address(timetable.alone, "move")
    cho.get(address(timetable.alone))
    page = cho.submit(path, {"move-starts": "11:00", "move-reason": "Later."}, 422)
    assert "Someone who comes to this has another session at that time." in page.text
    assert "Room 110 is used at that time." in page.text
    assert "Medicine check" not in page.text
    assert "Ben" not in page.text


def test_a_doubled_hour_is_said_to_be_the_first(app, planner, timetable, at):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    page = kit.submit(path, {"move-day": "2026-11-01", "move-starts": "01:30", "move-reason": "So."}, 200)
    assert "the session is at the first 1:30 am." in page.text
    kit.submit(path, {})
    assert plans.session(app, timetable.alone).starts_at.isoformat() == "2026-11-01T05:30:00+00:00"


@pytest.mark.parametrize("who", ["kit", "cho"])
def test_a_session_is_cancelled_once(app, planner, timetable, who):
    person, path = planner(who), address(timetable.wednesday, "cancel")
    person.get(address(timetable.wednesday))
    token = person.page.fields(path)
    person.submit(path, {"cancel-reason": "The heating is out."})
    assert plans.session(app, timetable.wednesday).status == "cancelled"
    page = person.post(path, token | {"cancel-reason": "Again."}, 422)
    assert "changed while the page was open" in page.text
    assert plans.changes(app) == 3


def test_what_was_moved_while_the_page_was_open_is_shown_again_first(app, cast, planner, timetable, at):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    with app.app_context():
        row = staff_meetings.called(cast.cho, timetable.alone)
        sessions.move(cast.cho, row, datetime(2026, 3, 13, 9), "Dr Cho is away.", at.now)
        db.session.commit()
    page = kit.submit(path, {"move-day": "2026-03-13", "move-starts": "11:00", "move-reason": "Later."}, 422)
    assert "changed while the page was open" in page.text
    assert "Friday, March 13, 9:00 to 9:50 am" in page.text
    kit.submit(path, {})
    assert plans.session(app, timetable.alone).wall_at == datetime(2026, 3, 13, 11)


def test_a_cancelled_session_takes_place_after_all(app, planner, timetable):
    kit, path = planner(), address(timetable.friday, "restore")
    page = kit.get(address(timetable.friday))
    assert not [f for f in page.all("form") if f.get("action") == address(timetable.friday, "move")]
    kit.submit(path, {"restore-reason": "Dr Cho is back."})
    assert plans.session(app, timetable.friday).status == "planned"
    assert "It takes place again." in kit.get(kit.location).text


def test_another_therapist_leads_it_and_the_cover_stands_first(app, cast, planner, timetable):
    with app.app_context():
        db.session.execute(Track.__table__.update().values(cover_id=cast.oduya.id))
        db.session.commit()
    kit, path = planner(), address(timetable.wednesday, "substitute")
    page = kit.get(address(timetable.wednesday))
    assert [words(option) for option in page.one("select", id="substitute-leader").iter("option")] == [
        "Choose",
        "Dr Oduya",
        "Dr Dee",
    ]
    page = kit.submit(path, {"substitute-reason": "Dr Cho is ill."}, 422)
    assert error(page, "substitute-leader") == "Choose a therapist."
    page = kit.submit(path, {"substitute-leader": cast.ada.key}, 422)
    assert "Choose one of the therapists shown." in page.text
    kit.submit(path, {"substitute-leader": cast.oduya.key})
    assert plans.session(app, timetable.wednesday).facilitator_id == cast.oduya.id
    planner("oduya").get(address(timetable.wednesday))
    planner("cho").get(address(timetable.wednesday), 404)


@pytest.mark.parametrize("who", ["kit", "cho"])
def test_a_session_goes_to_another_room(app, planner, timetable, who):
    person, path = planner(who), address(timetable.alone, "place")
    person.get(address(timetable.alone))
    person.submit(path, {"place-room": "Room 9", "place-reason": "Room 110 is taken."})
    assert plans.session(app, timetable.alone).room == "Room 9"
    text = person.get(person.location).text
    assert "Another place : Room 110 to Room 9. Room 110 is taken." in text


@pytest.mark.parametrize("who", ["kit", "cho"])
def test_what_it_is_about_is_said_without_a_change_to_see(app, planner, timetable, who):
    person, path = planner(who), address(timetable.wednesday, "describe")
    person.get(address(timetable.wednesday))
    person.submit(path, {"describe-topic": "Waves", "describe-note": "Bring last week's sheet."})
    held = plans.session(app, timetable.wednesday)
    assert (held.topic, held.note) == ("Waves", "Bring last week's sheet.")
    assert plans.changes(app) == 2


def test_what_has_begun_and_was_held_is_no_longer_changed(app, planner, timetable):
    kit = planner()
    assert "It has begun" in kit.get(address(timetable.monday)).text
    page = kit.post(address(timetable.monday, "cancel"), {"cancel-reason": "No."}, 422)
    assert "moved, cancelled or held in the meantime" in page.text


@pytest.mark.asvs("8.2.1", "8.2.2")
@pytest.mark.parametrize("who", ["ada", "dee"])
def test_a_session_somebody_does_not_lead_cannot_be_planned(app, planner, timetable, who):
    person = planner(who)
    person.get(address(timetable.alone), 404)
    for act in ("move", "cancel", "restore", "substitute", "place", "describe"):
        person.post(address(timetable.alone, act), {f"{act}-reason": "x"}, 404)
    assert plans.session(app, timetable.alone).sequence == 0


@pytest.mark.asvs("8.2.1")
def test_who_leads_it_may_neither_restore_nor_hand_it_over_nor_plan_new_ones(app, cast, planner, timetable):
    cho = planner("cho")
    assert not cho.get(address(timetable.friday)).all("details", class_="card")
    for act in ("restore", "substitute"):
        cho.post(address(timetable.friday, act), {f"{act}-reason": "x", "substitute-leader": cast.dee.key}, 404)
    cho.get("/sessions/new", 404)
    cho.post("/sessions/", alone(cast), 404)


def test_what_was_typed_into_one_form_comes_back_into_that_form(planner, timetable, at):
    kit = planner()
    kit.get(address(timetable.alone))
    at.later(minutes=11)
    kit.submit(address(timetable.alone, "move"), {"move-day": "2026-03-13", "move-reason": "The room is painted."})
    page = planner().get(address(timetable.alone))
    assert "We kept what you typed" in page.text
    assert words(page.one("textarea", id="move-reason")) == "The room is painted."
    assert page.one("input", id="place-room").get("value") == "Room 110"


def test_the_page_takes_the_same_selects_however_often_it_was_changed(app, cast, browser, timetable, at):
    kit = browser("kit")
    kit.get(address(timetable.family))
    few = len(kit.selects)
    with app.app_context():
        for day in range(13, 28):
            row = staff_meetings.called(cast.cho, timetable.family)
            sessions.move(cast.cho, row, datetime(2026, 3, day, 9), "Again.", at.now)
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(SessionChange)) == 17
    kit.get(address(timetable.family))
    assert len(kit.selects) == few <= 8


def test_a_session_of_nobody_says_so(app, cast, browser):
    with app.app_context():
        key = plan_one("one_to_one", "2026-03-16T10:00", 50, cast.cho).key
        db.session.commit()
    assert "Who comes Nobody" in browser("kit").get(address(key)).text


def test_a_move_far_away_or_into_another_year_is_asked_about_once(app, planner, timetable):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    page = kit.submit(path, {"move-day": "2027-03-25", "move-reason": "Later."}, 200)
    assert "Thursday, March 25, 2027, is 54 weeks later. Move it there?" in page.text
    kit.submit(path, {})
    page = kit.get(kit.location)
    assert "Thursday, March 25, 2027, 10:00 to 10:50 am" in page.text
    assert "Thu, Mar 12, 10:00 am to Thu, Mar 25, 2027, 10:00 am" in page.text


def test_a_move_within_eight_weeks_asks_nothing(app, planner, timetable):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    kit.submit(path, {"move-day": "2026-05-07", "move-reason": "Later."})


@pytest.mark.parametrize("who", ["kit", "cho"])
def test_a_day_that_the_program_is_closed_is_in_the_way_and_takes_a_reason(app, planner, timetable, who):
    with app.app_context():
        db.session.execute(program.models.Program.__table__.update().values(holidays=["2026-03-17"]))
        db.session.commit()
    person, path = planner(who), address(timetable.alone, "move")
    person.get(address(timetable.alone))
    page = person.submit(path, {"move-day": "2026-03-17", "move-reason": "Later."}, 422)
    assert "The program is closed on Tuesday, March 17, 2026." in page.text
    person.submit(path, {"move-clash_reason": "Somebody lets them in."})
    moved = plans.session(app, timetable.alone)
    assert (moved.wall_at.day, moved.clash_reason) == (17, "Somebody lets them in.")


def test_a_day_that_the_group_skips_is_in_the_way(app, planner, timetable):
    with app.app_context():
        db.session.execute(Track.__table__.update().values(skips=["2026-03-12"]))
        db.session.commit()
    kit, path = planner(), address(timetable.wednesday, "move")
    kit.get(address(timetable.wednesday))
    page = kit.submit(path, {"move-day": "2026-03-12", "move-starts": "19:00", "move-reason": "So."}, 422)
    assert "Skills group does not meet on Thursday, March 12, 2026." in page.text


def test_a_move_may_change_its_length_in_the_same_act(app, planner, timetable):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    typed = {"move-day": "2026-03-13", "move-starts": "09:00", "move-reason": "Longer.", "move-until": "08:00"}
    page = kit.submit(path, typed, 422)
    assert error(page, "move-until") == "It ends before it begins."
    kit.submit(path, {"move-until": "10:30"})
    moved = plans.session(app, timetable.alone)
    assert (moved.wall_at, moved.minutes) == (datetime(2026, 3, 13, 9), 90)
    with app.app_context():
        rows = db.session.execute(
            select(SessionChange.kind, SessionChange.key, SessionChange.was, SessionChange.becomes).where(
                SessionChange.session_id == moved.id
            )
        ).all()
    assert [(row.kind, row.was, row.becomes) for row in rows] == [
        ("moved", None, None),
        ("lasts", "50 minutes", "90 minutes"),
    ]
    assert len({row.key for row in rows}) == 1
    assert "Another length : 50 minutes to 90 minutes. Longer." in kit.get(kit.location).text


def test_its_length_alone_may_change(app, planner, timetable):
    kit, path = planner(), address(timetable.alone, "move")
    kit.get(address(timetable.alone))
    kit.submit(path, {"move-until": "11:00", "move-reason": "Longer."})
    assert plans.session(app, timetable.alone).minutes == 60
    with app.app_context():
        assert db.session.scalars(select(SessionChange.kind).order_by(SessionChange.id.desc())).first() == "lasts"


def test_seats_are_not_counted_on_what_is_cancelled(browser, timetable):
    assert "seats" not in browser("kit").get(address(timetable.friday)).text
