"""The page of one participant for coordinators: who, when and how to reach them, and nothing that they wrote."""

from datetime import timedelta

import pytest

from portal import clock
from portal.db import db
from portal.episodes.models import Episode
from portal.flags.raising import raise_flag
from portal.people import care, contact_details, directory
from portal.people.contacts import new_account
from portal.people.models import Account
from tests import world
from tests.browser import words


def overview(browser, person, status=200):
    return browser("kit").get(f"/people/{person.key}/overview", status)


def card(page, heading):
    return words(page.one("section", aria_labelledby=heading))


def test_the_way_so_far_says_each_step_with_its_day(app, cast, browser):
    page = overview(browser, cast.ada)
    assert card(page, "way") == (
        "On the way Account Done: Invited Mar 11 Done: Joined Mar 11 Done: Enrolled Feb 2 "
        "Week 6 of 12 10 hours a week Leaves planned Apr 24"
    )
    assert page.title.startswith("Participant")


def test_who_has_not_joined_or_begun_is_said(app, cast, browser):
    with app.app_context():
        db.session.get(Account, cast.ada.id).joined_at = None
        db.session.query(Episode).filter_by(participant_id=cast.ada.id).one().status = "finished"
        db.session.commit()
    assert card(overview(browser, cast.ada), "way").endswith("Joins not yet Not enrolled")


def test_a_stay_that_is_to_begin_is_the_next_one(app, cast, browser, at):
    with app.app_context():
        stay = db.session.query(Episode).filter_by(participant_id=cast.ada.id).one()
        stay.status = "planned"
        stay.starts_on = clock.day_of(at.now, "America/New_York") + timedelta(days=5)
        later = {name: getattr(stay, name) for name in ("care_system", "care_code", "care_display", "weekly_hours")}
        later |= {"participant_id": cast.ada.id, "starts_on": stay.starts_on + timedelta(days=90)}
        db.session.add(Episode(status="planned", **later))
        db.session.commit()
    assert "Starts Mon, Mar 16 10 hours a week" in card(overview(browser, cast.ada), "way")


def test_this_week_and_attendance_are_in_numbers(app, cast, timetable, browser):
    page = overview(browser, cast.ada)
    assert "of 10 hours so far." in card(page, "this-week")
    assert len(page.all("tr")) > 1
    said = card(page, "came")
    assert said.startswith("Attendance since Feb 2 Sessions so far ")
    assert all(word in said for word in ("Came", "Came late", "Left early", "Excused", "Missed", "Told us before"))


def test_those_of_the_same_name_stand_beside_it_with_their_numbers(app, cast, browser):
    with app.app_context():
        others = [
            new_account(f"a{n}@example.org", role="participant", name="Ada Moreno", called="A", zone="UTC")
            for n in range(2)
        ]
        db.session.add_all(others)
        db.session.flush()
        contact_details.number(cast.kit, cast.ada, "LC 1")
        contact_details.number(cast.kit, others[0], "LC 2")
        keys = [one.key for one in others]
        db.session.commit()
    page = overview(browser, cast.ada)
    assert "LC 1 . Two others have this name: LC 2 , no number" in page.text
    assert {a.get("href") for a in page.all("a")} >= {f"/people/{key}/overview" for key in keys}


def test_a_flag_is_said_with_how_soon_since_when_and_with_whom_and_never_why(app, cast, browser, at):
    assert "No safety flag is open" in overview(browser, cast.ada).text
    with app.app_context():
        raise_flag(cast.ada, "yes_talk", None, at.now)
        db.session.commit()
    page = overview(browser, cast.ada)
    assert "Waits for an answer Urgent Since today, 10:52 am , with Dr Cho. Nothing done yet." in card(page, "waits")
    assert "want to talk" not in page.html


def test_contacts_and_care_team_are_there_with_the_ways_to_change_them(app, cast, timetable, browser):
    with app.app_context():
        care.end(cast.kit, cast.ada, cast.cho, "primary", clock.now())
        db.session.commit()
    page = overview(browser, cast.ada)
    assert "Signs in as ada@example.org" in page.text
    assert "Therapist Nobody yet Covering Dr Oduya, since Feb 2 Tracks" in card(page, "team")
    links = {a.get("href") for a in page.all("a")}
    assert links >= {f"/people/{cast.ada.key}/clinic-number", f"/people/{cast.ada.key}#team"}


def test_whose_account_is_off_is_still_found_and_nothing_is_planned_for_them(app, cast, browser, at):
    with app.app_context():
        db.session.get(Account, cast.ada.id).disabled_at = at.now
        db.session.commit()
    page = overview(browser, cast.ada)
    assert "Switched off" in page.text
    assert not [a for a in page.all("a") if words(a) == "Plan a session"]


def test_nothing_that_they_wrote_or_answered_is_on_it(fill_clinic, cast, browser):
    clinic = fill_clinic()
    page = overview(browser, cast.ada)
    theirs = {mark for name, mark in world.MARKS.items() if name not in {"contact", "glass", *world.REACHED}}
    assert clinic
    assert not [mark for mark in theirs if mark in page.html]


@pytest.mark.asvs("8.2.2")
def test_only_a_participant_has_such_a_page_and_only_coordinators_open_it(cast, browser):
    for who in ("ada", "ben", "cho"):
        browser(who).get(f"/people/{cast.ada.key}/overview", 404)
    kit = browser("kit")
    for key in (cast.cho.key, cast.kit.key, "no-such-key"):
        kit.get(f"/people/{key}/overview", 404)


def test_a_namesake_of_the_staff_is_nobodys_namesake(app, cast, browser):
    with app.app_context():
        db.session.add(new_account("a@example.org", role="therapist", name="Ada Moreno", called="A", zone="UTC"))
        db.session.commit()
        assert directory.participant_called(cast.kit, cast.ada.key).name == "Ada Moreno"
    assert "this name" not in overview(browser, cast.ada).text
