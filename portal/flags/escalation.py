"""The rule by which a flag also goes to the covering therapist, reckoned in working minutes each time it is read."""

from datetime import datetime

from portal.flags import RaisedFlag
from portal.program import ProgramFacts
from portal.program.hours import after_working_minutes


def due_at(program: ProgramFacts, flag: RaisedFlag) -> datetime | None:
    """The instant by which the flag should be acknowledged; None where the program has no hours in sight."""
    return after_working_minutes(program, flag.raised_at, program.flag_minutes)


def escalated(program: ProgramFacts, flag: RaisedFlag, now: datetime) -> bool:
    """Whether the flag was not acknowledged in time, and so belongs to the covering therapist too."""
    due = due_at(program, flag)
    return due is not None and due <= (flag.acknowledged_at or now)
