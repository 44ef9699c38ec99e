"""Mail through a server that refuses, dawdles, cuts and dies, from several senders at once: nothing is lost."""

import random
import re
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import time as clock_time
from datetime import timedelta
from email.headerregistry import Address

import pytest
from sqlalchemy import select

from portal import clock, mail, reminders
from portal.db import db
from portal.mail import Mail, delivery, smtp
from portal.people import PERSON, Person
from portal.people.contacts import new_account
from portal.people.models import Account
from portal.reminders import ReminderWishes, commands
from portal.schedule.models import Seat
from tests.post_office import CUT, PostOffice
from tests.schedule.timetable import ZONE, session

SENDER = Address("Foothold", "portal", "clinic.example")
REFUSALS = ["421 4.3.2 closing", "450 4.2.1 busy", "451 4.3.0 later", "452 4.3.1 full"]
ROUNDS = 9  # seven tries, and two more for what a dead sender had claimed
PATIENCE = 3  # seconds; what is slower is taken for dead


class Whims:
    """A seeded bad day: who is gone, what is refused, what is answered late or never."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.silences = 3

    def __call__(self, step: str, about: str) -> str | float | None:
        if step == "rcpt" and about.startswith("gone"):
            return "550 5.1.1 nobody of that name"
        chance = self.random.random()
        if step == "data" and chance < 0.01 and self.silences:
            self.silences -= 1
            return 20.0
        if chance < 0.08:
            return self.random.choice(REFUSALS)
        if chance < 0.11:
            return CUT
        if chance < 0.14:
            return 0.02
        return None


class Sender(threading.Thread):
    """One sender in a thread of its own, which keeps what became of each letter; it dies after `life` of them."""

    def __init__(self, app, office, now, life=None):
        super().__init__()
        self.app, self.now, self.life = app, now, life
        self.server = smtp.Server("127.0.0.1", office.port, "none", SENDER, patience=PATIENCE)
        self.outcomes: list[tuple[str, str]] = []
        self.counts = delivery.Counts()

    def connect(self):
        return Watched(self, smtp.Conversation(self.server))

    def run(self):
        with self.app.app_context(), suppress(Died):
            self.counts = delivery.send_due(self.now, self.connect, 20_000)


class Died(BaseException):
    """The sender is gone; nothing of its own code runs any more."""


class Watched:
    """A line that notes how each hand-over ended."""

    def __init__(self, sender, line):
        self.sender, self.line = sender, line

    @property
    def alive(self):
        return self.line.alive

    def send(self, letter):
        if self.sender.life is not None and len(self.sender.outcomes) >= self.sender.life:
            raise Died
        try:
            self.line.send(letter)
        except delivery.Undelivered as error:
            self.sender.outcomes.append((letter.key, error.trouble))
            raise
        self.sender.outcomes.append((letter.key, "taken"))

    def close(self):
        self.line.close()


@pytest.mark.parametrize(
    ("messages", "seed"), [(120, 1), *(pytest.param(10_000, seed, marks=pytest.mark.full) for seed in (2, 3))]
)
def test_every_message_is_delivered_or_given_up_and_twice_only_where_the_answer_was_cut(app, at, messages, seed):
    """Two senders at once and a third that dies with its claims, over a server that is killed again and again."""
    with app.app_context():
        for number in range(messages):
            mail.queue(address(number), "A note", f"It is {number}.")
        db.session.commit()
    office, senders = through_a_bad_day(app, at, seed)
    check(app, office, senders, messages)


def address(number):
    """One of twenty people has an address that is gone."""
    return f"{'gone' if number % 20 == 7 else 'person'}{number}@example.org"


def through_a_bad_day(app, at, seed):
    """Send what waits: two senders at once, and a third that dies. The server with what it took, and the senders."""
    senders = []
    with PostOffice(Whims(seed)) as office:
        for turn in range(ROUNDS):
            now = at.now + turn * timedelta(hours=7)
            working = [Sender(app, office, now), Sender(app, office, now)]
            if turn == 0:
                working.append(Sender(app, office, now, life=20))
            for sender in working:
                sender.start()
            if turn < 2:
                kill_now_and_then(office, working, random.Random(seed))
            for sender in working:
                sender.join()
            senders += working
    return office, senders


def kill_now_and_then(office, senders, chance):
    """The server dies five times while the senders work, and comes back after a moment."""
    for _ in range(5):
        time.sleep(chance.uniform(0.1, 0.4))
        if any(sender.is_alive() for sender in senders):
            office.kill()
            time.sleep(0.05)
            office.reopen()


def check(app, office, senders, messages):
    with app.app_context():
        rows = db.session.execute(
            select(Mail.key, Mail.sent_at, Mail.given_up_at, Mail.body, Mail.tries, Mail.trouble)
        ).all()
    taken = Counter(each.id.strip("<>").partition("@")[0] for each in office.taken)
    said_yes, cut = Counter(), Counter()
    for sender in senders:
        said_yes.update(key for key, outcome in sender.outcomes if outcome == "taken")
        cut.update(key for key, outcome in sender.outcomes if outcome == "disconnected")
    sent = {row.key for row in rows if row.sent_at}
    given_up = {row.key for row in rows if row.given_up_at}

    assert len(rows) == messages
    assert sent | given_up == {row.key for row in rows}
    assert not sent & given_up
    assert {row.body for row in rows} == {None}
    assert said_yes == dict.fromkeys(sent, 1), "each that was answered with yes was sent then, and never again"
    assert sent <= taken.keys()
    for key, times in taken.items():
        assert times - said_yes[key] <= cut[key], "a second copy without a cut answer"
    for row in rows:
        if row.given_up_at:
            assert row.trouble in ("recipient 550", "expired") or row.tries == 7

    assert sum(sender.counts.sent for sender in senders) + 20 >= len(sent)
    assert len(given_up) >= messages // 20
    assert max(taken.values()) > 1, "the sample cut no answer"
    assert sum(any(outcome == "taken" for _, outcome in sender.outcomes) for sender in senders) > 2


TELLING = re.compile(
    r"therap|group|\biop\b|mental|health|recover|substance|check-in|mood|treat|patient|medic|riverside|\bdr\b|room|family",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("people", "each", "seed"), [(12, 8, 4), pytest.param(100, 100, 5, marks=pytest.mark.full)])
def test_every_reminder_is_delivered_or_given_up_and_none_tells_what_it_is_for(app, cast, at, people, each, seed):
    """The same bad day for reminders, which two planners queue at once: each once, and each with its way to stop."""
    with app.app_context():
        stop_urls = people_who_come(cast, people, each, at.now)
    planners = [threading.Thread(target=plan, args=(app, at.now)) for _ in range(2)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()
    office, senders = through_a_bad_day(app, at, seed)
    check(app, office, senders, people * each)
    told = Counter()
    for taken in office.taken:
        [to] = taken.to
        head = {name: str(value) for name, value in taken.message.items() if name != "Message-ID"}
        assert TELLING.findall("\n".join([*head.values(), taken.text]).replace(stop_urls[to], "")) == []
        assert head["List-Unsubscribe"] == f"<{stop_urls[to]}>"
        assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert stop_urls[to] in taken.text
        told[to, taken.text, taken.id] += 1
    assert len({(to, text) for to, text, _ in told}) == len({id_ for _, _, id_ in told}), "the same, told as two mails"


def people_who_come(cast, people, each, now):
    """So many people who each come to so many sessions in a little less than two days; the links that stop them."""
    accounts = [
        new_account(
            address(number), role="participant", name=f"P{number}", called="P", zone=ZONE, joined_at=now, mail_ok=True
        )
        for number in range(people)
    ]
    db.session.add_all(accounts)
    db.session.flush()
    never = {"quiet_from": clock_time(0), "quiet_until": clock_time(0)}
    for row in db.session.execute(select(*PERSON).where(Account.name.like("P_%"))):
        reminders.choose(Person(*row), ReminderWishes(before=(2880,), **never), now)
    for number in range(each):
        wall = clock.local(now + timedelta(minutes=2879 - number), ZONE).replace(tzinfo=None)
        made = session("one_to_one", wall.isoformat(), 50, cast.cho, title="Therapy group for mood", room="Room 3")
        db.session.add_all(Seat(session_id=made.id, participant_id=account.id) for account in accounts)
    db.session.commit()
    return {
        address(number): reminders.stop_url(reminders.token_of(account.key)) for number, account in enumerate(accounts)
    }


def plan(app, now):
    with app.app_context():
        commands.plan_due(now)
