"""Handing flags over: letting their owners open the record, and telling them by email that something needs them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal import audit, clock, flags, mail, people, program, seal
from portal.db import add_once, db, write
from portal.flags import STAYS, Act, RaisedFlag
from portal.flags.models import Flag
from portal.flags.owners import FlagOwners, owners
from portal.mail import Mail
from portal.people import Person, care, contacts
from portal.people.models import Account, CareRelationship
from portal.program import ProgramFacts

ONCE = "flag:"  # what `once` of each letter begins with
USEFUL_FOR = timedelta(hours=12)
SUBJECT = "Something needs you"
BODY = """Something at {shown_as} needs you. Please sign in to see it.
"""


@care.on_change
def settle(now: datetime, participant_ids: Collection[int] | None = None) -> int:
    """Let those in whom the open flags of these people, or of all, are with; how many letters were queued to them.

    In the caller's transaction. Whoever is on call gets a care relationship for it, and everybody one letter for a
    flag and its tier, and one for a try that is theirs; however often, and by how many, it is run.
    """
    facts = program.current()
    opened = _open(participant_ids)
    owned = owners(opened, facts, now) if opened else {}
    letters: dict[str, Person] = {}
    for participant_id, flag in opened.items():
        for therapist in with_whom(flag, owned[participant_id], facts, now):
            _let_in(participant_id, therapist, owned[participant_id], facts, now)
        letters |= {once: therapist for therapist, once in _letters(flag, owned[participant_id], facts, now)}
    return _queue(letters, facts, now) if letters else 0


def withdraw_stale(now: datetime) -> int:
    """Give up the letters that wait to be sent and are not true any more, in the caller's transaction; how many.

    The flag was closed, it is not this therapist's any more, or somebody tried again.
    """
    facts = program.current()

    def wanted() -> set[str]:
        opened = _open(None)
        owned = owners(opened, facts, now)
        return {once for who, flag in opened.items() for _, once in _letters(flag, owned[who], facts, now)}

    return mail.withdraw_stale(now, ONCE, wanted)


def end_on_call(participant: Person, closed_at: datetime) -> None:
    """Let those who were on call for a flag that was closed read on for 72 hours, and then no more."""
    on_call = CareRelationship.participant_id == participant.id, CareRelationship.role == "on_call"
    db.session.execute(
        update(CareRelationship).where(*on_call, CareRelationship.ended_at.is_(None)).values(ended_at=closed_at + STAYS)
    )


def with_whom(flag: RaisedFlag, owned: FlagOwners, facts: ProgramFacts, now: datetime) -> list[Person]:
    """The therapists whom an open flag is with at `now`: its owners, and where it went further, those after them."""
    further = owned.later if flag.passed_on_at(facts, now) else ()
    return [*owned.now, *further]


def _open(participant_ids: Collection[int] | None) -> dict[int, RaisedFlag]:
    if participant_ids is None:
        participant_ids = list(db.session.scalars(select(Flag.participant_id).where(Flag.closed_at.is_(None))))
    db.session.flush()
    return flags.open_flags(participant_ids) if participant_ids else {}


def _let_in(participant_id: int, therapist: Person, owned: FlagOwners, facts: ProgramFacts, now: datetime) -> None:
    """Give who is on call the care relationship on which access hangs, or let it last as long as the flag is open."""
    roles = {one.role for one in owned.team if one.therapist.id == therapist.id}
    if roles & {"primary", "covering"}:
        return
    theirs = CareRelationship.participant_id == participant_id, CareRelationship.therapist_id == therapist.id
    lasts = update(CareRelationship).where(*theirs, CareRelationship.role == "on_call", CareRelationship.ended_at > now)
    if "on_call" in roles:
        write(lasts.values(ended_at=None), synchronize_session=False)
        return
    row = CareRelationship(
        participant_id=participant_id,
        therapist_id=therapist.id,
        role="on_call",
        starts_on=clock.day_of(now, facts.zone),
    )
    if add_once(row):
        audit.record(audit.PORTAL, "care.on_call", people.find(Account.id == participant_id), therapist.key)


def _letters(flag: RaisedFlag, owned: FlagOwners, facts: ProgramFacts, now: datetime) -> Iterator[tuple[Person, str]]:
    """Each therapist to be told of an open flag by `now`, with the name under which it is told them only once."""
    told = f"{flag.key}:{flag.tier}"
    for therapist in with_whom(flag, owned, facts, now):
        yield therapist, once_told(told, therapist)
    tried = flag.tried
    if tried is None or tried.again_at is None:
        return
    for therapist in who_tries_again(tried, owned):
        if therapist.id != tried.by_id:
            yield therapist, once_told(tried.key, therapist)
        if tried.again_at <= now:
            yield therapist, once_told(f"{tried.key}:again", therapist)


def who_tries_again(tried: Act, owned: FlagOwners) -> Sequence[Person]:
    """The therapist who was named to try again, while they are there; else those whom the flag is with."""
    named = [one.therapist for one in owned.team if one.therapist.id == tried.again_by_id and not one.is_away]
    return named or owned.now


def once_told(what: str, therapist: Person) -> str:
    """The name under which `therapist` is told of a flag and its tier, or of a try, only once."""
    return ONCE + seal.index(f"{what}:{therapist.key}")


def _queue(letters: dict[str, Person], facts: ProgramFacts, now: datetime) -> int:
    """Write to those of these who can be written to. It is part of their work: nobody has to ask, at no hour."""
    told = set(db.session.scalars(select(Mail.once).where(Mail.once.in_(letters))))
    to = {once: therapist.id for once, therapist in letters.items() if once not in told}
    rows = db.session.execute(select(Account.id, Account.key, Account.contact).where(Account.id.in_(to.values())))
    addresses = {row.id: contacts.contact_of(row.key, row.contact) for row in rows}
    body = BODY.format(shown_as=facts.shown_as)
    return sum(
        mail.queue(addresses[who], SUBJECT, body, account_id=who, once=once, expires_at=now + USEFUL_FOR)
        for once, who in to.items()
        if contacts.is_address(addresses[who])
    )
