"""One open flag a person; a tier only rises; a positive after the end opens a new one."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from portal import flags
from portal.db import db
from portal.flags import acts
from portal.flags.models import Flag, FlagReason
from portal.flags.raising import raise_flag


@pytest.fixture
def context(app):
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("code", "tier"),
    [
        ("yes_safe", "same_day"),
        ("yes_talk", "urgent"),
        ("safe_now_not_sure", "urgent"),
        ("safe_now_no", "urgent"),
        ("call_me", "urgent"),
    ],
)
def test_each_answer_opens_a_flag_of_its_tier(cast, context, at, code, tier):
    key = raise_flag(cast.ada, code, "check-in", at.now)
    flag = flags.open_flags([cast.ada.id])[cast.ada.id]
    assert (flag.key, flag.tier, flag.raised_at) == (key, tier, at.now)
    assert [(reason.code, reason.at, reason.check_in_key) for reason in flag.reasons] == [(code, at.now, "check-in")]


def test_safe_right_now_opens_nothing_by_itself(cast, context, at):
    assert raise_flag(cast.ada, "safe_now_yes", "check-in", at.now) is None
    assert flags.open_flags([cast.ada.id]) == {}


def test_a_further_answer_joins_the_open_flag(cast, context, at):
    first = raise_flag(cast.ada, "yes_safe", "one", at.now)
    assert raise_flag(cast.ada, "safe_now_yes", "one", at.later(minutes=1)) == first
    assert raise_flag(cast.ada, "call_me", "one", at.later(minutes=1)) == first
    flag = flags.open_flags([cast.ada.id])[cast.ada.id]
    assert [reason.code for reason in flag.reasons] == ["yes_safe", "safe_now_yes", "call_me"]
    assert flag.tier == "urgent"


def test_a_tier_is_only_ever_raised(cast, context, at):
    for code, tier in (("yes_safe", "same_day"), ("yes_talk", "urgent"), ("yes_safe", "urgent"), ("call_me", "urgent")):
        raise_flag(cast.ada, code, None, at.later(minutes=1))
        assert flags.open_flags([cast.ada.id])[cast.ada.id].tier == tier


def test_the_gravest_answer_is_the_latest_of_its_tier(cast, context, at):
    for code in ("yes_talk", "safe_now_no", "yes_safe"):
        raise_flag(cast.ada, code, None, at.later(minutes=1))
    assert flags.open_flags([cast.ada.id])[cast.ada.id].gravest.code == "safe_now_no"


def test_an_answer_after_the_end_opens_a_new_flag(cast, context, at):
    first = raise_flag(cast.ada, "yes_safe", None, at.now)
    acts.act(cast.cho, cast.ada, first, "contacted", "", at.later(minutes=5))
    second = raise_flag(cast.ada, "yes_safe", None, at.later(minutes=5))
    assert second != first
    assert [flag.key for flag in flags.flags_of(cast.ada)] == [second, first]


def test_each_person_has_a_flag_of_their_own(cast, context, at):
    raise_flag(cast.ada, "yes_safe", None, at.now)
    raise_flag(cast.ben, "yes_talk", None, at.now)
    assert {id_: flag.tier for id_, flag in flags.open_flags([cast.ada.id, cast.ben.id, cast.cleo.id]).items()} == {
        cast.ada.id: "same_day",
        cast.ben.id: "urgent",
    }


@pytest.mark.asvs("2.3.4", "15.4.2")
def test_answers_that_arrive_at_once_share_one_flag(app, cast, at):
    together, now = Barrier(4), at.now

    def answer():
        with app.app_context():
            together.wait(10)
            raise_flag(cast.ada, "yes_safe", None, now)
            db.session.commit()

    threads = [Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Flag)) == 1
        assert db.session.scalar(select(func.count()).select_from(FlagReason)) == 4
