"""Care teams: who treats a participant, since when and until when. What is said here opens a record, and closes it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, program
from portal.db import db, reader
from portal.fields import Refused
from portal.people import PERSON, Person, coordinators_only, directory, find, person_columns, person_in
from portal.people.models import Account, CareRelationship

ROLES = {"primary": "Primary therapist", "covering": "Covering therapist"}


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A therapist of a care team, by role, from the day `since`; `until` is when it ended, None while it lasts."""

    key: str
    name: str
    role: str
    since: date
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CareTeam:
    """The care team of `participant`: the primary therapist first; those who were, the last to leave first.

    `therapists` are all who could be on it, by key.
    """

    participant: Person
    members: list[TeamMember]
    past: list[TeamMember]
    therapists: dict[str, Person]

    @property
    def primary(self) -> TeamMember | None:
        return next((member for member in self.members if member.role == "primary"), None)


_therapist = aliased(Account)
_TEAM = (
    select(
        *person_columns("participant."),
        _therapist.key.label("member.key"),
        _therapist.name.label("member.name"),
        CareRelationship.role.label("member.role"),
        CareRelationship.starts_on.label("member.since"),
        CareRelationship.ended_at.label("member.until"),
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
    everyone = [member for member in map(_member_in, rows) if member.key]
    past = [member for member in everyone if member.until]
    return CareTeam(
        participant,
        [member for member in everyone if not member.until],
        sorted(past, key=lambda member: member.until or clock.now(), reverse=True),
        directory.therapists(coordinator),
    )


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
    if role not in ROLES:
        raise ValueError(f"{role!r} is not a role on a care team")
    if coordinator:
        coordinators_only(coordinator)
    held = _held(participant)
    already = {theirs for each, theirs in held if each.id == therapist.id}
    if "primary" in already:
        raise Refused("therapist", f"{therapist.name} is the primary therapist already.")
    if role in already:
        raise Refused("therapist", f"{therapist.name} covers already.")
    for each, theirs in held:
        if role == "primary" and (theirs == "primary" or each.id == therapist.id):
            _end(coordinator, participant, each, theirs, now)
    today = clock.day_of(now, program.current().zone)
    db.session.execute(
        insert(CareRelationship).values(
            participant_id=participant.id, therapist_id=therapist.id, role=role, starts_on=today
        )
    )
    audit.record(coordinator, "care.add", participant, therapist.key)


def _held(participant: Person) -> list[tuple[Person, str]]:
    """Everyone who treats `participant`, and in which role. Writing first makes a second change of the team wait."""
    db.session.execute(update(Account).where(Account.id == participant.id).values(key=Account.key))
    rows = db.session.execute(
        select(*PERSON, CareRelationship.role.label("care_role"))
        .join(CareRelationship, CareRelationship.therapist_id == Account.id)
        .where(CareRelationship.participant_id == participant.id, CareRelationship.ended_at.is_(None))
    )
    return [(person_in(row), row.care_role) for row in rows]


def end(coordinator: Person, participant: Person, therapist: Person, role: str, now: datetime) -> None:
    """End what `therapist` is to `participant`: the record is closed to them at the very next request.

    A second tap finds nothing to end, and changes nothing.
    """
    coordinators_only(coordinator)
    if any(each.id == therapist.id and theirs == role for each, theirs in _held(participant)):
        _end(coordinator, participant, therapist, role, now)


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
    audit.record(coordinator, "care.end", participant, therapist.key)
