"""Joining and coming back: one-use links and printed codes, what they open, and how one is used up."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, program, seal
from portal.db import db, new_key, write
from portal.door import factors, known, notices, sign_in
from portal.door.models import Invitation
from portal.door.passwords import normal
from portal.people import PERSON, Person, care, contacts, person_in
from portal.people.models import Account

LINK_LIVES = {"join": timedelta(days=7), "reset": timedelta(minutes=30), "restore": timedelta(minutes=30)}
CODE_LIVES = timedelta(days=14)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read or copied as something else
CODE_LENGTH = 12


class HasId(Protocol):
    @property
    def id(self) -> int: ...


class Taken(ValueError):
    """Somebody signs in with this address or name already."""


class Closed(ValueError):
    """The link or code was used, ended or ran out a moment ago."""


@dataclass(frozen=True, slots=True)
class OneUse:
    """A new link or code. Its text exists nowhere else: whoever has it, has what it opens."""

    purpose: str
    printed: bool
    expires_at: datetime
    text: str = field(repr=False)

    @property
    def spelled(self) -> str:
        """A code as it is printed: K7QM-4TXR-9WHP."""
        return "-".join(self.text[n : n + 4] for n in range(0, CODE_LENGTH, 4))


@dataclass(frozen=True, slots=True)
class Opened:
    """What an open link or code is for. `key` is the invitation's own, which opens nothing by itself."""

    key: str
    purpose: str
    person: Person
    contact: str
    mail_ok: bool

    @property
    def has_address(self) -> bool:
        return contacts.is_address(self.contact)


def invite(
    coordinator: Person | None,
    name: str,
    called: str,
    contact: str,
    role: str,
    therapist: Person | None,
    covering: Person | None,
    now: datetime,
    *,
    printed: bool = False,
) -> tuple[Person, OneUse]:
    """Open an account that nobody has joined yet, with its care team; and the link or code that joins it.

    Raises Taken. Nobody but whoever holds the link ever knows a password.
    """
    zone = program.current().zone
    account = contacts.new_account(contact, role=role, name=name, called=called, zone=zone, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        raise Taken from None
    person = Person(account.id, account.key, role, name, called, zone)
    audit.record(coordinator, "account.invite", person if role == "participant" else None, person.key)
    for treats, care_role in ((therapist, "primary"), (covering, "covering")):
        if treats:
            care.add(coordinator, person, treats, care_role, now)
    return person, make(person, "join", coordinator, now, printed=printed)


def make(account: HasId, purpose: str, by: HasId | None, now: datetime, *, printed: bool = False) -> OneUse:
    """A new link or code for `account`; older ones for the same purpose end.

    One that a person asked for, by nobody, leaves alone what a coordinator gave them: anyone can ask.
    """
    older = [Invitation.account_id == account.id, Invitation.purpose == purpose]
    if by is None:
        older.append(Invitation.made_by_id.is_(None))
    _end(now, *older)
    text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) if printed else secrets.token_urlsafe(32)
    one_use = OneUse(purpose, printed, now + (CODE_LIVES if printed else LINK_LIVES[purpose]), text)
    db.session.add(
        Invitation(
            key=new_key(),
            account_id=account.id,
            purpose=purpose,
            token_hash=_hash_of_code(text) if printed else _hash_of_token(text),
            made_by_id=by.id if by else None,
            made_at=now,
            expires_at=one_use.expires_at,
        )
    )
    return one_use


def _end(now: datetime, *which: ColumnElement[bool]) -> int:
    """Put these invitations out of use; how many were open."""
    ended = update(Invitation).where(Invitation.used_at.is_(None), *which).values(used_at=now)
    return write(ended, synchronize_session=False)


def end_open(account: HasId, now: datetime) -> None:
    """Put every open link and code of `account` out of use."""
    _end(now, Invitation.account_id == account.id)


def _hash_of_token(token: str) -> str:
    return seal.index(f"invitation:{token}")


def _hash_of_code(code: str) -> str:
    """Hashed apart from tokens, so that no code opens as a link, where nobody counts the tries."""
    return seal.index(f"invitation code:{code}")


def opened(token: str, now: datetime) -> Opened | None:
    """What the link with this token opens; None for one that was used, ended, ran out, or never was."""
    return _find(Invitation.token_hash == _hash_of_token(token), now)


def opened_by_code(typed: str, now: datetime) -> Opened | None:
    """What a printed code opens, however it was spaced; None as for a link."""
    code = "".join(c for c in typed.upper() if c.isalnum())
    return _find(Invitation.token_hash == _hash_of_code(code), now)


def held(key: str | None, now: datetime) -> Opened | None:
    """The invitation that this browser has opened and not used yet."""
    return _find(Invitation.key == key, now) if key else None


def _find(which: ColumnElement[bool], now: datetime) -> Opened | None:
    row = db.session.execute(
        select(*PERSON, Invitation.key.label("invitation_key"), Invitation.purpose, Account.contact, Account.mail_ok)
        .join(Account, Account.id == Invitation.account_id)
        .where(which, Invitation.used_at.is_(None), Invitation.expires_at > now, Account.disabled_at.is_(None))
    ).first()
    if row is None:
        return None
    person = person_in(row)
    contact = contacts.contact_of(person.key, row.contact)
    return Opened(row.invitation_key, row.purpose, person, contact, row.mail_ok)


def _use_up(invitation: Opened, now: datetime) -> None:
    """Of two who use it at the same moment one gets here, and Closed is raised for the other."""
    if not _end(now, Invitation.key == invitation.key, Invitation.expires_at > now):
        raise Closed
    end_open(invitation.person, now)


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody shows from now on that it is they: a password, or a passkey (the browser's answer) of a `device`."""

    password: str | None = field(default=None, repr=False)
    passkey: str | None = field(default=None, repr=False)
    device: str = ""


def join(invitation: Opened, now: datetime, proof: Proof, *, called: str, mail_ok: bool) -> list[str]:
    """Make the account theirs. Recovery codes to be shown once, after a passkey.

    Raises Closed, and ValueError with one sentence for a passkey that is not taken.
    """
    person = invitation.person
    codes = _prove(invitation, now, proof)
    facts = {"called": called, "mail_ok": mail_ok and invitation.has_address, "joined_at": now}
    db.session.execute(update(Account).where(Account.id == person.id).values(**facts))
    audit.record(person, "account.join", person if person.role == "participant" else None, person.key)
    return codes


def come_back(invitation: Opened, now: datetime, proof: Proof) -> list[str]:
    """Set a new password, end every session, and know no other device.

    A `restore` also takes away the second factors, which are lost. Returns and raises as join does. A passkey is taken
    with a `restore` only: a reset does not get around the second factor.
    """
    if proof.passkey and invitation.purpose != "restore":
        raise ValueError("Choose a password.")
    person = invitation.person
    codes = _prove(invitation, now, proof)
    sign_in.end_all(person, now)
    known.forget(person)
    audit.record(person, "account.return", person if person.role == "participant" else None, person.key)
    account = db.session.get_one(Account, person.id)
    notices.of_change(account, now, notices.address_of(account))
    return codes


def _prove(invitation: Opened, now: datetime, proof: Proof) -> list[str]:
    """Use the invitation up, and give its account the password or the passkey."""
    person = invitation.person
    hashed = sign_in.hasher.hash(normal(proof.password)) if proof.password else None  # slow: before anything is locked
    if not (hashed or proof.passkey):
        raise ValueError("Choose a password.")
    _use_up(invitation, now)
    if invitation.purpose == "restore":
        factors.forget_all(person)
    if proof.passkey:
        key = factors.add_passkey(person, proof.passkey, proof.device, now).key
        audit.record(person, "factor.add", subject=key)
        audit.record(person, "factor.codes")
        return factors.new_codes(person)  # the account has none, or only those that were lost
    db.session.execute(update(Account).where(Account.id == person.id).values(password_hash=hashed))
    return []
