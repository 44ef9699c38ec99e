"""Escalation counts the program's working minutes: nights, weekends and holidays do not run."""

from dataclasses import replace
from datetime import datetime

import pytest

from portal import program
from portal.db import db
from portal.flags import RaisedFlag
from portal.program.models import Program


@pytest.fixture
def facts(app, cast):
    """The program of the cast: Monday to Friday, 8 to 17, 60 minutes; closed on Monday, March 16."""
    with app.app_context():
        db.session.get(Program, 1).holidays = ["2026-03-16"]
        db.session.commit()
        return program.current()


def flag(at, raised, acknowledged=None):
    return RaisedFlag(1, "key", "urgent", at(raised), at(acknowledged) if acknowledged else None, None, None, None)


@pytest.mark.parametrize(
    ("raised", "due"),
    [
        ("2026-03-11T10:52", "2026-03-11T11:52"),  # in hours
        ("2026-03-11T08:00", "2026-03-11T09:00"),  # at the door
        ("2026-03-11T16:30", "2026-03-12T08:30"),  # over the evening
        ("2026-03-11T16:00", "2026-03-11T17:00"),  # the last hour fits exactly
        ("2026-03-11T23:10", "2026-03-12T09:00"),  # at night
        ("2026-03-13T16:45", "2026-03-17T08:45"),  # over a weekend and a holiday
        ("2026-03-14T12:00", "2026-03-17T09:00"),  # on the weekend before the holiday
        ("2026-03-07T12:00", "2026-03-09T09:00"),  # over the Sunday on which the clocks change
    ],
)
def test_the_due_time_lies_in_the_programs_hours(facts, at, raised, due):
    assert flag(at, raised).due_at(facts) == at(due)


def test_a_flag_escalates_at_its_due_time_and_not_before(facts, at):
    raised = flag(at, "2026-03-13T16:45")
    assert not raised.is_late(facts, at("2026-03-17T08:44"))
    assert raised.is_late(facts, at("2026-03-17T08:45"))


def test_a_flag_signed_in_time_never_escalates(facts, at):
    assert not flag(at, "2026-03-11T10:52", "2026-03-11T11:30").is_late(facts, at("2026-03-20T12:00"))
    assert flag(at, "2026-03-11T10:52", "2026-03-11T12:30").is_late(facts, at("2026-03-20T12:00"))


def test_the_program_sets_the_minutes(facts, at):
    assert flag(at, "2026-03-11T10:52").due_at(replace(facts, flag_minutes=15)) == at("2026-03-11T11:07")


def test_a_program_without_hours_has_no_due_time(facts, at):
    closed = replace(facts, open_days=[])
    assert flag(at, "2026-03-11T10:52").due_at(closed) is None
    assert not flag(at, "2026-03-11T10:52").is_late(closed, datetime.max.replace(tzinfo=at.now.tzinfo))
