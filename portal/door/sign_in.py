"""Signing in and out: passwords, server-side sessions and their limits, and proving again that it is you."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import bindparam, select, true, update
from sqlalchemy.exc import DBAPIError

from portal import audit, program
from portal.db import db, write
from portal.door.models import SignIn
from portal.door.passwords import normal
from portal.people import PERSON, Person, contacts, has_begun, person_in, primary_therapist
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.program.models import Program

IDLE = {  # a participant's is the program's setting
    "therapist": timedelta(minutes=15),
    "coordinator": timedelta(minutes=10),
}
IDLE_SHARED = timedelta(minutes=5)
ABSOLUTE = {
    "participant": timedelta(hours=12),
    "therapist": timedelta(hours=12),
    "coordinator": timedelta(hours=8),
}
ARRIVAL = timedelta(minutes=10)  # to show the second factor, or to set one up
JUST_NOW = timedelta(hours=1)  # how long after the quiet limit what is on the page is still kept for who typed it
FRESH = timedelta(minutes=5)  # how long a proof that it is you counts for what needs one
LAST_USE_EVERY = timedelta(minutes=1)
LONGEST_PASSWORD = 128
SALT_LENGTH = 16  # bytes

hasher = PasswordHasher()
# Checked when there is no such account, so that an unknown name costs the same time as a wrong password.
_NOBODY = hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, eq=False)
class Visitor(UserMixin, Person):
    """Whoever is signed in on this request, with what every page needs, from one query."""

    sign_in_id: int
    last_used_at: datetime
    confirmed_at: datetime
    shared: bool
    started_at: datetime
    therapist: str | None
    program: ProgramFacts
    token: str

    @property
    def idle(self) -> timedelta:
        """How long this browser may be quiet before it is signed out."""
        return idle_limit(self.role, self.shared, self.program.idle_minutes)

    def is_fresh(self, now: datetime) -> bool:
        """Whether they proved lately enough that it is they, for what asks for that."""
        return now - self.confirmed_at <= FRESH

    def left(self, now: datetime, counted: bool = False) -> int:
        """Seconds until this browser is signed out if it stays quiet; `counted` when this request was a use."""
        quiet = now - self.last_used_at
        if counted and quiet >= LAST_USE_EVERY:  # it has just been written
            quiet = timedelta()
        return max(0, int(min(self.idle - quiet, ABSOLUTE[self.role] - (now - self.started_at)).total_seconds()))

    def get_id(self) -> str:
        return self.token


@dataclass(frozen=True, slots=True)
class Arriving:
    """Somebody who has shown one thing and is asked for another: `stage` is "second", or "enrol" to set one up."""

    person: Person
    stage: str
    sign_in_id: int
    shared: bool
    started_at: datetime
    program: ProgramFacts


class Stranger(AnonymousUserMixin):
    """Nobody: a request without a living session."""

    id = None
    role = None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def idle_limit(role: str, shared: bool, participant_minutes: int) -> timedelta:
    """How long a browser may be quiet: by role, and shorter on a device that others use too."""
    limit = IDLE.get(role, timedelta(minutes=participant_minutes))
    return min(limit, IDLE_SHARED) if shared else limit


# Built once: it runs on every request of everyone who is signed in.
_VISITOR = (
    select(
        *PERSON,
        SignIn.id,
        SignIn.last_used_at,
        SignIn.confirmed_at,
        SignIn.shared,
        SignIn.started_at,
        *primary_therapist(),
        *program.COLUMNS,
    )
    .select_from(SignIn)
    .join(Account, Account.id == SignIn.account_id)
    .join(Program, true())
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.stage == "full",
        SignIn.ended_at.is_(None),
        Account.disabled_at.is_(None),
    )
)
_OF_VISITOR = len(PERSON) + 5


def visitor(token: str, now: datetime) -> Visitor | None:
    """The person whose living session `token` opens; None for one that is unknown, ended, idle or too old."""
    row = db.session.connection().execute(_VISITOR, {"token_hash": _hash(token)}).first()  # plain columns: no mapper
    if row is None:
        return None
    values: tuple[Any, ...] = tuple(row)
    therapist, since, *settings = values[_OF_VISITOR:]
    facts = program.facts(tuple(settings))
    held = therapist if has_begun(since, now, facts.zone) else None
    found = Visitor(*values[:_OF_VISITOR], held, facts, token)
    if now - found.last_used_at > found.idle or now - found.started_at > ABSOLUTE[found.role]:
        return None
    return found


def last_visitor(token: str, now: datetime) -> Person | None:
    """Whose session `token` was, if it ran out of time by itself, and lately: within its day, and not more than
    JUST_NOW after its quiet limit. One ended by sign-out belongs to nobody, and an old cookie to nobody either."""
    row = db.session.execute(
        select(*PERSON, SignIn.started_at, SignIn.last_used_at, Program.idle_minutes)
        .join(SignIn, SignIn.account_id == Account.id)
        .join(Program, true())
        .where(
            SignIn.token_hash == _hash(token),
            SignIn.stage == "full",
            SignIn.shared.is_(False),  # nothing is kept there
            SignIn.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    person = person_in(row)
    lately = idle_limit(person.role, False, row.idle_minutes) + JUST_NOW
    return person if row.started_at > now - ABSOLUTE[person.role] and row.last_used_at > now - lately else None


def use(visitor: Visitor, now: datetime) -> bool:
    """Note that the session is in use, at most once a minute. True when there is something to commit."""
    if now - visitor.last_used_at < LAST_USE_EVERY:
        return False
    db.session.execute(update(SignIn).where(SignIn.id == visitor.sign_in_id).values(last_used_at=now))
    return True


def check(name: str, password: str) -> Person | None:
    """The person with this address (or sign-in name) and password; None for any other pair, in equal time.

    The hash is asked for again once it was checked, since that is slow: a password that was changed meanwhile is a
    wrong one. From there to the end of the transaction nobody changes it, so the caller opens the session in this
    same transaction, and a change that waits for it ends that session with the others. A hash that is weaker than
    those made now is made anew there.
    """
    row = db.session.execute(
        select(*PERSON, Account.password_hash).where(
            Account.contact_hash == contacts.hash_of(name), Account.disabled_at.is_(None)
        )
    ).first()
    if not matches(row.password_hash if row else None, password) or row is None:
        return None
    strong = _as_strong_as_now(row.password_hash, password)
    hashes = row.password_hash, strong  # the second is there already if somebody else signed in a moment ago
    same = Account.id == row.id, Account.password_hash.in_(hashes), Account.disabled_at.is_(None)
    still = update(Account).where(*same).values(password_hash=strong)
    return Person(*row[:-1]) if write(still, synchronize_session=False) else None


def _as_strong_as_now(known: str, password: str) -> str:
    """The hash `known` of `password`, which was just checked; a new one where hashes are made otherwise by now.

    Its salt comes from the old hash, which is as random: two sign-ins at one moment make the same one.
    """
    if not hasher.check_needs_rehash(known):
        return known
    return hasher.hash(normal(password), salt=hashlib.sha256(known.encode()).digest()[:SALT_LENGTH])


def matches(known: str | None, password: str) -> bool:
    """Whether the hash `known` is that of `password`; never without one, which takes as long to say."""
    try:
        hasher.verify(known or _NOBODY, normal(password)[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(known)


def start(
    person: Person, now: datetime, *, stage: str = "full", how: str = "password", shared: bool = False, device: str = ""
) -> str:
    """Open a session for `person` and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            token_hash=_hash(token),
            account_id=person.id,
            stage=stage,
            how=how,
            shared=shared,
            device=device,
            started_at=now,
            last_used_at=now,
            confirmed_at=now,
        )
    )
    db.session.flush()  # `visitor` finds it at once
    return token


def arriving(token: str, now: datetime) -> Arriving | None:
    """Who has shown one factor under `token` and not the other; None for nobody, or after ARRIVAL."""
    row = db.session.execute(
        select(*PERSON, SignIn.stage, SignIn.id, SignIn.shared, SignIn.started_at, *program.COLUMNS)
        .join(SignIn, SignIn.account_id == Account.id)
        .join(Program, true())
        .where(
            SignIn.token_hash == _hash(token),
            SignIn.stage != "full",
            SignIn.started_at > now - ARRIVAL,
            SignIn.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    values: tuple[Any, ...] = tuple(row)
    stage, sign_in_id, shared, started_at, *settings = values[len(PERSON) :]
    return Arriving(person_in(row), stage, sign_in_id, shared, started_at, program.facts(tuple(settings)))


def renew(visitor: Visitor, how: str, now: datetime) -> str:
    """Put a new token in the place of the one this session had, and note the proof; the new token."""
    token = secrets.token_urlsafe(32)
    db.session.execute(
        update(SignIn)
        .where(SignIn.id == visitor.sign_in_id, SignIn.ended_at.is_(None))
        .values(token_hash=_hash(token), confirmed_at=now, last_used_at=now, how=how)
    )
    return token


def end_quietly(token: str | None, now: datetime) -> None:
    """End the session or half-done sign-in of `token`, if there is one, in the caller's transaction."""
    if token:
        living = SignIn.token_hash == _hash(token), SignIn.ended_at.is_(None)
        db.session.execute(update(SignIn).where(*living).values(ended_at=now))


def end_all(person: Person, now: datetime, but: int | None = None) -> None:
    """End every session of `person`, but for the one with the id `but`: nothing they opened opens any more."""
    living = [SignIn.account_id == person.id, SignIn.ended_at.is_(None)]
    if but is not None:
        living.append(SignIn.id != but)
    db.session.execute(update(SignIn).where(*living).values(ended_at=now))


def end_half_done(person: Person, now: datetime) -> None:
    """End every sign-in of `person` that has shown one thing and not the other: what it would ask for has changed."""
    living = SignIn.account_id == person.id, SignIn.stage != "full", SignIn.ended_at.is_(None)
    db.session.execute(update(SignIn).where(*living).values(ended_at=now))


def set_password(person: Person, password: str) -> None:
    """Give `person` this password; the caller has checked that it is a good one."""
    hashed = hasher.hash(normal(password))
    db.session.execute(update(Account).where(Account.id == person.id).values(password_hash=hashed))


def end(token: str, now: datetime) -> bool:
    """End the session that `token` opens: it opens nothing from now on. True when there is something to commit.

    A half-done sign-in ends too, and off the record, as it began. A database that does not answer keeps nobody from
    leaving: that is False, too.
    """
    living = SignIn.token_hash == _hash(token), SignIn.ended_at.is_(None)
    try:
        now_ended = update(SignIn).where(*living).values(ended_at=now)
        account = db.session.execute(now_ended.returning(SignIn.account_id.label("id"), SignIn.stage)).first()
    except DBAPIError:
        db.session.rollback()
        return False
    if account is None:
        return False
    if account.stage == "full":
        audit.record(account, "session.end")
    return True


def end_off_the_record(token: str, now: datetime) -> None:
    """End the session of `token` where the audit record takes nothing: that keeps nobody from leaving."""
    db.session.rollback()
    end_quietly(token, now)
