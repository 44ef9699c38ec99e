"""What someone typed and has not sent: kept for them alone, given back once, dropped when it is sent."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db import db
from portal.people import Person
from portal.people.models import Draft

KEPT_FOR = timedelta(days=7)
LARGEST = 64_000
LONGEST_ADDRESS = 200
NEVER_KEPT = {"csrf_token", "password"}


def keep(person: Person, address: str, typed: MultiDict) -> None:
    """Keep what `person` typed into the form at `address`, in place of an earlier draft of it."""
    pairs = [[name, text] for name, text in typed.items(multi=True) if name not in NEVER_KEPT]
    if len(address) > LONGEST_ADDRESS or sum(len(name) + len(text) for name, text in pairs) > LARGEST:
        return
    now = clock.now()
    db.session.execute(delete(Draft).where(Draft.kept_at < now - KEPT_FOR))
    if not _replace(person, address, pairs, now):
        try:
            with db.session.begin_nested():
                db.session.add(Draft(account_id=person.id, address=address, typed=pairs, kept_at=now))
        except IntegrityError:  # a second tap was here a moment ago
            _replace(person, address, pairs, now)


def _replace(person: Person, address: str, pairs: list[list[str]], now: datetime) -> bool:
    mine = update(Draft).where(Draft.account_id == person.id, Draft.address == address)
    return db.session.execute(mine.values(typed=pairs, kept_at=now)).rowcount == 1  # type: ignore[attr-defined]


def kept(person: Person, address: str) -> tuple[MultiDict | None, datetime | None]:
    """What was typed into the form at `address` and when it was kept; (None, None) without a draft."""
    row = db.session.execute(
        select(Draft.typed, Draft.kept_at).where(
            Draft.account_id == person.id,
            Draft.address == address,
            Draft.kept_at > clock.now() - KEPT_FOR,
        )
    ).first()
    return (MultiDict((name, text) for name, text in row.typed), row.kept_at) if row else (None, None)


def drop(person: Person, address: str) -> None:
    """Forget the draft of the form at `address`: it was sent, or is not wanted."""
    db.session.execute(delete(Draft).where(Draft.account_id == person.id, Draft.address == address))
