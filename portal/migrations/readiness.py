"""The state of the database: whether it answers, and whether its schema is the one this code was written for."""

from functools import cache
from pathlib import Path

import click
import flask_migrate
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.exc import SQLAlchemyError

from portal.db import db

MIGRATIONS = Path(__file__).parent
NO_ANSWER = "The database does not answer."
BEHIND = "The database is not at this version's schema: run flask --app wsgi db upgrade."
UNKNOWN = (
    "The database was made by another version of Foothold, and this one does not know its schema:"
    " start that version, or point PORTAL_DATABASE_URL at another database."
)


@cache
def revisions() -> tuple[str, ...]:
    """The revisions of the schema that this code knows, the newest first; read from its files once."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def trouble() -> str | None:
    """The one sentence that says what keeps the portal from serving; None when nothing does."""
    try:
        db.session.execute(text("select 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return NO_ANSWER
    try:
        revision = db.session.execute(text("select version_num from alembic_version")).scalar()
    except SQLAlchemyError:
        db.session.rollback()
        revision = None
    if revision == revisions()[0]:
        return None
    return BEHIND if revision is None or revision in revisions() else UNKNOWN


def check() -> None:
    """End a command that cannot work with the database as it is; raises ClickException with what `trouble` says."""
    if said := trouble():
        raise click.ClickException(said)


def bring_up_to_date() -> None:
    """Make the tables of an empty database, and bring an older one to the newest revision.

    Raises ClickException for the trouble that is left: the database does not answer, or its revision is unknown.
    """
    if trouble() == BEHIND:
        flask_migrate.upgrade()
    check()


def empty() -> None:
    """Drop every table there is, whatever revision it is of, and all that is in them."""
    db.session.remove()
    found = MetaData()
    found.reflect(db.engine)
    found.drop_all(db.engine)
