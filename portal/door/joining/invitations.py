"""Invitations: one-use links and printed codes. How they are made, found by what somebody holds, and ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from portal import tokens
from portal.audit import HasId
from portal.db import db, new_key, reader, write
from portal.door import grants
from portal.door.models import Invitation
from portal.people import Person, contacts, person_columns
from portal.people.models import Account

LINK_LIVES = {"join": timedelta(days=7), "reset": timedelta(minutes=30), "restore": timedelta(minutes=30)}
CODE_LIVES = timedelta(days=14)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read or copied as something else
CODE_LENGTH = 12


class InvitationClosed(ValueError):
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
class OpenInvitation:
    """An invitation that somebody can use now. `key` is its own, which opens nothing by itself."""

    key: str
    purpose: str
    person: Person
    sealed_contact: bytes = field(repr=False)
    mail_ok: bool

    @property
    def contact(self) -> str:
        return contacts.contact_of(self.person.key, self.sealed_contact)

    @property
    def has_address(self) -> bool:
        return contacts.is_address(self.contact)


def make(account: HasId, purpose: str, by: HasId | None, now: datetime, *, printed: bool = False) -> OneUse:
    """Make a link or code for `account`; older ones for the same purpose end.

    One that a person asked for, by nobody, leaves alone what a coordinator gave them: anyone can ask.
    """
    older = [Invitation.account_id == account.id, Invitation.purpose == purpose]
    if by is None:
        older.append(Invitation.made_by_id.is_(None))
    _end(now, *older)
    text = tokens.make_code(ALPHABET, CODE_LENGTH) if printed else tokens.make()
    one_use = OneUse(purpose, printed, now + (CODE_LIVES if printed else LINK_LIVES[purpose]), text)
    db.session.add(
        Invitation(
            key=new_key(),
            account_id=account.id,
            purpose=purpose,
            token_hash=_hash_of_code(text) if printed else _hash_of_link(text),
            made_by_id=by.id if by else None,
            made_at=now,
            expires_at=one_use.expires_at,
        )
    )
    return one_use


def _hash_of_link(token: str) -> str:
    return tokens.hash_of("invitation", token)


def _hash_of_code(code: str) -> str:
    """Hashed apart from links, so that no code opens as one, where nobody counts the tries."""
    return tokens.hash_of("invitation code", code)


_OPEN = (
    select(
        Invitation.key,
        Invitation.purpose,
        *person_columns("person."),
        Account.contact.label("sealed_contact"),
        Account.mail_ok,
    )
    .join(Account, Account.id == Invitation.account_id)
    .where(Invitation.used_at.is_(None), Account.disabled_at.is_(None))
)
_read_open = reader(OpenInvitation, _OPEN)


def find_by_link(token: str, now: datetime) -> OpenInvitation | None:
    """The invitation that this link opens; None for one that was used, ended, ran out, or never was."""
    return _find(Invitation.token_hash == _hash_of_link(token), now)


def find_by_code(typed: str, now: datetime) -> OpenInvitation | None:
    """The invitation that a printed code opens, however it was spaced; None as for a link."""
    code = "".join(c for c in typed.upper() if c.isalnum())
    return _find(Invitation.token_hash == _hash_of_code(code), now)


def find_by_key(key: str | None, now: datetime) -> OpenInvitation | None:
    """The invitation that a browser has opened, by the key that it remembers; None once it is not open any more."""
    return _find(Invitation.key == key, now) if key else None


def _find(which: ColumnElement[bool], now: datetime) -> OpenInvitation | None:
    row = db.session.execute(_OPEN.where(which, Invitation.expires_at > now)).first()
    return _read_open(row) if row else None


def use_up(invitation: OpenInvitation, now: datetime) -> None:
    """End `invitation` and all others of its account; of two who use it at once, the second gets InvitationClosed."""
    if not _end(now, Invitation.key == invitation.key, Invitation.expires_at > now):
        raise InvitationClosed
    end_all(invitation.person, now)


@grants.on_end
def end_all(account: HasId, now: datetime) -> str:
    """Put every open link and code of `account` out of use; their number in words, "" for none."""
    count = _end(now, Invitation.account_id == account.id, Invitation.expires_at > now)
    return f"{count} unused links or codes" if count > 1 else "an unused link or code" * count


def _end(now: datetime, *which: ColumnElement[bool]) -> int:
    """Put these invitations out of use; how many were open."""
    ended = update(Invitation).where(Invitation.used_at.is_(None), *which).values(used_at=now)
    return write(ended, synchronize_session=False)
