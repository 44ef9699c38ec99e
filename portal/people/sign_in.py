"""Signing in and out: passwords, server-side sessions, their limits, and slowing down those who guess."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import bindparam, delete, func, select, true, update
from sqlalchemy.exc import DBAPIError

from portal import audit, program
from portal.db import db
from portal.people import PERSON, Person, primary_therapist
from portal.people.models import Account, FailedSignIn, SignIn
from portal.program import ProgramFacts
from portal.program.models import Program

IDLE = {
    "participant": timedelta(minutes=15),
    "therapist": timedelta(minutes=15),
    "coordinator": timedelta(minutes=10),
}
ABSOLUTE = {
    "participant": timedelta(hours=12),
    "therapist": timedelta(hours=12),
    "coordinator": timedelta(hours=8),
}
LAST_USE_EVERY = timedelta(minutes=1)
LONGEST_PASSWORD = 128

FREE_TRIES = 5
TRY_WINDOW = timedelta(minutes=15)
LONGEST_WAIT = timedelta(seconds=60)
FREE_TRIES_OF_ONE_ADDRESS = 30

hasher = PasswordHasher()
# Checked when there is no such account, so that an unknown name costs the same time as a wrong password.
_NOBODY = hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, eq=False)
class Visitor(UserMixin, Person):
    """Whoever is signed in on this request, with what every page needs, from one query."""

    sign_in_id: int
    last_used_at: datetime
    therapist: str | None
    program: ProgramFacts
    token: str

    def get_id(self) -> str:
        return self.token


class Stranger(AnonymousUserMixin):
    """Nobody: a request without a living session."""

    id = None
    role = None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keyed(value: str) -> str:
    secret = current_app.secret_key
    return hmac.new(secret if isinstance(secret, bytes) else str(secret).encode(), value.encode(), "sha256").hexdigest()


# Built once: it runs on every request of everyone who is signed in.
_VISITOR = (
    select(
        *PERSON,
        SignIn.id,
        SignIn.last_used_at,
        SignIn.started_at,
        primary_therapist(),
        *program.COLUMNS,
    )
    .select_from(SignIn)
    .join(Account, Account.id == SignIn.account_id)
    .join(Program, true())
    .where(SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None), Account.disabled_at.is_(None))
)


def visitor(token: str, now: datetime) -> Visitor | None:
    """The person whose living session `token` opens; None for one that is unknown, ended, idle or too old."""
    row = db.session.execute(_VISITOR, {"token_hash": _hash(token)}).first()
    if row is None:
        return None
    role, last_used_at, started_at = row[2], row[7], row[8]
    if now - last_used_at > IDLE[role] or now - started_at > ABSOLUTE[role]:
        return None
    return Visitor(*row[:8], row[9], program.facts(tuple(row[10:])), token)


def last_visitor(token: str) -> Person | None:
    """Whose session `token` was, if it ran out of time by itself. One ended by sign-out belongs to nobody."""
    row = db.session.execute(
        select(*PERSON)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(SignIn.token_hash == _hash(token), SignIn.ended_at.is_(None), Account.disabled_at.is_(None))
    ).first()
    return Person(*row) if row else None


def use(visitor: Visitor, now: datetime) -> bool:
    """Note that the session is in use, at most once a minute. True when there is something to commit."""
    if now - visitor.last_used_at < LAST_USE_EVERY:
        return False
    db.session.execute(update(SignIn).where(SignIn.id == visitor.sign_in_id).values(last_used_at=now))
    return True


def wait(name: str, address: str, now: datetime) -> int:
    """Seconds until the next try from `address` for `name` is checked; 0 means now.

    Failures slow the pair of name and address, and the address alone when it tries many names. The wait doubles
    and stops at a minute, and a person elsewhere is never slowed by it: nobody can be locked out.
    """
    since = now - TRY_WINDOW
    address_hash = _keyed(address)
    pair, pair_last, whole, whole_last = db.session.execute(
        select(
            func.count().filter(FailedSignIn.name_hash == _keyed(name.lower())),
            func.max(FailedSignIn.at).filter(FailedSignIn.name_hash == _keyed(name.lower())),
            func.count(),
            func.max(FailedSignIn.at),
        ).where(FailedSignIn.address_hash == address_hash, FailedSignIn.at > since)
    ).one()
    waits = [timedelta()]
    for failures, free, last in ((pair, FREE_TRIES, pair_last), (whole, FREE_TRIES_OF_ONE_ADDRESS, whole_last)):
        if failures >= free:
            pause = min(timedelta(seconds=2 ** min(failures - free + 1, 10)), LONGEST_WAIT)
            waits.append(last + pause - now)
    return max(0, -(-int(max(waits).total_seconds() * 1000) // 1000))


def check(name: str, password: str) -> Person | None:
    """The person with this address (or sign-in name) and password; None for any other pair, in equal time."""
    row = db.session.execute(
        select(*PERSON, Account.password_hash).where(
            Account.email == name.strip().lower(), Account.disabled_at.is_(None)
        )
    ).first()
    try:
        hasher.verify(row.password_hash if row else _NOBODY, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return None
    return Person(*row[:-1]) if row else None


def failed(name: str, address: str, now: datetime) -> None:
    """Remember a failed try, and forget those that no longer count."""
    db.session.execute(delete(FailedSignIn).where(FailedSignIn.at < now - TRY_WINDOW))
    db.session.add(FailedSignIn(name_hash=_keyed(name.lower()), address_hash=_keyed(address), at=now))


def start(person: Person, now: datetime) -> str:
    """Open a session for `person` and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(SignIn(token_hash=_hash(token), account_id=person.id, started_at=now, last_used_at=now))
    return token


def end(token: str, now: datetime) -> bool:
    """End the session that `token` opens: it opens nothing from now on. True when there is something to commit.

    A database that does not answer keeps nobody from leaving: that is False, too.
    """
    living = SignIn.token_hash == _hash(token), SignIn.ended_at.is_(None)
    try:
        now_ended = update(SignIn).where(*living).values(ended_at=now).returning(SignIn.account_id.label("id"))
        account = db.session.execute(now_ended).first()
    except DBAPIError:
        db.session.rollback()
        return False
    if account is None:
        return False
    audit.record(account, "session.end")
    return True
