"""The reset of a forgotten password by email: its answer, and the time it takes, tell nobody who is known here."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import audit
from portal.db import db, new_key
from portal.door.joining import invitations, letters
from portal.people import contacts
from portal.people.models import Account
from portal.program import ProgramFacts

EVERY = timedelta(minutes=15)  # one mailed reset in this time, whoever asks for it


class _Nobody(Exception):
    """Takes back everything that was written for the look of it: nothing is sent."""


def ask(name: str, facts: ProgramFacts, now: datetime) -> None:
    """Mail a reset to whoever signs in with `name`, if they joined and said that only they read their mail.

    An answer must not tell who is known here, and neither must its time. So the same is read, written and committed
    for every name: for one that gets no mail, in the name of another account, inside a savepoint that is taken back.
    What stays is the row of the audit, which both have.
    """
    found = select(Account.id, Account.key, Account.contact, Account.mail_ok)
    row = db.session.execute(
        found.where(
            Account.contact_hash == contacts.hash_of(name),
            Account.disabled_at.is_(None),
            Account.joined_at.is_not(None),
        )
    ).first()
    stand_in = db.session.execute(found.order_by(Account.id).limit(1)).first()
    if stand_in is None:
        return
    contact = contacts.contact_of((row or stand_in).key, (row or stand_in).contact)
    known = row is not None and row.mail_ok and contacts.is_address(contact)
    window = int(now.timestamp() // EVERY.total_seconds())
    with suppress(_Nobody), db.session.begin_nested():
        account = row if row is not None and known else stand_in
        one_use = invitations.make(account, "reset", None, now)
        once = f"reset:{account.key if known else new_key()}:{window}"
        sent = letters.send_link(account, contact if known else letters.NOBODY, one_use, facts, once=once)
        if not (known and sent):
            raise _Nobody
    audit.record(None, "account.ask", subject=row.key if row is not None and known else None)
