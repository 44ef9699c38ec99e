"""The database: the declarative base, the handle, the Instant type, and what every SQLite connection must hold."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    UpdateBase,
    cast,
    event,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
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
        return None if value is None else self.aware(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        return _instant_in if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    @staticmethod
    def aware(value: datetime) -> datetime:
        """The moment that a database keeps as `value`, in UTC: SQLite gives it naive, PostgreSQL in a zone."""
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _instant_in(text: str | None) -> datetime | None:
    """The moment that SQLite keeps as text, which is in UTC: in one step, since pages read hundreds."""
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def new_key() -> str:
    """An opaque name for a row, safe in an address: 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


Key = Annotated[str, mapped_column(String(KEY_LENGTH), unique=True, default=new_key)]

# What durability and integrity rest on; each is read back, so that a build of SQLite that ignores one is noticed.
OWN_USER_ONLY = 0o600
SQLITE_PRAGMAS = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000}


def watch(engine: Engine) -> None:
    """Make every new SQLite connection of `engine` hold SQLITE_PRAGMAS, and every savepoint lie in a transaction.

    Its file, and what SQLite keeps beside it, is for the portal's own user alone.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "do_connect")
    def keep_from_others(_dialect: Any, _record: Any, args: list[Any], _parameters: Any) -> None:
        file = Path(args[0])
        if args[0] != ":memory:" and file.parent.is_dir():
            file.touch(mode=OWN_USER_ONLY)
            if file.stat().st_mode & 0o077:  # made by an earlier version, or by hand
                file.chmod(OWN_USER_ONLY)

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


def only_rows(condition: ColumnElement[bool]) -> dict[str, Any]:
    """The options of an index over those rows alone for which `condition` is true, on each of the databases."""
    return {"sqlite_where": condition, "postgresql_where": condition}


def read(statement: Any, **values: Any) -> Sequence[Any]:
    """The rows of a SELECT of columns, in the caller's transaction; `values` are bound by name.

    It goes past the mapper, through which the session would send it: that takes longer than many a read of a page.
    """
    session = db.session()
    session.flush()  # what it holds back is read, too
    return session.connection().execute(statement, values).all()


def write(statement: UpdateBase, **options: Any) -> int:
    """Run an INSERT, UPDATE or DELETE in the caller's transaction; returns the number of rows that it met.

    `options` are SQLAlchemy's execution options, such as `synchronize_session`.
    """
    result: Any = db.session.execute(statement, execution_options=options)
    count: int = result.rowcount
    return count


def add_once(row: Base) -> bool:
    """Add `row` to the caller's transaction; False, and without it, if the database has its like already.

    That is so where a second tap was here a moment ago: the schema says what there may be only one of.
    """
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def last_before_commit(function: Callable[[Session], None]) -> Callable[[Session], None]:
    """Decorate the one function that a session runs last in a transaction that is about to commit; a savepoint is none.

    Its counterpart listens for "after_soft_rollback" of a Session: of each transaction and savepoint that is undone.
    """

    @event.listens_for(Session, "before_commit")
    def run(session: Session) -> None:
        if not session.in_nested_transaction():
            function(session)

    return function


Version = TypeVar("Version")


def append_version(
    read_latest: Callable[[], Version | None], next_version: Callable[[Version | None], Base | None]
) -> tuple[Version, bool]:
    """Add the version after the latest of something that is never changed; the latest then, and whether it is new.

    `next_version` makes the row after the latest (None where there is none yet), or None for what is kept already. Of
    two requests that add the same version at once the database takes one: the other reads the latest again.
    """
    while True:
        latest = read_latest()
        row = next_version(latest)
        if row is None:
            assert latest is not None
            return latest, False
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:
            if read_latest() == latest:
                raise
            continue
        added = read_latest()
        assert added is not None
        return added, True


Shape = TypeVar("Shape")


def reader(
    shape: type[Shape], statement: Any, *, beside: Collection[str] = (), within: str = ""
) -> Callable[[Any], Shape]:
    """A function that makes a `shape`, which is a dataclass, of a row of `statement`: each field from its own label.

    A field that is a dataclass itself is made of the labels that begin with its name: "time.start" is the `start` of
    `time`. A field with a default may have no label, and a label that is not for the shape is named in `beside`.
    `within` begins all labels that are for the shape, where a row has several shapes: "change." and "meeting.".
    Raises TypeError, when it is called and not when a row is read, unless labels and fields are the same.
    """
    labels = [column.name for column in statement.selected_columns]
    wanted, needed = _labels(shape, within)
    if len(set(labels)) < len(labels):
        raise TypeError(f"{shape.__name__}: a label stands twice in {labels}")
    if missing := needed - set(labels):
        raise TypeError(f"{shape.__name__}: no label for {', '.join(sorted(missing))}")
    if surplus := {label for label in labels if label.startswith(within)} - wanted - set(beside):
        raise TypeError(f"{shape.__name__}: no field for {', '.join(sorted(surplus))}")
    return _maker(shape, {label: place for place, label in enumerate(labels)}, within)


def _labels(shape: type, within: str = "") -> tuple[set[str], set[str]]:
    """The labels that the fields of `shape` may have, and those that they must have."""
    wanted: set[str] = set()
    needed: set[str] = set()
    kinds = get_type_hints(shape)
    for one in fields(shape):
        if is_dataclass(kinds[one.name]):
            inner = _labels(kinds[one.name], f"{within}{one.name}.")
            wanted, needed = wanted | inner[0], needed | inner[1]
        else:
            wanted.add(within + one.name)
            if one.default is MISSING and one.default_factory is MISSING:
                needed.add(within + one.name)
    return wanted, needed


def _maker(shape: type[Any], places: dict[str, int], within: str) -> Callable[[Any], Any]:
    kinds = get_type_hints(shape)
    names = [one.name for one in fields(shape) if is_dataclass(kinds[one.name]) or within + one.name in places]
    inner = [
        (place, _maker(kinds[name], places, f"{within}{name}."))
        for place, name in enumerate(names)
        if is_dataclass(kinds[name])
    ]
    pick = _picker([places[within + name] for name in names if not is_dataclass(kinds[name])])
    in_order = names == [one.name for one in fields(shape)][: len(names)]

    def make(row: Any) -> Any:
        held = list(pick(row))
        for place, each in inner:
            held.insert(place, each(row))
        return shape(*held) if in_order else shape(**dict(zip(names, held, strict=True)))

    return make


def _picker(places: list[int]) -> Callable[[Any], Sequence[Any]]:
    return itemgetter(*places) if len(places) > 1 else lambda row: [row[place] for place in places]


def spelled_out(word: str) -> ColumnElement[str]:
    """A word of our own as it stands in a statement, not as a parameter.

    SQLite prepares a statement anew, each time it runs, that compares the column of a partial index with a parameter;
    and every parameter takes its time.
    """
    return literal_column(f"'{word}'", String)


# Each NULL says its type, for PostgreSQL.
_NO_INSTANT, _NO_NUMBER = cast(null(), Instant()), cast(null(), Integer)
_NO_TEXT, _NO_BODY = cast(null(), String), cast(null(), LargeBinary)

Offered = Mapping[str, Sequence[Any]]  # rows with the columns of `offer`, by their `what`


def offer(
    what: str,
    name: Any,
    at: Any = _NO_INSTANT,
    *,
    number: Any = _NO_NUMBER,
    author: Any = _NO_TEXT,
    body: Any = _NO_BODY,
) -> Select:
    """A part of one read to which several features offer what they have for Today: the columns that all parts share.

    `what` says which kind of thing a row is, and belongs to one feature. The read binds `me`, the participant's id;
    `since`, the moment after which something is new; and `first_day` and `last_day`, the days that are near.
    """
    columns = {"name": name, "at": at, "number": number, "author": author, "body": body}
    return select(spelled_out(what).label("what"), *(column.label(label) for label, column in columns.items()))


def by_kind(rows: Iterable[Any]) -> Offered:
    """Rows of an `offer`, by their `what`."""
    kinds: dict[str, list[Any]] = {}
    for row in rows:
        kinds.setdefault(row.what, []).append(row)
    return kinds


def in_one_text(*columns: Any) -> ColumnElement[str]:
    """Columns as one text for an `offer`, with "|" between them: "2026-03-10|2026-03-12"; an empty one is ""."""
    texts: list[ColumnElement[str]] = [func.coalesce(cast(column, String), spelled_out("")) for column in columns]
    return reduce(lambda one, other: one + spelled_out("|") + other, texts)
