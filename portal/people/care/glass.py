"""Breaking the glass: a therapist opens, in need and for an hour, the record of somebody they do not treat."""

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import audit, people, seal
from portal.db import db, new_key
from portal.fields import Refused
from portal.people import IS_TREATED, OPEN_PARTICIPANT, PERSON, Person, contacts, person_in
from portal.people.models import Account, BreakGlass

OPEN_FOR = timedelta(minutes=60)
SAME_PRESS = timedelta(minutes=1)  # so long the same words open nothing again; later they begin a new hour


def break_for(therapist: Person, who: str, reason: str, now: datetime) -> Person:
    """Open the record of the participant called `who` to `therapist` for an hour, and put the reason on record.

    `who` is the whole name, or what they sign in with. Raises Refused for nobody, for more than one, and for somebody
    whom `therapist` treats; that is on record too, and names no record. A second press opens nothing again.
    """
    people.hold(therapist)
    try:
        participant = _find(therapist, who, now)
    except Refused:
        audit.record(therapist, "glass.miss")
        raise
    if reason in _reasons_just_given(therapist, participant, now):
        return participant
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


def _reasons_just_given(therapist: Person, participant: Person, now: datetime) -> list[str]:
    """The reasons for which `therapist` opened the record of `participant` a moment ago."""
    theirs = BreakGlass.therapist_id == therapist.id, BreakGlass.participant_id == participant.id
    just = BreakGlass.starts_at > now - SAME_PRESS
    rows = db.session.execute(select(BreakGlass.reason, BreakGlass.key).where(*theirs, just))
    return [seal.open(BreakGlass.reason, row.reason, row.key) for row in rows]


def _find(therapist: Person, who: str, now: datetime) -> Person:
    everyone = select(*PERSON, Account.contact_hash, IS_TREATED.label("treated")).where(OPEN_PARTICIPANT)
    rows = db.session.execute(everyone, people.bound_to(therapist, now))
    contact, name = contacts.hash_of(who), _plain(who)
    found = [row for row in rows if row.contact_hash == contact or _plain(row.name) == name]
    if not found:
        raise Refused("who", "Nobody here has this name. Check the spelling, or use their email or sign-in name.")
    if len(found) > 1:
        raise Refused("who", "More than one person has this name. Use their email or sign-in name.")
    if found[0].treated:
        raise Refused("who", "You are on this person's care team. Open their record from your caseload.")
    return person_in(found[0])


def _plain(name: str) -> str:
    """A name as it is compared: without regard to capitals, and to how its letters and spaces were typed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
