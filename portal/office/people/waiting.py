"""Those who wait: for somebody to do something about a safety flag, or for a therapist. Never why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.db import Instant, read, reader, spelled_out
from portal.episodes.models import Episode
from portal.flags import STAYS, RaisedFlag, flag_reader, flags_where, open_flags
from portal.flags.handover import with_whom
from portal.flags.models import Flag
from portal.flags.owners import FlagOwners, owners
from portal.people import Person, contact_details, coordinators_only, person_columns
from portal.people.directory import KnownParticipant
from portal.people.models import Account, CareRelationship, ContactDetails
from portal.program import ProgramFacts
from portal.schedule import staff_meetings
from portal.schedule.meetings import Meeting

MOST_NAMED = 6  # therapists in a sentence


@dataclass(frozen=True, slots=True)
class FlagInWaiting:
    """An open flag without what was answered: whose, how soon, since when, with whom, and what was done so far.

    `tries` counts how often they could not be reached since `raised_at`; `again_by` tries again at `again_at`. Nobody
    has done anything about it in time at `passed_on_at`; where somebody else gets it too, `later` do, at `due_at`.
    """

    person: KnownParticipant
    tier: str
    raised_at: datetime
    with_whom: tuple[Person, ...]
    tries: int
    again_by: str | None
    again_at: datetime | None
    later: tuple[Person, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class AnsweredFlag:
    """A flag that was closed lately: whose, after how many working minutes came the first act, and whose was it."""

    person: KnownParticipant
    raised_at: datetime
    minutes: int | None
    first_by: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class WithoutTherapist:
    """A participant whom nobody treats for good, since when, and who is on the team in the meantime."""

    person: KnownParticipant
    since: datetime
    meanwhile: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Those who wait now, the urgent ones first and then the oldest; who was answered lately; who has no therapist.

    `sessions` has the one that each therapist with whom somebody waits leads now or next today, by the therapist's id.
    """

    now: list[FlagInWaiting]
    sessions: Mapping[int, Meeting]
    answered: list[AnsweredFlag]
    without_therapist: list[WithoutTherapist]

    @property
    def therapists(self) -> list[Person]:
        """The therapists to find first: those with whom the most urgent wait, at most MOST_NAMED, each once."""
        named = {therapist.id: therapist for one in self.now for therapist in one.with_whom}
        return list(named.values())[:MOST_NAMED]


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """The number of people with an open flag, of urgent ones among them, and of those who have no therapist."""

    flags: int
    urgent: int
    without_therapist: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One person of the list, with what is said of somebody without a therapist."""

    person: KnownParticipant
    created_at: datetime
    lost_at: datetime | None
    is_without: bool


_therapist = aliased(Account)
_primary = and_(CareRelationship.participant_id == Account.id, CareRelationship.role == spelled_out("primary"))
_has_primary = exists(
    select(CareRelationship.id)
    .join(_therapist, _therapist.id == CareRelationship.therapist_id)
    .where(_primary, CareRelationship.ended_at.is_(None), _therapist.disabled_at.is_(None))
    .correlate(Account)
)


def _has_episode(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Episode.participant_id == Account.id, *which)


_is_over = and_(_has_episode(), ~_has_episode(Episode.status != "finished"))
IS_WITHOUT = and_(Account.role == "participant", Account.disabled_at.is_(None), ~_has_primary, ~_is_over)
_has_flag = exists().where(
    Flag.participant_id == Account.id,
    or_(Flag.closed_at.is_(None), Flag.closed_at > bindparam("lately", type_=Instant())),
)
_lost_at = (
    select(func.max(func.coalesce(CareRelationship.ended_at, _therapist.disabled_at)))
    .join(_therapist, _therapist.id == CareRelationship.therapist_id)
    .where(_primary)
    .correlate(Account)
    .scalar_subquery()
)
_WAITING = (
    select(
        *person_columns("person."),
        *contact_details.columns("person.contact_details."),
        Account.created_at,
        _lost_at.label("lost_at"),
        IS_WITHOUT.label("is_without"),
    )
    .outerjoin(ContactDetails, ContactDetails.participant_id == Account.id)
    .where(or_(_has_flag, IS_WITHOUT))
    .order_by(Account.name, Account.id)
)
_read_one = reader(_Waiting, _WAITING)
_read_flags = flag_reader(
    flags_where(or_(Flag.closed_at.is_(None), Flag.closed_at > bindparam("lately", type_=Instant())))
)


def waiting_list(coordinator: Person, program: ProgramFacts, now: datetime) -> WaitingList:
    """Those who wait at `now`, in at most six reads however many they are."""
    coordinators_only(coordinator)
    lately = now - STAYS
    found = {one.person.id: one for one in map(_read_one, read(_WAITING, lately=lately))}
    flags = _read_flags(found, lately=lately) if found else []
    owned = owners(found, program, now) if found else {}
    waiting = [
        _in_waiting(found[one.participant_id].person, one, owned[one.participant_id], program, now)
        for one in flags
        if not one.closed_at
    ]
    leaders = {therapist.id for one in waiting for therapist in one.with_whom}
    tomorrow = clock.day_of(now, program.zone) + timedelta(days=1)
    return WaitingList(
        sorted(waiting, key=lambda one: (one.tier != "urgent", one.raised_at)),
        staff_meetings.next_by_leader(coordinator, leaders, now, clock.start_of(tomorrow, program.zone)),
        list(_answered(found, flags, program)),
        [_without(one, owned[who]) for who, one in found.items() if one.is_without],
    )


def flag_in_waiting(participant: KnownParticipant, program: ProgramFacts, now: datetime) -> FlagInWaiting | None:
    """The open flag of `participant` as coordinators know of it; None without one."""
    flag = open_flags([participant.id]).get(participant.id)
    if flag is None:
        return None
    return _in_waiting(participant, flag, owners([participant.id], program, now)[participant.id], program, now)


def _in_waiting(
    who: KnownParticipant, flag: RaisedFlag, owned: FlagOwners, program: ProgramFacts, now: datetime
) -> FlagInWaiting:
    tried, went_on = flag.tried, flag.passed_on_at(program, now) is not None
    return FlagInWaiting(
        who,
        flag.tier,
        flag.raised_at,
        tuple(with_whom(flag, owned, program, now)),
        sum(act.kind == "tried" for act in flag.acts),
        tried.again_by if tried else None,
        tried.again_at if tried else None,
        () if went_on else owned.later,
        None if went_on else flag.due_at(program),
    )


def _answered(found: dict[int, _Waiting], flags: list[RaisedFlag], program: ProgramFacts) -> Iterator[AnsweredFlag]:
    for flag in sorted(flags, key=lambda flag: flag.raised_at, reverse=True):
        first, one = flag.first_act, found[flag.participant_id]
        if flag.closed_at and first:
            minutes = flag.minutes_to_first_act(program)
            yield AnsweredFlag(one.person, flag.raised_at, minutes, first.by, first.at)


def _without(one: _Waiting, owned: FlagOwners) -> WithoutTherapist:
    meanwhile = {member.therapist.id: member.therapist for member in owned.team}
    return WithoutTherapist(one.person, one.lost_at or one.created_at, tuple(meanwhile.values()))


def _count(*which: ColumnElement[bool]) -> Select:
    return select(func.count()).where(*which)


_open = Flag.closed_at.is_(None)
_COUNT = select(
    _count(_open).select_from(Flag).scalar_subquery().label("flags"),
    _count(_open, Flag.tier == spelled_out("urgent")).select_from(Flag).scalar_subquery().label("urgent"),
    _count(IS_WITHOUT).select_from(Account).scalar_subquery().label("without_therapist"),
)
_read_count = reader(WaitingCount, _COUNT)


def count_waiting(coordinator: Person) -> WaitingCount:
    """The list in numbers, for the pages that lead to it, in one read."""
    coordinators_only(coordinator)
    return _read_count(read(_COUNT)[0])
