"""Encryption of free text at rest: AES-256-GCM, bound to table, row and column. Called by the verbs that write."""

import base64
import hmac
import secrets
from typing import Any

from flask import Flask, current_app
from sqlalchemy import LargeBinary, String, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, MappedColumn, mapped_column

from portal.db import Base, db
from portal.seal.keys import Keys, SealError, read_keys

CHECK = "check:"  # the names of the rows that tell whether a key is the one it says it is
INDEX, AUDIT = "index", "audit"


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
    keys = held_keys()
    held = {row.name: row.sealed for row in db.session.execute(select(Secret.name, Secret.sealed))}
    texts = {name: _open_secret(keys, name, held[name]) for name in sorted(held)}
    if texts and not {INDEX, AUDIT} <= texts.keys():
        raise SealError("This database has lost one of its secrets: restore it from a backup.")
    wanted = {CHECK + keys.current: "checked"} | {
        inner: base64.b64encode(secrets.token_bytes(32)).decode() for inner in (INDEX, AUDIT)
    }
    for name in wanted.keys() - held.keys():
        try:
            with db.session.begin_nested():
                row = {"name": name, "sealed": keys.close(place_of("secrets", "sealed", name), wanted[name])}
                db.session.execute(insert(Secret).values(row))
            texts[name] = wanted[name]
        except IntegrityError:  # another worker starts at the same moment
            sealed = db.session.execute(select(Secret.sealed).where(Secret.name == name)).scalar_one()
            texts[name] = _open_secret(keys, name, sealed)
    known = {name: base64.b64decode(texts[name]) for name in (INDEX, AUDIT)}
    current_app.extensions["seal"]["inner"] = known
    db.session.commit()


def _open_secret(keys: Keys, name: str, sealed: bytes) -> str:
    wrong = sealed.partition(b":")[0].decode("ascii", "replace")
    if wrong not in keys.named:
        raise SealError(f"PORTAL_SEAL_KEYS lacks the key {wrong!r}, with which part of this database was sealed.")
    try:
        return keys.open(place_of("secrets", "sealed", name), sealed)
    except SealError:
        raise SealError(
            f"The key {wrong!r} in PORTAL_SEAL_KEYS is not the one that sealed this database: set the right one."
        ) from None


def held_keys() -> Keys:
    """The keys in the setting."""
    known: Keys = current_app.extensions["seal"]["keys"]
    return known


def inner(name: str) -> bytes:
    """The inner key `name` (INDEX or AUDIT) of this database; read once in the life of a process."""
    known: dict[str, bytes] = current_app.extensions["seal"]["inner"]
    if name not in known:
        sealed = db.session.scalar(select(Secret.sealed).where(Secret.name == name))
        if sealed is None:
            raise SealError("This database has no secrets yet: run flask --app wsgi init")
        known[name] = base64.b64decode(_open_secret(held_keys(), name, sealed))
    return known[name]


def index(text: str) -> str:
    """The keyed hash by which a sealed value, a name or a one-use token is found again: 64 hexadecimal digits."""
    return hmac.new(inner(INDEX), text.encode(), "sha256").hexdigest()


def place_of(table: str, column_name: str, *row: Any) -> str:
    """The one place that a sealed text belongs to."""
    return "\0".join([f"{table}.{column_name}", *map(str, row)])


def close(target: InstrumentedAttribute[Any], text: str, *row: Any) -> bytes:
    """`text` sealed for the column `target` of the row that `row` names, in the order the column declares."""
    return held_keys().close(_place_in(target, row), text)


def open(target: InstrumentedAttribute[Any], sealed: bytes, *row: Any) -> str:
    """The text in the column `target` of this row; raises SealError if it was changed, or sealed for elsewhere."""
    return held_keys().open(_place_in(target, row), sealed)


def _place_in(target: InstrumentedAttribute[Any], row: tuple[Any, ...]) -> str:
    named = target.property.columns[0]
    if len(row) != len(named.info["sealed_by"]):
        raise TypeError(f"{named} is sealed by {named.info['sealed_by']}")
    return place_of(named.table.name, named.name, *row)
