"""What the tests of the door share: accounts that nobody has joined yet, their links, and the mail that waits."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from portal.door.joining import invitations

GOOD = "seven wet paper lanterns"


@pytest.fixture
def invited(app: Flask, cast: SimpleNamespace, at) -> Callable[..., SimpleNamespace]:
    """`invited("therapist", printed=True)` is a new account: `.key`, `.id`, `.contact`; `.text` is its link's token."""
    from portal.db import db
    from portal.door import accounts

    def invite(role: str = "participant", contact: str = "fay@example.org", *, printed: bool = False):
        with app.app_context():
            treating = cast.cho if role == "participant" else None
            who = "Fay Okafor", "Fay", contact, role
            account, one_use = accounts.invite(cast.kit, *who, treating, None, at.now, printed=printed)
            made = SimpleNamespace(id=account.id, key=account.key, contact=contact, text=one_use.text, one_use=one_use)
            db.session.commit()
        return made

    return invite


@pytest.fixture
def opener(app: Flask, cast: SimpleNamespace, at) -> Callable[..., str]:
    """`opener("ada", "reset")` is the token (or the code) of a new link that Kit has started for Ada."""
    from portal.db import db

    def make(who: str, purpose: str, *, printed: bool = False) -> str:
        with app.app_context():
            text = invitations.make(getattr(cast, who), purpose, cast.kit, at.now, printed=printed).text
            db.session.commit()
        return text

    return make


@pytest.fixture
def mails(app: Flask) -> Callable[[], list[SimpleNamespace]]:
    """What waits in the outbox, opened, oldest first: `.to`, `.subject`, `.body`, `.token` of the link in it."""
    from portal import seal
    from portal.db import db
    from portal.mail import Mail

    def read() -> list[SimpleNamespace]:
        with app.app_context():
            rows = db.session.scalars(select(Mail).order_by(Mail.id)).all()
            opened = []
            for row in rows:
                body = seal.open(Mail.body, row.body, row.key)
                link = re.search(r"/join/(\S+)", body)
                to = seal.open(Mail.recipient, row.recipient, row.key)
                token = link[1] if link else None
                opened.append(SimpleNamespace(to=to, subject=row.subject, body=body, token=token, row=row))
            return opened

    return read


@pytest.fixture
def account(app: Flask) -> Callable[[str], SimpleNamespace]:
    """`account(key)`: the row of an account as plain values."""
    from portal.db import db
    from portal.people.models import Account

    def read(key: str) -> SimpleNamespace:
        with app.app_context():
            row = db.session.execute(select(*Account.__table__.c).where(Account.key == key)).one()
            return SimpleNamespace(**row._mapping)

    return read


@pytest.fixture
def happened(app: Flask) -> Callable[[], list[tuple]]:
    """What the audit holds, oldest first, as (what, actor, participant, subject); sessions left out."""
    from portal.audit.models import AuditEvent
    from portal.db import db

    def read() -> list[tuple]:
        columns = AuditEvent.what, AuditEvent.actor_id, AuditEvent.participant_id, AuditEvent.subject
        with app.app_context():
            rows = db.session.execute(select(*columns).order_by(AuditEvent.id))
            return [tuple(row) for row in rows if not row.what.startswith("session.")]

    return read
