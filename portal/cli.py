"""The commands of the portal: flask --app wsgi init, serve, demo."""

import secrets
from contextvars import Context
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from gunicorn.app.base import BaseApplication
from sqlalchemy import func, select
from whitenoise.compress import Compressor

from portal import audit, clock
from portal.db import db
from portal.demo.command import demo_command
from portal.people.models import ROLES, Account, CareRelationship
from portal.people.sign_in import hasher
from portal.program import readiness
from portal.program.models import Program


def init_app(app: Flask) -> None:
    for command in (init, serve, add_person, demo_command):
        app.cli.add_command(command)


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
    upgrade()
    if db.session.get(Program, 1) is None:
        db.session.add(Program(name=name, phone=phone, zone=zone, address=address))
        db.session.commit()
        click.echo(f"{name} is ready. Add people with: flask --app wsgi add-person")
    else:
        click.echo("This program exists already; nothing was changed.")


@click.command("add-person")
@click.option("--role", type=click.Choice(ROLES), prompt=True)
@click.option("--name", prompt="Full name")
@click.option("--called", prompt="Likes to be called")
@click.option("--email", prompt="Email, or a sign-in name for someone without one")
@click.option("--therapist", help="email of the primary therapist, for a participant")
@with_appcontext
def add_person(role: str, name: str, called: str, email: str, therapist: str | None) -> None:
    """Add an account and print its first password once. Nothing else knows that password."""
    program = db.session.get(Program, 1)
    if program is None:
        raise click.ClickException("There is no program yet. Make one with: flask --app wsgi init")
    email = email.strip().lower()
    if db.session.scalar(select(Account.id).where(Account.email == email)):
        raise click.ClickException(f"Someone already signs in as {email}.")
    password = secrets.token_urlsafe(12)
    account = Account(
        role=role,
        name=name,
        called=called,
        email=email,
        password_hash=hasher.hash(password),
        zone=program.zone,
        created_at=clock.now(),
    )
    db.session.add(account)
    db.session.flush()
    if therapist and role != "participant":
        raise click.ClickException("Only a participant has a therapist.")
    if therapist:
        treats = select(Account.id).where(Account.email == therapist.strip().lower(), Account.role == "therapist")
        therapist_id = db.session.scalar(treats)
        if therapist_id is None:
            raise click.ClickException(f"No therapist signs in as {therapist}.")
        today = clock.day_of(clock.now(), program.zone)
        db.session.add(
            CareRelationship(participant_id=account.id, therapist_id=therapist_id, role="primary", starts_on=today)
        )
    audit.record(None, "account.add", account if role == "participant" else None, account.key)
    db.session.commit()
    click.echo(f"{name} signs in as {email} with: {password}")


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


class Server(BaseApplication):
    """Gunicorn with this process's own portal: nothing is imported a second time."""

    def __init__(self, portal: Flask, **options: Any) -> None:
        self.portal, self.options = portal, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.portal


@click.command()
@click.option("--port", type=int, envvar="PORT", default=8000)
@click.option("--workers", type=int, default=2)
@with_appcontext
def serve(port: int, workers: int) -> None:
    """Bring the database up to date and serve on 127.0.0.1. With PORTAL_DEMO an empty database gets the demo clinic."""
    if readiness.trouble():
        upgrade()
    compress_static_files()
    if current_app.config["DEMO"]:
        if not db.session.scalar(select(func.count()).select_from(Account)):
            click.get_current_context().invoke(demo_command)
        click.echo(DEMO_WELCOME.format(port=port))
    db.session.remove()
    db.engine.dispose()  # workers are forked from here, and none may share a connection
    server = Server(
        current_app._get_current_object(),  # type: ignore[attr-defined]
        bind=f"127.0.0.1:{port}",
        workers=workers,
        threads=4,
        worker_class="gthread",
        preload_app=True,
        control_socket_disable=True,
        loglevel="warning",
    )
    Context().run(server.run)  # an empty one: no worker may inherit the command's application context


DEMO_WELCOME = """
  Foothold is at http://localhost:{port}

  Everyone signs in with the password  foothold-demo
    participants  ada@demo.example  ben@demo.example  cleo@demo.example
    therapists    cho@demo.example  dee@demo.example
    coordinator   kit@demo.example

  Everybody in it is invented. Stop it with Ctrl+C.
"""
