"""Care teams: who treats a participant, since when and until when. What is said here opens a record, and closes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, program
from portal.db import db, reader
from portal.fields import Refused
from portal.people import PERSON, Person, coordinators_only, directory, find, person_columns, person_in
from portal.people.models import Account, BreakGlass, CareRelationship, TimeAway

ROLES = {"primary": "Primary therapist", "covering": "Covering therapist", "on_call": "On call"}
GIVEN = ("primary", "covering")  # the roles that a coordinator gives
Watcher = TypeVar("Watcher", bound=Callable[[datetime], object])
_watchers: list[Callable[[datetime], object]] = []


def on_change(act: Watcher) -> Watcher:
    """Decorates what is to be done, in the same transaction, when it changes who treats whom, is away or on call.

    It is told the moment. What hangs on people stands above them, and cannot be called by its name from here.
    """
    _watchers.append(act)
    return act


def changed(now: datetime) -> None:
    """Tell those that hang on it that who treats whom, is away or on call has changed."""
    db.session.flush()
    for act in _watchers:
        act(now)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A therapist of a care team, by role, from the day `since`; `until` is when it ended or will, if known.

    One whose account `is_off` stands on the team and treats nobody.
    """

    key: str
    name: str
    role: str
    since: date
    until: datetime | None
    is_off: bool


@dataclass(frozen=True, slots=True)
class CareTeam:
    """The care team of `participant`: the primary therapist first; those who were, the last to leave first.

    `therapists` are all who could be on it, by key.
    """

    participant: Person
    members: list[TeamMember]
    past: list[TeamMember]
    therapists: dict[str, Person]

    def is_last(self, member: TeamMember) -> bool:
        """Whether nobody else treats them for good: not for the days of a time away, not on call, not switched off."""
        others = (one for one in self.members if one != member and not one.is_off)
        return not any(one.role in GIVEN and one.until is None for one in others)

    @property
    def primary(self) -> TeamMember | None:
        """The primary therapist, if their account is open."""
        return next((member for member in self.members if member.role == "primary" and not member.is_off), None)


_therapist = aliased(Account)
_TEAM = (
    select(
        *person_columns("participant."),
        _therapist.key.label("member.key"),
        _therapist.name.label("member.name"),
        CareRelationship.role.label("member.role"),
        CareRelationship.starts_on.label("member.since"),
        CareRelationship.ended_at.label("member.until"),
        _therapist.disabled_at.is_not(None).label("member.is_off"),
    )
    .outerjoin(CareRelationship, CareRelationship.participant_id == Account.id)
    .outerjoin(_therapist, _therapist.id == CareRelationship.therapist_id)
    .order_by(CareRelationship.role.desc(), _therapist.name, CareRelationship.id)
)
_participant_in = reader(Person, _TEAM, within="participant.")
_member_in = reader(TeamMember, _TEAM, within="member.")


def team_of(coordinator: Person, key: str) -> CareTeam | None:
    """The care team of the participant called `key`, in two reads; None for an account that is no participant's.

    Raises NotFound for no account at all, and for anyone but a coordinator.
    """
    coordinators_only(coordinator)
    rows = db.session.execute(_TEAM.where(Account.key == key)).all()
    if not rows:
        raise NotFound
    participant = _participant_in(rows[0])
    if participant.role != "participant":
        return None
    everyone, now = _members_in(rows), clock.now()
    past = [member for member in everyone if member.until and member.until <= now]
    return CareTeam(
        participant,
        [member for member in everyone if member not in past],
        sorted(past, key=lambda member: member.until or now, reverse=True),
        directory.therapists(coordinator),
    )


def _members_in(rows: Iterable[Any]) -> list[TeamMember]:
    return [member for member in map(_member_in, rows) if member.key]


def members_of(participant: Person, now: datetime) -> list[TeamMember]:
    """The care team of `participant` at `now` and for the days to come, the primary therapist first. One read."""
    rows = db.session.execute(_TEAM.where(Account.id == participant.id))
    return [member for member in _members_in(rows) if not member.until or member.until > now]


def found_team(coordinator: Person, key: str) -> CareTeam:
    """The care team of the participant called `key`, as team_of has it; raises NotFound for anybody else."""
    team = team_of(coordinator, key)
    if team is None:
        raise NotFound
    return team


def therapist_called(key: str) -> Person:
    """The therapist called `key`, whether or not their account is open; raises NotFound."""
    therapist = find(Account.key == key, Account.role == "therapist")
    if therapist is None:
        raise NotFound
    return therapist


def add(coordinator: Person | None, participant: Person, therapist: Person, role: str, now: datetime) -> None:
    """Put `therapist` on the team of `participant` from today on; None as coordinator is the operator's command.

    There is one primary therapist at a time: a new one ends the one before, and need not cover any more. Raises
    Refused, and ValueError for a role that there is not.
    """
    if role not in GIVEN:
        raise ValueError(f"{role!r} is not a role on a care team")
    if coordinator:
        coordinators_only(coordinator)
    _put_on_team(coordinator, participant, therapist, role, now)
    changed(now)


def hand_over(coordinator: Person, leaver: Person, to: Mapping[int, Person], now: datetime) -> list[Person]:
    """Give the participants of `leaver` who are named in `to`, by id, the primary therapist that is named there.

    Returns those who were handed over. All of it stands or falls together: each gets their rows and their line on
    record, and open flags are settled once. Whoever is not theirs any more is left alone.
    """
    coordinators_only(coordinator)
    going = [each for each in own_participants(leaver) if each.id in to and to[each.id].id != leaver.id]
    for participant in going:
        _put_on_team(coordinator, participant, to[participant.id], "primary", now)
    if going:
        changed(now)
    return going


def _put_on_team(coordinator: Person | None, participant: Person, therapist: Person, role: str, now: datetime) -> None:
    held = _held(participant)
    already = {theirs for each, theirs in held if each.id == therapist.id}
    if "primary" in already:
        raise Refused("therapist", f"{therapist.name} is already the primary therapist.")
    if role in already:
        raise Refused("therapist", f"{therapist.name} already covers.")
    for each, theirs in held:
        if role == "primary" and (theirs == "primary" or each.id == therapist.id):
            _end(coordinator, participant, each, theirs, now)
    zone = program.current().zone
    _begin(participant, therapist, role, clock.day_of(now, zone))
    audit.record(coordinator, "care.add", participant, therapist.key)
    if role == "primary":
        for away in times_away_of(therapist, clock.day_of(now, zone)):
            cover_for(coordinator, participant, away, zone)


def _begin(participant: Person, therapist: Person, role: str, starts_on: date) -> None:
    row = {"participant_id": participant.id, "therapist_id": therapist.id, "role": role, "starts_on": starts_on}
    db.session.execute(insert(CareRelationship).values(row))


@dataclass(frozen=True, slots=True)
class TimeAwayFacts:
    """A therapist's time away, from `first_day` to `last_day` of the program's zone, and who covers for them."""

    id: int
    key: str
    first_day: date
    last_day: date
    therapist: Person
    cover: Person


_away, _cover = aliased(Account), aliased(Account)
_TIMES_AWAY = (
    select(
        TimeAway.id,
        TimeAway.key,
        TimeAway.first_day,
        TimeAway.last_day,
        *person_columns("therapist.", _away),
        *person_columns("cover.", _cover),
    )
    .join(_away, _away.id == TimeAway.therapist_id)
    .join(_cover, _cover.id == TimeAway.covered_by_id)
    .where(TimeAway.cancelled_at.is_(None))
    .order_by(TimeAway.first_day, _away.name, TimeAway.id)
)
_read_time_away = reader(TimeAwayFacts, _TIMES_AWAY)


def times_away(today: date) -> list[TimeAwayFacts]:
    """Everybody's times away that are not over `today`, the next one first."""
    rows = db.session.execute(_TIMES_AWAY.where(TimeAway.last_day >= today))
    return [_read_time_away(row) for row in rows]


def times_away_of(therapist: Person, today: date) -> list[TimeAwayFacts]:
    """The times away of `therapist` that are not over `today`, the next one first."""
    theirs = _TIMES_AWAY.where(TimeAway.last_day >= today, TimeAway.therapist_id == therapist.id)
    return [_read_time_away(row) for row in db.session.execute(theirs)]


def cover_for(actor: Person | None, participant: Person, away: TimeAwayFacts, zone: str) -> None:
    """Open the record of `participant` to who covers, on the days of this time away and on no other."""
    db.session.execute(
        insert(CareRelationship).values(
            participant_id=participant.id,
            therapist_id=away.cover.id,
            role="covering",
            starts_on=away.first_day,
            ended_at=clock.start_of(away.last_day + timedelta(days=1), zone),
            time_away_id=away.id,
        )
    )
    audit.record(actor, "care.cover", participant, away.cover.key)


def own_participants(therapist: Person) -> list[Person]:
    """Everyone whose primary therapist this is, whenever that begins."""
    rows = db.session.execute(
        select(*PERSON)
        .join(CareRelationship, CareRelationship.participant_id == Account.id)
        .where(
            CareRelationship.therapist_id == therapist.id,
            CareRelationship.role == "primary",
            CareRelationship.ended_at.is_(None),
        )
        .order_by(Account.id)
    )
    return [person_in(row) for row in rows]


def hold_team(participant: Person) -> None:
    """Let a second change of this care team wait until the transaction ends."""
    db.session.execute(update(Account).where(Account.id == participant.id).values(key=Account.key))


def _held(participant: Person) -> list[tuple[Person, str]]:
    """Everyone who treats `participant` for good, and in which role; a second change of the team waits."""
    hold_team(participant)
    rows = db.session.execute(
        select(*PERSON, CareRelationship.role.label("care_role"))
        .join(CareRelationship, CareRelationship.therapist_id == Account.id)
        .where(
            CareRelationship.participant_id == participant.id,
            CareRelationship.role.in_(GIVEN),
            CareRelationship.ended_at.is_(None),
        )
    )
    return [(person_in(row), row.care_role) for row in rows]


def end(coordinator: Person, participant: Person, therapist: Person, role: str, now: datetime) -> None:
    """End what `therapist` is to `participant`: the record is closed to them at the very next request.

    A second tap finds nothing to end, and changes nothing.
    """
    coordinators_only(coordinator)
    if any(each.id == therapist.id and theirs == role for each, theirs in _held(participant)):
        _end(coordinator, participant, therapist, role, now)
        changed(now)


def _end(coordinator: Person | None, participant: Person, therapist: Person, role: str, now: datetime) -> None:
    db.session.execute(
        update(CareRelationship)
        .where(
            CareRelationship.participant_id == participant.id,
            CareRelationship.therapist_id == therapist.id,
            CareRelationship.role == role,
            CareRelationship.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    opened = BreakGlass.participant_id == participant.id, BreakGlass.therapist_id == therapist.id
    still = update(BreakGlass).where(*opened, BreakGlass.starts_at < now, BreakGlass.ends_at > now)
    db.session.execute(still.values(ends_at=now), execution_options={"synchronize_session": False})
    if role == "primary":  # nobody covers any more for who does not treat them
        theirs = select(TimeAway.id).where(TimeAway.therapist_id == therapist.id)
        end_covering(now, CareRelationship.participant_id == participant.id, CareRelationship.time_away_id.in_(theirs))
    audit.record(coordinator, "care.end", participant, therapist.key)


def end_covering(now: datetime, *which: ColumnElement[bool]) -> None:
    """End those care relationships of times away that are not over; one that has not begun never does."""
    rows = update(CareRelationship).where(*which, CareRelationship.ended_at > now)
    db.session.execute(rows.values(ended_at=now), execution_options={"synchronize_session": False})
