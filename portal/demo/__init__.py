"""The demo clinic: a believable program as of today, the same from the same seed, and as large as wanted."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.demo import cast, check_ins, contact_details, crowd, homework, measures, practice, timetable
from portal.people.models import Account
from portal.program.models import Program

NAMED = len(cast.CAST)
SEED = 1

Watch = Callable[[Iterable[int]], Iterable[int]]


def is_empty() -> bool:
    """Whether the database holds neither a program nor people."""
    held = (db.session.execute(select(table.id).limit(1)).first() for table in (Account, Program))
    return not any(held)


def make(now: datetime, seed: int = SEED, participants: int = NAMED, weeks: int = 8, watch: Watch = iter) -> int:
    """Add the demo clinic as of `now`; how many check-ins it holds.

    People beyond the named ones are made up until there are `participants`, each with `weeks` of history;
    `watch` may look on as their turns come.
    """
    clinic = cast.gather(seed, now)
    contact_details.fill(clinic)
    timetable.fill(clinic)
    written = check_ins.write(clinic)
    practice.fill(clinic)
    homework.fill(clinic)
    measures.write(clinic)
    if participants > NAMED:
        people = crowd.enroll(clinic, participants - NAMED, weeks)
        written += crowd.write(clinic, watch(people), weeks)
        crowd.read(clinic, people)
    return written
