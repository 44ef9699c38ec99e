"""The command that makes the demo clinic: `flask --app wsgi demo`."""

import sys
from functools import partial

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.progress import track

from portal import clock, demo
from portal.db import db
from portal.migrations import readiness


@click.command("demo")
@click.option("--participants", type=click.IntRange(min=demo.NAMED), default=demo.NAMED, help="How many in all.")
@click.option("--weeks", type=click.IntRange(1, 1000), default=8, help="Weeks of history of those beyond the first.")
@click.option("--seed", type=int, default=demo.SEED, help="The same seed makes the same clinic.")
@with_appcontext
def demo_command(participants: int, weeks: int, seed: int) -> None:
    """Fill an empty database with a demo clinic as of today."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("Set PORTAL_DEMO=true first: everyone knows the passwords of the demo clinic.")
    readiness.check()
    if not demo.is_empty():
        raise click.ClickException("This database already holds people: the demo clinic needs an empty one.")
    watch = partial(track, description="Check-ins", disable=not sys.stdout.isatty())
    check_ins = demo.make(clock.now(), seed, participants, weeks, watch)
    db.session.commit()
    click.echo(f"The demo clinic holds {participants:,} participants and {check_ins:,} check-ins.")
