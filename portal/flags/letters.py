"""The letters about one flag: to whom an email went or waits to go, and what of the flag it tells of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select

from portal.db import Instant, read, reader
from portal.flags import RaisedFlag
from portal.flags.handover import ONCE, once_told
from portal.flags.models import TIERS
from portal.mail import WITHDRAWN, Mail
from portal.people import Person, person_columns
from portal.people.models import Account

SOON = timedelta(hours=1)  # a letter of the last act is queued in its transaction, a moment after it


@dataclass(frozen=True, slots=True)
class FlagLetter:
    """One email about a flag, to a `therapist`. It is sent, given up, or neither yet; `once` says what it tells of."""

    therapist: Person
    once: str
    made_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None


_LETTERS = (
    select(*person_columns("therapist."), Mail.once, Mail.made_at, Mail.sent_at, Mail.given_up_at)
    .join(Account, Account.id == Mail.account_id)
    .where(
        Mail.once.startswith(ONCE),
        Mail.made_at.between(bindparam("first", type_=Instant()), bindparam("last", type_=Instant())),
        or_(Mail.trouble.is_(None), Mail.sent_at.is_not(None), Mail.trouble.not_in(WITHDRAWN)),
    )
    .order_by(Mail.made_at, Account.name, Mail.id)
)
_read_letter = reader(FlagLetter, _LETTERS)


def letters_of(flag: RaisedFlag, now: datetime) -> dict[str, list[FlagLetter]]:
    """The letters about `flag` by what they tell of: a tier, the key of a try, or "KEY:again" once its time passed.

    In one read of the time in which it was open. What was withdrawn before it went is not among them, and what is
    older than the outbox keeps (mail.SENT_KEPT) is not either.
    """
    found: dict[str, list[FlagLetter]] = {}
    rows = read(_LETTERS, first=flag.raised_at, last=(flag.closed_at or now) + SOON)
    for letter in map(_read_letter, rows):
        for what, told in _told_of(flag):
            if letter.once == once_told(told, letter.therapist):
                found.setdefault(what, []).append(letter)
    return found


def _told_of(flag: RaisedFlag) -> Iterator[tuple[str, str]]:
    for tier in TIERS:
        yield tier, f"{flag.key}:{tier}"
    for act in flag.done:
        yield act.key, act.key
        yield f"{act.key}:again", f"{act.key}:again"
