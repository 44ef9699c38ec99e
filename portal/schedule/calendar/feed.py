"""A private calendar feed for everyone who has sessions."""

from datetime import datetime

from sqlalchemy import delete, select

from portal import audit, tokens
from portal.db import add_once, db, write
from portal.door import grants
from portal.people import PERSON, Person, person_in
from portal.people.models import Account
from portal.schedule.calendar.models import CalendarFeed

OFFERED_FOR = 10 * 60  # seconds


def offer_token(person: Person, now: datetime) -> str:
    """A token that `person` may make their own with the form that it is in, for a while; nothing is written yet.

    So the same form sent twice makes one address, though nobody keeps the token for it.
    """
    return _signed(person, tokens.make(), int(now.timestamp()))


def make(person: Person, now: datetime, offered: str = "") -> str:
    """The token for the feed of `person`, out of `offer_token` if it was; the one before opens nothing any more.

    The same offer again changes nothing. One that is not theirs, or too old, makes another token.
    """
    token = _offered(person, offered, now) or tokens.make()
    if db.session.scalar(select(CalendarFeed.token_hash).where(CalendarFeed.account_id == person.id)) == _hash(token):
        return token
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.account_id == person.id))
    if not add_once(CalendarFeed(account_id=person.id, token_hash=_hash(token), made_at=now)):
        # A second tap was here a moment ago: the later one counts.
        feed = db.session.get_one(CalendarFeed, person.id)
        feed.token_hash, feed.made_at = _hash(token), now
    audit.record(person, "calendar.make", _participant(person))
    return token


def revoke(person: Person) -> bool:
    """Take the feed of `person` back: its address opens nothing any more. False where there was none."""
    if not write(delete(CalendarFeed).where(CalendarFeed.account_id == person.id)):
        return False
    audit.record(person, "calendar.revoke", _participant(person))
    return True


@grants.on_end
def end_with_the_others(person: Person, now: datetime) -> str:
    """End the feed of `person` at `now` with their other grants: its address may be on a device that is lost."""
    return "the calendar address" if write(delete(CalendarFeed).where(CalendarFeed.account_id == person.id)) else ""


def made_at(person: Person) -> datetime | None:
    """Since when `person` has a feed; None where they have none."""
    return db.session.scalar(select(CalendarFeed.made_at).where(CalendarFeed.account_id == person.id))


def owner(token: str) -> Person | None:
    """The owner of the feed; None for a token that was taken back or never was, or whose account is switched off."""
    row = db.session.execute(
        select(*PERSON)
        .join(CalendarFeed, CalendarFeed.account_id == Account.id)
        .where(CalendarFeed.token_hash == _hash(token), Account.disabled_at.is_(None))
    ).first()
    return person_in(row) if row else None


def _signed(person: Person, token: str, at: int) -> str:
    return f"{token}.{at}.{tokens.hash_of(f'calendar-offer:{person.key}:{at}', token)[:32]}"


def _offered(person: Person, offered: str, now: datetime) -> str | None:
    """The token of an offer that this program made for `person` lately."""
    token, _, rest = offered.partition(".")
    at = rest.partition(".")[0]
    if not (at.isascii() and at.isdigit() and len(at) < 12 and abs(now.timestamp() - int(at)) <= OFFERED_FOR):
        return None
    return token if tokens.same(offered, _signed(person, token, int(at))) else None


def _hash(token: str) -> str:
    return tokens.hash_of("calendar", token)


def _participant(person: Person) -> Person | None:
    return person if person.role == "participant" else None
