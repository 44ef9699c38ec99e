"""The commands of the outbox: flask --app wsgi mail send, mail list."""

import click
from flask.cli import with_appcontext

from portal import clock, mail, program
from portal.config import ConfigError
from portal.db import db
from portal.mail import delivery, smtp
from portal.migrations import readiness
from portal.reminders import planning


@click.group("mail")
def mail_commands() -> None:
    """The outbox: send what is due, and see what does not go."""


@mail_commands.command("send")
@click.option("--limit", type=click.IntRange(min=1), default=500, help="How many messages at most.")
@with_appcontext
def send_mail(limit: int) -> None:
    """Send the mail that is due, and delete what went long ago. Run it every minute; several may run at once."""
    readiness.check()
    try:
        server = smtp.server(program.current().shown_as)
    except (ConfigError, LookupError) as error:
        raise click.ClickException(str(error)) from None
    planning.withdraw_stale(clock.now())
    db.session.commit()
    db.session.remove()  # no transaction stays open while a mail server takes its time
    click.echo(delivery.send_due(clock.now(), lambda: smtp.Conversation(server), limit))
    mail.delete_old(clock.now())


@mail_commands.command("list")
@with_appcontext
def list_mail() -> None:
    """Print what was given up in the last 30 days, and what waits: its key, never to whom it goes or what it says."""
    for row in mail.stuck(clock.now()):
        state = "given up" if row.given_up_at else "waits"
        tries = f"{row.tries} {'try' if row.tries == 1 else 'tries'}"
        click.echo(f"{row.key}  {clock.stamp(row.made_at)}  {tries}  {state}  {row.trouble or 'not tried yet'}")
