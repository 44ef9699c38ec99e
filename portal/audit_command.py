"""The commands for the audit record: flask --app wsgi audit verify, anchor, go-on, report, accounting."""

import csv
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from portal import audit, clock, program, spreadsheet
from portal.audit import Anchor, AuditBroken, AuditEvent, AuditHead, Break
from portal.db import db
from portal.people import PERSON, Person
from portal.people.models import Account
from portal.records import words

HEADINGS = ("When", "Who", "Role", "What", "Whose record", "Subject")
DAY = click.DateTime(["%Y-%m-%d"])
THREE_YEARS = timedelta(days=3 * 365 + 1)


@click.group("audit")
def audit_commands() -> None:
    """The record of who saw and did what."""


@audit_commands.command("verify")
@with_appcontext
def verify() -> None:
    """Check every link of the chain, and every anchor. A break stops all writing until `audit go-on`."""
    anchors = _anchors()
    found, new = _breaks(anchors)
    if new:
        audit.mark_broken(clock.now())
        db.session.commit()
        click.echo(f"The audit record is broken. {new[0].says}")
        if len(new) > 1:
            click.echo(f"It is broken in {len(new) - 1:,} more places.")
        click.echo("Nothing is written until you decide. Find out what happened; then: flask --app wsgi audit go-on")
        sys.exit(1)
    end = db.session.execute(select(AuditHead.last_id, AuditHead.broken_at)).one()
    click.echo(f"The audit record is whole: {end.last_id:,} rows, {len(anchors):,} anchors.")
    if found:
        click.echo(f"{len(found):,} breaks are known: an operator went on from them.")
    if end.broken_at:
        click.echo("Writing was stopped when it was found broken. To write again: flask --app wsgi audit go-on")
        sys.exit(1)


@audit_commands.command("anchor")
@with_appcontext
def anchor() -> None:
    """Note where the chain ends, in the file that PORTAL_AUDIT_ANCHORS names: keep it where the portal cannot write."""
    path = _anchors_file()
    if path is None:
        raise click.ClickException("Set PORTAL_AUDIT_ANCHORS to the file that anchors are added to.")
    try:
        line = str(audit.anchor())
        with path.open("a", encoding="ascii") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
    except (AuditBroken, OSError) as error:
        raise click.ClickException(f"No anchor was noted: {error}") from None
    click.echo(line)


@audit_commands.command("go-on")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def go_on(yes: bool) -> None:
    """Let writing go on after a break that you know of. The break, and that you went on, stay on record."""
    anchors = _anchors()
    _, new = _breaks(anchors)
    if not new and not db.session.scalar(select(AuditHead.broken_at)):
        click.echo("The audit record is whole, and nothing was changed.")
        return
    for one in new:
        click.echo(one.says)
    if not yes:
        click.confirm("Do you know what happened, and shall writing go on?", abort=True)
    audit.mark_broken(clock.now())
    db.session.commit()  # from here on nothing is added by anybody else
    found, _ = _breaks(anchors)
    audit.go_on(found)
    db.session.commit()
    click.echo("Writing goes on. Note a new anchor now: flask --app wsgi audit anchor")


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
    """Who did what with which record, and when: for the notice of a breach."""
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
    """Who saw or received a participant's record in the last three years, in the words that the participant reads."""
    whose = _person(participant)
    wanted = [
        AuditEvent.participant_id == whose.id,
        AuditEvent.actor_id.is_distinct_from(whose.id),
        AuditEvent.what.in_(words.SHOWN),
        AuditEvent.at >= _start(clock.day_of(clock.now(), program.current().zone) - THREE_YEARS),
    ]
    _print(_rows(wanted, in_words=True), as_csv)
    _note(whose, None)


def _anchors_file() -> Path | None:
    named = current_app.config["AUDIT_ANCHORS"]
    return Path(str(named)) if named else None


def _anchors() -> list[Anchor]:
    """The anchors that were noted; none where the setting is empty, or none was noted yet."""
    path = _anchors_file()
    if path is None:
        return []
    if not path.exists():
        click.echo(f"{path} does not exist: no anchor was noted yet, or somebody took it away.", err=True)
        return []
    try:
        return audit.read_anchors(path.read_text(encoding="ascii").splitlines())
    except (ValueError, OSError) as error:
        raise click.ClickException(f"{path}: {error}") from None


def _breaks(anchors: Iterable[Anchor]) -> tuple[list[Break], list[Break]]:
    """Every break, and those that no operator has gone on from, the first one first."""
    try:
        found = audit.breaks(anchors)
        return found, sorted(audit.unknown(found), key=lambda one: one.row)
    except DBAPIError as error:
        db.session.rollback()
        raise click.ClickException(f"The audit record cannot be read: {error.orig}") from None


def _person(key: str | None) -> Any:
    """The account called `key`; None for none asked for."""
    if key is None:
        return None
    row = db.session.execute(select(*PERSON).where(Account.key == key)).first()
    if row is None:
        raise click.ClickException(f"There is no account with the key {key!r}.")
    return Person(*row)


def _start(day: date) -> datetime:
    return clock.start_of(day, program.current().zone)


def _rows(wanted: list[Any], *, in_words: bool = False) -> Iterator[tuple[str, ...]]:
    """The events, oldest first, with names in the place of keys, and times on the program's clock."""
    actor, whose, whom = aliased(Account), aliased(Account), aliased(Account)
    zone = program.current().zone
    rows = db.session.execute(
        select(
            AuditEvent.at,
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
            row.actor or words.OPERATOR,
            row.role or "",
            words.did(row.what, row.whom) if in_words else row.what,
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
