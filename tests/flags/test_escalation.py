"""A flag goes further by the program's working minutes: nights, weekends and holidays do not run."""

from dataclasses import replace
from datetime import datetime

import pytest

from portal import program
from portal.db import db
from portal.flags import Act, RaisedFlag, Reason
from portal.program.models import Program


@pytest.fixture
def facts(app, cast):
    """The program of the cast: Monday to Friday, 8 to 17, 30 and 120 minutes; closed on Monday, March 16."""
    with app.app_context():
        db.session.get(Program, 1).holidays = ["2026-03-16"]
        db.session.commit()
        return program.current()


def flag(at, *answers, acts=()):
    """A flag with answers (moment, code) and acts (moment, kind)."""
    reasons = tuple(Reason(code, at(moment), None) for moment, code in answers)
    done = tuple(Act("key", kind, at(moment), "Dr Cho", 1, None, None, None, None) for moment, kind in acts)
    tier = "urgent" if any(one.tier == "urgent" for one in reasons) else "same_day"
    return RaisedFlag(1, "key", tier, reasons[0].at, None, reasons=reasons, acts=done)


@pytest.mark.parametrize(
    ("raised", "urgent", "same_day"),
    [
        ("2026-03-11T10:52", "2026-03-11T11:22", "2026-03-11T12:52"),  # in hours
        ("2026-03-11T08:00", "2026-03-11T08:30", "2026-03-11T10:00"),  # at the door
        ("2026-03-11T16:45", "2026-03-12T08:15", "2026-03-12T09:45"),  # over the evening
        ("2026-03-11T16:30", "2026-03-11T17:00", "2026-03-12T09:30"),  # the last half hour fits exactly
        ("2026-03-11T23:10", "2026-03-12T08:30", "2026-03-12T10:00"),  # at night
        ("2026-03-13T16:45", "2026-03-17T08:15", "2026-03-17T09:45"),  # over a weekend and a holiday
        ("2026-03-14T12:00", "2026-03-17T08:30", "2026-03-17T10:00"),  # on the weekend before the holiday
        ("2026-03-07T12:00", "2026-03-09T08:30", "2026-03-09T10:00"),  # over the Sunday on which the clocks change
    ],
)
def test_the_due_time_lies_in_the_programs_hours(facts, at, raised, urgent, same_day):
    assert flag(at, (raised, "yes_talk")).due_at(facts) == at(urgent)
    assert flag(at, (raised, "yes_safe")).due_at(facts) == at(same_day)


def test_it_goes_further_at_its_due_time_and_not_before(facts, at):
    raised = flag(at, ("2026-03-13T16:45", "yes_talk"))
    assert raised.passed_on_at(facts, at("2026-03-17T08:14")) is None
    assert raised.passed_on_at(facts, at("2026-03-17T08:15")) == at("2026-03-17T08:15")


def test_an_act_in_time_keeps_it_where_it_is_and_one_after_that_does_not_bring_it_back(facts, at):
    later = at("2026-03-20T12:00")
    answer = ("2026-03-11T10:52", "yes_talk")
    assert flag(at, answer, acts=[("2026-03-11T11:10", "tried")]).passed_on_at(facts, later) is None
    assert flag(at, answer, acts=[("2026-03-11T11:10", "note")]).passed_on_at(facts, later) == at("2026-03-11T11:22")
    assert flag(at, answer, acts=[("2026-03-11T12:30", "tried")]).passed_on_at(facts, later) == at("2026-03-11T11:22")


def test_an_answer_after_an_act_runs_anew(facts, at):
    answers = ("2026-03-11T09:00", "yes_safe"), ("2026-03-11T12:00", "yes_talk")
    raised = flag(at, *answers, acts=[("2026-03-11T09:30", "tried")])
    assert raised.due_at(facts) == at("2026-03-11T12:30")


def test_a_graver_answer_never_puts_the_due_time_off(facts, at):
    raised = flag(at, ("2026-03-11T08:00", "yes_safe"), ("2026-03-11T09:50", "yes_talk"))
    assert raised.due_at(facts) == at("2026-03-11T10:00")


def test_the_program_sets_the_minutes(facts, at):
    facts = replace(facts, urgent_minutes=15, same_day_minutes=45)
    assert flag(at, ("2026-03-11T10:52", "yes_talk")).due_at(facts) == at("2026-03-11T11:07")
    assert flag(at, ("2026-03-11T10:52", "yes_safe")).due_at(facts) == at("2026-03-11T11:37")


def test_a_program_without_hours_has_no_due_time(facts, at):
    closed = replace(facts, open_days=[])
    raised = flag(at, ("2026-03-11T10:52", "yes_talk"))
    assert raised.due_at(closed) is None
    assert raised.passed_on_at(closed, datetime.max.replace(tzinfo=at.now.tzinfo)) is None
