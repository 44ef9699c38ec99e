"""The flags of one therapist: their own participants', and those of others that nobody signed in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import flags, people
from portal.flags import RaisedFlag
from portal.flags.owners import Owners, owners
from portal.people import Person
from portal.program import ProgramFacts
from portal.program.hours import working_minutes

PAST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One flag with whose it is; `covered` says that the reader covers, and is not the primary therapist."""

    participant: Person
    flag: RaisedFlag
    owners: Owners
    due_at: datetime | None
    is_late: bool
    covered: bool

    def minutes_taken(self, program: ProgramFacts) -> int:
        """Working minutes from the flag to its acknowledgement."""
        return working_minutes(program, self.flag.raised_at, self.flag.acknowledged_at or self.flag.raised_at)


@dataclass(frozen=True, slots=True)
class FlagBoard:
    """The open flags, urgent ones first and then the oldest; and those ended in the last 30 days, latest first."""

    open: list[FlagLine]
    past: list[FlagLine]


def board_of(therapist: Person, program: ProgramFacts, now: datetime) -> FlagBoard:
    """The flags that `therapist` has to see to at `now`, in four reads."""
    care = {person.id: (person, role == "covering") for person, role in people.participants_of(therapist, now)}
    owned = owners(care, now, program.zone)
    raised = flags.open_flags(care).values()

    def lines(of_flags: list[RaisedFlag]) -> list[FlagLine]:
        made = [
            flag_line(program, *care[flag.participant_id], flag, owned[flag.participant_id], now) for flag in of_flags
        ]
        return [one for one in made if one.is_late or not one.covered or not owned[one.flag.participant_id].primary]

    return FlagBoard(
        open=lines(sorted(raised, key=lambda flag: (not flag.urgent, flag.raised_at))),
        past=lines(flags.acknowledged_flags(care, now - PAST)),
    )


def flag_line(
    program: ProgramFacts, participant: Person, covered: bool, flag: RaisedFlag, owned: Owners, now: datetime
) -> FlagLine:
    """`flag` as it stands at `now`."""
    return FlagLine(participant, flag, owned, flag.due_at(program), flag.is_late(program, now), covered)
