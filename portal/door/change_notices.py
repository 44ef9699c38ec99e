"""The notices that say that how somebody signs in was changed: no more than that, where only they read it."""

from datetime import datetime

from portal import clock, mail, program, words
from portal.db import db
from portal.people import Person, contacts
from portal.people.models import Account

SUBJECT = "A change to your account"


def send(person: Person, now: datetime) -> None:
    """Queue the notice to `person` in the caller's transaction; to nowhere without a private address."""
    account = db.session.get_one(Account, person.id)
    send_to(contacts.private_address(account.key, account.contact, account.mail_ok), account, now)


def send_to(address: str | None, account: Account, now: datetime) -> None:
    """Queue the notice to where `account` was reached before the change. It names neither the change nor the portal."""
    if address is None:
        return
    facts = program.current()
    day = words.weekday(clock.day_of(now, account.zone))
    body = (
        f"Something about how you sign in to {facts.shown_as} was changed on {day},"
        f" at {words.hour(clock.local(now, account.zone))}.\n\n"
        "If that was you, there is nothing to do.\n"
        f"If it was not you, call us: {facts.phone}, {facts.hours_to_keep}.\n"
    )
    mail.queue(address, SUBJECT, body, account_id=account.id)
