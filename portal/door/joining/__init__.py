"""Joining and coming back: how somebody makes an account theirs with an invitation."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import update

from portal import audit
from portal.db import db
from portal.door import change_notices, factors, known_devices, passwords, sign_ins
from portal.door.factors import passkeys, recovery
from portal.door.joining import invitations
from portal.door.joining.invitations import OpenInvitation
from portal.fields import Refused
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class Proof:
    """The way in which somebody shows from now on that it is they.

    It is a password, or a passkey (the browser's answer) of a `device`.
    """

    password: str | None = field(default=None, repr=False)
    passkey: str | None = field(default=None, repr=False)
    device: str = ""


def join(invitation: OpenInvitation, now: datetime, proof: Proof, *, called: str, mail_ok: bool) -> list[str]:
    """Make the account theirs. Recovery codes to be shown once, after a passkey.

    Raises InvitationClosed, and Refused for a passkey that is not taken.
    """
    person = invitation.person
    codes = _take_proof(invitation, now, proof)
    facts = {"called": called, "mail_ok": mail_ok and invitation.has_address, "joined_at": now}
    db.session.execute(update(Account).where(Account.id == person.id).values(**facts))
    audit.record(person, "account.join", person if person.role == "participant" else None, person.key)
    return codes


def come_back(invitation: OpenInvitation, now: datetime, proof: Proof) -> list[str]:
    """Set a new password, end every sign-in, and know no other device.

    A `restore` also takes away the second factors, which are lost. Returns and raises as join does. A passkey is taken
    with a `restore` only: a reset does not get around the second factor.
    """
    if proof.passkey and invitation.purpose != "restore":
        raise Refused("", "Choose a password.")
    person = invitation.person
    codes = _take_proof(invitation, now, proof)
    sign_ins.end_all(person, now)
    known_devices.forget(person)
    audit.record(person, "account.return", person if person.role == "participant" else None, person.key)
    change_notices.send(person, now)
    return codes


def _take_proof(invitation: OpenInvitation, now: datetime, proof: Proof) -> list[str]:
    """Use the invitation up, and give its account the password or the passkey; recovery codes after a passkey."""
    person = invitation.person
    hashed = passwords.hash_of(proof.password) if proof.password else None
    if not (hashed or proof.passkey):
        raise Refused("", "Choose a password.")
    invitations.use_up(invitation, now)
    if invitation.purpose == "restore":
        factors.forget_all(person)
    if hashed:
        passwords.give(person, hashed)
        return []
    key = passkeys.add_passkey(person, proof.passkey or "", proof.device, now).key
    audit.record(person, "factor.add", subject=key)
    audit.record(person, "factor.codes")
    return recovery.new_codes(person)  # the account has none, or only those that were lost
