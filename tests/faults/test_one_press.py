"""A form sent eight times at once, as by an impatient thumb, does its deed once, on whichever database the run uses."""

from datetime import time, timedelta

import pytest
from sqlalchemy import func, select

from portal import checkins, clock
from portal.audit.models import AuditEvent
from portal.checkins import question_plans
from portal.checkins.models import CheckInPlan
from portal.checkins.sets import Target
from portal.db import db
from portal.fields import Refused
from portal.flags import acts, branch
from portal.flags.acts import FlagChanged
from portal.flags.models import FlagAct, FlagReason
from portal.flags.raising import raise_flag
from portal.measures import measure_schedules
from portal.measures.models import MeasureSchedule
from portal.people.care import glass, time_away
from portal.people.models import BreakGlass, TimeAway
from portal.schedule.seats import busy
from portal.schedule.seats.models import BusyTime
from tests.caseload.diary import entry, write
from tests.faults.test_one_reply import KEY, at_once


@pytest.fixture
def flag(app, cast):
    """The key of Ada's open flag, of her check-in of today."""
    with app.app_context():
        write(cast.ada, entry(safety="yes_safe"))
        key = raise_flag(cast.ada, "yes_safe", KEY, clock.now())
        db.session.commit()
        return key


def rows(app, model, *which):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model).where(*which))


def recorded(app, event):
    return rows(app, AuditEvent, AuditEvent.what == event)


PRESSES = {  # the deed: what it does, the rows that it leaves, and its line of the audit record
    "an act that closes": (
        lambda cast, flag, now: acts.act(cast.cho, cast.ada, flag, "contacted", "Talked.", now, 1),
        (FlagAct,),
        "flag.act",
    ),
    "a try": (
        lambda cast, flag, now: acts.try_again(
            cast.cho, cast.ada, flag, "Rang.", now, by=cast.oduya, at=now + timedelta(hours=1)
        ),
        (FlagAct,),
        "flag.act",
    ),
    "a note": (lambda cast, flag, now: acts.add_note(cast.cho, cast.ada, flag, "Rang.", now), (FlagAct,), "flag.note"),
    "a wish to be called": (
        lambda cast, flag, now: branch.ask_for_call(cast.ada, checkins.find(cast.ada, KEY), now, check_in_key=KEY),
        (FlagReason, FlagReason.code == "call_me"),
        "safety.call_me",
    ),
    "an answer to the second question": (
        lambda cast, flag, now: branch.answer(
            cast.ada, "not_sure", checkins.find(cast.ada, KEY), now, check_in_key=KEY
        ),
        (FlagReason, FlagReason.code == "safe_now_not_sure"),
        "safety.answer",
    ),
    "a choice of questions": (
        lambda cast, flag, now: question_plans.choose(cast.cho, cast.ada, "dbt", [Target("Call")], "Peace", now),
        (CheckInPlan,),
        "checkin_plan.choose",
    ),
    "how often a measure is asked": (
        lambda cast, flag, now: measure_schedules.choose(cast.cho, cast.ada, "gad-7", "weekly", now),
        (MeasureSchedule,),
        "measure.plan",
    ),
    "a broken glass": (
        lambda cast, flag, now: glass.break_for(cast.dee, "Ben Whitaker", "Called from a bridge.", now),
        (BreakGlass,),
        "glass.break",
    ),
    "busy hours": (
        lambda cast, flag, now: busy.add(cast.ada, "work", [1, 2], time(8), time(10)),
        (BusyTime, BusyTime.weekday == 1),
        "busy.change",
    ),
}


@pytest.mark.parametrize("press", PRESSES)
def test_a_press_that_comes_eight_times_at_once_counts_once(app, cast, flag, press):
    deed, left, event = PRESSES[press]
    now = clock.now()
    assert at_once(app, [lambda: deed(cast, flag, now)] * 8) == {"done": 8}
    assert rows(app, *left) == 1
    assert recorded(app, event) == 1


def test_a_time_away_sent_eight_times_at_once_is_entered_once(app, cast):
    first = clock.now().date() + timedelta(days=7)

    def enter():
        time_away.enter_time_away(cast.oduya, cast.oduya, cast.cho, first, first + timedelta(days=2), clock.now())

    assert at_once(app, [enter] * 8) == {"done": 1, "Some of these days have already been entered.": 7}
    assert rows(app, TimeAway, TimeAway.therapist_id == cast.oduya.id) == 1


def test_the_same_words_later_or_by_somebody_else_are_another_note(app, cast, flag, at):
    """Rule: only the last step, again, by the same person and within ten minutes, is the same press."""
    with app.app_context():
        for by, minutes in ((cast.cho, 0), (cast.cho, 9), (cast.oduya, 0), (cast.cho, 0), (cast.cho, 11)):
            acts.add_note(by, cast.ada, flag, "Rang, no answer.", at.later(minutes=minutes))
        db.session.commit()
    assert rows(app, FlagAct) == 4


def test_another_act_after_one_that_closed_is_refused(app, cast, flag):
    with app.app_context():
        acts.act(cast.cho, cast.ada, flag, "contacted", None, clock.now(), 1)
        with pytest.raises(FlagChanged):
            acts.act(cast.oduya, cast.ada, flag, "contacted", None, clock.now(), 1)
        with pytest.raises(FlagChanged):
            acts.act(cast.cho, cast.ada, flag, "assessed", None, clock.now(), 1)


def test_what_is_refused_is_refused_to_all_presses(app, cast, flag):
    def try_again():
        acts.try_again(cast.cho, cast.ada, flag, None, clock.now(), by=cast.dee, at=clock.now() + timedelta(hours=1))

    with app.app_context(), pytest.raises(Refused):
        try_again()
    assert rows(app, FlagAct) == 0
