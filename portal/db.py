"""The database: the declarative base, the handle, the Instant type, and what every SQLite connection must hold."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, event
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, mapped_column
from sqlalchemy.types import TypeDecorator

KEY_LENGTH = 22


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(metadata=Base.metadata)


class Instant(TypeDecorator[datetime]):
    """A moment: refuses naive datetimes going in, gives aware UTC coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime is not an instant: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_key() -> str:
    """An opaque name for a row, safe in an address: 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


Key = Annotated[str, mapped_column(String(KEY_LENGTH), unique=True, default=new_key)]

# What durability and integrity rest on; each is read back, so that a build of SQLite that ignores one is noticed.
SQLITE_PRAGMAS = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000}


def watch(engine: Engine) -> None:
    """Make every new SQLite connection of `engine` hold SQLITE_PRAGMAS, and every savepoint lie in a transaction."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def hold_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for name, wanted in SQLITE_PRAGMAS.items():
            cursor.execute(f"PRAGMA {name} = {wanted}")
            held = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if held != wanted:
                raise RuntimeError(f"SQLite does not hold PRAGMA {name} = {wanted}: it says {held}")
        cursor.close()

    @event.listens_for(engine, "savepoint")
    def begin_around(connection: Any, _name: str) -> None:
        # A savepoint outside a transaction is one: releasing it would keep half of what belongs together.
        raw = connection.connection.dbapi_connection
        if not raw.in_transaction:
            raw.execute("BEGIN IMMEDIATE")


class LastBeforeCommit:
    """Decorates the one function that a session runs last in a transaction that is about to commit.

    A savepoint is none. `undone` decorates its counterpart, which runs for each transaction and savepoint that was
    rolled back, and is told which.
    """

    def __call__(self, function: Callable[[Session], None]) -> Callable[[Session], None]:
        @event.listens_for(Session, "before_commit")
        def run(session: Session) -> None:
            if not session.in_nested_transaction():
                function(session)

        return function

    def undone(
        self, function: Callable[[Session, SessionTransaction], None]
    ) -> Callable[[Session, SessionTransaction], None]:
        event.listen(Session, "after_soft_rollback", function)
        return function


last_before_commit = LastBeforeCommit()
