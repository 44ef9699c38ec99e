"""What is a person's own: how they sign in, where they are signed in now, and what they may change of it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import db
from portal.door import joining, known, notices, sign_in
from portal.door.models import Authenticator, Passkey, SignIn
from portal.people import Person, contacts
from portal.people.models import Account


class Taken(ValueError):
    """Somebody else signs in with this address or name."""


@dataclass(frozen=True, slots=True)
class Device:
    """One browser in which a person is signed in now; `is_this` is the one that asks."""

    key: str
    name: str
    how: str
    shared: bool
    started_at: datetime
    last_used_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Own:
    """How a person signs in, whether mail may go there, and the browsers they are signed in with, the latest first.

    `known_device` is the id of the one that asks, if they have signed in there before.
    """

    contact: str
    mail_ok: bool
    password_hash: str | None = field(repr=False)
    has_app: bool
    has_passkey: bool
    known_device: int | None
    devices: list[Device]

    @property
    def has_second_factor(self) -> bool:
        return self.has_app or self.has_passkey

    @property
    def is_address(self) -> bool:
        return contacts.is_address(self.contact)


def own(visitor: sign_in.Visitor, now: datetime) -> Own:
    """What the account page shows of `visitor`, from one query; sessions that have run out are left out."""
    idle, idle_shared = (
        sign_in.idle_limit(visitor.role, shared, visitor.program.idle_minutes) for shared in (False, True)
    )
    rows = db.session.execute(
        select(
            Account.contact,
            Account.mail_ok,
            Account.password_hash,
            select(Authenticator)
            .where(Authenticator.account_id == Account.id, Authenticator.confirmed_at.is_not(None))
            .exists()
            .label("has_app"),
            select(Passkey).where(Passkey.account_id == Account.id).exists().label("has_passkey"),
            known.here().label("known_device"),
            SignIn.id,
            SignIn.key,
            SignIn.device,
            SignIn.how,
            SignIn.shared,
            SignIn.started_at,
            SignIn.last_used_at,
        )
        .join(SignIn, SignIn.account_id == Account.id)
        .where(
            Account.id == visitor.id,
            SignIn.stage == "full",
            SignIn.ended_at.is_(None),
            SignIn.started_at >= now - sign_in.ABSOLUTE[visitor.role],
            SignIn.last_used_at >= now - idle,
        )
        .order_by(SignIn.last_used_at.desc(), SignIn.id.desc())
    ).all()
    devices = [
        Device(
            row.key,
            row.device or "A browser",
            row.how,
            row.shared,
            row.started_at,
            row.last_used_at,
            row.id == visitor.sign_in_id,
        )
        for row in rows
        if now - row.last_used_at <= (idle_shared if row.shared else idle)
    ]
    first = rows[0]
    contact = contacts.contact_of(visitor.key, first.contact)
    has = first.has_app, first.has_passkey
    return Own(contact, first.mail_ok, first.password_hash, *has, first.known_device, devices)


def of(visitor: sign_in.Visitor, now: datetime) -> list[Device]:
    """Where `visitor` is signed in now, the latest first."""
    return own(visitor, now).devices


def end(person: Person, key: str, now: datetime) -> None:
    """End the session `key` of `person`: it opens nothing from its next request on. Raises NotFound for another's."""
    theirs = SignIn.key == key, SignIn.account_id == person.id
    ended = db.session.execute(
        update(SignIn).where(*theirs, SignIn.ended_at.is_(None)).values(ended_at=now).returning(SignIn.id)
    ).first()
    if ended:
        audit.record(person, "session.end", subject=key)
    elif db.session.scalar(select(SignIn.id).where(*theirs)) is None:
        raise NotFound


def end_others(visitor: sign_in.Visitor, now: datetime) -> None:
    """End every session of `visitor` but the one that asks, half-done ones too; and know no other device of theirs."""
    sign_in.end_all(visitor, now, but=visitor.sign_in_id)
    known.forget(visitor)
    audit.record(visitor, "session.end_others")


def change_password(visitor: sign_in.Visitor, password: str, now: datetime) -> None:
    """Give `visitor` this password, which the caller has found good. All else of theirs ends (end_others).

    So does every link or code for their account: one in a mailbox that others read would undo the change.
    """
    sign_in.set_password(visitor, password)
    joining.end_open(visitor, now)
    end_others(visitor, now)
    audit.record(visitor, "account.password")
    account = db.session.get_one(Account, visitor.id)
    notices.of_change(account, now, notices.address_of(account))


def change_contact(visitor: sign_in.Visitor, contact: str, mail_ok: bool, now: datetime) -> None:
    """Let `visitor` sign in with `contact` from now on; raises Taken, and then nothing has changed.

    Links and codes that are still open end, and the notice goes to where they were reached before, if only they read
    it there.
    """
    account = db.session.get_one(Account, visitor.id)
    before = notices.address_of(account)
    try:
        with db.session.begin_nested():
            contacts.give(account, contact)
            account.mail_ok = mail_ok and contacts.is_address(contact)
    except IntegrityError:
        raise Taken from None
    joining.end_open(visitor, now)
    audit.record(visitor, "account.contact")
    notices.of_change(account, now, before)


def allow_mail(visitor: sign_in.Visitor, mail_ok: bool, now: datetime) -> None:
    """Note whether only `visitor` reads mail at their address. Without an address there is none to send.

    Where others read it, what was mailed there opens nothing any more.
    """
    account = db.session.get_one(Account, visitor.id)
    account.mail_ok = mail_ok and contacts.is_address(contacts.contact_of(account.key, account.contact))
    if not account.mail_ok:
        joining.end_open(visitor, now)
    audit.record(visitor, "account.mail")
