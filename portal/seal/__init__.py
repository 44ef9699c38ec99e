"""Encryption of free text at rest: AES-256-GCM, bound to table, row and column. Called by the verbs that write."""

import base64
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from sqlalchemy import LargeBinary, String, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, MappedColumn, mapped_column

from portal.db import Base, db

NAME = re.compile(r"[a-z0-9-]{1,16}")
NONCE = 12
CHECK = "check:"  # the names of the rows that tell whether a key is the one it says it is
INDEX, AUDIT = "index", "audit"


class SealError(ValueError):
    """Keys that are missing or wrong, or a text that was changed or moved; the message is one sentence."""


class Secret(Base):
    """A secret of this database, sealed by the keys outside it: what a key must open, and the two inner keys.

    `index` makes the hashes by which a sealed value is found again; `audit` signs the audit chain. Neither changes
    when the sealing keys do.
    """

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


def column(*row: str, **options: Any) -> MappedColumn[Any]:
    """A column that holds sealed text; `row` names the columns that say which row it is, known before the insert."""
    return mapped_column(LargeBinary, info={"sealed_by": row}, **options)


@dataclass(frozen=True)
class Keys:
    """The keys outside the database by name, in the order of the setting: the first seals, all of them open."""

    named: dict[str, bytes] = field(repr=False)

    @property
    def current(self) -> str:
        return next(iter(self.named))

    @cached_property
    def ciphers(self) -> dict[str, AESGCM]:
        return {name: AESGCM(key) for name, key in self.named.items()}

    def close(self, place: str, text: str) -> bytes:
        """`text` sealed for `place`: the key's name, a colon, the nonce and what AES-GCM made of it."""
        nonce = secrets.token_bytes(NONCE)
        sealed = self.ciphers[self.current].encrypt(nonce, text.encode(), place.encode())
        return self.current.encode() + b":" + nonce + sealed

    def open(self, place: str, sealed: bytes) -> str:
        """The text that was sealed for `place`; raises SealError for any other place, a change, or a missing key."""
        name, _, rest = bytes(sealed).partition(b":")
        cipher = self.ciphers.get(name.decode("ascii", "replace"))
        if cipher is None:
            raise SealError(f"PORTAL_SEAL_KEYS does not hold the key {name[:16].decode('ascii', 'replace')!r}.")
        try:
            return cipher.decrypt(rest[:NONCE], rest[NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError):  # the latter for what is too short to have been sealed at all
            raise SealError(f"What is kept at {place.split(chr(0))[0]} was changed, or moved there.") from None


def read_keys(setting: str | None) -> Keys:
    """The keys in "name:base64,name:base64"; raises SealError with one sentence."""
    named: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in str(setting or "").split(","))):
        name, _, text = part.partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if not NAME.fullmatch(name) or len(key) != 32 or name in named:
            raise SealError(
                "PORTAL_SEAL_KEYS must be name:key pairs with a comma between them, each key 32 bytes in base64"
                " and each name used once."
            )
        named[name] = key
    if not named:
        raise SealError(
            "Set PORTAL_SEAL_KEYS to the key that seals what people write; make one with: python3 -c"
            " \"import base64, secrets; print('k1:' + base64.b64encode(secrets.token_bytes(32)).decode())\""
        )
    return Keys(named)


def init_app(app: Flask) -> None:
    """Read the keys, and hold them against the database if it is there; raises SealError with one sentence."""
    app.extensions["seal"] = {"keys": read_keys(app.config["SEAL_KEYS"]), "inner": {}}
    with app.app_context():
        try:
            prepare()
        except DBAPIError:
            pass  # not there yet, or not migrated; `prepare` runs again before anybody is served
        finally:
            db.session.remove()
            db.engine.dispose()  # workers are forked from here, and none may share a connection


def prepare() -> None:
    """Check each key against the database, note a new one, make the inner secrets of a new database, and commit.

    Raises SealError when a key that the database was sealed with is missing or is not the one of that name.
    """
    keys = _keys()
    held = {row.name: row.sealed for row in db.session.execute(select(Secret.name, Secret.sealed))}
    texts = {name: _opened(keys, name, held[name]) for name in sorted(held)}
    if texts and not {INDEX, AUDIT} <= texts.keys():
        raise SealError("This database has lost one of its secrets: restore it from a backup.")
    wanted = {CHECK + keys.current: "checked"} | {
        inner: base64.b64encode(secrets.token_bytes(32)).decode() for inner in (INDEX, AUDIT)
    }
    for name in wanted.keys() - held.keys():
        try:
            with db.session.begin_nested():
                row = {"name": name, "sealed": keys.close(_place(name), wanted[name])}
                db.session.execute(insert(Secret).values(row))
            texts[name] = wanted[name]
        except IntegrityError:  # another worker starts at the same moment
            sealed = db.session.execute(select(Secret.sealed).where(Secret.name == name)).scalar_one()
            texts[name] = _opened(keys, name, sealed)
    known = {name: base64.b64decode(texts[name]) for name in (INDEX, AUDIT)}
    current_app.extensions["seal"]["inner"] = known
    db.session.commit()


def _opened(keys: Keys, name: str, sealed: bytes) -> str:
    wrong = sealed.partition(b":")[0].decode("ascii", "replace")
    if wrong not in keys.named:
        raise SealError(f"PORTAL_SEAL_KEYS lacks the key {wrong!r}, with which part of this database was sealed.")
    try:
        return keys.open(_place(name), sealed)
    except SealError:
        raise SealError(
            f"The key {wrong!r} in PORTAL_SEAL_KEYS is not the one that sealed this database: set the right one."
        ) from None


def _place(name: str) -> str:
    return f"secrets.sealed\0{name}"


def _keys() -> Keys:
    keys: Keys = current_app.extensions["seal"]["keys"]
    return keys


def inner(name: str) -> bytes:
    """The inner key `name` (INDEX or AUDIT) of this database; read once in the life of a process."""
    known: dict[str, bytes] = current_app.extensions["seal"]["inner"]
    if name not in known:
        sealed = db.session.scalar(select(Secret.sealed).where(Secret.name == name))
        if sealed is None:
            raise SealError("This database has no secrets yet: run flask --app wsgi init")
        known[name] = base64.b64decode(_opened(_keys(), name, sealed))
    return known[name]


def index(text: str) -> str:
    """The keyed hash by which a sealed value, a name or a one-use token is found again: 64 hexadecimal digits."""
    return hmac.new(inner(INDEX), text.encode(), "sha256").hexdigest()


def place_of(table: str, column_name: str, *row: Any) -> str:
    """The one place that a sealed text belongs to."""
    return "\0".join([f"{table}.{column_name}", *map(str, row)])


def close(target: InstrumentedAttribute[Any], text: str, *row: Any) -> bytes:
    """`text` sealed for the column `target` of the row that `row` names, in the order the column declares."""
    return _keys().close(_place_in(target, row), text)


def open(target: InstrumentedAttribute[Any], sealed: bytes, *row: Any) -> str:
    """The text in the column `target` of this row; raises SealError if it was changed, or sealed for elsewhere."""
    return _keys().open(_place_in(target, row), sealed)


def _place_in(target: InstrumentedAttribute[Any], row: tuple[Any, ...]) -> str:
    named = target.property.columns[0]
    if len(row) != len(named.info["sealed_by"]):
        raise TypeError(f"{named} is sealed by {named.info['sealed_by']}")
    return place_of(named.table.name, named.name, *row)


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
    prefix = _keys().current.encode() + b":"
    return column.is_not(None) & func.substr(column, 1, len(prefix)).is_distinct_from(prefix)


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of sealing some rows again: the number of texts, those that no key opens, and the last row."""

    count: int
    damaged: list[str]
    last: tuple[Any, ...] | None


def seal_again(
    table: Any, column: Any, row: tuple[str, ...], limit: int, after: tuple[Any, ...] | None = None
) -> Batch:
    """Seal up to `limit` texts of one column with the current key, those after the row `after`; the caller commits.

    A write in between wins. What cannot be opened stays as it is. `last` is None once there is nothing left.
    """
    keys, damaged = _keys(), []
    primary, asked = _ask(table, column, row)
    asked = asked.where(stale(column)).limit(limit)
    rows = db.session.execute(asked if after is None else asked.where(tuple_(*primary) > after)).all()
    for found in rows:
        sealed = found.sealed_text
        place = place_of(table.name, column.name, *found[len(primary) + 1 :])
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
    """Count the texts that another key than the current one sealed."""
    counts = (select(func.count()).where(stale(column)) for _, column, _ in sealed_columns())
    return sum(db.session.scalar(count) or 0 for count in counts)


def every_text() -> Iterator[tuple[str, str | None]]:
    """Every sealed text there is: the name of its key, and in one sentence why it does not open, or None."""
    keys = _keys()
    for table, column, row in sealed_columns():
        primary, asked = _ask(table, column, row)
        for found in db.session.execute(asked.where(column.is_not(None)).execution_options(yield_per=1000)):
            name = bytes(found.sealed_text).partition(b":")[0][:16].decode("ascii", "replace")
            try:
                keys.open(place_of(table.name, column.name, *found[len(primary) + 1 :]), found.sealed_text)
                yield name, None
            except SealError as error:
                yield name, f"{table.name} {tuple(found[: len(primary)])}: {error}"


def key_names() -> list[str]:
    """The names of the keys in the setting; the first is the one that seals."""
    return list(_keys().named)


def retire_old_keys() -> list[str]:
    """Seal the database's own secrets with the current key and forget the checks of the others; their names.

    Raises SealError while any text is sealed with another key: that key is needed still.
    """
    if left := count_stale():
        raise SealError(
            f"{left} texts are sealed with an older key still: restart the portal, so that each of its processes"
            " seals with the new one, and run this again."
        )
    keys = _keys()
    held = db.session.execute(select(Secret.name, Secret.sealed)).all()
    retired = []
    for name, sealed in held:
        if name.startswith(CHECK) and name != CHECK + keys.current:
            db.session.execute(delete(Secret).where(Secret.name == name))
            retired.append(name.removeprefix(CHECK))
        else:
            text = keys.open(_place(name), sealed)
            db.session.execute(update(Secret).where(Secret.name == name).values(sealed=keys.close(_place(name), text)))
    return sorted(retired)
