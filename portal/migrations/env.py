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


def run() -> None:
    owner = current_app.config["MIGRATION_URL"]
    engine = create_engine(config.database_url("PORTAL_MIGRATION_URL", owner)) if owner else database.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
            if owner and database.engine.url.username not in (None, engine.url.username):
                grants.give(connection, database.engine.url.username)


run()
