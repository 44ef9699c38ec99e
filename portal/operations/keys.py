"""The commands for the sealing keys: flask --app wsgi keys check, keys rotate. Both may run while the portal serves."""

import sys
from collections import Counter
from collections.abc import Callable

import click
from flask.cli import with_appcontext
from rich.progress import Progress

from portal import audit, seal
from portal.audit import AuditBroken
from portal.db import db
from portal.seal import rotation
from portal.seal.keys import SealError

A_BATCH = 500  # texts in one transaction
SHOWN = 20  # how many damaged texts are named


@click.group("keys")
def keys_commands() -> None:
    """The keys that seal what people write (PORTAL_SEAL_KEYS)."""


@keys_commands.command("check")
@with_appcontext
def check() -> None:
    """Open every sealed text, and say which keys are in use. Changes nothing."""
    counts: Counter[str] = Counter()
    damaged = []
    with Progress(disable=not sys.stdout.isatty()) as progress:
        for name, trouble in progress.track(rotation.every_text(), total=None, description="Texts"):
            counts[name] += 1
            if trouble:
                damaged.append(trouble)
    keys = seal.held_keys()
    for name in keys.named:
        click.echo(f"{name}: {counts[name]:,} texts{', seals what is new' if name == keys.current else ''}")
    if damaged:
        _name(damaged)
        raise click.ClickException(f"{len(damaged):,} of {counts.total():,} texts cannot be opened.")
    click.echo(f"All {counts.total():,} texts can be opened.")
    if idle := [name for name in keys.named if name != keys.current and not counts[name]]:
        click.echo(f"No text is sealed with {' or '.join(idle)}.")


@keys_commands.command("rotate")
@click.option("--batch", type=click.IntRange(min=1), default=A_BATCH, help="How many texts to seal in one transaction.")
@with_appcontext
def rotate(batch: int) -> None:
    """Seal everything with the first key of PORTAL_SEAL_KEYS. Stopped half-way, it goes on when it is started again."""
    current, sealed = seal.held_keys().current, 0
    with Progress(disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task("Texts", total=rotation.count_stale())
        while True:
            done, damaged = _go_through(batch, lambda count: progress.advance(task, count))
            sealed += done
            if not done:  # nor did another process seal anything with an older key meanwhile
                break
    click.echo(f"{sealed:,} texts were sealed again. What is new is sealed with {current}.")
    if damaged:
        _name(damaged)
        raise click.ClickException(
            f"{len(damaged):,} texts cannot be opened and stay as they are: keep the old keys until that is fixed."
        )
    try:
        retired = rotation.retire_old_keys()
        audit.record(None, "keys.rotate", subject=current)
        db.session.commit()
    except (SealError, AuditBroken) as error:
        raise click.ClickException(str(error)) from None
    if retired:
        click.echo(
            f"Nothing is sealed with {' or '.join(retired)} now. Once every process of the portal was started"
            " with the present setting, run keys check: when it finds no text of that key, take the key out of"
            " PORTAL_SEAL_KEYS."
        )


def _go_through(size: int, advance: Callable[[int], None]) -> tuple[int, list[str]]:
    """Seal what older keys sealed, column by column, in short transactions; how many texts, and what does not open."""
    sealed, damaged = 0, []
    for table, column, row in rotation.sealed_columns():
        last, ended = None, False
        while not ended:
            batch = rotation.seal_again(table, column, row, size, last)
            db.session.commit()
            damaged += batch.damaged
            sealed += batch.count - len(batch.damaged)
            advance(batch.count)
            last, ended = batch.last, batch.last is None
    return sealed, damaged


def _name(damaged: list[str]) -> None:
    """Name the first of those that do not open: their table and row, and nothing of the text."""
    for trouble in damaged[:SHOWN]:
        click.echo(trouble)
    if len(damaged) > SHOWN:
        click.echo(f"and {len(damaged) - SHOWN:,} more")
