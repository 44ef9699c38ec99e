"""Joining and coming back: how somebody makes an account theirs with an invitation."""

from datetime import datetime

from sqlalchemy import update

from portal import audit
from portal.db import db
from portal.door import change_notices, factors, grants, passwords
from portal.door.factors import passkeys, recovery
from portal.door.joining import invitations
from portal.door.joining.invitations import OpenInvitation
from portal.fields import Refused
from portal.people.models import Account


def join(invitation: OpenInvitation, now: datetime, *, called: str, mail_ok: bool, **proof: str | None) -> list[str]:
    """Make the account theirs. Recovery codes to be shown once, after a passkey.

    The `proof` is how they show from now on that it is they: a `password`, or the browser's answer for a `passkey` and
    the name of its `device`. Raises InvitationClosed, and Refused for a passkey that is not taken.
    """
    person = invitation.person
    codes = _take_proof(invitation, now, **proof)
    facts = {"called": called, "mail_ok": mail_ok and invitation.has_address, "joined_at": now}
    db.session.execute(update(Account).where(Account.id == person.id).values(**facts))
    audit.record(person, "account.join", person.as_participant, person.key)
    return codes


def come_back(invitation: OpenInvitation, now: datetime, **proof: str | None) -> tuple[list[str], list[str]]:
    """Set a new password, and end every grant that was made before.

    A `restore` also takes away the second factors, which are lost. Takes and raises what join does; returns the
    recovery codes that join does, and what ended.
    """
    person = invitation.person
    codes = _take_proof(invitation, now, **proof)
    ended = grants.end_all(person, now)
    audit.record(person, "account.return", person.as_participant, person.key)
    change_notices.send(person, now)
    return codes, ended


def _take_proof(
    invitation: OpenInvitation,
    now: datetime,
    *,
    password: str | None = None,
    passkey: str | None = None,
    device: str | None = None,
) -> list[str]:
    """Use the invitation up, and give its account the password or the passkey; recovery codes after a passkey.

    A reset takes no passkey: it does not get around the second factor.
    """
    person = invitation.person
    hashed = passwords.hash_of(password) if password else None
    if not (hashed or passkey) or (passkey and invitation.purpose == "reset"):
        raise Refused("", "Choose a password.")
    invitations.use_up(invitation, now)
    if invitation.purpose == "restore":
        factors.forget_all(person)
    if hashed:
        passwords.give(person, hashed)
        return []
    key = passkeys.add_passkey(person, passkey or "", device or "", now).key
    audit.record(person, "factor.add", subject=key)
    audit.record(person, "factor.codes")
    return recovery.new_codes(person)  # the account has none, or only those that were lost
