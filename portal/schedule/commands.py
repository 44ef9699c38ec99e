"""The commands of the schedule: flask --app wsgi schedule import, schedule extend."""

from datetime import date
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import clock, program, words
from portal.db import db
from portal.migrations import readiness
from portal.people import PERSON, Person, contacts, find, person_in
from portal.people.directory import leader_by_email
from portal.people.models import Account
from portal.schedule.calendar.importing import phrases, series, steps
from portal.schedule.calendar.importing.components import MOST_BYTES
from portal.schedule.calendar.importing.group_following import REASON
from portal.schedule.calendar.importing.outcome import ImportChoices, ImportOutcome, ImportStep
from portal.schedule.groups import tracks
from portal.schedule.phrases import in_the_way


@click.group("schedule")
def schedule_commands() -> None:
    """The schedule: take over group times from a calendar file, and keep 26 weeks of it ahead."""


@schedule_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--leader", required=True, help="The therapist who leads these groups: email or sign-in name.")
@click.option("--by", help="The coordinator in whose name it is done; needed where there are several.")
@click.option("--capacity", type=click.IntRange(1, 500), help="Seats in each group.")
@click.option("--reason", default=REASON, help="Why it is right where a person or a room is taken.")
@click.option("--dry-run", is_flag=True, help="Say what it would do, and change nothing.")
@with_appcontext
def import_file(file: Path, leader: str, by: str | None, capacity: int | None, reason: str, dry_run: bool) -> None:
    """Let the groups be as in FILE, a calendar file (.ics), from today on.

    LEADER leads those that are new, unless the file names another therapist. An event that cannot be read is said and
    left, and so is what was changed by hand.
    """
    readiness.check()
    leads, coordinator, now = _person(leader, "therapist"), _coordinator(by), clock.now()
    facts = program.current()
    try:
        with file.open("rb") as stream:
            content = series.read(stream.read(MOST_BYTES + 1), facts.zone, now, leader_by_email(coordinator))
        choices = ImportChoices(leads.id, capacity, reason)
        outcome = steps.take_over(coordinator, content, choices, facts, now)
    except ValueError as error:
        raise click.ClickException(f"Nothing was imported. {error}") from None
    _say(outcome, clock.day_of(now, facts.zone))
    if dry_run:
        db.session.rollback()
        click.echo("Nothing was changed: this was a dry run.")
    else:
        db.session.commit()


@schedule_commands.command("extend")
@with_appcontext
def extend() -> None:
    """Make the sessions of every group for 26 weeks from now. Run it every night; again does no harm."""
    readiness.check()
    try:
        added, skipped = tracks.extend(program.current(), clock.now())
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    for said in skipped:
        click.echo(said)
    click.echo(f"{words.counted(added, 'session')} added.")


def _person(contact: str, role: str) -> Person:
    theirs = Account.contact_hash == contacts.hash_of(contact), Account.role == role, Account.disabled_at.is_(None)
    if (person := find(*theirs)) is None:
        raise click.ClickException(f"No {role} signs in as {contacts.tidy(contact)}.")
    return person


def _coordinator(contact: str | None) -> Person:
    if contact:
        return _person(contact, "coordinator")
    open_ = (Account.role == "coordinator", Account.disabled_at.is_(None))
    rows = db.session.execute(select(*PERSON).where(*open_).limit(2)).all()
    if len(rows) != 1:
        raise click.ClickException("Say with --by in whose name it is done: email or sign-in name of a coordinator.")
    return person_in(rows[0])


def _say(outcome: ImportOutcome, today: date) -> None:
    for heading, asides in (("Cannot be read", outcome.refused), ("Left out", outcome.left_out)):
        for one in asides:
            click.echo(f"{heading}: line {one.line}, {one.title}: {one.reason}")
    for step in outcome.steps:
        click.echo(f"{step.title}: {_in_words(step)}")
        for said in (*step.notes, *phrases.changing(step, today)):
            click.echo(f"  {said}")
        for _, said in phrases.staying(step, today):
            click.echo(f"  Left: {said}")
    for gone in outcome.missing:
        ahead = words.counted(gone.ahead, "session")
        click.echo(f"No longer in the file: {gone.title}, {ahead} to come. The page of an import can end it.")
    for clash in outcome.clashes[:20]:
        day = clash.meeting.time.day
        click.echo(f"At the same time: {clash.meeting.title}, {words.short_day(day)}: {in_the_way([clash], day)[0]}")


def _in_words(step: ImportStep) -> str:
    if step.what == "same":
        return "nothing to do"
    counts = [f"{step.count(kind)} {said}" for kind, said in phrases.COUNTED.items() if step.count(kind)]
    return ", ".join([step.what, *counts])
