"""The slowing down of whoever guesses: how many tries at one password or code are checked, and when the next one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, delete, insert, select

from portal import seal
from portal.db import db
from portal.door.models import SignInTry

WINDOW = timedelta(minutes=5)
HOUR = timedelta(hours=1)
MOST = 10
MOST_CODES, MOST_CODES_IN_AN_HOUR = 5, 20  # wrong codes for one account, wherever they are asked for
FREE = 5  # wrong ones from one place before the wait for the next begins to double
LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Try:
    """Leave to check one password or code now, when `wait` is 0; else none, and the next is in `wait` seconds."""

    wait: int
    id: int | None = None


def take(
    what: str,
    address: str,
    now: datetime,
    device_id: int | None = None,
    most: int = MOST,
    hourly: int | None = None,
) -> Try:
    """Take one try at `what` ("name:" and a tidy contact, or "code:" and an account's key) before it is checked.

    At most `most` are let through in WINDOW from all strange devices together, however many addresses they come
    from, and `hourly` in an hour where that is given. A known device (known_devices) has as many of its own, and
    strangers' tries do not touch them. From one place the wait doubles after FREE tries. Nobody is locked out for
    good, and a name that nobody has is counted like any other.

    The try is counted and committed here, in a transaction of its own, before anything slow is done: tries at the
    same moment cannot slip through, no lock is held during the check, and a crash counts. So take it before the
    request writes anything: SQLite has one writer. `forget` takes a right one away again.
    """
    name_hash, address_hash = seal.index(what), seal.index(f"address:{address}")
    with db.engine.begin() as connection:
        _one_at_a_time(connection, name_hash)
        earlier = connection.execute(
            select(SignInTry.at, SignInTry.address_hash)
            .where(SignInTry.name_hash == name_hash, SignInTry.device_id == device_id)
            .order_by(SignInTry.at.desc())
        ).all()
        free_at = [now, not_more_than(most, WINDOW, [row.at for row in earlier])]
        if hourly is not None:
            free_at.append(not_more_than(hourly, HOUR, [row.at for row in earlier]))
        same_place = [row.at for row in earlier if device_id is not None or row.address_hash == address_hash]
        free_at.append(slowed([at for at in same_place if at > now - WINDOW]))
        if wait := ceil((max(filter(None, free_at)) - now).total_seconds()):
            return Try(wait)
        connection.execute(delete(SignInTry).where(SignInTry.at < now - HOUR))
        row = {"name_hash": name_hash, "address_hash": address_hash, "device_id": device_id, "at": now}
        return Try(0, connection.execute(insert(SignInTry).values(row).returning(SignInTry.id)).scalar_one())


def take_code(account_key: str, address: str, now: datetime, device_id: int | None) -> Try:
    """Take one try at a code of an authenticator or for recovery: the same few at sign-in and at a new proof."""
    return take(f"code:{account_key}", address, now, device_id, MOST_CODES, hourly=MOST_CODES_IN_AN_HOUR)


def forget(try_: Try) -> None:
    """Take a right try away again, in the caller's transaction: only wrong ones count."""
    db.session.execute(delete(SignInTry).where(SignInTry.id == try_.id))


def _one_at_a_time(connection: Connection, name_hash: str) -> None:
    """Let nobody else take a try at the same thing until the transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("VALUES (pg_advisory_xact_lock(%s))", (int(name_hash[:15], 16),))


def not_more_than(most: int, span: timedelta, earlier: Sequence[datetime]) -> datetime | None:
    """The moment for the next, if at most `most` are let through in any `span`; the latest of `earlier` comes first."""
    return earlier[most - 1] + span if len(earlier) >= most else None


def slowed(earlier: Sequence[datetime]) -> datetime | None:
    """The moment for the next from one place: 2, 4, 8 ... seconds after the last, once FREE were wrong."""
    if len(earlier) < FREE:
        return None
    return earlier[0] + min(timedelta(seconds=2 ** min(len(earlier) - FREE + 1, 10)), LONGEST_PAUSE)
