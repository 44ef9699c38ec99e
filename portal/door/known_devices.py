"""The cookie of a device that somebody signed in from before. It grants tries of its own at the password, no more.

A browser holds one: signing in to another account puts that account's in its place. Signing out and the quick exit
leave it, since it says only that somebody signed in here once; on a shared device it is never set. An account knows
MOST of them, and when it is made safe again (a new password, a way back, signed out everywhere else, switched off) it
knows none but the one that asks.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g, has_request_context, request
from flask_login import current_user
from sqlalchemy import bindparam, delete, select, update
from werkzeug import Response

from portal import rates, tokens
from portal.db import db
from portal.door.models import KnownDevice
from portal.people import Person, contacts
from portal.people.models import Account

KEPT_FOR = timedelta(days=365)
MOST = 5  # devices that one account knows


def _cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _hash(token: str) -> str:
    return tokens.hash_of("known device", token)


def _token() -> str:
    """The token in the cookie of this request; "" where there is none, or no request."""
    return request.cookies.get(_cookie(), "") if has_request_context() else ""


def _find() -> Any:
    """The known device that this request comes from, asked for once; None without its cookie.

    It is a row with its `id`, the `account_id` that knows it, and the `contact_hash` which that account signs in with.
    """
    token = _token()
    if not token:
        return None
    if "known_device" not in g:
        g.known_device = db.session.execute(
            select(KnownDevice.id, KnownDevice.account_id, Account.contact_hash)
            .join(Account, Account.id == KnownDevice.account_id)
            .where(KnownDevice.token_hash == _hash(token), Account.disabled_at.is_(None))
        ).first()
    return g.known_device


def id_for(contact: str) -> int | None:
    """The id of this device, if the account that signs in with `contact` knows it. Nothing is told of the others."""
    found = _find()
    return found.id if found and found.contact_hash == contacts.hash_of(contact) else None


def id_of(person: Person) -> int | None:
    """The id of this device, if `person` has signed in here before."""
    found = _find()
    return found.id if found and found.account_id == person.id else None


# The same as a column to read beside an Account, for `device_hash()`, instead of in a query of its own.
HERE = (
    select(KnownDevice.id)
    .where(KnownDevice.account_id == Account.id, KnownDevice.token_hash == bindparam("device_hash"))
    .scalar_subquery()
)


def device_hash() -> str:
    """The hash of the token that this device holds."""
    return _hash(_token())


def asker() -> str:
    """The name under which a request is counted for a limit: the account of whoever is signed in, or its address.

    Signing in again, or on another device, renews no limit. At the door a device that an account knows counts for
    that account at that address: a stranger behind the same address cannot use up what somebody at home has, and
    neither can a device of theirs that was stolen, elsewhere.
    """
    if current_user.is_authenticated:
        return f"account:{current_user.id}"
    found = _find()
    return f"known:{found.account_id}:{rates.place()}" if found else rates.place()


def forget(person: Person) -> None:
    """Know no device of `person` any more but the one that asks. The caller commits."""
    theirs = [KnownDevice.account_id == person.id]
    if here := id_of(person):
        theirs.append(KnownDevice.id != here)
    db.session.execute(delete(KnownDevice).where(*theirs))


def remember(person: Person, answer: Response, now: datetime) -> None:
    """Know this device from now on, after a whole sign-in on it; `answer` carries its cookie. The caller commits.

    Of the others only those stay that were used within a year, and no more than MOST in all, the latest.
    """
    token = _token()
    if known := id_of(person):
        db.session.execute(update(KnownDevice).where(KnownDevice.id == known).values(last_used_at=now))
    else:
        token = tokens.make()
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
