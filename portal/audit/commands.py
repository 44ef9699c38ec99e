"""The commands that keep the audit record whole: flask --app wsgi audit verify, anchor, go-on."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.audit import AuditBroken, verification
from portal.audit.models import AuditHead
from portal.audit.verification import Anchor, Break
from portal.db import db

NO_ANCHOR = "No anchor was given: nothing proves that rows were not cut off at its end."


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
        verification.mark_broken(clock.now())
        db.session.commit()
        click.echo(f"The audit record is broken. {new[0].says}")
        if len(new) > 1:
            click.echo(f"It is broken in {len(new) - 1:,} more places.")
        click.echo("Nothing is written until you decide. Find out what happened; then: flask --app wsgi audit go-on")
        sys.exit(1)
    end = db.session.execute(select(AuditHead.last_id, AuditHead.broken_at)).one()
    click.echo(f"The audit record is whole: {end.last_id:,} rows, {len(anchors):,} anchors.")
    if not anchors:
        click.echo(NO_ANCHOR)
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
        line = str(verification.anchor())
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
        click.confirm("Do you know what happened, and should writing go on?", abort=True)
    verification.mark_broken(clock.now())
    db.session.commit()  # from here on nothing is added by anybody else
    found, _ = _breaks(anchors)
    verification.go_on(found)
    db.session.commit()
    click.echo("Writing continues. Note a new anchor now: flask --app wsgi audit anchor")


def _anchors_file() -> Path | None:
    named = current_app.config["AUDIT_ANCHORS"]
    return Path(str(named)) if named else None


def _anchors() -> list[Anchor]:
    """The anchors that were noted; none where the setting is empty, or none was noted yet."""
    path = _anchors_file()
    if path is None:
        return []
    if not path.exists():
        click.echo(f"{path} does not exist: no anchor was noted yet, or the file was removed.", err=True)
        return []
    try:
        return verification.read_anchors(path.read_text(encoding="ascii").splitlines())
    except (ValueError, OSError) as error:
        raise click.ClickException(f"{path}: {error}") from None


def _breaks(anchors: Iterable[Anchor]) -> tuple[list[Break], list[Break]]:
    """Every break, and those that no operator has gone on from, the first one first."""
    try:
        found = verification.breaks(anchors)
        return found, sorted(verification.unknown(found), key=lambda one: one.row)
    except DBAPIError as error:
        db.session.rollback()
        raise click.ClickException(f"The audit record cannot be read: {error.orig}") from None
