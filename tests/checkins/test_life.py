"""The life of check-ins, made up at random: nothing is lost, no state turns into another, and flags follow."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from portal import checkins, clock, flags, program
from portal.checkins import question_plans, sets
from portal.checkins.check_in_versions import ITEMS, positive_answers
from portal.checkins.models import CheckIn
from portal.checkins.sets import Target
from portal.db import db
from portal.fields import Refused
from portal.flags import acts
from portal.people import Person
from portal.people.contacts import new_account
from portal.people.models import Account

ZONES = ("America/New_York", "America/Los_Angeles", "Pacific/Auckland", "Europe/Berlin")
STARTS = ("2026-03-07T20:00", "2026-10-31T20:00", "2026-06-10T09:00")  # the clocks change in the first two nights
TIERS = {"yes_safe": "same_day", "yes_talk": "urgent", "acted_self_harm": "same_day"}
NUMBER = count(1)
ANSWERS = {  # what may be given; None is a skip, "not_say" is declined
    "mood": range(11),
    "anxiety": (None, *range(11)),
    "urges": (None, None, 0, 0, *range(11)),
    "sleep_hours": (None, *(half / 2 for half in range(29))),
    "medication": (None, "yes", "some", "no", "none"),
    "substance_use": (None, "no", "yes", "not_say"),
    "skills": (None, ["walk"], ["walk", "music"], ["nothing_yet"]),
    "note": (None, "It rained", "🌊 \u202eمرحبا", "0"),
    "safety": (None, "no", "not_say", "yes_safe", "yes_talk"),
    "sad": (None, *range(6)),
    "acted": (None, "no", "yes", "not_say"),
    "self_harm": (None, *range(11)),
    "acted_self_harm": (None, "no", "no", "yes", "not_say"),
    "target-1": (None, *range(11)),
    "target-2": (None, *range(11)),
}


def answers_of(seed: int) -> dict[str, Any]:
    """An answer to everything that any set asks; from one number, since a life of many choices is soon too long."""
    rng = Random(seed)
    return {item: rng.choice(choices) for item, choices in ANSWERS.items()}


GIVEN = st.integers(0, 2**20).map(answers_of)
KINDS = {None: "skipped", "not_say": "declined"}


class Life(RuleBasedStateMachine):
    """One participant; `kept` is what must be in the database: {key: its versions, each as it was kept}."""

    opened = Bundle("opened")

    def __init__(self, app, cast, at) -> None:
        super().__init__()
        self.at, self.cho = at, cast.cho
        self.context = app.app_context()
        self.context.push()
        self.kept: dict[str, list[dict]] = {}
        self.tier = None  # of the flag that must be open

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    @initialize(start=st.sampled_from(STARTS), zone=st.sampled_from(ZONES), name=st.sampled_from(["dbt", "daily"]))
    def join(self, start, zone, name):
        self.at(start)
        number = next(NUMBER)
        account = new_account(
            f"life-{number}@example.org", role="participant", name=f"Life {number}", called="Life", zone=zone
        )
        db.session.add(account)
        db.session.commit()
        self.me = Person(account.id, account.key, account.role, account.name, account.called, account.zone)
        self.choose_what_is_asked(name, ["to gamble", "to hide"])

    @rule(target=opened, shorter=st.sampled_from([False, False, True]))
    def open_a_form(self, shorter):
        """On any device: it keeps its key and its questions, whatever is chosen later."""
        plan = question_plans.question_plan_of(self.me, program.current())
        return f"form-{next(NUMBER)}-key", replace(plan, question_set=sets.latest("low")) if shorter else plan

    @rule(form=opened, given=GIVEN, yesterday=st.booleans(), waited=st.integers(0, 9))
    def save(self, form, given, yesterday, waited):
        """Anew, or from another device; what waited was written some hours ago."""
        key, plan = form
        written = self.at.now - timedelta(hours=waited) if waited > 6 else None
        day = clock.day_of(written or self.at.now, self.me.zone) - timedelta(days=yesterday)
        asked = {one.id for one in plan.questions}
        answers = {item: value for item, value in given.items() if item in asked} | {"for_day": day}
        self._send(key, plan, answers, written)

    @rule(given=GIVEN, shorter=st.booleans())
    def check_in(self, given, shorter):
        """A form is opened and sent at once."""
        self.save(self.open_a_form(shorter), given, False, 0)

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0, 2**10), item=st.sampled_from([*ANSWERS]), given=GIVEN)
    def go_back_and_change_one_answer(self, which, item, given):
        key = sorted(self.kept)[which % len(self.kept)]
        last = self.kept[key][-1]
        if item in {one.id for one in last["plan"].questions}:
            self._send(key, last["plan"], last["answers"] | {item: given[item]}, None)

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0, 2**10))
    def send_the_same_again(self, which):
        key = sorted(self.kept)[which % len(self.kept)]
        last, before = self.kept[key][-1], self._rows()
        self._send(key, last["plan"], last["answers"], None, again=True)
        assert self._rows() == before

    def _send(self, key, plan, answers, written, again=False):
        versions = self.kept.get(key, [])
        same = versions and _held(versions[-1]) == _held({"answers": answers, "plan": plan})
        assert not again or same
        if versions and not same and self._is_over(versions[-1], written or self.at.now):
            with pytest.raises(Refused):
                checkins.log(self.me, dict(answers), key, self.at.now, plan=plan, written_at=written)
            return db.session.rollback()
        entry = checkins.log(self.me, dict(answers), key, self.at.now, plan=plan, written_at=written)
        db.session.commit()
        versions = self.kept.setdefault(key, [])
        if not same:
            versions.append({"answers": answers, "plan": plan, "at": self.at.now, "zone": self.me.zone})
            raised = [TIERS.get(code) for code in positive_answers(answers)]
            self.tier = max(filter(None, (self.tier, *raised)), key=("same_day", "urgent").index, default=None)
        assert entry.version == len(versions)

    def _is_over(self, kept, written):
        """Whether the day of a check-in, and the day after it, were over when its change was written."""
        return kept["answers"]["for_day"] < clock.day_of(written, kept["zone"]) - timedelta(days=1)

    @rule(
        name=st.sampled_from(["daily", "dbt", "ocd", "low"]),
        aims=st.lists(st.sampled_from(["to gamble", "to hide", "to check"]), max_size=2, unique=True),
        harms=st.booleans(),
    )
    def choose_what_is_asked(self, name, aims, harms=False):
        targets = [Target(words, harms) for words in aims]
        question_plans.choose(self.cho, self.me, name, targets, None, self.at.now, asks_self_harm=harms)
        db.session.commit()

    @rule(zone=st.sampled_from(ZONES))
    def move_to_another_zone(self, zone):
        db.session.execute(update(Account).where(Account.id == self.me.id).values(zone=zone))
        db.session.commit()
        self.me = replace(self.me, zone=zone)

    @rule(minutes=st.sampled_from([1, 45, 60, 300, 1440]))
    def time_passes(self, minutes):
        self.at.later(minutes=minutes)

    @rule()
    def sign_the_flag(self):
        if flag := flags.open_flags([self.me.id]).get(self.me.id):
            self.at.later(minutes=1)
            acts.act(self.cho, self.me, flag.key, "contacted", None, self.at.now)
            db.session.commit()
            self.tier = None

    def _rows(self):
        rows = db.session.execute(select(CheckIn.__table__).where(CheckIn.participant_id == self.me.id))
        return sorted((tuple(row) for row in rows), key=lambda row: row[:4])

    @invariant()
    def every_version_is_there_as_it_was_kept_and_no_other(self):
        if not hasattr(self, "me"):
            return
        found: dict[str, list] = {}
        rows = db.session.scalars(
            select(CheckIn).where(CheckIn.participant_id == self.me.id).order_by(CheckIn.key, CheckIn.version)
        )
        for row in rows:
            found.setdefault(row.key, []).append(row)
        db.session.expunge_all()
        assert found.keys() == self.kept.keys()
        for key, versions in self.kept.items():
            assert [row.version for row in found[key]] == list(range(1, len(versions) + 1))
            for row, kept in zip(found[key], versions, strict=True):
                assert (row.entered_at, row.zone, row.plan_key) == (kept["at"], kept["zone"], kept["plan"].key)
                assert row.answers == {i: v for i, v in _held(kept)[1].items() if i not in (*ITEMS, "for_day")}
                assert (row.question_set, row.question_set_version) == _held(kept)[0]

    @invariant()
    def no_state_turns_into_another(self):
        if not self.kept:
            return
        days = [kept["answers"]["for_day"] for versions in self.kept.values() for kept in versions]
        entries = {one.key: one for one in checkins.between([self.me.id], min(days), max(days))}
        assert entries.keys() == self.kept.keys()
        for key, entry in entries.items():
            kept = self.kept[key][-1]
            answers, plan = kept["answers"], kept["plan"]
            assert entry.for_day == answers["for_day"]
            assert entry.note == answers.get("note")
            asked = {one.id: one for one in plan.questions}
            for item in ANSWERS:
                value = answers.get(item)
                given = "given" if isinstance(value, list) else KINDS.get(value, "given")
                state = given if item in asked else "not asked"
                assert entry.said(item).state == state, item
                assert item not in asked or entry.given(item) == value, item
            for number, target in enumerate(plan.targets, 1):
                assert f"target-{number}" not in asked or entry.said(f"target-{number}").name == target.words
            assert entry.brings_help is _brings_help(answers, plan)

    @invariant()
    def the_open_flag_is_the_right_one(self):
        if hasattr(self, "me"):
            flag = flags.open_flags([self.me.id]).get(self.me.id)
            assert (flag.tier if flag else None) == self.tier


def _brings_help(answers, plan):
    """Whether there is a yes in it, or an urge to hurt oneself of 7 or more."""
    marked = [f"target-{number}" for number, target in enumerate(plan.targets, 1) if target.self_harm]
    strong = [item for item in ("self_harm", *marked) if (answers.get(item) or 0) >= 7]
    said = answers.get("safety") in ("yes_safe", "yes_talk") or answers.get("acted_self_harm") == "yes"
    return bool(said or strong)


def _held(kept):
    """What makes two versions the same: the questions, and the given answers with the words of the targets."""
    plan, answers = kept["plan"], kept["answers"]
    given = {item: value for item, value in answers.items() if value is not None}
    aims = any(item.startswith("target-") for item in given)
    return (plan.question_set.name, plan.question_set.version), given, plan.key if aims else None


@pytest.mark.parametrize(("lives", "steps"), [(30, 25), pytest.param(600, 50, marks=pytest.mark.full)])
def test_whatever_happens_to_check_ins_nothing_is_lost_or_mixed_up(app, cast, at, lives, steps):
    run_state_machine_as_test(
        lambda: Life(app, cast, at),
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
