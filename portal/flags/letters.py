"""The mail to those whom a flag has passed to: that something waits, and nothing of whom or what it tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import flags, mail, seal, words
from portal.db import db
from portal.flags.models import Flag
from portal.mail import Mail
from portal.people import contacts, holds
from portal.people.models import Account, CareRelationship
from portal.program import ProgramFacts

ONCE = "flag:"  # what `once` of each begins with
USEFUL_FOR = timedelta(hours=12)  # one that is later than this comes when nobody is in
SUBJECT = "Something waits for you"
BODY = """Something at {shown_as} was not looked at within {minutes}. It waits for you, too.
Please sign in to see it.
"""


@dataclass(frozen=True, slots=True)
class FlagLetter:
    """To whom one goes, and the name under which it goes only once."""

    to: int
    address: str
    once: str


def queue_due(program: ProgramFacts, now: datetime) -> int:
    """Write to the therapists of each open flag that has passed to the covering one; how many letters.

    In the caller's transaction; once for each flag and therapist, however often and by how many it is run. It is part
    of their work: nobody has to ask for it, and quiet hours do not hold it back, since it falls into open hours.
    """
    due = list(_due(program, now))
    told = set(db.session.scalars(select(Mail.once).where(Mail.once.in_([one.once for one in due]))))
    body = BODY.format(shown_as=program.shown_as, minutes=words.duration(program.flag_minutes))
    return sum(
        mail.queue(one.address, SUBJECT, body, account_id=one.to, once=one.once, expires_at=now + USEFUL_FOR)
        for one in due
        if one.once not in told
    )


def withdraw_stale(program: ProgramFacts, now: datetime) -> int:
    """Give up the letters that wait to be sent and are not true any more, in the caller's transaction; how many.

    The flag was acknowledged, or it is not this therapist's any more.
    """
    return mail.withdraw_stale(now, ONCE, lambda: {one.once for one in _due(program, now)})


def _due(program: ProgramFacts, now: datetime) -> Iterator[FlagLetter]:
    """A letter for each therapist, primary or covering, of each open flag that was not acknowledged in time."""
    unsigned = db.session.scalars(select(Flag.participant_id).where(Flag.acknowledged_at.is_(None)))
    opened = flags.open_flags(list(unsigned))
    late = {who: flag for who, flag in opened.items() if flag.is_late(program, now)}
    rows = db.session.execute(
        select(CareRelationship.participant_id, Account.id, Account.key, Account.contact)
        .join(Account, Account.id == CareRelationship.therapist_id)
        .where(
            CareRelationship.participant_id.in_(late),
            CareRelationship.role.in_(("primary", "covering")),
            holds(now, program.zone),
            Account.disabled_at.is_(None),
        )
        .order_by(CareRelationship.participant_id, Account.id)
    )
    for participant_id, therapist, key, contact in rows:
        address = contacts.contact_of(key, contact)
        if contacts.is_address(address):
            yield FlagLetter(therapist, address, ONCE + seal.index(f"{late[participant_id].key}:{key}"))
