"""Random histories of care, times away, switched-off accounts, flags and acts: no open flag is ever nobody's."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from portal import clock, flags, people, program
from portal.db import db
from portal.door import accounts
from portal.episodes import succession
from portal.episodes.models import Episode
from portal.fields import Refused
from portal.flags import STAYS, acts, board, handover, on_caseload
from portal.flags.models import CLOSING, Flag
from portal.flags.owners import owners
from portal.flags.raising import raise_flag
from portal.mail import Mail
from portal.people import care
from portal.people.care import on_call, time_away
from portal.people.models import Account, CareRelationship, OnCall, TimeAway

CODES = ("yes_safe", "yes_talk", "acted_self_harm", "safe_now_no", "call_me")
STEPS = 16
NIGHTS_THE_CLOCKS_CHANGE = ("2026-03-07T09:00", "2026-10-30T16:40", "2026-06-10T10:52")


class Clinic:
    """One history: `take_step` does what somebody in a clinic may do, and `check` looks at every open flag."""

    def __init__(self, cast, at, rng):
        self.at, self.rng, self.kit = at, rng, cast.kit
        self.participants = [cast.ada, cast.ben, cast.cleo]
        self.therapists = [cast.cho, cast.dee, cast.oduya]
        self.nobody_there = False

    def take_step(self):
        wait = self.rng.choice((0, 0, 1, 20, 45, 180, 60 * 15, 60 * 26, 60 * 80))
        self.now = self.at.later(minutes=wait)
        if wait:
            self.run_the_timer()
        step = self.rng.choices(list(WEIGHTS), WEIGHTS.values())[0]
        try:
            step(self)
        except (Refused, NotFound, acts.FlagChanged):
            db.session.rollback()
            return "refused"
        db.session.commit()
        return step.__name__

    def run_the_timer(self):
        handover.withdraw_stale(self.now)
        on_call.stop_asking_if_nobody_is_on_call(self.now)
        handover.settle(self.now)
        db.session.commit()

    def one(self, people_):
        return self.rng.choice(people_)

    def somebody_or_none(self):
        return self.rng.choice((*self.therapists, None, None))

    def an_open_flag(self):
        raised = flags.open_flags([one.id for one in self.participants])
        if not raised:
            raise NotFound
        flag = raised[self.one(sorted(raised))]
        participant = next(one for one in self.participants if one.id == flag.participant_id)
        who = owners([participant.id], program.current(), self.now)[participant.id]
        if not who.now:
            raise NotFound
        return participant, flag, who

    # What may happen.

    def answer(self):
        raise_flag(self.one(self.participants), self.one(CODES), "a-check-in", self.now)

    def give_care(self):
        role = self.one(("primary", "covering"))
        care.add(self.kit, self.one(self.participants), self.one(self.therapists), role, self.now)

    def end_care(self):
        role = self.one(("primary", "covering"))
        who = self.one(self.participants), self.one(self.therapists)
        succession.end_care(self.kit, *who, role, self.now, self.somebody_or_none())

    def end_the_stay(self):
        theirs = Episode.participant_id == self.one(self.participants).id
        db.session.execute(update(Episode).where(theirs).values(status="finished"))

    def go_away(self):
        first = clock.day_of(self.now, program.current().zone) + timedelta(days=self.rng.randrange(3))
        last = first + timedelta(days=self.rng.randrange(4))
        actor, who, cover = self.one((self.kit, None)), self.one(self.therapists), self.one(self.therapists)
        time_away.enter_time_away(actor or who, who, cover, first, last, self.now, self.somebody_or_none())

    def come_back(self):
        away = care.times_away(clock.day_of(self.now, program.current().zone))
        time_away.end_time_away(self.kit, self.one(away).key if away else "none", self.now)

    def go_on_call(self):
        on_call.put_on_call(self.kit, self.one(self.therapists), self.now)

    def leave_the_list(self):
        on_call.take_off_call(self.kit, self.one(self.therapists), self.now)

    def ask_about_safety(self):
        on_call.ask_about_safety(self.kit, self.rng.random() < 0.7, self.now)

    def switch_off(self):
        status = accounts.status_of(self.kit, self.one(self.therapists).key, self.now)
        accounts.disable(self.kit, status, self.now, self.somebody_or_none())

    def switch_on(self):
        accounts.enable(self.kit, accounts.status_of(self.kit, self.one(self.therapists).key, self.now), self.now)

    def switch_a_participant(self):
        status = accounts.status_of(self.kit, self.one(self.participants).key, self.now)
        if status.disabled_at:
            accounts.enable(self.kit, status, self.now)
        else:
            accounts.disable(self.kit, status, self.now)

    def close(self):
        participant, flag, who = self.an_open_flag()
        acts.act(who.now[0], participant, flag.key, self.one(CLOSING), self.one((None, "spoke")), self.now)

    def try_again(self):
        participant, flag, who = self.an_open_flag()
        again = self.now + timedelta(minutes=self.rng.choice((10, 60, 60 * 20)))
        acts.try_again(who.now[0], participant, flag.key, None, self.now, by=self.one(self.therapists), at=again)

    def note(self):
        participant, flag, who = self.an_open_flag()
        acts.add_note(who.now[0], participant, flag.key, "rang twice", self.now)

    # What always holds.

    def check(self):
        self.run_the_timer()
        facts = program.current()
        there = set(db.session.scalars(select(Account.id).where(Account.role == "therapist", is_open())))
        self.nobody_there |= not there
        raised = flags.open_flags([one.id for one in self.participants])
        for participant in self.participants:
            who = owners([participant.id], facts, self.now)[participant.id]
            assert {one.id for one in who.now} == plain_owners(participant, there, self.now, facts.zone)
            assert bool(who.now) == bool(there)
            if flag := raised.get(participant.id):
                self.can_be_opened(participant, flag, who, facts)
        self.nobody_reads_what_is_not_theirs()
        told = Counter(db.session.scalars(select(Mail.once).where(Mail.once.is_not(None))))
        assert not told or max(told.values()) == 1
        if not on_call_today(there, clock.day_of(self.now, facts.zone)):
            assert not program.current().asks_safety

    def can_be_opened(self, participant, flag, who, facts):
        """Whoever it is with opens the record, finds the flag on their pages, and was written to."""
        for therapist in handover.with_whom(flag, who, facts, self.now):
            assert people.participant_of(therapist, participant.key).id == participant.id
            assert participant.id in [
                line.participant.id for line in board.board_of(therapist, facts, self.now).open if line.flag == flag
            ]
            mine = people.participants_of(therapist, self.now)
            assert participant.id in on_caseload.waiting_flags(therapist, mine, facts, self.now).theirs
            once = handover.once_told(f"{flag.key}:{flag.tier}", therapist)
            assert db.session.scalar(select(Mail.id).where(Mail.once == once)) is not None

    def nobody_reads_what_is_not_theirs(self):
        today = clock.day_of(self.now, program.current().zone)
        rows = [row for row in db.session.scalars(select(CareRelationship)) if holds(row, today, self.now)]
        treated = {(row.participant_id, row.therapist_id) for row in rows}
        closed = dict(
            db.session.execute(select(Flag.participant_id, Flag.closed_at).order_by(Flag.closed_at.nulls_last())).all()
        )
        for row in rows:
            if row.role == "on_call" and (closed_at := closed.get(row.participant_id)):
                assert self.now < closed_at + STAYS
        off = set(db.session.scalars(select(Account.id).where(~is_open())))
        waits = {who for who, at in closed.items() if at is None or self.now < at + STAYS}
        for participant in self.participants:
            for therapist in self.therapists:
                found = {one.id for one, _ in people.participants_of(therapist, self.now)}
                is_shown = participant.id not in off or participant.id in waits
                assert (participant.id in found) == (is_shown and (participant.id, therapist.id) in treated)


WEIGHTS = {
    Clinic.answer: 5,
    Clinic.give_care: 2,
    Clinic.end_care: 3,
    Clinic.end_the_stay: 1,
    Clinic.go_away: 2,
    Clinic.come_back: 1,
    Clinic.go_on_call: 2,
    Clinic.leave_the_list: 2,
    Clinic.ask_about_safety: 1,
    Clinic.switch_off: 3,
    Clinic.switch_on: 2,
    Clinic.switch_a_participant: 2,
    Clinic.close: 2,
    Clinic.try_again: 2,
    Clinic.note: 1,
}


def is_open():
    return Account.disabled_at.is_(None)


def holds(row, today, now):
    return row.starts_on <= today and (row.ended_at is None or row.ended_at > now)


def away_on(day):
    rows = db.session.scalars(select(TimeAway).where(TimeAway.cancelled_at.is_(None)))
    return {row.therapist_id for row in rows if row.first_day <= day <= row.last_day}


def on_call_today(there, day):
    return (set(db.session.scalars(select(OnCall.therapist_id))) & there) - away_on(day)


def plain_owners(participant, there, now, zone):
    """Whose a flag is, said once more: the primary therapist, who covers, who is on call; those away come last."""
    today = clock.day_of(now, zone)
    away, listed = away_on(today), set(db.session.scalars(select(OnCall.therapist_id))) & there
    rows = db.session.scalars(select(CareRelationship).where(CareRelationship.participant_id == participant.id))
    team = [row for row in rows if holds(row, today, now) and row.therapist_id in there]
    primary, covering = ({row.therapist_id for row in team if row.role == role} for role in ("primary", "covering"))
    for step in (primary - away, covering - away, listed - away, primary, covering, listed):
        if step:
            return step
    return there


@pytest.mark.parametrize("histories", [24, pytest.param(1000, marks=pytest.mark.full)])
def test_no_open_flag_is_without_an_owner_who_can_open_it(app, cast, at, histories):
    happened = Counter()
    for seed in range(histories):
        with app.app_context():
            rng = Random(seed)
            start_anew(cast, at(NIGHTS_THE_CLOCKS_CHANGE[seed % 3]))
            clinic = Clinic(cast, at, rng)
            for _ in range(STEPS):
                happened[clinic.take_step()] += 1
                clinic.check()
            happened["nobody there"] += clinic.nobody_there
    assert not [name for name in (*(step.__name__ for step in WEIGHTS), "nobody there") if not happened[name]]


def start_anew(cast, now):
    """The cast as it was: Ada with Dr Cho and Dr Oduya, Ben with Dr Cho, Cleo with Dr Dee, who is on call."""
    for table in ("mails", "flag_acts", "flag_reasons", "flags", "care_relationships", "times_away", "on_call"):
        db.session.execute(db.metadata.tables[table].delete())
    db.session.execute(update(Account).values(disabled_at=None))
    db.session.execute(update(Episode).values(status="active"))
    program.change_settings(None, asks_safety=True)
    began = clock.day_of(now, "America/New_York") - timedelta(days=30)
    treats = [
        (cast.ada, cast.cho, "primary"),
        (cast.ada, cast.oduya, "covering"),
        (cast.ben, cast.cho, "primary"),
        (cast.cleo, cast.dee, "primary"),
    ]
    for participant, therapist, role in treats:
        db.session.add(
            CareRelationship(participant_id=participant.id, therapist_id=therapist.id, role=role, starts_on=began)
        )
    db.session.add(OnCall(therapist_id=cast.dee.id, since=now))
    db.session.commit()
