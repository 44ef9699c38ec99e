"""The word once a day: at the chosen time, after quiet hours, not once they have checked in, and never what it is."""

from datetime import date, datetime, time

import pytest
from sqlalchemy import update

from portal import checkins, reminders
from portal.checkins.check_in_versions import ITEMS
from portal.db import db
from portal.episodes.models import Episode
from portal.measures import INSTRUMENTS, measure_entries
from portal.people.models import Account
from tests.measures.asked import program_asks

QUIET = {"quiet_from": time(21), "quiet_until": time(8)}
EIGHT_PM = time(20)


def checks_in(app, cast, who, at, day=None):
    with app.app_context():
        answers = dict.fromkeys(ITEMS) | {"mood": 5, "for_day": day or at.now.date()}
        checkins.log(getattr(cast, who), answers, f"{at.now:%Y%m%d%H%M}" + "k" * 10, at.now)
        db.session.commit()


def test_it_comes_at_the_chosen_time_once_a_day_and_says_nothing_of_health(chooses, plan, waiting, at):
    chooses("ada", check_in_at=EIGHT_PM)
    at("2026-03-11T19:59")
    assert plan() == (0, 0)
    for moment, queued in (
        ("2026-03-11T20:00", 1),
        ("2026-03-11T20:05", 0),
        ("2026-03-11T23:55", 0),
        ("2026-03-12T20:00", 1),
    ):
        at(moment)
        assert plan()[0] == queued, moment
    subject, body = waiting()[0]
    assert subject == "A reminder for you"
    assert body.startswith("There is something for you at Foothold. Sign in when it suits you.\n\nTo stop all of these")


def test_who_has_checked_in_is_told_nothing_and_what_waits_is_withdrawn(app, cast, chooses, plan, at):
    chooses("ada", check_in_at=EIGHT_PM)
    at("2026-03-11T12:00")
    checks_in(app, cast, "ada", at)
    at("2026-03-11T20:00")
    assert plan() == (0, 0)
    at("2026-03-12T20:00")
    assert plan() == (1, 0)
    checks_in(app, cast, "ada", at, day=date(2026, 3, 12))
    assert plan() == (0, 1)


@pytest.mark.parametrize("chosen", [time(22), time(21), time(20, 55), time(3)])
def test_quiet_hours_win_and_it_goes_out_when_they_end(chooses, plan, at, chosen):
    chooses("ada", check_in_at=chosen, **QUIET)
    hours = ["2026-03-12T03:00", "2026-03-12T07:59"]
    for moment in ([] if chosen == time(3) else ["2026-03-11T21:30", "2026-03-11T23:30"]) + hours:
        at(moment)
        assert plan() == (0, 0), moment
    at("2026-03-12T08:00")
    assert plan() == (1, 0)
    at("2026-03-12T08:05")
    assert plan() == (0, 0)


def test_a_word_for_yesterday_is_of_no_use_after_a_check_in_of_today(app, cast, chooses, plan, at):
    chooses("ada", check_in_at=time(22), **QUIET)
    at("2026-03-12T07:30")
    checks_in(app, cast, "ada", at, day=date(2026, 3, 12))
    at("2026-03-12T08:00")
    assert plan() == (0, 0)


def test_the_clock_is_that_of_the_account(app, cast, chooses, plan, at):
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(zone="Pacific/Honolulu"))
        db.session.commit()
    chooses("ada", check_in_at=EIGHT_PM)
    at("2026-03-11T20:00")
    assert plan() == (0, 0)
    at(datetime.fromisoformat("2026-03-11T20:00-10:00"))
    assert plan() == (1, 0)


@pytest.mark.parametrize(
    ("before", "moment"),
    [("2026-03-07T12:00", "2026-03-08T03:30"), ("2026-10-31T12:00", "2026-11-01T01:30")],
    ids=["skipped hour", "doubled hour"],
)
def test_on_the_two_sundays_it_comes_once(chooses, plan, at, before, moment):
    at(before)
    chooses("ada", check_in_at=time(2) if "03-08" in moment else time(1))
    queued = 0
    for half_hour in range(8):
        at(moment) if not half_hour else at.later(minutes=30)
        queued += plan()[0]
    assert queued == 1


def test_a_measure_is_told_of_on_the_day_it_becomes_due_and_not_every_day(app, cast, chooses, plan, at):
    program_asks(app, phq_9="two_weeks", gad_7="two_weeks")
    with app.app_context():
        for slug, item in (("phq-9", "phq9_1"), ("gad-7", "gad7_1")):
            measure_entries.keep(cast.ada, INSTRUMENTS[slug], {item: 1}, slug * 4, at.now)
        db.session.commit()
    chooses("ada", measures=True)
    for moment, queued in (
        ("2026-03-12T09:00", 0),
        ("2026-03-24T09:00", 0),
        ("2026-03-25T08:55", 0),
        ("2026-03-25T09:00", 1),  # one word, though two are due
        ("2026-03-25T12:00", 0),
        ("2026-03-26T09:00", 0),
    ):
        at(moment)
        assert plan()[0] == queued, moment


def test_both_reasons_are_one_word_at_the_chosen_time(app, cast, chooses, plan, at):
    program_asks(app, phq_9="two_weeks")
    with app.app_context():
        measure_entries.keep(cast.ada, INSTRUMENTS["phq-9"], {"phq9_1": 1}, "k" * 22, at.now)
        db.session.commit()
    chooses("ada", measures=True, check_in_at=EIGHT_PM)
    at("2026-03-25T09:00")
    assert plan()[0] == 0
    at("2026-03-25T20:00")
    assert plan()[0] == 1
    at("2026-03-25T20:30")
    checks_in(app, cast, "ada", at, day=date(2026, 3, 25))
    assert plan() == (0, 0), "the measure still waits, so the word is still true"


def test_nobody_is_told_who_has_not_asked_or_is_not_in_the_program(app, cast, chooses, plan, at):
    program_asks(app, phq_9="weekly")
    chooses("ada", before=(60,))
    chooses("cho", check_in_at=EIGHT_PM, measures=True)
    chooses("ben", check_in_at=EIGHT_PM, measures=True)
    with app.app_context():
        db.session.execute(update(Episode).where(Episode.participant_id == cast.ben.id).values(status="finished"))
        db.session.commit()
    at("2026-03-11T20:00")
    assert plan() == (0, 0)


def test_it_is_chosen_on_the_page_kept_and_taken_back(app, cast, browser, at):
    with app.app_context():
        db.session.execute(update(Account).values(mail_ok=True))
        db.session.commit()
    ada = browser("ada")
    page = ada.get("/reminders")
    assert page.fields("/reminders")["check_in_at"] == [""]
    assert "There is something for you at Foothold. Sign in when it suits you." in page.text
    ada.submit("/reminders", {"check_in_at": "0", "measures": "y"})
    page = ada.get(ada.location)
    assert (page.fields("/reminders")["check_in_at"], page.fields("/reminders")["measures"]) == (["0"], ["y"])
    with app.app_context():
        chosen = reminders.settings_of(cast.ada).chosen
        assert (chosen.check_in_at, chosen.measures, chosen.anything) == (time(0), True, True)
        reminders.stop(reminders.token_of(cast.ada.key), at.now)
        assert not reminders.settings_of(cast.ada).chosen.anything
    assert not browser("cho").get("/reminders").all("select", id="check_in_at")
    ada.submit("/reminders", {"check_in_at": "24"}, 422)
