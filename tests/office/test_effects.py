"""Each setting of the Program page: what it says that it changes, by the clinic's own cases, and where it acts."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock, program
from portal.checkins import question_plans
from portal.db import db
from portal.flags import open_flags
from portal.flags.acts import act
from portal.flags.raising import raise_flag
from portal.people.care import on_call
from portal.people.care.time_away import enter_time_away
from portal.people.models import CareRelationship, OnCall
from portal.schedule.models import Session
from tests.browser import words
from tests.office.settings import column, give, refused, save, show

NEW_YORK = ZoneInfo("America/New_York")


def flagged(app, at, person, code, moment, closed_by=None, after=0):
    """A flag of `person` from `moment` on, on which somebody acted so many minutes later."""
    with app.app_context():
        at(moment)
        key = raise_flag(person, code, None, at.now)
        if closed_by:
            at.later(minutes=after)
            act(closed_by, person, key, "contacted", None, at.now)
        db.session.commit()
    at(at.first)


@pytest.fixture
def past(app, cast, at):
    """Two urgent flags that were seen to after 10 and after 25 minutes, and one of the same day after 3 hours."""
    flagged(app, at, cast.ada, "yes_talk", "2026-03-02T09:00", cast.cho, 10)
    flagged(app, at, cast.ben, "yes_talk", "2026-03-03T09:00", cast.cho, 25)
    flagged(app, at, cast.cleo, "yes_safe", "2026-03-04T09:00", cast.dee, 180)


def test_other_minutes_are_counted_on_past_flags(past, browser):
    said = show(browser("kit"), "flag-minutes", urgent_minutes="20")
    assert "“Urgent 30, same day 120” becomes “Urgent 20, same day 120”." in said
    assert "raised today, 4:50 pm, with nothing done, a flag is passed on tomorrow, 8:10 am, not 8:20 am" in said
    assert "Urgent: 2 flags in the last 90 days. Nothing was done in time for 0 of them." in said
    assert "With the new value it would have been 1." in said
    assert "Same day:" not in said


def test_without_past_flags_it_says_so(browser):
    said = show(browser("kit"), "flag-minutes", same_day_minutes="60")
    assert "Same day: no such flag was raised in the last 90 days, so there is no past case to count." in said


def test_new_minutes_decide_when_a_flag_goes_further(app, cast, browser, at):
    flagged(app, at, cast.ben, "yes_talk", "2026-03-11T10:30")
    kit = browser("kit")
    said = show(kit, "flag-minutes", urgent_minutes="20")
    assert "Open now: 1. It keeps its time: only new answers get another." in said
    save(kit, "flag-minutes", urgent_minutes="20")
    assert column(app, "urgent_minutes") == 20
    with app.app_context():
        [flag] = open_flags([cast.ben.id]).values()
        assert flag.due_at(program.current()) == at.now + timedelta(minutes=8)
        assert not on_call_for(cast.ben)
        raise_flag(cast.cleo, "yes_talk", "check-in-1", at.now)
        assert open_flags([cast.cleo.id])[cast.cleo.id].due_at(program.current()) == at.now + timedelta(minutes=20)


def test_past_figures_are_by_the_minutes_and_hours_that_held_then(past, app, browser):
    """Rule: settings that are changed later make no first act late that was in time."""
    kit = browser("kit")
    save(kit, "flag-minutes", urgent_minutes="5")
    assert "Urgent 2 flags. Half within 18 minutes, 2 in time." in kit.get("/program").text


def test_longer_minutes_undo_nothing_that_went_further(app, cast, browser, at):
    flagged(app, at, cast.ben, "yes_talk", "2026-03-11T10:00")
    save(browser("kit"), "flag-minutes", urgent_minutes="60")
    with app.app_context():
        [flag] = open_flags([cast.ben.id]).values()
        assert flag.passed_on_at(program.current(), at.now) == at("2026-03-11T10:30")


def on_call_for(person):
    theirs = CareRelationship.participant_id == person.id, CareRelationship.role == "on_call"
    return db.session.scalars(db.select(CareRelationship.therapist_id).where(*theirs)).all()


@pytest.mark.parametrize("typed", [{"urgent_minutes": "0"}, {"urgent_minutes": "1441"}, {"urgent_minutes": ""}])
def test_minutes_that_cannot_be_are_refused_beside_the_field(app, browser, typed):
    page = refused(browser("kit"), "flag-minutes", **typed)
    assert page.one("p", id="urgent_minutes-error") is not None
    assert page.one("input", id="urgent_minutes").get("value") == typed["urgent_minutes"]
    assert column(app, "urgent_minutes") == 30


def test_the_same_day_is_no_sooner_than_urgent(browser):
    page = refused(browser("kit"), "flag-minutes", same_day_minutes="29")
    assert "Same day cannot be sooner than urgent." in words(page.one("p", id="same_day_minutes-error"))


def test_the_times_from_a_flag_to_the_first_act_are_shown_by_tier(past, cast, app, at, browser):
    flagged(app, at, cast.cleo, "yes_safe", "2026-03-11T10:00")
    text = browser("kit").get("/program").text
    assert "Urgent 2 flags. Half within 18 minutes, 2 in time." in text
    assert "Same day 2 flags, 1 without an act yet. Of the others, half within 3 hours, 0 in time." in text


def test_an_old_flag_is_not_among_them(app, cast, at, browser):
    flagged(app, at, cast.ada, "yes_talk", "2025-11-03T09:00", cast.cho, 10)
    assert "Urgent No flags Same day No flags" in browser("kit").get("/program").text


def test_a_therapist_is_put_on_call_and_takes_the_flags_that_are_with_it(app, cast, browser, at):
    flagged(app, at, cast.ben, "yes_talk", "2026-03-11T10:00")
    kit = browser("kit")
    both = [cast.dee.key, cast.oduya.key]
    said = save(kit, "on-call", on_call=both)
    assert "“Dr Dee” becomes “Dr Dee and Dr Oduya”." in said
    assert "Open flags that go to Dr Oduya when you save: 1." in said
    with app.app_context():
        assert sorted(on_call_for(cast.ben)) == sorted([cast.dee.id, cast.oduya.id])
    assert "On call Dr Dee and Dr Oduya" in kit.get("/program").text
    assert "Dr Oduya put on call" in kit.page.text


def test_the_last_one_stays_on_call_while_safety_is_asked_about(app, cast, browser):
    page = refused(browser("kit"), "on-call", on_call=[])
    assert words(page.one("p", id="on_call-error")).startswith("Nobody else would be on call on Wednesday, March 11.")
    with app.app_context():
        assert db.session.get(OnCall, cast.dee.id) is not None


def test_one_who_is_away_for_a_part_of_it_does_not_stand_in(app, cast, browser, at):
    """Dr Oduya is away next week: without Dr Dee nobody would be on call then."""
    with app.app_context():
        on_call.put_on_call(cast.kit, cast.oduya, at.now)
        enter_time_away(cast.kit, cast.oduya, cast.cho, date(2026, 3, 16), date(2026, 3, 20), at.now)
        db.session.commit()
    page = refused(browser("kit"), "on-call", on_call=[cast.oduya.key])
    assert "on call on Monday, March 16." in words(page.one("p", id="on_call-error"))


def test_one_is_exchanged_for_another_in_one_save(app, cast, browser):
    said = save(browser("kit"), "on-call", on_call=[cast.oduya.key])
    assert "Dr Dee gets no new flag as on call." in said
    assert "Open flags that go to Dr Oduya when you save: 0." in said
    with app.app_context():
        assert [one.therapist.name for one in on_call.on_call(date(2026, 3, 11))] == ["Dr Oduya"]


def test_safety_cannot_be_turned_on_while_nobody_is_on_call(app, cast, browser):
    give(app, asks_safety=False)
    kit = browser("kit")
    save(kit, "on-call", on_call=[])
    page = refused(kit, "safety", asks_safety="yes")
    assert words(page.one("p", id="asks_safety-error")).startswith("Put someone on call first")
    assert column(app, "asks_safety") is False
    save(kit, "on-call", on_call=[cast.cho.key])
    assert "On call now: Dr Cho." in save(kit, "safety", asks_safety="yes")
    assert column(app, "asks_safety") is True


def test_safety_is_turned_off_and_what_that_means_is_said_first(past, app, cast, browser, at):
    flagged(app, at, cast.ben, "yes_talk", "2026-03-11T10:40")
    kit = browser("kit")
    said = show(kit, "safety", asks_safety="no")
    for sentence in (
        "No check-in asks the safety question, or about self-harm.",
        "Where the PHQ-9 is chosen, the PHQ-8 is asked in its place.",
        "people see your phone number, (212) 555-0142. 988 stays on every page.",
        "Flags raised in the last 90 days: 4. Without these questions there would be none.",
        "Flags open now: 1. They stay open, with the same people, until someone closes them.",
    ):
        assert sentence in said
    assert column(app, "asks_safety") is True
    save(kit, "safety", asks_safety="no")
    assert 'name="safety"' not in browser("ada").get("/check-ins/new").html


def test_another_question_set_is_asked_of_those_for_whom_nobody_chose(app, cast, browser, at):
    with app.app_context():
        question_plans.choose(cast.cho, cast.ben, "ocd", (), None, at.now)
        db.session.commit()
    said = save(browser("kit"), "question-set", question_set="dbt")
    assert "“Daily check-in, version 2” becomes “DBT diary card, version 2”." in said
    assert "Asked as well:" in said and "It is for 2 participants, from their next check-in on." in said
    assert "For 1 more a therapist chose the questions, and those stay." in said
    asked = browser("ada").get("/check-ins/new").fields("/check-ins/")
    assert asked["asked"] == ["dbt-2"]
    assert browser("ben").get("/check-ins/new").fields("/check-ins/")["asked"] == ["ocd-1"]


def test_counted_kinds_say_whose_hours_change_this_week(app, cast, browser, fill_clinic):
    kit, ada = browser("kit"), browser("ada")
    fill_clinic()
    said = show(kit, "counted-hours", counted_kinds=["one_to_one"])
    assert "This week it changes the hours of" in said and "Ada Moreno:" in said
    assert "Nobody is offered another seat for a group that they miss." in said
    before = ada.get("/schedule/").text
    save(kit, "counted-hours", counted_kinds=["one_to_one"])
    assert column(app, "counted_kinds") == ["one_to_one"]
    assert ada.get("/schedule/").text != before


def test_counted_kinds_without_a_session_say_so(browser):
    said = show(browser("kit"), "counted-hours", counted_kinds=["group"])
    assert "This week it changes nobody's hours." in said


def test_one_kind_must_count(browser):
    page = refused(browser("kit"), "counted-hours", counted_kinds=[])
    assert "Choose at least one kind." in words(page.one("p", id="counted_kinds-error"))


def test_a_phone_number_is_read_and_shown_to_participants(app, browser):
    said = save(browser("kit"), "phone", phone="212.555.0199")
    assert "“(212) 555-0142” becomes “(212) 555-0199”." in said
    page = browser("ada").get("/today")
    assert page.all("a", href="tel:+12125550199") and not page.all("a", href="tel:+12125550142")


@pytest.mark.parametrize("phone", ["", "ask us", "12"])
def test_what_is_no_phone_number_is_refused_and_kept(app, browser, phone):
    page = refused(browser("kit"), "phone", phone=phone)
    assert page.one("p", id="phone-error") is not None
    assert page.one("input", id="phone").get("value") == phone
    assert column(app, "phone") == "(212) 555-0142"


def test_a_number_that_was_only_shown_is_on_no_page(browser):
    show(browser("kit"), "phone", phone="(212) 555-0199")
    assert "555-0199" not in browser().get("/help-now").html


def test_an_address_stands_beside_sessions(app, browser, fill_clinic):
    ada = browser("ada")
    group = fill_clinic().group
    save(browser("kit"), "address", address="18 Linden Court")
    assert "18 Linden Court" in ada.get(f"/sessions/{group}").text
    assert "Participants see no address" in save(browser("kit"), "address", address="")


def test_hours_say_whether_you_are_open_now_and_what_flags_make_of_it(past, app, browser):
    kit = browser("kit")
    said = show(kit, "hours", opens="11:00")
    assert "“Weekdays, 8 am to 5 pm” becomes “Weekdays, 11 am to 5 pm”." in said
    assert "Right now you count as open. With this you count as closed, until today, 11:00 am." in said
    assert "Same day: 1 flag in the last 90 days. Nothing was done in time for 1 of them." in said
    assert "With the new value it would have been 0." in said
    save(kit, "hours", open_days=["0", "2", "6"], opens="8:30 am")
    assert (column(app, "open_days"), column(app, "opens").isoformat()) == ([0, 2, 6], "08:30:00")
    assert "Mondays, Wednesdays and Sundays, 8:30 am to 5 pm" in browser().get("/help-now").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"closes": "07:00"}, "closes"), ({"opens": "soon"}, "opens"), ({"open_days": []}, "open_days")],
)
def test_hours_that_cannot_be_are_refused_beside_the_field(app, browser, typed, field):
    page = refused(browser("kit"), "hours", **typed)
    assert page.all("p", id=f"{field}-error")
    assert column(app, "opens").hour == 8


def test_another_zone_moves_no_session(app, browser, fill_clinic, at):
    fill_clinic()
    with app.app_context():
        stood = db.session.execute(db.select(Session.starts_at, Session.wall_at, Session.zone)).all()
    kit = browser("kit")
    said = show(kit, "zone", zone="America/Chicago")
    assert "Each keeps its time, on the clock it was planned on." in said
    assert "planned on the clock of Chicago. It is 9:52 am there now." in said
    assert "today from 9:00 am to 6:00 pm on the clock of New York." in said
    assert "Right now you count as open, and that stays so." in said
    save(kit, "zone", zone="America/Chicago")
    with app.app_context():
        assert db.session.execute(db.select(Session.starts_at, Session.wall_at, Session.zone)).all() == stood
        assert program.current().zone == "America/Chicago"
        assert clock.day_of(at.now, program.current().zone) == date(2026, 3, 11)


def test_a_zone_that_is_not_on_the_list_is_refused(app, browser):
    refused(browser("kit"), "zone", zone="Mars/Olympus")
    assert column(app, "zone") == "America/New_York"


def test_a_setting_is_left_as_it_is_with_one_tap(app, browser):
    kit = browser("kit")
    show(kit, "idle-minutes", idle_minutes="20")
    kit.submit("/program/idle-minutes", {"leave": "y"})
    assert kit.get(kit.location).fields("/program/idle-minutes")["idle_minutes"] == ["15"]
    assert "We kept what you typed" not in kit.page.text
    assert column(app, "idle_minutes") == 15


def test_a_preview_that_is_not_true_any_more_is_shown_again(app, cast, browser, at):
    kit = browser("kit")
    show(kit, "flag-minutes", urgent_minutes="20")
    flagged(app, at, cast.ben, "yes_talk", datetime(2026, 3, 11, 10, 30, tzinfo=NEW_YORK))
    page = kit.submit("/program/flag-minutes", status=200)
    assert "Open now: 1." in page.text
    assert column(app, "urgent_minutes") == 30


def test_the_last_changes_are_named_with_who_made_them(browser, at):
    kit = browser("kit")
    save(kit, "phone", phone="(212) 555-0199")
    save(kit, "flag-minutes", urgent_minutes="20", same_day_minutes="90")
    text = kit.get("/program").text
    assert "Mar 11 : minutes, same day, Kit Larsen" in text
    assert "Mar 11 : phone, Kit Larsen" in text
