"""Breaking the glass: a therapist opens, in need and for an hour, the record of somebody they do not treat."""

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from portal import audit, seal
from portal.db import db, new_key
from portal.people import OPEN_PARTICIPANT, PERSON, Person, contacts, person_in, treated_by
from portal.people.models import Account, BreakGlass

OPEN_FOR = timedelta(minutes=60)


class Missed(ValueError):
    """The record that was meant was not found, or needs no breaking; the message says so and names nobody."""


def break_for(therapist: Person, who: str, reason: str, now: datetime) -> Person:
    """Open the record of the participant called `who` to `therapist` for an hour, and put the reason on record.

    `who` is the whole name, or what they sign in with. Raises Missed for nobody, for more than one, and for somebody
    whom `therapist` treats; that is on record too, and names no record.
    """
    try:
        participant = _find(therapist, who, now)
    except Missed:
        audit.record(therapist, "glass.miss")
        raise
    key = new_key()
    db.session.add(
        BreakGlass(
            key=key,
            therapist_id=therapist.id,
            participant_id=participant.id,
            reason=seal.close(BreakGlass.reason, reason, key),
            starts_at=now,
            ends_at=now + OPEN_FOR,
        )
    )
    audit.record(therapist, "glass.break", participant, key)
    return participant


def _find(therapist: Person, who: str, now: datetime) -> Person:
    treated = exists().where(treated_by(therapist, now)).label("treated")
    everyone = select(*PERSON, Account.contact_hash, treated).where(OPEN_PARTICIPANT)
    contact, name = contacts.hash_of(who), _plain(who)
    found = [row for row in db.session.execute(everyone) if row.contact_hash == contact or _plain(row.name) == name]
    if not found:
        raise Missed("Nobody here goes by this. Check the spelling, or use their email or sign-in name.")
    if len(found) > 1:
        raise Missed("More than one person has this name. Use their email or sign-in name.")
    if found[0].treated:
        raise Missed("You are on this person's care team. Open their record from your caseload.")
    return person_in(found[0])


def _plain(name: str) -> str:
    """A name as it is compared: without regard to capitals, and to how its letters and spaces were typed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
