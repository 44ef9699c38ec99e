"""A person's own copy of what is kept about them; here: who has looked at it, and what they did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from portal import clock, words
from portal.audit.models import AuditEvent
from portal.checkins.models import CheckIn
from portal.db import db
from portal.measures.models import MeasureEntry
from portal.people import Person
from portal.people.models import Account
from portal.records import phrases

A_PAGE = 25  # looks, and what is left of the day of the last
EARLIEST = date(2000, 1, 1)  # no record reaches further back, and no made-up address past the calendar


@dataclass(frozen=True, slots=True)
class RecordLook:
    """One thing that somebody did with a person's record, and the `times` at which they did it, the latest first.

    Without a name it was the portal itself, or a command. `whom` is the therapist it is about, where it is about one;
    `for_day` and `slug` are of the check-in or the measure that it is about.
    """

    times: tuple[datetime, ...]
    what: str
    actor_id: int | None
    name: str | None
    role: str | None
    whom: str | None
    for_day: date | None = None
    slug: str | None = None

    @property
    def who(self) -> str:
        return phrases.actor(self.name, self.actor_id)

    @property
    def did(self) -> str:
        return phrases.did(self.what, self.whom, self.for_day, self.slug)

    def hours(self, zone: str) -> list[tuple[datetime, str]]:
        """The times in words, each minute once."""
        said = {words.hour(clock.local(at, zone)): at for at in reversed(self.times)}
        return [(at, hour) for hour, at in reversed(said.items())]


@dataclass(frozen=True, slots=True)
class PageOfLooks:
    """One page of looks by day, the newest first. `older` is the day on which the next page begins."""

    days: list[tuple[date, list[RecordLook]]]
    older: date | None
    is_newest: bool


def page_of_looks(participant: Person, now: datetime, until: date | None = None) -> PageOfLooks:
    """The looks of others at the record of `participant`: the newest, or those up to the end of the day `until`.

    A page holds A_PAGE of them and never parts a day, on the participant's own calendar. Three reads.
    """
    today = clock.day_of(now, participant.zone)
    older_page = until is not None and EARLIEST <= until < today
    mine = [
        AuditEvent.participant_id == participant.id,
        AuditEvent.actor_id.is_distinct_from(participant.id),
        AuditEvent.what.in_(phrases.SHOWN),
    ]
    if until and older_page:
        mine.append(AuditEvent.at < clock.start_of(until + timedelta(days=1), participant.zone))
    last = db.session.scalar(
        select(AuditEvent.at).where(*mine).order_by(AuditEvent.at.desc()).offset(A_PAGE - 1).limit(1)
    )
    first = clock.start_of(clock.day_of(last, participant.zone), participant.zone) if last else None
    rows = _read(*mine, *([AuditEvent.at >= first] if first else []))
    before = first and db.session.scalar(select(func.max(AuditEvent.at)).where(*mine, AuditEvent.at < first))
    days = groupby(rows, key=lambda row: clock.day_of(row.at, participant.zone))
    return PageOfLooks(
        [(day, _in_a_row(those)) for day, those in days],
        clock.day_of(before, participant.zone) if before else None,
        not older_page,
    )


def _in_a_row(rows: Iterable[Any]) -> list[RecordLook]:
    """Those of one person and one kind that follow each other without anything else in between, as one."""
    kind = ("what", "actor_id", "name", "role", "whom", "for_day", "slug")
    alike = groupby(rows, key=attrgetter(*kind))
    return [
        RecordLook(tuple(row.at for row in those), **dict(zip(kind, shared, strict=True))) for shared, those in alike
    ]


def _read(*conditions: Any) -> Sequence[Any]:
    actor, whom = aliased(Account), aliased(Account)
    about = and_(AuditEvent.what.in_(phrases.ABOUT_SOMEONE), whom.key == AuditEvent.subject)
    check_in, measure = (
        and_(
            AuditEvent.what.startswith(noun),
            kept.participant_id == AuditEvent.participant_id,
            kept.key == AuditEvent.subject,
            kept.version == 1,
        )
        for noun, kept in (("check_in.", CheckIn), ("measure.", MeasureEntry))
    )
    return db.session.execute(
        select(
            AuditEvent.at,
            AuditEvent.actor_id,
            AuditEvent.what,
            actor.name,
            actor.role,
            whom.name.label("whom"),
            func.coalesce(CheckIn.for_day, MeasureEntry.for_day).label("for_day"),
            MeasureEntry.slug,
        )
        .outerjoin(actor, actor.id == AuditEvent.actor_id)
        .outerjoin(whom, about)
        .outerjoin(CheckIn, check_in)
        .outerjoin(MeasureEntry, measure)
        .where(*conditions)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    ).all()
