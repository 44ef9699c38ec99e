"""The rate at which an address may ask: Flask-Limiter with its counts in the database, shared by all workers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter, RequestLimit
from limits import parse_many
from limits.storage import Storage
from sqlalchemy import String, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import TooManyRequests

from portal import clock, seal
from portal.db import Base, Instant, db


class RateCount(Base):
    """A count of what was asked from one address in the present window. The name is a keyed hash."""

    __tablename__ = "rate_counts"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _hash(name: str) -> str:
    return seal.index(f"rate:{name}")


class Counts(Storage):
    """Counts of fixed windows in the portal's own database. Each is written in a short transaction of its own."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return DBAPIError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more under `key`; a window that is over begins anew, for `expiry` seconds. The new count."""
        now = clock.now()
        over = RateCount.expires_at <= now
        row = {"name_hash": _hash(key), "count": amount, "expires_at": now + timedelta(seconds=expiry)}
        with db.engine.begin() as connection:
            added = INSERT[connection.dialect.name](RateCount).values(row)
            again = {
                "count": case((over, added.excluded.count), else_=RateCount.count + added.excluded.count),
                "expires_at": case((over, added.excluded.expires_at), else_=RateCount.expires_at),
            }
            upsert = added.on_conflict_do_update(index_elements=[RateCount.name_hash], set_=again)
            count: int = connection.execute(upsert.returning(RateCount.count)).scalar_one()
        if count == amount:
            self._forget(now)
        return count

    def _forget(self, now: datetime) -> None:
        """Drop the windows that are over: apart from the count, so that no two requests wait for each other."""
        with db.engine.begin() as connection:
            connection.execute(delete(RateCount).where(RateCount.expires_at <= now))

    def get(self, key: str) -> int:
        """The count of the present window."""
        living = RateCount.name_hash == _hash(key), RateCount.expires_at > clock.now()
        with db.engine.connect() as connection:
            return connection.execute(select(RateCount.count).where(*living)).scalar() or 0

    def get_expiry(self, key: str) -> float:
        """The end of the present window, as a Unix time; now, where there is none."""
        now = clock.now()
        with db.engine.connect() as connection:
            ends = connection.execute(select(RateCount.expires_at).where(RateCount.name_hash == _hash(key))).scalar()
        return max(ends or now, now).timestamp()

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            with db.engine.connect() as connection:
                connection.execute(select(RateCount.count).limit(1))
        except DBAPIError:
            return False
        return True

    def reset(self) -> int:
        """Forget all counts; how many there were."""
        with db.engine.begin() as connection:
            return connection.execute(delete(RateCount)).rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        with db.engine.begin() as connection:
            connection.execute(delete(RateCount).where(RateCount.name_hash == _hash(key)))


def place() -> str:
    """The origin of a request: its address, and of the newer, longer kind the network, which one person holds."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or "nowhere"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ip_network((address, 64), strict=False))
    return str(address)


def take_back() -> None:
    """Take this request off the count again, in the caller's transaction: what went right is not held against it."""
    counted = current_app.extensions["rates"].current_limit
    if counted:
        name = RateCount.name_hash == _hash(counted.key)
        db.session.execute(update(RateCount).where(name, RateCount.count > 0).values(count=RateCount.count - 1))


def _refuse(broken: RequestLimit) -> None:
    raise TooManyRequests(retry_after=max(1, ceil(broken.window.reset_time - clock.now().timestamp())))


def init_app(app: Flask, who: Callable[[], str] = place) -> None:
    """Hold every view to the limit that its rules declare; `who` names whoever is counted.

    Raises ValueError, and stops the start, for a limit that cannot be read: it would hold nobody.
    """
    limiter = Limiter(
        who, app=app, storage_uri="database://", strategy="fixed-window", headers_enabled=False, on_breach=_refuse
    )
    for endpoint, view in list(app.view_functions.items()):
        rules: Any = getattr(view, "rules", None)
        if rules and rules.limit:
            parse_many(rules.limit)
            app.view_functions[endpoint] = limiter.limit(rules.limit)(view)  # type: ignore[assignment]
    app.extensions["rates"] = limiter
