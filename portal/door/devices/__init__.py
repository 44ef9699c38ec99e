"""A person's own sign-in: how they sign in, where they are signed in now, and what they may change of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import Instant, db, reader
from portal.door import change_notices, factors, grants, known_devices, passwords, sign_ins
from portal.door.factors import authenticator, factor_changes, passkeys
from portal.door.joining import invitations
from portal.door.models import SignIn
from portal.door.sign_ins import Visitor
from portal.fields import Refused
from portal.people import Person, contacts
from portal.people.models import Account


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
class OwnAccount:
    """The account page of one person: sign-in, whether email may go there, and their browsers, the latest first.

    `known_device` is the id of the one that asks, if they have signed in there before.
    """

    key: str
    sealed_contact: bytes = field(repr=False)
    mail_ok: bool
    password_hash: str | None = field(repr=False)
    has_app: bool
    has_passkey: bool
    known_device: int | None
    devices: tuple[Device, ...] = ()

    @property
    def contact(self) -> str:
        return contacts.contact_of(self.key, self.sealed_contact)

    @property
    def has_second_factor(self) -> bool:
        return self.has_app or self.has_passkey

    @property
    def is_address(self) -> bool:
        return contacts.is_address(self.contact)

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None

    @property
    def proves_by_code(self) -> bool:
        """Whether a code counts as a new proof: only for someone who would have no way left once a passkey is lost.

        Whoever holds the unlocked phone holds the authenticator app and perhaps the printed codes, too.
        """
        return self.has_second_factor and not self.has_password


_idle_since, _shared_idle_since = (
    bindparam("idle_since", type_=Instant()),
    bindparam("shared_idle_since", type_=Instant()),
)
_OWN = (
    select(
        Account.key.label("account.key"),
        Account.contact.label("account.sealed_contact"),
        Account.mail_ok.label("account.mail_ok"),
        Account.password_hash.label("account.password_hash"),
        factors.has_app(Account.id).label("account.has_app"),
        factors.has_passkey(Account.id).label("account.has_passkey"),
        known_devices.HERE.label("account.known_device"),
        SignIn.key.label("device.key"),
        func.coalesce(func.nullif(SignIn.device, ""), "A browser").label("device.name"),
        SignIn.how.label("device.how"),
        SignIn.shared.label("device.shared"),
        SignIn.started_at.label("device.started_at"),
        SignIn.last_used_at.label("device.last_used_at"),
        (SignIn.id == bindparam("sign_in_id")).label("device.is_this"),
    )
    .join(SignIn, SignIn.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        SignIn.stage == "full",
        SignIn.ended_at.is_(None),
        SignIn.started_at >= bindparam("started_since", type_=Instant()),
        SignIn.last_used_at >= case((SignIn.shared, _shared_idle_since), else_=_idle_since),
    )
    .order_by(SignIn.last_used_at.desc(), SignIn.id.desc())
)
_account_in = reader(OwnAccount, _OWN, within="account.")
_device_in = reader(Device, _OWN, within="device.")


def own_account(visitor: Visitor, now: datetime) -> OwnAccount:
    """The account of `visitor` as its page shows it, in one read; sign-ins that have run out are left out."""
    idle, idle_shared = (
        sign_ins.idle_limit(visitor.role, shared, visitor.program.idle_minutes) for shared in (False, True)
    )
    named = {
        "account_id": visitor.id,
        "sign_in_id": visitor.sign_in_id,
        "device_hash": known_devices.device_hash(),
        "idle_since": now - idle,
        "shared_idle_since": now - idle_shared,
        "started_since": now - sign_ins.ABSOLUTE[visitor.role],
    }
    rows = db.session.execute(_OWN, named).all()
    return replace(_account_in(rows[0]), devices=tuple(map(_device_in, rows)))


def prove(visitor: Visitor, own: OwnAccount, password: str, code: str, passkey: str, now: datetime) -> str:
    """The way in which `visitor` has proved anew that it is they, as SignIn.how says it; raises Refused.

    A borrowed phone must not give it: see OwnAccount.proves_by_code.
    """
    if passkey:
        passkeys.prove(visitor, passkey, now)
        return "passkey"
    if own.has_password:
        if passwords.matches(own.password_hash, password):
            return "password"
        raise Refused("password", "This is not your password. Check it, then try again.")
    if how := factor_changes.take_code(visitor, code, now):
        return how
    raise Refused(
        "code", f"This code does not work. Wait for the next one, or use a recovery code. {authenticator.CLOCK}"
    )


def end(person: Person, key: str, now: datetime) -> list[str]:
    """End the sign-in `key` of `person`, and all that its device may hold, for it may be lost; what ended with it.

    Raises NotFound for a sign-in that is not theirs. A second tap ends nothing more.
    """
    theirs = SignIn.key == key, SignIn.account_id == person.id
    if sign_ins.end_those(now, *theirs):
        audit.record(person, "session.end", subject=key)
        return grants.end_what_a_device_holds(person, now)
    if db.session.scalar(select(SignIn.id).where(*theirs)) is None:
        raise NotFound
    return []


def end_others(visitor: Visitor, now: datetime) -> list[str]:
    """End every grant of `visitor` but the sign-in that asks: a device may be lost, or in wrong hands. What ended."""
    audit.record(visitor, "session.end_others")
    return grants.end_all(visitor, now, but=visitor.sign_in_id)


def change_password(
    visitor: Visitor, own: OwnAccount, password: str, now: datetime, *, present: str = "", passkey: str = ""
) -> list[str]:
    """Give `visitor` this password, which the caller has found good. Every other grant of theirs ends (end_others):
    a link in a mailbox that others read would undo the change. What ended.

    Raises Refused where `present` is not the password that they have; whoever has none shows a `passkey` of theirs.
    """
    if not own.has_password:
        passkeys.prove(visitor, passkey, now)
    elif not passwords.matches(own.password_hash, present):
        raise Refused("present_password", "This is not your password. Check it, then try again.")
    passwords.give(visitor, passwords.hash_of(password))
    audit.record(visitor, "account.password")
    change_notices.send(visitor, now)
    return end_others(visitor, now)


def change_contact(visitor: Visitor, contact: str, mail_ok: bool, now: datetime) -> None:
    """Let `visitor` sign in with `contact` from now on; raises Refused, and then nothing has changed.

    Links and codes that are still open end, and the notice goes to where they were reached before, if only they read
    it there.
    """
    account = db.session.get_one(Account, visitor.id)
    before = contacts.private_address(account.key, account.contact, account.mail_ok)
    try:
        with db.session.begin_nested():
            contacts.give(account, contact)
            account.mail_ok = mail_ok and contacts.is_address(contact)
    except IntegrityError:
        raise Refused("contact", "You cannot use this here. If it is yours, call us.") from None
    invitations.end_all(visitor, now)
    audit.record(visitor, "account.contact")
    change_notices.send_to(before, account, now)


def allow_mail(visitor: Visitor, mail_ok: bool, now: datetime) -> None:
    """Note whether only `visitor` reads mail at their address. Without an address there is none to send.

    Where others read it, what was mailed there opens nothing any more.
    """
    account = db.session.get_one(Account, visitor.id)
    account.mail_ok = mail_ok and contacts.is_address(contacts.contact_of(account.key, account.contact))
    if not account.mail_ok:
        invitations.end_all(visitor, now)
    audit.record(visitor, "account.mail")
