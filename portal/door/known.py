"""The cookie of a device that somebody signed in from before. It grants tries of its own at the password, no more.

A browser holds one: signing in to another account puts that account's in its place. Signing out and the quick exit
leave it, since it says only that somebody signed in here once; on a shared device it is never set. An account knows
MOST of them, and when it is made safe again (a new password, a way back, signed out everywhere else, switched off) it
knows none but the one that asks.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, g, has_request_context, request
from sqlalchemy import ScalarSelect, delete, select, update
from werkzeug import Response

from portal import rates
from portal.db import db
from portal.door.models import KnownDevice
from portal.people import Person, contacts
from portal.people.models import Account

KEPT_FOR = timedelta(days=365)
MOST = 5  # devices that one account knows


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


def _token() -> str:
    """What the cookie of this request holds; "" where there is none, or no request."""
    return request.cookies.get(_cookie(), "") if has_request_context() else ""


def device() -> Device | None:
    """The known device that this request comes from, asked for once; None without its cookie."""
    token = _token()
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


def here() -> ScalarSelect[int]:
    """As device_of, for whoever is read by a query of Account: its id as a column, instead of a query of its own."""
    this = KnownDevice.account_id == Account.id, KnownDevice.token_hash == _hash(_token())
    return select(KnownDevice.id).where(*this).scalar_subquery()


def asker() -> str:
    """Whoever is counted for an address's limit: this device, where an account knows it, or else the address.

    So a stranger behind the same address cannot use up what somebody at home has, and neither can another device of
    the same account, which may be lost or stolen. By its token and not by its id, which a later device may get again.
    """
    return f"device:{_hash(_token())}" if device() else rates.place()


def forget(person: Person) -> None:
    """Know no device of `person` any more but the one that asks. The caller commits."""
    theirs = [KnownDevice.account_id == person.id]
    if here := device_of(person):
        theirs.append(KnownDevice.id != here)
    db.session.execute(delete(KnownDevice).where(*theirs))


def remember(person: Person, answer: Response, now: datetime) -> None:
    """Know this device from now on, after a whole sign-in on it; `answer` carries its cookie. The caller commits.

    Of the others only those stay that were used within a year, and no more than MOST in all, the latest.
    """
    token = _token()
    if known := device_of(person):
        db.session.execute(update(KnownDevice).where(KnownDevice.id == known).values(last_used_at=now))
    else:
        token = secrets.token_urlsafe(32)
        row = KnownDevice(account_id=person.id, token_hash=_hash(token), made_at=now, last_used_at=now)
        db.session.add(row)
    others = KnownDevice.account_id == person.id, KnownDevice.token_hash != _hash(token)
    latest = select(KnownDevice.id).where(*others, KnownDevice.last_used_at >= now - KEPT_FOR)
    latest = latest.order_by(KnownDevice.last_used_at.desc(), KnownDevice.id.desc()).limit(MOST - 1)
    db.session.execute(delete(KnownDevice).where(*others, KnownDevice.id.not_in(latest)))
    answer.set_cookie(
        _cookie(),
        token,
        max_age=KEPT_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
