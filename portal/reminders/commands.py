"""The command of reminders: flask --app wsgi reminders plan."""

import time
from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.db import db
from portal.flags import handover
from portal.migrations import readiness
from portal.people.care import on_call
from portal.reminders import planning
from portal.seal.keys import SealError

BATCH, PAUSE = 50, 0.1  # so many are committed at once, and so many seconds are left for others to write


@click.group("reminders")
def reminder_commands() -> None:
    """Reminders that people asked for, and the word to therapists whose flags wait."""


@reminder_commands.command("plan")
@with_appcontext
def plan_reminders() -> None:
    """Queue the reminders that are due, and the word to therapists that a flag has passed to them.

    Run it every five minutes; several may run at once.
    """
    readiness.check()
    try:
        queued, withdrawn = plan_due(clock.now())
    except (LookupError, SealError) as error:
        raise click.ClickException(str(error)) from None
    except OperationalError:
        raise click.ClickException(
            "The database is busy or cannot be reached. The next run continues from here."
        ) from None
    click.echo(f"{queued} queued, {withdrawn} withdrawn")


def plan_due(now: datetime) -> tuple[int, int]:
    """Queue what is due, in short transactions; how many, and how many were withdrawn that are not true any more."""
    withdrawn = planning.withdraw_stale(now) + handover.withdraw_stale(now)
    db.session.commit()
    on_call.stop_asking_if_nobody_is_on_call(now)
    passed_on = handover.settle(now)  # first: it may not wait for the others
    db.session.commit()
    found, queued = planning.due(now), passed_on
    db.session.commit()  # nothing that was read is held on to while others plan the same
    for start in range(0, len(found), BATCH):
        time.sleep(PAUSE if start else 0)
        queued += sum(planning.queue(*one) for one in found[start : start + BATCH])
        db.session.commit()
    return queued, withdrawn
