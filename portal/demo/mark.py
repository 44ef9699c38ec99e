"""The mark of a demo database: it and the demo flag belong together."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.config import ConfigError
from portal.db import db
from portal.program.models import Program


def is_demo() -> bool | None:
    """Whether the database holds the demo clinic; None where there is no program in it."""
    try:
        return db.session.execute(select(Program.is_demo)).scalar()
    except DBAPIError:
        return None
    finally:
        db.session.remove()
        db.engine.dispose()  # workers are forked from here, and none may share a connection


def check_demo(app: Flask) -> None:
    """Raise ConfigError when the database and the demo flag do not belong together."""
    marked = is_demo()
    if marked and not app.config["DEMO"]:
        raise ConfigError(
            "This database holds the demo clinic: start it with make run, or point PORTAL_DATABASE_URL elsewhere."
        )
    if marked is False and app.config["DEMO"]:
        raise ConfigError("This database holds a real program: the demo does not start on it. Unset PORTAL_DEMO.")
