"""The cookie of a device that somebody signed in from before. It grants tries of its own at the password, no more.

A browser holds one: signing in to another account puts that account's in its place. Signing out and the quick exit
leave it, since it says only that somebody signed in here once; on a shared device it is never set.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, g, request
from sqlalchemy import delete, select, update
from werkzeug import Response

from portal import rates
from portal.db import db
from portal.people import Person, contacts
from portal.people.models import Account, KnownDevice

KEPT_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Device:
    """A known device, the account that knows it, and the hash of what that account signs in with."""

    id: int
    account_id: int
    contact_hash: str


def _cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def device() -> Device | None:
    """The known device that this request comes from, asked for once; None without its cookie."""
    token = request.cookies.get(_cookie())
    if not token:
        return None
    if "known_device" not in g:
        row = db.session.execute(
            select(KnownDevice.id, KnownDevice.account_id, Account.contact_hash)
            .join(Account, Account.id == KnownDevice.account_id)
            .where(KnownDevice.token_hash == _hash(token), Account.disabled_at.is_(None))
        ).first()
        g.known_device = Device(*row) if row else None
    found: Device | None = g.known_device
    return found


def device_for(contact: str) -> int | None:
    """The id of this device, if the account that signs in with `contact` knows it. Nothing is told of the others."""
    found = device()
    return found.id if found and found.contact_hash == contacts.hash_of(contact) else None


def device_of(person: Person) -> int | None:
    """The id of this device, if `person` has signed in here before."""
    found = device()
    return found.id if found and found.account_id == person.id else None


def asker() -> str:
    """Whoever is counted for an address's limit: the account that knows this device, or else the address.

    So a stranger behind the same address cannot use up what somebody at home has.
    """
    found = device()
    return f"account:{found.account_id}" if found else rates.place()


def remember(person: Person, answer: Response, now: datetime) -> None:
    """Know this device from now on, after a whole sign-in on it; `answer` carries its cookie. The caller commits."""
    token = request.cookies.get(_cookie(), "")
    if known := device_of(person):
        db.session.execute(update(KnownDevice).where(KnownDevice.id == known).values(last_used_at=now))
    else:
        token = secrets.token_urlsafe(32)
        row = KnownDevice(account_id=person.id, token_hash=_hash(token), made_at=now, last_used_at=now)
        db.session.add(row)
    old = KnownDevice.account_id == person.id, KnownDevice.last_used_at < now - KEPT_FOR
    db.session.execute(delete(KnownDevice).where(*old))
    answer.set_cookie(
        _cookie(),
        token,
        max_age=KEPT_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
