"""The letters about flags: to their owners at once, to others when they go further, each once; they say nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal import clock, flags, seal
from portal.db import db
from portal.door import accounts
from portal.flags import acts
from portal.flags.raising import raise_flag
from portal.mail import Mail, delivery
from portal.people import care, contacts, participants_of
from portal.people.care import time_away
from portal.people.models import Account
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
        raise_flag(cast.ada, "yes_safe", "a-key-of-ada", clock.now())
        db.session.commit()


def change(app, model, where, **values):
    with app.app_context():
        db.session.execute(update(model).where(where).values(**values))
        db.session.commit()


def sign(app, cast, at):
    """A minute later Dr Cho closes Ada's flag."""
    with app.app_context():
        flag = flags.open_flags([cast.ada.id])[cast.ada.id]
        acts.act(cast.cho, cast.ada, flag.key, "contacted", None, at.later(minutes=1))
        db.session.commit()


def to(letters):
    return [address for address, *_ in letters()]


def test_its_owner_is_told_at_once_and_who_covers_when_nothing_was_done_in_time(raised, plan, letters, at):
    assert to(letters) == ["cho@example.org"]
    at("2026-03-11T11:59")
    assert plan() == (0, 0)
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    assert to(letters) == ["cho@example.org", "oduya@example.org"]
    for later in ("2026-03-11T12:05", "2026-03-11T16:00"):
        at(later)
        assert plan() == (0, 0)


def test_a_raised_tier_is_told_at_once_and_an_answer_of_the_same_is_not(app, cast, raised, letters, at):
    with app.app_context():
        raise_flag(cast.ada, "yes_safe", "again", at.later(minutes=1))
        db.session.commit()
    assert to(letters) == ["cho@example.org"]
    with app.app_context():
        raise_flag(cast.ada, "safe_now_no", "again", at.later(minutes=1))
        db.session.commit()
    assert to(letters) == ["cho@example.org", "cho@example.org"]


def test_it_says_that_something_needs_them_and_nothing_else(raised, plan, letters, at):
    at("2026-03-11T12:00")
    plan()
    for _, subject, body in letters():
        assert subject == "Something needs you"
        assert body == "Something at Foothold needs you. Please sign in to see it.\n"
        assert not [word for word in TELLING if word.lower() in f"{subject} {body}".lower()]


def test_minutes_are_those_of_the_program_and_holidays_are_none(app, cast, plan, at):
    change(app, Program, Program.id == 1, holidays=["2026-03-12"], same_day_minutes=480)
    at(RAISED)
    with app.app_context():
        raise_flag(cast.ada, "yes_safe", "a-key-of-ada", clock.now())
        db.session.commit()
    at("2026-03-13T08:59")  # seven hours on Wednesday, and Thursday is a holiday
    assert plan() == (0, 0)
    at("2026-03-13T09:00")
    assert plan() == (1, 0)


def test_once_it_is_closed_what_waits_is_withdrawn(app, cast, raised, plan, letters, at):
    at("2026-03-11T12:00")
    plan()
    sign(app, cast, at)
    assert plan() == (0, 2)
    assert letters() == []
    assert plan() == (0, 0)


def test_without_a_care_team_those_on_call_are_let_in_and_told_in_the_same_transaction(app, cast, letters, at):
    with app.app_context():
        for role in ("primary", "covering"):
            for therapist in (cast.cho, cast.oduya):
                care.end(cast.kit, cast.ada, therapist, role, at.now)
        raise_flag(cast.ada, "yes_talk", None, at.now)
        assert [who.name for who, _ in participants_of(cast.dee, at.now)] == ["Ada Moreno", "Cleo Park"]
        db.session.commit()
    assert to(letters) == ["dee@example.org"]


def test_their_access_ends_72_hours_after_it_was_closed(app, cast, at):
    def treats():
        return [role for who, role in participants_of(cast.dee, at.now) if who.id == cast.ada.id]

    with app.app_context():
        for role, therapist in (("primary", cast.cho), ("covering", cast.oduya)):
            care.end(cast.kit, cast.ada, therapist, role, at.now)
        key = raise_flag(cast.ada, "yes_talk", None, at.now)
        at.later(days=9)
        assert treats() == ["on_call"]
        acts.act(cast.dee, cast.ada, key, "contacted", None, at.now)
        at.later(hours=71, minutes=59)
        assert treats() == ["on_call"]
        raise_flag(cast.ada, "yes_safe", None, at.now)  # a new one within that time lets it last
        at.later(days=4)
        assert treats() == ["on_call"]
        acts.act(cast.dee, cast.ada, flags.open_flags([cast.ada.id])[cast.ada.id].key, "contacted", None, at.now)
        at.later(hours=72)
        assert treats() == []


def test_whoever_is_named_is_told_now_and_again_when_the_time_has_come(app, cast, raised, plan, letters, at):
    with app.app_context():
        flag = flags.open_flags([cast.ada.id])[cast.ada.id]
        by_noon = at.now + timedelta(hours=2)
        acts.try_again(cast.cho, cast.ada, flag.key, None, at.later(minutes=5), by=cast.oduya, at=by_noon)
        db.session.commit()
    assert to(letters) == ["cho@example.org", "oduya@example.org"]
    at("2026-03-11T11:59")
    assert plan() == (0, 0)
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    assert to(letters) == ["cho@example.org", "oduya@example.org", "oduya@example.org"]
    assert plan() == (0, 0)


def test_only_those_who_look_after_this_person_now_and_can_be_reached(app, cast, raised, plan, letters, at):
    with app.app_context():
        care.end(cast.kit, cast.ada, cast.cho, "primary", at.now)
        db.session.commit()
    assert to(letters) == ["cho@example.org", "oduya@example.org"]
    assert plan() == (0, 1)
    assert to(letters) == ["oduya@example.org"]


def test_who_has_no_address_is_not_written_to(app, cast, letters, at):
    with app.app_context():
        contacts.give(db.session.get(Account, cast.cho.id), "cho.signs.in")
        raise_flag(cast.ada, "yes_talk", None, at.now)
        db.session.commit()
    assert letters() == []


def test_a_new_flag_after_the_first_was_closed_is_told_anew(app, cast, raised, plan, letters, at):
    sign(app, cast, at)
    with app.app_context():
        raise_flag(cast.ada, "yes_safe", "another-key", at.later(minutes=1))
        db.session.commit()
    assert plan() == (0, 1)
    assert to(letters) == ["cho@example.org"]


def test_a_letter_that_could_not_go_is_given_up_before_the_night_is_over(app, raised, plan, at):
    def nowhere():
        raise delivery.Undelivered("no server", for_good=False)

    with app.app_context():
        delivery.send_due(at.now + timedelta(hours=12), nowhere, 10)
        assert {one.trouble for one in db.session.scalars(select(Mail))} == {"expired"}


def test_a_letter_withdrawn_before_it_went_is_written_again_once_the_flag_is_theirs_again(
    app, cast, raised, plan, letters, at
):
    today = clock.day_of(at.now, "America/New_York")
    with app.app_context():
        away = time_away.enter_time_away(cast.kit, cast.cho, cast.oduya, today, today, at.now)
        db.session.commit()
    plan()
    assert to(letters) == ["oduya@example.org"]
    with app.app_context():
        time_away.end_time_away(cast.kit, away, at.later(minutes=1))
        db.session.commit()
    assert to(letters) == ["cho@example.org", "oduya@example.org"]
    plan()
    assert to(letters) == ["cho@example.org"]


def test_whoever_is_switched_on_again_is_told_what_waits_for_them_in_the_same_transaction(app, cast, letters, at):
    with app.app_context():
        for therapist in (cast.cho, cast.oduya, cast.dee):
            accounts.disable(cast.kit, accounts.status_of(cast.kit, therapist.key, at.now), at.now)
        raise_flag(cast.ada, "yes_talk", None, at.now)
        db.session.commit()
    assert to(letters) == []
    with app.app_context():
        accounts.enable(cast.kit, accounts.status_of(cast.kit, cast.cho.key, at.now), at.now)
        db.session.commit()
    assert to(letters) == ["cho@example.org"]
