"""One open flag a person; a tier only rises; a positive after the end opens a new one."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal import flags
from portal.audit.models import AuditEvent
from portal.db import db
from portal.flags.models import Flag, FlagReason


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
        ("call_me", "same_day"),
    ],
)
def test_each_answer_opens_a_flag_of_its_tier(cast, context, at, code, tier):
    key = flags.raise_flag(cast.ada, code, "check-in", at.now)
    flag = flags.open_flags([cast.ada.id])[cast.ada.id]
    assert (flag.key, flag.tier, flag.raised_at) == (key, tier, at.now)
    assert [(reason.code, reason.at, reason.check_in_key) for reason in flag.reasons] == [(code, at.now, "check-in")]


def test_safe_right_now_opens_nothing_by_itself(cast, context, at):
    assert flags.raise_flag(cast.ada, "safe_now_yes", "check-in", at.now) is None
    assert flags.open_flags([cast.ada.id]) == {}


def test_a_further_answer_joins_the_open_flag(cast, context, at):
    first = flags.raise_flag(cast.ada, "yes_safe", "one", at.now)
    assert flags.raise_flag(cast.ada, "safe_now_yes", "one", at.later(minutes=1)) == first
    assert flags.raise_flag(cast.ada, "call_me", "one", at.later(minutes=1)) == first
    flag = flags.open_flags([cast.ada.id])[cast.ada.id]
    assert [reason.code for reason in flag.reasons] == ["yes_safe", "safe_now_yes", "call_me"]
    assert flag.tier == "same_day"


def test_a_tier_is_only_ever_raised(cast, context, at):
    for code, tier in (("yes_safe", "same_day"), ("yes_talk", "urgent"), ("yes_safe", "urgent"), ("call_me", "urgent")):
        flags.raise_flag(cast.ada, code, None, at.later(minutes=1))
        assert flags.open_flags([cast.ada.id])[cast.ada.id].tier == tier


def test_the_gravest_answer_is_the_latest_of_its_tier(cast, context, at):
    for code in ("yes_talk", "safe_now_no", "yes_safe"):
        flags.raise_flag(cast.ada, code, None, at.later(minutes=1))
    assert flags.open_flags([cast.ada.id])[cast.ada.id].gravest.code == "safe_now_no"


def test_an_answer_after_the_end_opens_a_new_flag(cast, context, at):
    first = flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    flags.acknowledge(cast.cho, cast.ada, first, "contacted", "", at.later(minutes=5))
    second = flags.raise_flag(cast.ada, "yes_safe", None, at.later(minutes=5))
    assert second != first
    assert [flag.key for flag in flags.flags_of(cast.ada)] == [second, first]


def test_each_person_has_a_flag_of_their_own(cast, context, at):
    flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    flags.raise_flag(cast.ben, "yes_talk", None, at.now)
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
            flags.raise_flag(cast.ada, "yes_safe", None, now)
            db.session.commit()

    threads = [Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Flag)) == 1
        assert db.session.scalar(select(func.count()).select_from(FlagReason)) == 4


@pytest.mark.asvs("2.3.1")
def test_the_end_of_a_flag_stands(cast, context, at):
    key = flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    flags.acknowledge(cast.cho, cast.ada, key, "contacted", "Talked for ten minutes.", at.later(minutes=5))
    with pytest.raises(flags.FlagChanged):
        flags.acknowledge(cast.oduya, cast.ada, key, "not_reached", "", at.later(minutes=5))
    flag = flags.flag_of(cast.ada, key)
    assert (flag.acknowledged_by, flag.action, flag.note) == ("Dr Cho", "contacted", "Talked for ten minutes.")


@pytest.mark.parametrize("action", ["", "seen", "dismissed"])
def test_a_flag_ends_with_an_action_and_not_without(cast, context, at, action):
    key = flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    with pytest.raises(ValueError):
        flags.acknowledge(cast.cho, cast.ada, key, action, "", at.now)
    assert flags.open_flags([cast.ada.id])


@pytest.mark.asvs("2.3.1", "15.4.2")
def test_a_flag_is_not_ended_over_an_answer_that_nobody_read(cast, context, at):
    key = flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    flags.raise_flag(cast.ada, "safe_now_no", None, at.now)
    with pytest.raises(flags.FlagChanged):
        flags.acknowledge(cast.cho, cast.ada, key, "contacted", "", at.now, answers_read=1)
    assert flags.open_flags([cast.ada.id])[cast.ada.id].tier == "urgent"
    flags.acknowledge(cast.cho, cast.ada, key, "contacted", "", at.now, answers_read=2)
    assert not flags.open_flags([cast.ada.id])


@pytest.mark.asvs("8.2.2")
def test_a_flag_of_somebody_else_is_not_found(cast, context, at):
    key = flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    with pytest.raises(NotFound):
        flags.flag_of(cast.ben, key)
    with pytest.raises(NotFound):
        flags.acknowledge(cast.cho, cast.ben, key, "contacted", "", at.now)


@pytest.mark.asvs("16.2.1")
def test_ending_a_flag_leaves_its_trace(cast, context, at):
    key = flags.raise_flag(cast.ada, "yes_safe", None, at.now)
    flags.acknowledge(cast.cho, cast.ada, key, "contacted", "", at.now)
    db.session.commit()
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.what == "flag.acknowledge"))
    assert (event.actor_id, event.participant_id, event.subject) == (cast.cho.id, cast.ada.id, key)
