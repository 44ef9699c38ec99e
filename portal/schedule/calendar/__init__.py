"""A private calendar feed for everyone who has sessions."""

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal import audit, seal
from portal.db import db
from portal.people import PERSON, Person, person_in
from portal.people.models import Account
from portal.schedule.calendar import models
from portal.schedule.calendar.models import CalendarFeed

__all__ = ["made_at", "make", "models", "owner", "revoke"]


def make(person: Person, now: datetime) -> str:
    """A new token for the feed of `person`; the one before opens nothing any more. It exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.account_id == person.id))
    try:
        with db.session.begin_nested():
            db.session.add(CalendarFeed(account_id=person.id, token_hash=_hash(token), made_at=now))
    except IntegrityError:  # a second tap was here a moment ago: the later one counts
        feed = db.session.get_one(CalendarFeed, person.id)
        feed.token_hash, feed.made_at = _hash(token), now
    audit.record(person, "calendar.make", _participant(person))
    return token


def revoke(person: Person) -> bool:
    """Take the feed of `person` back: its address opens nothing any more. False where there was none."""
    taken = db.session.execute(delete(CalendarFeed).where(CalendarFeed.account_id == person.id))
    if not taken.rowcount:  # type: ignore[attr-defined]
        return False
    audit.record(person, "calendar.revoke", _participant(person))
    return True


def made_at(person: Person) -> datetime | None:
    """Since when `person` has a feed; None where they have none."""
    return db.session.scalar(select(CalendarFeed.made_at).where(CalendarFeed.account_id == person.id))


def owner(token: str) -> Person | None:
    """Whose feed the token opens; None for one that was taken back or never was, or whose account is switched off."""
    row = db.session.execute(
        select(*PERSON)
        .join(CalendarFeed, CalendarFeed.account_id == Account.id)
        .where(CalendarFeed.token_hash == _hash(token), Account.disabled_at.is_(None))
    ).first()
    return person_in(row) if row else None


def _hash(token: str) -> str:
    return seal.index(f"calendar:{token}")


def _participant(person: Person) -> Person | None:
    return person if person.role == "participant" else None
