"""The mail that a flag has passed on: to its therapists, once, when its working minutes are over; it says nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal import clock, flags, seal
from portal.db import db
from portal.mail import Mail, delivery
from portal.people.models import Account, CareRelationship
from portal.program.models import Program
from portal.reminders import commands

RAISED = "2026-03-11T10:00"  # a Wednesday; an hour of it is over at 11
TELLING = ("flag", "safe", "Ada", "Moreno", "Riverside", "crisis", "therap", "participant", "http")


@pytest.fixture
def plan(app):
    """One run of the timer: how many letters it queued, and how many it withdrew."""

    def run():
        with app.app_context():
            return commands.plan_due(clock.now())

    return run


@pytest.fixture
def letters(app):
    """What waits to be sent: to whom, the subject and the body, in the order of the accounts."""

    def read():
        with app.app_context():
            waits = select(Mail, Account).join(Account, Account.id == Mail.account_id)
            rows = db.session.execute(
                waits.where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None)).order_by(Account.id)
            ).all()
            return [
                (
                    seal.open(Mail.recipient, one.recipient, one.key),
                    one.subject,
                    seal.open(Mail.body, one.body, one.key),
                )
                for one, _ in rows
            ]

    return read


@pytest.fixture
def raised(app, cast, at):
    """Ada's flag, raised at RAISED."""
    at(RAISED)
    with app.app_context():
        flags.raise_flag(cast.ada, "yes_safe", "a-key-of-ada", clock.now())
        db.session.commit()


def change(app, model, where, **values):
    with app.app_context():
        db.session.execute(update(model).where(where).values(**values))
        db.session.commit()


def sign(app, cast, at):
    """A minute later Dr Cho signs Ada's flag."""
    with app.app_context():
        flag = flags.open_flags([cast.ada.id])[cast.ada.id]
        flags.acknowledge(cast.cho, cast.ada, flag.key, "contacted", None, at.later(minutes=1))
        db.session.commit()


def test_both_therapists_are_written_to_once_when_it_was_not_signed_in_time(raised, plan, letters, at):
    at("2026-03-11T10:59")
    assert plan() == (0, 0)
    at("2026-03-11T11:00")
    assert plan() == (2, 0)
    assert [to for to, *_ in letters()] == ["cho@example.org", "oduya@example.org"]
    at("2026-03-11T11:05")
    assert plan() == (0, 0)
    at("2026-03-12T16:00")
    assert plan() == (0, 0)


def test_it_says_that_something_waits_and_nothing_else(raised, plan, letters, at):
    at("2026-03-11T11:00")
    plan()
    for _, subject, body in letters():
        assert subject == "Something waits for you"
        assert body == (
            "Something at Foothold was not looked at within 1 hour. It waits for you, too.\nPlease sign in to see it.\n"
        )
        assert not [word for word in TELLING if word.lower() in f"{subject} {body}".lower()]


def test_minutes_are_those_of_the_program_and_holidays_are_none(app, raised, plan, at):
    change(app, Program, Program.id == 1, holidays=["2026-03-12"], flag_minutes=480)
    at("2026-03-13T08:59")  # seven hours on Wednesday, and Thursday is a holiday
    assert plan() == (0, 0)
    at("2026-03-13T09:00")
    assert plan() == (2, 0)


def test_signed_in_time_nobody_is_written_to_and_what_waits_is_withdrawn(app, cast, raised, plan, letters, at):
    at("2026-03-11T11:00")
    plan()
    sign(app, cast, at)
    assert plan() == (0, 2)
    assert letters() == []
    assert plan() == (0, 0)


def test_only_those_who_look_after_this_person_now_and_can_be_reached(app, cast, raised, plan, letters, at):
    at("2026-03-11T11:00")
    change(app, Account, Account.id == cast.oduya.id, disabled_at=at.now)
    change(app, CareRelationship, CareRelationship.therapist_id == cast.dee.id, role="covering")
    assert plan() == (1, 0)
    assert [to for to, *_ in letters()] == ["cho@example.org"]
    change(app, CareRelationship, CareRelationship.therapist_id == cast.cho.id, ended_at=at.now)
    assert plan() == (0, 1)
    change(app, Account, Account.id == cast.oduya.id, disabled_at=None)
    assert plan() == (1, 0)
    assert [to for to, *_ in letters()] == ["oduya@example.org"]


def test_a_new_flag_after_the_first_was_signed_is_told_anew(app, cast, raised, plan, letters, at):
    at("2026-03-11T11:00")
    plan()
    sign(app, cast, at)
    with app.app_context():
        flags.raise_flag(cast.ada, "yes_talk", "another-key", at.later(minutes=1))
        db.session.commit()
    assert plan() == (0, 2)
    at.later(hours=1)
    assert plan() == (2, 0)


def test_a_letter_that_could_not_go_is_given_up_before_the_night_is_over(app, raised, plan, at):
    at("2026-03-11T11:00")
    plan()

    def nowhere():
        raise delivery.Undelivered("no server", for_good=False)

    with app.app_context():
        delivery.send_due(at.now + timedelta(hours=12), nowhere, 10)
        assert {one.trouble for one in db.session.scalars(select(Mail))} == {"expired"}
