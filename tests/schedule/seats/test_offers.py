"""Which seats are offered instead of a session, and what is never shown of them."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from sqlalchemy import delete, select, update

from portal import clock, program
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.meetings import Time
from portal.schedule.models import Attendance, Seat, Session, Track, TrackEnrollment
from portal.schedule.seats import absences, busy, holds, offers
from portal.schedule.seats.busy import BusyHours
from tests.browser import words
from tests.schedule.timetable import session, track


def days_offered(person, key: str) -> list[str]:
    """The days and times of what is offered to `person` instead of the session `key`; needs an app context."""
    choice = offers.offer_seats(person, program.current(), own_meetings.called(person, key), clock.now())
    return [f"{offer.time.local_start:%a %d %H:%M}" for offer in choice.offers]


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


EVENINGS = ["Tue 17 18:00", "Thu 19 18:00", "Tue 24 18:00"]  # Thursday 12 is in the way of the family session


def test_what_is_free_and_fits_is_offered_soonest_first(inside, cast, timetable, evening):
    assert days_offered(cast.ada, timetable.friday) == EVENINGS
    assert days_offered(cast.ben, timetable.friday) == ["Thu 12 18:00", *EVENINGS]


def test_the_same_topic_comes_first(inside, cast, timetable, evening):
    db.session.execute(update(Session).where(Session.key == timetable.friday).values(topic="The wave"))
    db.session.execute(update(Session).where(Session.key == evening.on_19).values(topic="the Wave"))
    assert days_offered(cast.ada, timetable.friday)[0] == "Thu 19 18:00"


def test_two_sessions_without_a_topic_have_not_the_same(inside, cast, timetable, evening):
    db.session.execute(update(Session).where(Session.key == evening.on_17).values(topic="Sleep"))
    assert days_offered(cast.ada, timetable.friday) == EVENINGS


def test_a_track_that_takes_nobody_in_offers_nothing(inside, cast, timetable, evening):
    db.session.execute(update(Track).where(Track.id == evening.track_id).values(takes_make_ups=False))
    assert days_offered(cast.ada, timetable.friday) == []


def test_a_group_that_nobody_comes_to_on_that_day_offers_nothing(inside, cast, timetable, evening):
    theirs = update(TrackEnrollment).where(TrackEnrollment.participant_id == cast.cleo.id)
    db.session.execute(theirs.values(ends_on=date(2026, 3, 18)))
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[:1]
    db.session.execute(theirs.values(starts_on=date(2026, 3, 19), ends_on=None))
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[1:]


def test_a_session_without_a_place_is_not_offered(inside, cast, timetable, evening):
    on_17 = update(Session).where(Session.key == evening.on_17)
    db.session.execute(on_17.values(room="", video_url=""))
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[1:]
    db.session.execute(on_17.values(video_url="https://video.example.org/e"))
    assert days_offered(cast.ada, timetable.friday) == EVENINGS


def test_the_own_track_offers_nothing(inside, cast, timetable, evening):
    db.session.execute(
        update(TrackEnrollment).where(TrackEnrollment.participant_id == cast.ada.id).values(ends_on=date(2026, 3, 13))
    )
    assert days_offered(cast.ada, timetable.friday) == EVENINGS


def test_a_session_that_is_off_or_has_begun_or_is_far_away_is_not_offered(inside, cast, timetable, evening, at):
    sessions.cancel(cast.kit, staff_meetings.called(cast.kit, evening.on_17), "Snow.", clock.now())
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[1:]
    at("2026-03-19T18:00")
    assert days_offered(cast.ada, timetable.friday)[:1] == ["Tue 24 18:00"]


def test_a_full_session_is_not_offered_until_somebody_cannot_come(inside, cast, timetable, evening):
    on_17 = db.session.scalar(select(Session.id).where(Session.key == evening.on_17))
    db.session.add(Seat(session_id=on_17, participant_id=cast.ben.id))
    db.session.flush()
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[1:]
    absences.say(cast.cleo, own_meetings.called(cast.cleo, evening.on_17), "", clock.now())
    assert days_offered(cast.ada, timetable.friday) == EVENINGS
    absences.withdraw(cast.cleo, own_meetings.called(cast.cleo, evening.on_17), clock.now())
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[1:]


def test_who_is_enrolled_and_has_a_seat_too_takes_one(inside, cast, timetable, evening):
    on_17 = db.session.scalar(select(Session.id).where(Session.key == evening.on_17))
    db.session.add(Seat(session_id=on_17, participant_id=cast.cleo.id))
    db.session.add(TrackEnrollment(track_id=evening.track_id, participant_id=cast.cleo.id, starts_on=date(2026, 3, 1)))
    db.session.flush()
    assert days_offered(cast.ada, timetable.friday) == EVENINGS


def test_an_absence_of_somebody_who_is_enrolled_no_more_frees_nothing(inside, cast, timetable, evening):
    on_17 = db.session.scalar(select(Session.id).where(Session.key == evening.on_17))
    absences.say(cast.cleo, own_meetings.called(cast.cleo, evening.on_17), "", clock.now())
    theirs = update(TrackEnrollment).where(TrackEnrollment.participant_id == cast.cleo.id)
    db.session.execute(theirs.values(participant_id=cast.kit.id))
    db.session.add(Seat(session_id=on_17, participant_id=cast.ben.id))
    db.session.flush()
    assert days_offered(cast.ada, timetable.friday) == EVENINGS[1:]


def test_whoever_takes_an_absence_back_gets_in_beside_those_who_took_the_seat(inside, cast, timetable, evening):
    db.session.execute(update(Track).where(Track.id == evening.track_id).values(capacity=1))
    cleos = own_meetings.called(cast.cleo, evening.on_17)
    absences.say(cast.cleo, cleos, "", clock.now())
    missed = own_meetings.called(cast.ada, timetable.friday)
    holds.take_seat(cast.ada, program.current(), missed, evening.on_17, clock.now())
    absences.withdraw(cast.cleo, cleos, clock.now())
    assert own_meetings.called(cast.cleo, evening.on_17).absent is None
    assert [row.name for row in roster.read_roster(staff_meetings.called(cast.kit, evening.on_17))] == [
        "Ada Moreno",
        "Cleo Park",
    ]
    assert days_offered(cast.ben, timetable.friday) == []


def test_busy_hours_are_left_out(inside, cast, timetable, evening):
    busy.add(cast.ada, "work", [1], time(18, 59), time(20))
    assert days_offered(cast.ada, timetable.friday) == ["Thu 19 18:00"]
    busy.add(cast.ada, "school", [3], time(19), time(20))  # begins when the group ends
    assert days_offered(cast.ada, timetable.friday) == ["Thu 19 18:00"]
    assert days_offered(cast.ben, timetable.friday) == ["Thu 12 18:00", *EVENINGS]


def test_a_session_that_ends_when_an_own_one_begins_is_not_in_its_way(inside, cast, timetable, evening):
    session("family", "2026-03-17T19:00", 60, cast.cho, cast.ada)
    assert days_offered(cast.ada, timetable.friday) == EVENINGS
    session("family", "2026-03-19T18:59", 60, cast.cho, cast.ada)
    assert days_offered(cast.ada, timetable.friday) == ["Tue 17 18:00", "Tue 24 18:00"]


def test_an_own_session_that_is_off_is_not_in_the_way(inside, cast, timetable, evening):
    sessions.cancel(cast.kit, staff_meetings.called(cast.kit, timetable.family), "Snow.", clock.now())
    assert days_offered(cast.ada, timetable.friday) == ["Thu 12 18:00", *EVENINGS]


def test_eight_are_shown_at_most(inside, cast, timetable, evening):
    for hour in (7, 8):
        track(
            cast.dee,
            cast.cleo,
            title="Early group",
            takes_make_ups=True,
            first_at=datetime(2026, 2, 2, hour),
            rule="FREQ=DAILY",
            minutes=45,
        )
    assert len(days_offered(cast.ada, timetable.friday)) == offers.MOST == 8


@pytest.mark.parametrize(
    ("which", "why"),
    [
        ("wednesday", "You have your place in this one."),
        ("monday", "You came to this one"),
        ("alone", "Call us to find another time for this one."),
    ],
)
def test_nothing_is_offered_where_nothing_is_to_make_up_for(timetable, evening, browser, which, why):
    page = browser("ada").get(f"/sessions/{getattr(timetable, which)}/seats")
    assert why in page.text and "Choose this one" not in page.text


@pytest.mark.parametrize(
    ("now", "status", "why"),
    [
        ("2026-03-09T18:00", None, "Nobody has marked yet who came"),
        ("2026-03-16T13:00", "missed", ""),
        ("2026-03-16T13:00", "excused", ""),
        ("2026-03-16T13:01", "missed", "of the last 7 days"),
        ("2026-02-22T13:00", "missed", "the next 14"),
        ("2026-03-10T13:00", "late", "You came to this one"),
    ],
)
def test_a_session_of_the_last_week_that_was_missed_can_be_made_up(inside, cast, timetable, at, now, status, why):
    db.session.execute(delete(Attendance))
    monday = staff_meetings.called(cast.cho, timetable.monday)
    if status:
        at("2026-03-09T17:00")
        minutes = 10 if status == "late" else None
        roster.take_attendance(monday, cast.ada, status, minutes, cast.cho, clock.now())
    at(now)
    said = offers.why_no_seat(own_meetings.called(cast.ada, timetable.monday), program.current(), clock.now())
    assert said == why if not why else why in said


def test_a_kind_that_does_not_count_needs_no_making_up(inside, cast, timetable, evening):
    facts = replace(program.current(), counted_kinds=frozenset({"family"}))
    missed = own_meetings.called(cast.ada, timetable.friday)
    assert offers.offer_seats(cast.ada, facts, missed, clock.now()).offers == ()


def test_the_page_shows_facts_and_never_who_or_how_many(timetable, evening, browser):
    page = browser("ada").get(f"/sessions/{timetable.friday}/seats")
    assert (page.title, page.heading) == ("Make-up seats | Foothold", "Find a make-up seat")
    assert words(page.all("li", class_="sess")[0]) == (
        "Evening group Tuesday, March 17, 6:00 to 7:00 pm Dr Dee, Room 9"
        " Choose this one : Evening group, Tue, Mar 17, 6:00 pm"
    )
    assert "Each of these has a free seat." in page.text
    for told in ("Cleo", "Park", "Ben", " seats", "people", "capacity", "1 seat"):
        assert told not in page.text, told


def test_with_nothing_free_the_page_says_whom_to_call(timetable, browser):
    page = browser("ada").get(f"/sessions/{timetable.friday}/seats")
    assert "No other seat is free right now" in page.text
    assert page.all("a", href="tel:+12125550142")


@pytest.mark.asvs("8.2.2")
def test_nobody_is_offered_anything_for_the_session_of_another(timetable, evening, browser):
    for who in ("cleo", "cho", "kit"):
        browser(who).get(f"/sessions/{timetable.friday}/seats", 404)


def test_the_page_takes_four_selects_whatever_there_is_to_choose(app, cast, timetable, evening, browser):
    ada = browser("ada")
    ada.get(f"/sessions/{timetable.friday}/seats")
    few = len(ada.selects)
    with app.app_context():
        for hour in (7, 8, 20):
            track(
                cast.dee,
                cast.cleo,
                title="Group",
                takes_make_ups=True,
                first_at=datetime(2026, 2, 2, hour),
                rule="FREQ=DAILY",
                minutes=45,
            )
        for day in range(7):
            busy.add(cast.ada, "work", [day], time(6), time(6, 30))
        db.session.commit()
    ada.get(f"/sessions/{timetable.friday}/seats")
    assert few == len(ada.selects) == 4


def test_busy_hours_are_the_clinics_whatever_the_clocks_do(inside):
    zone = "America/New_York"
    for day in (date(2026, 3, 7), date(2026, 3, 8)):  # the second begins daylight saving
        start = clock.at_wall(datetime.combine(day, time(9)), zone)
        session = Time.at(start, zone, 60)
        assert BusyHours(day.weekday(), time(9), time(10)).touch(session, zone)
        assert not BusyHours(day.weekday(), time(10), time(11)).touch(session, zone)
        assert not BusyHours(day.weekday(), time(8), time(9)).touch(session, zone)
    late = clock.at_wall(datetime(2026, 3, 10, 23), zone)
    assert BusyHours(2, time(0), time(1)).touch(Time.at(late, zone, 120), zone)  # over midnight
