"""Whether the portal can serve: the database answers, and its schema is the one this code was written for."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.db import db

MIGRATIONS = Path(__file__).parent


@cache
def head() -> str | None:
    """The newest revision of the schema that this code knows; read from its files once."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def trouble() -> str | None:
    """What keeps the portal from serving, in one sentence; None when nothing does."""
    try:
        db.session.execute(text("select 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return "The database does not answer."
    try:
        revision = db.session.execute(text("select version_num from alembic_version")).scalar()
    except SQLAlchemyError:
        db.session.rollback()
        revision = None
    if revision != head():
        return "The database is not at this version's schema: run flask --app wsgi db upgrade."
    return None
