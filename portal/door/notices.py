"""Telling people that how they sign in was changed: in a message that says nothing else, where only they read it."""

from datetime import datetime

from portal import clock, mail, program, words
from portal.people import contacts
from portal.people.models import Account

SUBJECT = "A change to your account"


def address_of(account: Account) -> str | None:
    """Where `account` may be written to: an address of which they said that nobody else reads it."""
    contact = contacts.contact_of(account.key, account.contact)
    return contact if account.mail_ok and contacts.is_address(contact) else None


def of_change(account: Account, now: datetime, address: str | None) -> None:
    """Queue the notice that a way to sign in was changed, in the caller's transaction; to nowhere without an address.

    It names neither what was changed nor what the portal is for.
    """
    if address is None:
        return
    facts = program.current()
    day = words.weekday(clock.day_of(now, account.zone))
    body = (
        f"Something about how you sign in to {facts.shown_as} was changed on {day},"
        f" at {words.hour(clock.local(now, account.zone))}.\n\n"
        "If that was you, there is nothing to do.\n"
        f"If it was not you, call us: {facts.phone}, {facts.hours_in_words}.\n"
    )
    mail.queue(address, SUBJECT, body, account_id=account.id)
