"""Contacts: where a person is reached and what they sign in with; kept sealed, and found by a keyed hash."""

import re
from typing import Any

from email_validator import validate_email

from portal import clock, mail, seal
from portal.db import new_key
from portal.people.models import Account

SIGN_IN_NAME = re.compile(r"[^\W_][\w.-]{2,39}")


def tidy(text: str) -> str:
    """An address or sign-in name as it is kept and looked up: lower case, no space around it, nothing unstorable."""
    return text.replace("\x00", "").strip().lower()


def hash_of(contact: str) -> str:
    """The keyed hash by which the account with this address or sign-in name is found."""
    return seal.index(f"contact:{tidy(contact)}")


def contact_of(key: str, sealed: bytes) -> str:
    """The address or sign-in name of the account `key`."""
    return seal.open(Account.contact, sealed, key)


def private_address(key: str, sealed: bytes, mail_ok: bool) -> str | None:
    """The address of the account `key` if they said that nobody else reads it there; None without one."""
    contact = contact_of(key, sealed)
    return contact if mail_ok and is_address(contact) else None


def is_address(contact: str) -> bool:
    """Whether mail can reach it; a sign-in name holds no @."""
    return "@" in contact


def fault(contact: str) -> str | None:
    """The fault of a new address or sign-in name, in one sentence; None for one that can be used."""
    if is_address(contact):
        try:
            validate_email(contact, check_deliverability=False)
            mail.deliverable(contact)
        except ValueError:
            return "This does not look like an email address. Check it for typing mistakes."
    elif not SIGN_IN_NAME.fullmatch(contact):
        return "A sign-in name has 3 to 40 letters, digits, dots or dashes, and no spaces."
    return None


def give(account: Account, contact: str) -> None:
    """Make `contact` what `account` signs in with and is reached at."""
    account.contact = seal.close(Account.contact, tidy(contact), account.key)
    account.contact_hash = hash_of(contact)


def new_account(contact: str, **facts: Any) -> Account:
    """An account, not added yet, that signs in with `contact`; `facts` are its other columns."""
    account = Account(**{"key": new_key(), "created_at": clock.now()} | facts)
    give(account, contact)
    return account
