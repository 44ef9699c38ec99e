"""The facts beside the settings: who is there, how soon something was done about flags, what was changed last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import clock, program
from portal.audit.models import OF_PROGRAM, AuditEvent
from portal.db import db, reader, spelled_out
from portal.flags import first_acts
from portal.flags.email_status import EmailStatus, email_status
from portal.flags.first_acts import FirstActs
from portal.office.people.waiting import WaitingCount, count_waiting
from portal.office.phrases import CHANGED
from portal.office.setting_forms import Standing
from portal.people import Person, care, coordinators_only
from portal.people.care import TimeAwayFacts, on_call
from portal.people.models import Account

LISTED = 6  # changes, at most
READ = 24  # lines of the record: one change may be several


@dataclass(frozen=True, slots=True)
class ProgramEvent:
    """A change of the program on record: `by` whom, None where it was the portal itself; `whom` was put on call."""

    what: str
    subject: str | None
    at: datetime
    by: str | None
    whom: str | None

    @property
    def in_words(self) -> str:
        if self.what == "program.change":
            return CHANGED.get(self.subject or "", "settings")
        return f"{self.whom} {'put on call' if self.what == 'on_call.begin' else 'taken off call'}"


@dataclass(frozen=True, slots=True)
class ProgramOverview:
    """All that the page says beside the settings. `closed` are the days to come on which the program is closed."""

    email: EmailStatus
    waits: WaitingCount
    today: date
    present: int
    away: list[TimeAwayFacts]
    closed: list[date]
    first_acts: list[FirstActs]
    changes: list[tuple[date, str, str | None]]


def standing(coordinator: Person, now: datetime) -> Standing:
    """The settings as they are at `now`."""
    coordinators_only(coordinator)
    facts = program.current()
    return Standing(facts, on_call.open_therapists(coordinator, clock.day_of(now, facts.zone)), now)


def overview(coordinator: Person, standing: Standing) -> ProgramOverview:
    """The overview at the moment of `standing`, in five reads."""
    facts, now = standing.facts, standing.now
    today = clock.day_of(now, facts.zone)
    return ProgramOverview(
        email=email_status(facts, now),
        waits=count_waiting(coordinator),
        today=today,
        present=sum(not one.is_away for one in standing.therapists),
        away=care.times_away(today),
        closed=[day for day in map(date.fromisoformat, sorted(facts.holidays)) if day >= today],
        first_acts=first_acts.first_acts(first_acts.lately(coordinator, now), facts, now),
        changes=_by_day(last_changes(coordinator), facts.zone)[:LISTED],
    )


_by, _whom = aliased(Account), aliased(Account)
_CHANGES = (
    select(AuditEvent.what, AuditEvent.subject, AuditEvent.at, _by.name.label("by"), _whom.name.label("whom"))
    .outerjoin(_by, _by.id == AuditEvent.actor_id)
    .outerjoin(_whom, _whom.key == AuditEvent.subject)
    .where(AuditEvent.what.in_(map(spelled_out, OF_PROGRAM)))
    .order_by(AuditEvent.id.desc())
    .limit(READ)
)
_read_change = reader(ProgramEvent, _CHANGES)


def last_changes(coordinator: Person) -> list[ProgramEvent]:
    """The latest changes of the program, the last one first."""
    coordinators_only(coordinator)
    return [_read_change(row) for row in db.session.execute(_CHANGES)]


def _by_day(changes: Iterable[ProgramEvent], zone: str) -> list[tuple[date, str, str | None]]:
    """The changes, and by whom; one that somebody made more than once in a row on one day is one."""
    said = [(clock.day_of(one.at, zone), one.in_words, one.by) for one in changes]
    return [each for each, _ in groupby(said)]
