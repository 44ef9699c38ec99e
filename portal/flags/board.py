"""The flags of one therapist: those that are with them, and those of their participants that were closed lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import flags, people, words
from portal.flags import RaisedFlag
from portal.flags.handover import with_whom
from portal.flags.owners import FlagOwners, owners
from portal.people import Person
from portal.program import ProgramFacts

PAST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One flag with whose it is: the therapists it is `with_whom` now, and when it went further or will."""

    participant: Person
    role: str
    flag: RaisedFlag
    owners: FlagOwners
    with_whom: list[Person]
    due_at: datetime | None
    passed_on_at: datetime | None

    def is_with(self, therapist: Person) -> bool:
        """Whether `therapist` has to see to it: it is with them, they are the primary, or they are to try again."""
        tried = self.flag.tried
        named = tried is not None and tried.again_by_id == therapist.id
        return named or self.role == "primary" or any(one.id == therapist.id for one in self.with_whom)

    @staticmethod
    def named(therapists: Sequence[Person], reader: Person) -> str:
        """The names of these in a list, for a `reader` who may be among them: "you and Dr Oduya"."""
        return words.listed(["you" if one.id == reader.id else one.name for one in therapists])


@dataclass(frozen=True, slots=True)
class FlagBoard:
    """The open flags, urgent ones first and then the oldest; and those closed in the last 30 days, latest first."""

    open: list[FlagLine]
    past: list[FlagLine]


def board_of(therapist: Person, program: ProgramFacts, now: datetime) -> FlagBoard:
    """The flags that `therapist` has to see to at `now`, in five reads."""
    care = {person.id: (person, role) for person, role in people.participants_of(therapist, now)}
    owned = owners(care, program, now)

    def lines(of_flags: list[RaisedFlag]) -> list[FlagLine]:
        return [flag_line(program, *care[one.participant_id], one, owned[one.participant_id], now) for one in of_flags]

    raised = sorted(flags.open_flags(care).values(), key=lambda flag: (not flag.urgent, flag.raised_at))
    return FlagBoard(
        open=[line for line in lines(raised) if line.is_with(therapist)],
        past=lines(flags.closed_flags(care, now - PAST)),
    )


def flag_line(
    program: ProgramFacts, participant: Person, role: str, flag: RaisedFlag, owned: FlagOwners, now: datetime
) -> FlagLine:
    """`flag` as it stands at `now`; `role` is that in which the reader treats the participant."""
    passed_on_at = flag.passed_on_at(program, now)
    return FlagLine(
        participant, role, flag, owned, with_whom(flag, owned, program, now), flag.due_at(program), passed_on_at
    )
