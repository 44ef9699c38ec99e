"""The brief before a session: who may read it and when, whom it names, and that it says nothing of safety."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import update
from werkzeug.exceptions import NotFound

from portal import checkins, clock, program
from portal.caseload.brief import brief_of
from portal.checkins.check_in_versions import ITEMS
from portal.checkins.models import CheckIn
from portal.checkins.question_plans import choose
from portal.checkins.sets import Target
from portal.db import db
from portal.flags import REASONS, acts
from portal.flags.raising import raise_flag
from portal.people.contacts import new_account
from portal.people.models import Account
from portal.schedule import sessions, staff_meetings
from portal.schedule.groups import enrollment
from portal.schedule.models import Session, Track, TrackEnrollment
from tests.browser import words
from tests.caseload.diary import TODAY, entry, month, write
from tests.on_record import told
from tests.schedule.attendance.test_views import cannot_come, visit
from tests.schedule.timetable import at as session_at
from tests.schedule.timetable import session, track
from tests.world import MARKS

ZONE = "America/New_York"
SUNDAYS = [  # wall time, then in UTC: when the brief opens, and when its day is over
    ("2026-03-08T01:30", "2026-03-08T05:30", "2026-03-09T04:00"),  # the clocks jump from 2 to 3 am
    ("2026-03-08T03:30", "2026-03-08T06:30", "2026-03-09T04:00"),
    ("2026-03-08T18:00", "2026-03-08T21:00", "2026-03-09T04:00"),
    ("2026-11-01T01:30", "2026-11-01T04:30", "2026-11-02T05:00"),  # the hour from 1 to 2 am comes twice
    ("2026-11-01T02:15", "2026-11-01T06:15", "2026-11-02T05:00"),
    ("2026-11-01T18:00", "2026-11-01T22:00", "2026-11-02T05:00"),
]


def address(key):
    return f"/sessions/{key}/brief"


def utc(moment):
    return datetime.fromisoformat(f"{moment}+00:00")


def lines(page):
    return [tuple(words(cell) for cell in row) for row in page.all("tr")[1:]]


def opens(leader, key, now):
    """Whether `leader` gets the brief of a session at `now`."""
    try:
        brief_of(leader, staff_meetings.called(leader, key), now, program.current())
    except NotFound:
        return False
    return True


@pytest.fixture
def group(app, cast):
    """The key of Dr Cho's group today at 11:30 am, with Ada and Ben: its brief opened at 10:30."""
    with app.app_context():
        made = track(cast.cho, cast.ada, cast.ben, first_at=datetime(2026, 2, 2, 11, 30))
        key = session_at(made, "2026-03-11T11:30", cast.cho).key
        db.session.commit()
    return key


@pytest.mark.asvs("8.2.2", "8.3.1")
@pytest.mark.parametrize("seed", range(4))
def test_it_opens_for_who_leads_the_session_then_and_only_within_the_window(app, cast, at, seed):
    """Random sessions, moves, substitutes and cancellations, asked for at random times by everybody."""
    rng, staff = Random(seed), (cast.cho, cast.dee, cast.oduya)
    with app.app_context():
        for _ in range(60):
            leader, wall = (
                rng.choice(staff),
                datetime(2026, rng.choice((3, 6, 11)), rng.randint(1, 14), rng.randrange(24)),
            )
            made = session("one_to_one", f"{wall:%Y-%m-%dT%H}:45", rng.choice((15, 50, 180)), leader, cast.ada)
            start, now = made.starts_at, made.starts_at - timedelta(days=1)
            if rng.random() < 0.4:
                found, leader = staff_meetings.called(leader, made.key), rng.choice(staff)
                if leader.id != found.leader_id:
                    sessions.substitute(cast.kit, found, leader, "Ill.", now)
            if rng.random() < 0.3:
                wall += timedelta(hours=rng.choice((26, 49)))
                sessions.move(cast.kit, staff_meetings.called(leader, made.key), wall, "Snow.", now)
                start = clock.at_wall(wall, ZONE)
            cancelled = rng.random() < 0.2
            if cancelled:
                sessions.cancel(cast.kit, staff_meetings.called(leader, made.key), "Snow.", now)
            over = clock.start_of(clock.day_of(start, ZONE) + timedelta(days=1), ZONE)
            for asked in (*(start + timedelta(minutes=rng.randint(-2000, 2000)) for _ in range(4)), start, over):
                inside = start - timedelta(hours=1) <= asked < over and not cancelled
                may = [one.id for one in staff if opens(one, made.key, asked)]
                assert may == ([leader.id] if inside else []), f"{start} {asked}"
        with pytest.raises(NotFound):
            brief_of(cast.kit, staff_meetings.called(cast.kit, made.key), start, program.current())


@pytest.mark.parametrize(("wall", "first", "over"), SUNDAYS)
def test_the_hour_before_is_an_hour_and_the_day_is_whole_when_the_clocks_change(app, cast, wall, first, over):
    minute = timedelta(minutes=1)
    with app.app_context():
        key = session("family", wall, 60, cast.cho, cast.ada).key
        asked = (utc(first) - minute, utc(first), utc(over) - minute, utc(over))
        assert [opens(cast.cho, key, moment) for moment in asked] == [False, True, True, False]


@pytest.mark.asvs("8.2.1", "8.2.2")
def test_outside_the_window_and_for_anybody_else_there_is_no_such_page(cast, group, browser, at):
    people = {who: browser(who) for who in ("cho", "dee", "kit", "ada")}
    for moment, status in (("10:29:59", 404), ("10:30", 200), ("14:31", 200), ("23:59:59", 200), ("00:00", 404)):
        at(f"2026-03-{12 if moment == '00:00' else 11}T{moment}")
        cho = browser("cho")
        cho.get(address(group), status)
    at("2026-03-11T11:00")
    for who in ("dee", "kit", "ada"):
        people[who].get(address(group), 404)
    people["cho"].get(address("no-such-key"), 404)


def test_a_substitute_gets_it_instead_of_the_regular_leader(app, cast, group, browser, at):
    with app.app_context():
        sessions.substitute(cast.kit, staff_meetings.called(cast.kit, group), cast.dee, "Dr Cho is ill.", at.now)
        db.session.commit()
    assert "Ada Moreno" in browser("dee").get(address(group)).text
    browser("cho").get(address(group), 404)


def test_a_line_says_who_comes_what_stands_out_and_how_it_went_lately(app, cast, group, browser, at):
    with app.app_context():
        write(cast.ada, *month(last=TODAY - timedelta(days=1), mood=6, urges=2), entry(mood=6, urges=7))
        write(cast.ben, *month(last=TODAY - timedelta(days=5)))
        db.session.commit()
    page = browser("cho").get(address(group))
    assert page.heading == "Before group at 11:30 am"
    assert "Open from 10:30 am to the end of the day." in page.text
    assert "2 people." in page.text
    assert lines(page) == [
        ("Ada Moreno", "Urges higher than usual today.", "Checked in on 14 of 14 days."),
        ("Ben Whitaker", "No check-in for 5 days.", "Checked in on 9 of 13 days."),
    ]
    at("2026-03-11T11:31")
    assert browser("cho").get(address(group)).heading == "Group at 11:30 am"


def test_nothing_stands_behind_a_person(app, cast, group, browser):
    page = browser("cho").get(address(group))
    assert list(page.one("table").iter("a")) == []
    assert cast.ada.key not in page.html


def test_first_names_alone_are_there_to_print(app, cast, group, browser):
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ben.id).values(called="Ada"))
        db.session.commit()
    page = browser("cho").get(f"{address(group)}?names=first")
    assert [line[0] for line in lines(page)] == ["Ada M.", "Ada W."]
    assert "Moreno" not in page.text


@pytest.mark.asvs("8.2.3")
def test_it_says_nothing_that_somebody_wrote(app, cast, fill_clinic, browser, at):
    clinic, cho = fill_clinic(), browser("cho")
    with app.app_context():
        row = staff_meetings.called(cast.kit, clinic.soon)
        sessions.substitute(cast.kit, row, cast.oduya, "Dr Cho is ill.", at.now)
        db.session.commit()
    html = browser("oduya").get(address(clinic.soon)).html
    assert [name for name, mark in MARKS.items() if mark in html] == []
    cho.get(address(clinic.soon), 404)


@pytest.mark.parametrize("closed", [False, True])
def test_of_safety_it_says_whom_to_ask_and_is_the_same_whatever_was_answered(app, cast, group, browser, at, closed):
    """Rule: whoever leads a group learns that a person's therapist is to be asked, and never why."""
    said = set()
    with app.app_context():
        sessions.substitute(cast.kit, staff_meetings.called(cast.kit, group), cast.dee, "Dr Cho is ill.", at.now)
        db.session.commit()
    dee = browser("dee")
    for code in (code for code, (tier, _) in REASONS.items() if tier):
        with app.app_context():
            key = raise_flag(cast.ada, code, None, at.now)
            if closed:
                acts.act(cast.cho, cast.ada, key, "contacted", "canaryact", at.now, 1)
            db.session.commit()
        page = dee.get(address(group))
        said.add(words(page.one("main")))
        with app.app_context():
            if not closed:
                acts.act(cast.cho, cast.ada, key, "contacted", "canaryact", at.now, 1)
            db.session.commit()
    assert len(said) == 1
    assert "Ada Moreno Ask first Ask their therapist, Dr Cho." in said.pop()


@pytest.mark.parametrize("safety", ["no", "yes_safe", "yes_talk", "not_say", None])
def test_who_may_not_be_asked_about_reads_no_answer_to_the_safety_question(app, cast, group, browser, at, safety):
    with app.app_context():
        answers = dict.fromkeys(ITEMS) | {"mood": 6, "safety": safety, "note": "canarynote", "for_day": TODAY}
        write(cast.ada, *month(last=TODAY - timedelta(days=1), mood=6))
        checkins.log(cast.ada, answers, "k" * 22, at.now)
        db.session.commit()
    line = lines(browser("cho").get(address(group)))[0]
    if safety in ("yes_safe", "yes_talk"):
        assert line[:2] == ("Ada Moreno Ask first", "See your caseload first. Nothing stands out in the numbers.")
    else:
        assert line[:2] == ("Ada Moreno", "Nothing stands out in the numbers.")


def test_each_person_in_it_is_told_of_the_look_once_a_sitting(app, cast, group, browser, at):
    cho = browser("cho")
    cho.get(address(group))
    cho.get(f"{address(group)}?names=first")
    looks = [("brief.view", cast.cho.id, one.id, group) for one in (cast.ada, cast.ben)]
    assert told(app, "brief.view") == looks
    at.later(minutes=11)
    cho.get(address(group))
    assert told(app, "brief.view") == looks * 2
    page = browser("ben").get("/my-record/looks")
    assert "Dr Cho, therapist read one line about you, as the leader of your session" in page.text


def test_a_refused_brief_is_no_look(app, cast, group, browser, at):
    at("2026-03-11T10:29")
    browser("cho").get(address(group), 404)
    at("2026-03-11T11:00")
    browser("dee").get(address(group), 404)
    assert told(app, "brief.view") == []


def test_those_who_belong_to_the_session_are_in_it_and_nobody_else(app, cast, group, browser, at):
    cannot_come(app, group, cast.ada)
    with app.app_context():
        other = session_at(track(cast.dee, cast.cleo, title="Other"), "2026-03-11T13:00", cast.dee).key
        db.session.commit()
    visit(app, group, cast.cleo, other)
    cho = browser("cho")
    page = cho.get(address(group))
    assert "3 people. 1 said that they cannot come." in page.text
    found = lines(page)
    assert [line[0] for line in found] == ["Ada Moreno Not today", "Ben Whitaker", "Cleo Park Make-up seat"]
    assert found[0][1].startswith("Said that they cannot come.")
    with app.app_context():
        theirs = db.session.query(Track).join(Session, Session.track_id == Track.id).filter(Session.key == group).one()
        enrollment.leave(cast.kit, theirs, cast.ben, TODAY - timedelta(days=1))
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(disabled_at=at.now))
        db.session.commit()
    assert [line[0] for line in lines(cho.get(address(group)))] == ["Cleo Park Make-up seat"]


def test_who_begins_today_is_said_to_be_new(app, cast, group, browser):
    with app.app_context():
        held = TrackEnrollment.participant_id == cast.ben.id
        db.session.execute(update(TrackEnrollment).where(held).values(starts_on=TODAY))
        db.session.commit()
    line = lines(browser("cho").get(address(group)))[1]
    assert line[0] == "Ben Whitaker New today"


def test_its_reads_do_not_grow_with_the_group(app, cast, group, browser, at):
    """The browser refuses more than 8 SELECTs."""
    with app.app_context():
        track_id = db.session.query(Session.track_id).filter(Session.key == group).scalar()
        for number in range(25):
            person = new_account(
                f"p{number}@example.org",
                role="participant",
                name=f"Person Number{number:02}",
                called=f"P{number}",
                password_hash="-",
                zone=ZONE,
                created_at=at.now,
            )
            db.session.add(person)
            db.session.flush()
            db.session.add(TrackEnrollment(track_id=track_id, participant_id=person.id, starts_on=TODAY))
            write(person, *month(days=9))
            if number % 2:
                raise_flag(person, "yes_talk", None, at.now)
        db.session.commit()
    assert len(lines(browser("cho").get(address(group)))) == 27


def test_the_pages_of_a_session_lead_to_it_while_it_is_open_and_say_before_when_it_opens(cast, group, browser, at):
    pages = ("/groups/", f"/sessions/{group}/attendance", f"/sessions/{group}/plan")
    for moment, link, said in (("10:29", 0, True), ("10:30", 1, False), ("18:00", 1, False)):
        at(f"2026-03-11T{moment}")
        cho = browser("cho")
        for path in pages:
            page = cho.get(path)
            assert len(page.all("a", href=address(group))) == link, (moment, path)
            assert ("The brief opens today, 10:30 am" in page.text) is said, (moment, path)
    kit = browser("kit")
    for path in pages[1:]:
        page = kit.get(path)
        assert "brief" not in page.text.lower()
        assert address(group) not in page.html
    at("2026-03-12T09:00")
    assert "brief" not in browser("cho").get(f"/sessions/{group}/attendance").text.lower()


def test_floors_are_said_without_a_number_and_those_about_hurting_oneself_only_as_whom_to_ask(
    app, cast, group, browser
):
    with app.app_context():
        write(cast.ada, *month(last=TODAY - timedelta(days=1), mood=6), entry(mood=1, substance_use="yes", urges=9))
        write(cast.ben, *month(mood=6))
        db.session.execute(
            update(CheckIn)
            .where(CheckIn.participant_id == cast.ben.id, CheckIn.for_day == TODAY)
            .values(answers={"self_harm": 9, "acted": "yes"})
        )
        db.session.commit()
    ada, ben = lines(browser("cho").get(address(group)))
    assert ada[1] == "Return to use today. Strong urges today. Very low mood today."
    assert ben[:2] == ("Ben Whitaker Ask first", "See your caseload first. Acted on an urge today.")


def test_a_target_is_said_without_its_words_and_one_about_hurting_oneself_only_as_whom_to_ask(
    app, cast, group, browser, at
):
    with app.app_context():
        for person, own in ((cast.ada, Target("Urge to shop")), (cast.ben, Target("Cutting", self_harm=True))):
            plan = choose(cast.cho, person, "daily", [own], None, at.now)
            days = [*((one, 1) for one in month(last=TODAY - timedelta(days=1), mood=6)), (entry(mood=6), 6)]
            write(person, *(replace(one, plan_key=plan.key, answers={"target-1": number}) for one, number in days))
        db.session.commit()
    page = browser("cho").get(address(group))
    ada, ben = lines(page)
    assert ada[:2] == ("Ada Moreno", "A target of their own higher than usual today.")
    assert ben[:2] == ("Ben Whitaker Ask first", "See your caseload first. Nothing stands out in the numbers.")
    assert "shop" not in page.text and "Cutting" not in page.text
