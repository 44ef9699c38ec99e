"""The commands that report from the audit record: flask --app wsgi audit report, accounting."""

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import audit, clock, people, program, spreadsheet
from portal.audit import AuditBroken
from portal.audit.commands import audit_commands
from portal.audit.models import AuditEvent
from portal.db import db
from portal.people import Person
from portal.people.models import Account
from portal.records import phrases

HEADINGS = ("When", "Who", "Role", "What", "Whose record", "Subject")
DAY = click.DateTime(["%Y-%m-%d"])
THREE_YEARS = timedelta(days=3 * 365 + 1)


@audit_commands.command("report")
@click.option("--participant", help="The key of whose record it is, as in the address of their page under People.")
@click.option("--actor", help="The key of who did it.")
@click.option("--since", type=DAY, help="The first day, such as 2026-03-01.")
@click.option("--until", type=DAY, help="The last day.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")
@with_appcontext
def report(
    participant: str | None, actor: str | None, since: datetime | None, until: datetime | None, as_csv: bool
) -> None:
    """Print who did what with which record, and when: for the notice of a breach."""
    if not participant and not actor:
        raise click.ClickException("Say whose record with --participant, or who with --actor.")
    whose, who = _person(participant), _person(actor)
    wanted: list[Any] = [AuditEvent.participant_id == whose.id] if whose else []
    wanted += [AuditEvent.actor_id == who.id] if who else []
    wanted += [AuditEvent.at >= _start(since.date())] if since else []
    wanted += [AuditEvent.at < _start(until.date() + timedelta(days=1))] if until else []
    _print(_rows(wanted), as_csv)
    _note(whose, actor)


@audit_commands.command("accounting")
@click.option("--participant", required=True, help="The key of whose record it is.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")
@with_appcontext
def accounting(participant: str, as_csv: bool) -> None:
    """Print who saw or received a participant's record in the last three years, in the words that they read."""
    whose = _person(participant)
    wanted = [
        AuditEvent.participant_id == whose.id,
        AuditEvent.actor_id.is_distinct_from(whose.id),
        AuditEvent.what.in_(phrases.SHOWN),
        AuditEvent.at >= _start(clock.day_of(clock.now(), program.current().zone) - THREE_YEARS),
    ]
    _print(_rows(wanted, in_words=True), as_csv)
    _note(whose, None)


def _person(key: str | None) -> Any:
    """The account called `key`; None for none asked for."""
    if key is None:
        return None
    person = people.find(Account.key == key)
    if person is None:
        raise click.ClickException(f"There is no account with the key {key!r}.")
    return person


def _start(day: date) -> datetime:
    return clock.start_of(day, program.current().zone)


def _rows(wanted: list[Any], *, in_words: bool = False) -> Iterator[tuple[str, ...]]:
    """The events, oldest first, with names in the place of keys, and times on the program's clock."""
    actor, whose, whom = aliased(Account), aliased(Account), aliased(Account)
    zone = program.current().zone
    rows = db.session.execute(
        select(
            AuditEvent.at,
            AuditEvent.actor_id,
            actor.name.label("actor"),
            actor.role,
            AuditEvent.what,
            whose.name.label("whose"),
            AuditEvent.subject,
            whom.name.label("whom"),
        )
        .outerjoin(actor, actor.id == AuditEvent.actor_id)
        .outerjoin(whose, whose.id == AuditEvent.participant_id)
        .outerjoin(whom, whom.key == AuditEvent.subject)
        .where(*wanted)
        .order_by(AuditEvent.at, AuditEvent.id)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield (
            clock.local(row.at, zone).isoformat(timespec="seconds"),
            phrases.actor(row.actor, row.actor_id),
            row.role or "",
            phrases.did(row.what, row.whom) if in_words else row.what,
            row.whose or "",
            row.subject or "",
        )


def _print(rows: Iterable[tuple[str, ...]], as_csv: bool) -> None:
    written = 0
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    if as_csv:
        writer.writerow(HEADINGS)
    for row in rows:
        written += 1
        if as_csv:
            writer.writerow(map(spreadsheet.plain, row))
        else:
            click.echo("  ".join(filter(None, row)))
    if not as_csv:
        click.echo(f"{written:,} {'event' if written == 1 else 'events'}.")


def _note(participant: Person | None, actor: str | None) -> None:
    """Put the report itself on record. A broken record keeps nobody from reporting on it."""
    audit.record(None, "audit.report", participant, actor)
    try:
        db.session.commit()
    except AuditBroken as error:
        db.session.rollback()
        click.echo(f"This report is not on record: {error}", err=True)
