"""Rules of time hold in the verbs: what a page hides when its time is over, no request does any more."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import g
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from portal import checkins, clock, drafts, people, program
from portal.caseload import brief
from portal.checkins.check_in_versions import ITEMS
from portal.db import db
from portal.door.joining import invitations
from portal.fields import Refused
from portal.flags import acts
from portal.flags.models import Flag
from portal.measures import INSTRUMENTS, measure_entries
from portal.people.care import glass, time_away
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.seats import absences, holds
from portal.schedule.sessions import SessionPlan
from tests.schedule.timetable import at as session_at
from tests.schedule.timetable import timetable as timetable
from tests.schedule.timetable import track

KEY, DAY = "k" * 22, date(2026, 3, 11)


@pytest.fixture
def now(app, cast, timetable, at):
    """All that the rules are about, as of Wednesday, March 11, at 10:52; the context stays open for the verbs."""
    with app.app_context():
        weekly = {"first_at": datetime(2026, 2, 7, 10), "rule": "FREQ=WEEKLY;BYDAY=SA", "takes_make_ups": True}
        evening = track(cast.dee, cast.cleo, title="Weekend group", **weekly)
        seat = session_at(evening, "2026-03-14T10:00", cast.dee).key
        absences.say(cast.ada, own_meetings.called(cast.ada, timetable.wednesday), "", at.now)
        log(cast, at, at.now)
        answers = {item.id: 1 for item in INSTRUMENTS["phq-9"].items}
        measure_entries.keep(cast.ada, INSTRUMENTS["phq-9"], answers, "m" * 22, at.now)
        log(cast, at, at.now, key="s" * 22, safety="yes_safe")
        drafts.keep(cast.ada, "/check-ins/", MultiDict({"note": "typed"}))
        glass.break_for(cast.dee, "Ben Whitaker", "a reason that is long enough", at.now)
        link = invitations.make(cast.ada, "reset", None, at.now).text
        flag = db.session.scalar(select(Flag.key))
        db.session.commit()
        yield SimpleNamespace(cast=cast, at=at, seat=seat, link=link, flag=flag, **vars(timetable))


def log(cast, at, when, key=KEY, day=DAY, **given):
    blank = dict.fromkeys(ITEMS) | {"mood": 4, "for_day": day}
    return checkins.log(cast.ada, blank | given, key, when)


def absence(now, verb, *more):
    meeting = own_meetings.called(now.cast.ada, now.wednesday)
    return verb(now.cast.ada, meeting, *more, now.at.now)


def seat(now, verb):
    return verb(now.cast.ada, program.current(), own_meetings.called(now.cast.ada, now.wednesday), now.seat, now.at.now)


def give_up(now):
    if now.at.now < clock.at_wall(datetime(2026, 3, 14, 10), "America/New_York"):
        seat(now, holds.take_seat)
        db.session.commit()
    return holds.give_up_seat(now.cast.ada, now.wednesday, now.seat, now.at.now)


def new_check_in(now, ago=0, waited=0):
    key = f"new-{ago}-{waited}".ljust(22, "x")
    blank = dict.fromkeys(ITEMS) | {"mood": 4, "for_day": DAY - timedelta(days=ago)}
    written = now.at.now - timedelta(days=waited) if waited else None
    return checkins.log(now.cast.ada, blank, key, now.at.now, written_at=written)


def change_measure(now):
    answers = {item.id: 2 for item in INSTRUMENTS["phq-9"].items}
    return measure_entries.keep(now.cast.ada, INSTRUMENTS["phq-9"], answers, "m" * 22, now.at.now)


def total(now, day):
    return measure_entries.enter_total(now.cast.cho, now.cast.ada, "y-bocs", 21, day, now.at.now)


def staff_session(now, key):
    return staff_meetings.called(now.cast.cho, key)


def take(now):
    return roster.take_attendance(
        staff_session(now, now.wednesday), now.cast.ada, "present", None, now.cast.cho, now.at.now
    )


def plan(now, wall):
    one = SessionPlan("one_to_one", "One-to-one", now.cast.cho.id, datetime.fromisoformat(wall), "America/New_York", 50)
    return sessions.plan_session(now.cast.kit, one, [now.cast.ada], now.at.now)


def move(now, wall):
    return sessions.move(
        now.cast.cho, staff_session(now, now.alone), datetime.fromisoformat(wall), "A reason", now.at.now
    )


def restore(now):
    return sessions.restore(now.cast.kit, staff_session(now, now.friday), "A reason", now.at.now)


def open_brief(now):
    return brief.brief_of(now.cast.cho, staff_session(now, now.wednesday), now.at.now, program.current())


def try_again(now, **ahead):
    return acts.try_again(
        now.cast.cho, now.cast.ada, now.flag, None, now.at.now, by=now.cast.cho, at=now.at.now + timedelta(**ahead)
    )


def away(now, first, last):
    today = clock.day_of(now.at.now, "America/New_York")
    days = today + timedelta(days=first), today + timedelta(days=last)
    return time_away.enter_time_away(now.cast.cho, now.cast.cho, now.cast.dee, *days, now.at.now)


def reset_link(now):
    if invitations.find_by_link(now.link, now.at.now) is None:
        raise NotFound


def draft(now):
    g.pop("drafts", None)
    if drafts.kept(now.cast.ada, "/check-ins/") is None:
        raise NotFound


NO = Refused, NotFound, ValueError
WINDOWS = {  # what is done, the moment of which it still is, and the first of which it is not
    "saying that one cannot come": (
        lambda now: absence(now, absences.say, "Another reason"),
        "2026-03-11T15:59",
        "2026-03-11T16:00",
    ),
    "coming after all": (lambda now: absence(now, absences.withdraw), "2026-03-11T15:59", "2026-03-11T16:00"),
    "holding a make-up seat": (lambda now: seat(now, holds.hold_seat), "2026-03-14T09:59", "2026-03-14T10:00"),
    "taking a make-up seat": (lambda now: seat(now, holds.take_seat), "2026-03-14T09:59", "2026-03-14T10:00"),
    "giving a seat back": (give_up, "2026-03-14T09:59", "2026-03-14T10:00"),
    "a check-in for a day": (lambda now: new_check_in(now, ago=0), "2026-03-12T23:59", "2026-03-13T00:00"),
    "a check-in for the day before": (lambda now: new_check_in(now, ago=1), "2026-03-11T23:59", "2026-03-12T00:00"),
    "a check-in that waited a week": (
        lambda now: new_check_in(now, waited=7),
        "2026-03-18T10:00",
        "2026-03-21T10:00",
    ),
    "changing a check-in": (
        lambda now: log(now.cast, now.at, now.at.now, mood=5),
        "2026-03-12T23:59",
        "2026-03-13T00:00",
    ),
    "changing a measure": (change_measure, "2026-03-12T23:59", "2026-03-13T00:00"),
    "a total of a year ago": (lambda now: total(now, date(2025, 3, 11)), "2026-03-12T12:00", "2026-03-13T12:00"),
    "moving to a time": (lambda now: move(now, "2026-03-11T15:00"), "2026-03-11T14:59", "2026-03-11T15:00"),
    "planning for a time": (lambda now: plan(now, "2026-03-11T15:00"), "2026-03-11T14:59", "2026-03-11T15:00"),
    "restoring a session": (restore, "2026-03-13T12:59", "2026-03-13T13:00"),
    "reading the brief": (open_brief, "2026-03-11T23:59", "2026-03-12T00:00"),
    "the hour of broken glass": (
        lambda now: people.participant_of(now.cast.dee, now.cast.ben.key),
        "2026-03-11T11:51",
        "2026-03-11T11:52",
    ),
    "a link to a new password": (reset_link, "2026-03-11T11:21", "2026-03-11T11:22"),
    "text that was kept": (draft, "2026-03-18T10:51", "2026-03-18T10:52"),
}
NOT_YET = {  # what is done, and the last moment at which it is not done yet
    "taking attendance": (take, "2026-03-11T12:59", "2026-03-11T13:00"),
    "reading the brief": (open_brief, "2026-03-11T11:59", "2026-03-11T12:00"),
    "a total of tomorrow": (lambda now: total(now, date(2026, 3, 12)), "2026-03-11T23:59", "2026-03-12T00:00"),
    "a check-in for tomorrow": (lambda now: new_check_in(now, ago=-1), "2026-03-11T23:59", "2026-03-12T00:00"),
}


@pytest.mark.asvs("2.3.2", "8.2.1")
@pytest.mark.parametrize("what", WINDOWS)
def test_what_has_its_time_is_refused_when_it_is_over(now, what):
    """Rule: each rule of time that a page shows holds in the verb, to the minute."""
    act, last, over = WINDOWS[what]
    now.at(last)
    act(now)
    db.session.rollback()
    now.at(over)
    with pytest.raises(NO):
        act(now)


@pytest.mark.parametrize("what", NOT_YET)
def test_what_has_its_time_is_refused_before_it_begins(now, what):
    act, before, begins = NOT_YET[what]
    now.at(before)
    with pytest.raises(NO):
        act(now)
    db.session.rollback()
    now.at(begins)
    act(now)


@pytest.mark.parametrize("ahead", [{"minutes": 0}, {"minutes": -1}, {"days": 3, "minutes": 1}])
def test_somebody_is_tried_again_at_a_time_to_come_within_three_days(now, ahead):
    with pytest.raises(Refused):
        try_again(now, **ahead)
    try_again(now, days=2)


@pytest.mark.parametrize("days", [(-1, 1), (2, 1), (0, 400)])
def test_a_time_away_begins_today_or_later_and_ends_within_a_year(now, days):
    with pytest.raises(Refused):
        away(now, *days)
    away(now, 0, 1)


@pytest.mark.asvs("2.3.2")
def test_a_page_that_was_open_when_its_time_was_over_says_so_and_changes_nothing(browser, timetable, at):
    """Rule: the button of an old page is answered in words, and what it would have done is not done."""
    page, hidden = f"/sessions/{timetable.wednesday}", "I'm coming after all"
    at("2026-03-11T15:55")
    ada = browser("ada")
    ada.get(f"{page}/absence")
    ada.submit(f"{page}/absence", {"reason": ""})
    assert hidden in ada.get(page).text
    at("2026-03-11T16:00")
    answer = ada.submit(f"{page}/absence/withdraw", status=409)
    assert "This session is over or was cancelled" in answer.text
    assert hidden not in answer.text
