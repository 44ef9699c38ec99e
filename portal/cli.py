"""The commands of the portal: flask --app wsgi init, serve, demo."""

from contextvars import Context
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask.globals import app_ctx
from sqlalchemy import func, select
from whitenoise.compress import Compressor

from portal import access, audit, clock, people, seal
from portal.db import db
from portal.demo import mark, texts
from portal.demo.commands import demo_command
from portal.door import accounts
from portal.door.joining import invitations, letters
from portal.door.joining.invitations import OneUse
from portal.fields import Refused
from portal.migrations import readiness
from portal.operations.audit_reports import audit_commands
from portal.operations.keys import keys_commands
from portal.operations.outbox import mail_commands
from portal.operations.serving import Server
from portal.people import Person, contacts
from portal.people.models import ROLES, Account
from portal.program.models import Program
from portal.reminders.commands import reminder_commands
from portal.schedule.commands import schedule_commands

READY = """{name} is ready. Make the first coordinator with: flask --app wsgi add-person --role coordinator
Nothing is asked about safety yet. A coordinator invites the therapists under People, puts at least one of them on call
under Program, and then turns the safety questions on there."""


def init_app(app: Flask) -> None:
    for command in (init, serve, policy, add_person, restore_person, demo_command):
        app.cli.add_command(command)
    for group in (mail_commands, reminder_commands, schedule_commands, audit_commands, keys_commands):
        app.cli.add_command(group)


@click.command()
@click.option("--name", prompt="Name of the program")
@click.option("--phone", prompt="Phone number that people can call")
@click.option("--zone", prompt="Time zone", default="America/New_York")
@click.option("--address", prompt="Street address", default="")
@with_appcontext
def init(name: str, phone: str, zone: str, address: str) -> None:
    """Create the tables and the program's row. Safe to run again: it changes no existing row."""
    try:
        clock.zone(zone)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    readiness.bring_up_to_date()
    seal.prepare()
    if db.session.get(Program, 1) is None:
        db.session.add(Program(name=name, phone=phone, zone=zone, address=address))
        db.session.commit()
        click.echo(READY.format(name=name))
    else:
        click.echo("There is already a program here. Nothing was changed.")


@click.command("add-person")
@click.option("--role", type=click.Choice(ROLES), prompt=True)
@click.option("--name", prompt="Full name")
@click.option("--called", prompt="Likes to be called")
@click.option("--email", prompt="Email, or a sign-in name for someone without one")
@click.option("--therapist", help="email of the primary therapist, for a participant")
@with_appcontext
def add_person(role: str, name: str, called: str, email: str, therapist: str | None) -> None:
    """Open an account and print the one-use link that joins it. Nobody but who follows it ever knows a password."""
    now, contact = clock.now(), contacts.tidy(email)
    if therapist and role != "participant":
        raise click.ClickException("Only a participant has a therapist.")
    if fault := contacts.fault(contact):
        raise click.ClickException(fault)
    treating = _person(therapist, "therapist") if therapist else None
    if therapist and treating is None:
        raise click.ClickException(f"No therapist signs in as {therapist}.")
    try:
        _, one_use = accounts.invite(None, name, called, contact, role, treating, None, now)
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    except Refused:
        raise click.ClickException(f"Someone already signs in as {contact}.") from None
    db.session.commit()
    _say_link(name, one_use)


@click.command("restore-person")
@click.option("--email", prompt="Email or sign-in name")
@with_appcontext
def restore_person(email: str) -> None:
    """Print a one-use link for someone who has lost every way in, such as the only coordinator.

    Who follows it sets a new password; their passkeys, app and recovery codes are taken away.
    """
    person = _person(email, *ROLES)
    if person is None:
        raise click.ClickException(f"Nobody signs in as {contacts.tidy(email)}.")
    one_use = invitations.make(person, "restore", None, clock.now())
    audit.record(None, "account.restore", person.as_participant, person.key)
    db.session.commit()
    _say_link(person.name, one_use)


def _person(contact: str, *roles: str) -> Person | None:
    """The person who signs in with `contact`, if they have one of these roles and have not been switched off."""
    theirs = Account.contact_hash == contacts.hash_of(contact), Account.role.in_(roles), Account.disabled_at.is_(None)
    return people.find(*theirs)


def _say_link(name: str, one_use: OneUse) -> None:
    until = clock.stamp(one_use.expires_at)
    click.echo(f"Give {name} this link. It works once, until {until}:\n{letters.address_of(one_use)}")


def compress_static_files() -> None:
    """Write .br and .gz beside each static file that is newer than its own, and let WhiteNoise find them."""
    compressor = Compressor(quiet=True)
    folder = Path(current_app.static_folder or "")
    for path in list(folder.iterdir()):
        packed = path.with_name(path.name + ".br")
        stale = not packed.exists() or packed.stat().st_mtime < path.stat().st_mtime
        if path.suffix in (".css", ".js", ".svg") and stale:
            compressor.compress(str(path))
    current_app.wsgi_app.add_files(folder, prefix="static/")  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def policy() -> None:
    """Print what decides over every address: for whom, whose data, what goes on record, how often, how kept."""
    for row in access.policy(app_ctx.app):
        who = ", ".join(sorted(row.audience)) or "anyone"
        more = [", ".join(row.rules.audits) or "-", row.rules.limit or "-", "fresh" if row.rules.fresh else "-"]
        click.echo(" | ".join([row.method, row.address, row.endpoint, who, row.rules.of, row.cache, *more]))


@click.command()
@click.option("--port", type=int, envvar="PORT", default=8000)
@click.option("--workers", type=int, default=2)
@with_appcontext
def serve(port: int, workers: int) -> None:
    """Bring the database up to date and serve on 127.0.0.1.

    With PORTAL_DEMO an empty database gets the demo clinic, and a demo clinic that another version made is made anew.
    """
    if readiness.trouble() == readiness.UNKNOWN and mark.is_demo():
        click.echo("Another version of Foothold made the demo clinic that was here: it is made again.")
        readiness.empty()
    readiness.bring_up_to_date()
    seal.prepare()
    compress_static_files()
    if current_app.config["DEMO"]:
        if not db.session.scalar(select(func.count()).select_from(Account)):
            click.get_current_context().invoke(demo_command)
        click.echo((texts.FOLDER / "welcome.txt").read_text(encoding="utf-8").format(port=port))
    db.session.remove()
    db.engine.dispose()  # workers are forked from here, and none may share a connection
    server = Server(
        app_ctx.app,
        bind=f"127.0.0.1:{port}",
        workers=workers,
        preload_app=True,
        loglevel="warning",
    )
    Context().run(server.run)  # an empty one: no worker may inherit the command's application context
