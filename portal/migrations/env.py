"""How Alembic reaches the database and the models: through the running application."""

from alembic import context
from flask import current_app

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
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=compare_type,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
