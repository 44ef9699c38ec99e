"""What the portal's role may do on PostgreSQL where another owns the tables: everything but rewrite the record."""

from sqlalchemy import Connection, inspect, text

from portal.audit.models import AuditEvent

RECORD = AuditEvent.__tablename__
VERSION = "alembic_version"


def give(connection: Connection, role: str) -> None:
    """Let `role` read and write every table, add to the audit record and read it, and no more; run by the owner.

    What it was given before is taken back first, so that the outcome is the same whatever there was.
    """
    quote = connection.dialect.identifier_preparer.quote
    schema, who = quote(connection.scalar(text("select current_schema()"))), quote(role)

    def run(command: str) -> None:
        connection.exec_driver_sql(f"{command} {who}")

    run(f"GRANT USAGE ON SCHEMA {schema} TO")
    run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO")
    for table in inspect(connection).get_table_names():
        verbs = {RECORD: "SELECT, INSERT", VERSION: "SELECT"}.get(table, "SELECT, INSERT, UPDATE, DELETE")
        run(f"REVOKE ALL ON {quote(table)} FROM")
        run(f"GRANT {verbs} ON {quote(table)} TO")
