"""The flags that a caseload shows: those that wait for its therapist, or whose people were not reached yet."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.db import reader, spelled_out
from portal.flags import FLAGS, NOT_REACHED, OF_REASON, STILL_TO_REACH, RaisedFlag, read_flags
from portal.flags.models import Flag
from portal.people import Person, holds_on
from portal.people.models import Account, CareRelationship
from portal.program import ProgramFacts

_later = aliased(Flag)
_WAITING = FLAGS.add_columns(
    exists()
    .where(
        CareRelationship.participant_id == Flag.participant_id,
        CareRelationship.role == spelled_out("primary"),
        CareRelationship.therapist_id.in_(select(Account.id).where(Account.disabled_at.is_(None))),
        holds_on(bindparam("today")),
    )
    .label("has_primary")
).where(
    or_(
        Flag.acknowledged_at.is_(None),
        and_(
            Flag.action == NOT_REACHED,
            Flag.acknowledged_at > bindparam("lately"),
            ~exists().where(_later.participant_id == Flag.participant_id, _later.id > Flag.id),
        ),
    )
)
_flag = reader(RaisedFlag, _WAITING, beside=OF_REASON)


def waiting_flags(care: Collection[tuple[Person, str]], program: ProgramFacts, now: datetime) -> dict[int, RaisedFlag]:
    """The flag of each of these people, with the role in which the reader treats them, that is the reader's to see to.

    It is open; or it is the latest, was signed lately, and they were not reached yet. One that nobody has signed is
    with the primary therapist alone until it is late, and not with those who cover.
    """
    lately, today = now - STILL_TO_REACH, clock.day_of(now, program.zone)
    people = [person.id for person, _ in care]
    raised = {one.participant_id: one for one in read_flags(_WAITING, people, _flag, lately=lately, today=today)}
    covered = {person.id for person, role in care if role == "covering"}
    return {
        person_id: flag
        for person_id, flag in raised.items()
        if not (person_id in covered and flag.has_primary and not (flag.acknowledged_at or flag.is_late(program, now)))
    }
