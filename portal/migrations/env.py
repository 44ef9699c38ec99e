"""How Alembic reaches the database and the models: through the running application."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine

from portal import config
from portal.migrations import grants

database = current_app.extensions["migrate"].db


def render_item(kind, item, autogen_context):
    """Own column types are written as the plain types they are stored as, so that a migration stands alone."""
    if kind == "type" and type(item).__name__ == "Instant":
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(_context, _inspected, _metadata, inspected_type, metadata_type):
    if type(metadata_type).__name__ == "Instant":
        return type(inspected_type).__name__ not in ("DateTime", "DATETIME", "TIMESTAMP")
    return None


def run() -> None:
    owner = current_app.config["MIGRATION_URL"]
    engine = create_engine(config.database_url("PORTAL_MIGRATION_URL", owner)) if owner else database.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=compare_type,
        )
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:  # a table that is written anew is dropped, and others point at it
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        with context.begin_transaction():
            context.run_migrations()
            if owner and database.engine.url.username not in (None, engine.url.username):
                grants.give(connection, database.engine.url.username)
        if is_sqlite:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError(f"After the migration a row of {broken[0]} points at nothing.")


run()
