"""The rotation of sealing keys: which texts an older key sealed, sealing them again, and retiring that key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update

from portal import seal
from portal.db import Base, db
from portal.seal import CHECK, Secret
from portal.seal.keys import SealError


def sealed_columns() -> list[tuple[Any, Any, tuple[str, ...]]]:
    """Every sealed column of the portal, as (table, column, the columns that name its row)."""
    return [
        (table, column, column.info["sealed_by"])
        for table in Base.metadata.sorted_tables
        for column in table.c
        if "sealed_by" in column.info
    ]


def stale(column: Any) -> Any:
    """The condition that holds for the rows of a sealed column that another key than the current one sealed."""
    prefix = seal.held_keys().current.encode() + b":"
    return column.is_not(None) & func.substr(column, 1, len(prefix)).is_distinct_from(prefix)


@dataclass(frozen=True, slots=True)
class Batch:
    """One go at sealing again: how many texts there were, those that no key opens, and the row it came to."""

    count: int
    damaged: list[str]
    last: tuple[Any, ...] | None


def seal_again(
    table: Any, column: Any, row: tuple[str, ...], limit: int, after: tuple[Any, ...] | None = None
) -> Batch:
    """Seal up to `limit` texts of one column with the current key, those after the row `after`; the caller commits.

    A write in between wins. What cannot be opened stays as it is. `last` is None once there is nothing left.
    """
    keys, damaged = seal.held_keys(), []
    primary, asked = _ask(table, column, row)
    asked = asked.where(stale(column)).limit(limit)
    rows = db.session.execute(asked if after is None else asked.where(tuple_(*primary) > after)).all()
    for found in rows:
        sealed = found.sealed_text
        place = seal.place_of(table.name, column.name, *found[len(primary) + 1 :])
        where = [key == value for key, value in zip(primary, found[: len(primary)], strict=True)]
        try:
            anew = keys.close(place, keys.open(place, sealed))
        except SealError as error:
            damaged.append(f"{table.name} {tuple(found[: len(primary)])}: {error}")
        else:
            db.session.execute(update(table).where(*where, column == sealed).values({column: anew}))
    return Batch(len(rows), damaged, tuple(rows[-1][: len(primary)]) if len(rows) == limit else None)


def _ask(table: Any, column: Any, row: tuple[str, ...]) -> tuple[list[Any], Any]:
    """The primary key, and what reads it, the sealed text and what names its row, by primary key."""
    primary = list(table.primary_key.columns)
    named = (table.c[name].label(f"row_{name}") for name in row)
    return primary, select(*primary, column.label("sealed_text"), *named).order_by(*primary)


def count_stale() -> int:
    """The number of texts that another key than the current one sealed."""
    counts = (select(func.count()).where(stale(column)) for _, column, _ in sealed_columns())
    return sum(db.session.scalar(count) or 0 for count in counts)


def every_text() -> Iterator[tuple[str, str | None]]:
    """Every sealed text there is: the name of its key, and in one sentence why it does not open, or None."""
    keys = seal.held_keys()
    for table, column, row in sealed_columns():
        primary, asked = _ask(table, column, row)
        for found in db.session.execute(asked.where(column.is_not(None)).execution_options(yield_per=1000)):
            name = bytes(found.sealed_text).partition(b":")[0][:16].decode("ascii", "replace")
            try:
                keys.open(seal.place_of(table.name, column.name, *found[len(primary) + 1 :]), found.sealed_text)
                yield name, None
            except SealError as error:
                yield name, f"{table.name} {tuple(found[: len(primary)])}: {error}"


def retire_old_keys() -> list[str]:
    """Seal the database's own secrets with the current key and forget the checks of the others; their names.

    Raises SealError while any text is sealed with another key: that key is needed still.
    """
    if left := count_stale():
        raise SealError(
            f"{left} texts are sealed with an older key still: restart the portal, so that each of its processes"
            " seals with the new one, and run this again."
        )
    keys = seal.held_keys()
    held = db.session.execute(select(Secret.name, Secret.sealed)).all()
    retired = []
    for name, sealed in held:
        if name.startswith(CHECK) and name != CHECK + keys.current:
            db.session.execute(delete(Secret).where(Secret.name == name))
            retired.append(name.removeprefix(CHECK))
        else:
            place = seal.place_of("secrets", "sealed", name)
            anew = keys.close(place, keys.open(place, sealed))
            db.session.execute(update(Secret).where(Secret.name == name).values(sealed=anew))
    return sorted(retired)
