"""The flags that a caseload shows: those that wait for its therapist, and those that were closed lately."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, exists, or_, select

from portal import clock
from portal.db import Instant, spelled_out
from portal.flags import STAYS, RaisedFlag, flag_reader, flags_where
from portal.flags.models import Flag
from portal.people import Person, holds_on, is_away
from portal.people.models import Account, CareRelationship
from portal.program import ProgramFacts

_today = bindparam("today", type_=Date())
_has_primary = exists().where(
    CareRelationship.participant_id == Flag.participant_id,
    CareRelationship.role == spelled_out("primary"),
    CareRelationship.therapist_id.in_(select(Account.id).where(Account.disabled_at.is_(None))),
    holds_on(_today, bindparam("now", type_=Instant())),
    ~is_away(CareRelationship.therapist_id, _today),
)
_IS_SHOWN = or_(Flag.closed_at.is_(None), Flag.closed_at > bindparam("lately", type_=Instant()))
_read_waiting = flag_reader(
    flags_where(
        _IS_SHOWN,
        beside=[_has_primary.label("flag.has_primary")],
    )
)


@dataclass(frozen=True, slots=True)
class WaitingFlags:
    """The flags of some people by the participant's id: those that are the reader's to see to, and who has another."""

    theirs: dict[int, RaisedFlag]
    with_others: frozenset[int]


def waiting_flags(
    therapist: Person, care: Collection[tuple[Person, str]], program: ProgramFacts, now: datetime
) -> WaitingFlags:
    """The flag of each of these people, with the role in which `therapist` treats them.

    One that is theirs is open; or it is the latest of one person and was closed in the last 72 hours. An open one is
    not with who covers until it went further, or the primary therapist is away; unless they are the one to try again.
    """
    values = {"now": now, "today": clock.day_of(now, program.zone), "lately": now - STAYS}
    raised = {one.participant_id: one for one in _read_waiting([person.id for person, _ in care], **values)}
    covered = {person.id for person, role in care if role == "covering"}

    def is_theirs(flag: RaisedFlag) -> bool:
        named = flag.tried is not None and flag.tried.again_by_id == therapist.id
        further = flag.closed_at or not flag.has_primary or flag.passed_on_at(program, now)
        return bool(named or further or flag.participant_id not in covered)

    theirs = {who: flag for who, flag in raised.items() if is_theirs(flag)}
    return WaitingFlags(theirs, frozenset(raised.keys() - theirs.keys()))


def has_flag(participant_id: Any) -> ColumnElement[bool]:
    """The condition that this participant has a flag that is open, or was closed since what is bound to `lately`."""
    return exists().where(Flag.participant_id == participant_id, _IS_SHOWN)
