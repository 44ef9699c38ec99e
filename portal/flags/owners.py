"""The owners of flags: who of a care team, or on call, a flag is with now, and to whom it goes when nothing is done."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Date, bindparam, select

from portal import clock
from portal.db import db, reader
from portal.people import Person, directory, holds, is_away, person_columns
from portal.people.care.on_call import on_call
from portal.people.models import Account, CareRelationship
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class TeamTherapist:
    """A therapist of a care team whose account is open, in the role that opens the record; `is_away` today or not."""

    participant_id: int
    role: str
    is_away: bool
    therapist: Person


@dataclass(frozen=True, slots=True)
class FlagOwners:
    """The therapists whom the flag of one participant is with `now`, and to whom it goes `later`, undone.

    `team` are all who can open the record; those on call who cannot yet are let in when it goes to them.
    """

    now: tuple[Person, ...]
    later: tuple[Person, ...]
    team: tuple[TeamTherapist, ...]

    @property
    def there(self) -> list[Person]:
        """Those who can open the record and are not away, each once, with whom the flag is now first."""
        there = [one.therapist for one in self.team if not one.is_away]
        return list({one.id: one for one in (*self.now, *there)}.values())

    @property
    def later_names(self) -> list[str]:
        return [one.name for one in self.later]


_therapist_columns = person_columns("therapist.")
_TEAMS = (
    select(
        CareRelationship.participant_id,
        CareRelationship.role,
        is_away(Account.id, bindparam("today", type_=Date())).label("is_away"),
        *_therapist_columns,
    )
    .join(Account, Account.id == CareRelationship.therapist_id)
    .where(CareRelationship.participant_id.in_(bindparam("people", expanding=True)), Account.disabled_at.is_(None))
    .order_by(Account.name, Account.id)
)
_read_member = reader(TeamTherapist, _TEAMS)


def owners(participant_ids: Collection[int], program: ProgramFacts, now: datetime) -> dict[int, FlagOwners]:
    """The owners of a flag of each of these people at `now`, whose day is the program's; nobody is left out.

    The primary therapist is first, then who covers, then who is on call: the nearest of them who are not away today.
    Where all are away it stays with the nearest; without anybody on call, every therapist with an open account is.
    """
    today = clock.day_of(now, program.zone)
    rows = db.session.execute(_TEAMS.where(holds(now, program.zone)), {"people": list(participant_ids), "today": today})
    teams: dict[int, list[TeamTherapist]] = {each: [] for each in participant_ids}
    for row in rows:
        member = _read_member(row)
        teams[member.participant_id].append(member)
    called = on_call(today)
    present = [one.therapist for one in called if not one.is_away]
    everyone = [one.therapist for one in called] or (list(directory.open_therapists().values()) if teams else [])
    return {each: _share(team, present, everyone) for each, team in teams.items()}


def _share(team: list[TeamTherapist], present_on_call: list[Person], everyone_on_call: list[Person]) -> FlagOwners:
    def of_role(role: str, *, away: bool) -> list[Person]:
        return [one.therapist for one in team if one.role == role and (away or not one.is_away)]

    primary, covering = of_role("primary", away=False), of_role("covering", away=False)
    nearest_first = [
        *(primary, covering, present_on_call),
        *(of_role("primary", away=True), of_role("covering", away=True), everyone_on_call),
    ]
    now = next((step for step in nearest_first if step), [])
    later = (covering or present_on_call) if now is primary else present_on_call if now is covering else []
    return FlagOwners(tuple(now), tuple(one for one in later if one not in now), tuple(team))
