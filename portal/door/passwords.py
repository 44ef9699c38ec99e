"""Passwords: hashed slowly, found with what their owner signs in with, and checked in equal time."""

import hashlib

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from portal import tokens
from portal.db import db, write
from portal.door.password_rules import MOST, normal
from portal.people import PERSON, Person, contacts, person_in
from portal.people.models import Account

SALT_LENGTH = 16  # bytes

hasher = PasswordHasher()
# Checked when there is no such account, so that an unknown name costs the same time as a wrong password.
_NOBODY = hasher.hash(tokens.make())


def hash_of(password: str) -> str:
    """The hash under which a password is kept. It takes its time, so call it before anything is locked."""
    return hasher.hash(normal(password))


def give(person: Person, hashed: str) -> None:
    """Make `hashed` (hash_of) the password of `person`; the caller has found the password good."""
    db.session.execute(update(Account).where(Account.id == person.id).values(password_hash=hashed))


def matches(known: str | None, password: str) -> bool:
    """Whether the hash `known` is that of `password`; never without one, which takes as long to say."""
    try:
        hasher.verify(known or _NOBODY, normal(password)[: MOST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(known)


def find_owner(name: str, password: str) -> Person | None:
    """The person with this address (or sign-in name) and password; None for any other pair, in equal time.

    The hash is asked for again once it was checked, since that is slow: a password that was changed meanwhile is a
    wrong one. From there to the end of the transaction nobody changes it, so the caller opens the sign-in in this
    same transaction, and a change that waits for it ends that sign-in with the others. A hash that is weaker than
    those made now is made anew there.
    """
    named = Account.contact_hash == contacts.hash_of(name), Account.disabled_at.is_(None)
    row = db.session.execute(select(*PERSON, Account.password_hash).where(*named)).first()
    if not matches(row.password_hash if row else None, password) or row is None:
        return None
    strong = row.password_hash
    if hasher.check_needs_rehash(strong):
        # Its salt comes from the old hash, which is as random: two sign-ins at one moment make the same one.
        salt = hashlib.sha256(strong.encode()).digest()[:SALT_LENGTH]
        strong = hasher.hash(normal(password), salt=salt)
    hashes = row.password_hash, strong  # the second is there already if somebody else signed in a moment ago
    same = Account.id == row.id, Account.password_hash.in_(hashes), Account.disabled_at.is_(None)
    still = write(update(Account).where(*same).values(password_hash=strong), synchronize_session=False)
    return person_in(row) if still else None
