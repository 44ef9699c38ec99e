"""What tests of reminders share: the timetable, who chose what, and a run of the planner."""

from datetime import time

import pytest
from sqlalchemy import select, update

from portal import clock, reminders, seal
from portal.db import db
from portal.mail import Mail
from portal.people.models import Account
from portal.reminders import ReminderWishes, planning
from tests.schedule.timetable import timetable as timetable

NO_QUIET = {"quiet_from": time(0), "quiet_until": time(0)}


@pytest.fixture
def chooses(app, cast):
    """`chooses("ada", before=(60,), ...)`: she reads her mail alone and asked for this; without quiet hours."""

    def choose(who, **chosen):
        person = getattr(cast, who)
        with app.app_context():
            db.session.execute(update(Account).where(Account.id == person.id).values(mail_ok=True))
            reminders.choose(person, ReminderWishes(**NO_QUIET | chosen), clock.now())
            db.session.commit()

    return choose


@pytest.fixture
def plan(app):
    """`plan()` is what one run of the planner queued: how many, and how many it withdrew."""

    def run():
        with app.app_context():
            withdrawn = planning.withdraw_stale(clock.now())
            queued = sum(planning.queue(*one) for one in planning.due(clock.now()))
            db.session.commit()
            return queued, withdrawn

    return run


@pytest.fixture
def waiting(app):
    """`waiting()` is what waits to be sent: pairs of subject and body, in the order they were queued."""

    def read():
        with app.app_context():
            rows = db.session.scalars(
                select(Mail).where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None)).order_by(Mail.id)
            ).all()
            return [(row.subject, seal.open(Mail.body, row.body, row.key)) for row in rows]

    return read
