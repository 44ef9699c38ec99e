"""Due measures: those that a participant is asked now, and since which of their days."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Date, String, cast, func, literal, null, select, union, union_all

from portal import clock
from portal.db import Instant, db, spelled_out
from portal.episodes.models import Episode
from portal.measures import measure_schedules, phrases, served
from portal.measures.instrument import Instrument
from portal.measures.models import MeasureEntry
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule.places import places_of, sessions

DAYS = {"weekly": 7, "two_weeks": 14, "monthly": 28}
BEFORE_ONE_TO_ONE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class DueMeasure:
    """One measure to answer. It is due from `since` on, until it is answered: a few days late is fine."""

    instrument: Instrument
    since: date

    @property
    def slug(self) -> str:
        return self.instrument.slug

    @property
    def asks(self) -> str:
        return phrases.asks(self.instrument)

    @property
    def minutes(self) -> str:
        return phrases.minutes(self.instrument)


@dataclass(slots=True)
class DueFacts:
    """The facts that decide which measures are due for one participant.

    The day on which their stay `began`, None without one; what a therapist chose for them, {slug: (how often, when)};
    when each was last `answered`, as it was first sent; and when the one-to-one sessions to come begin.
    """

    began: date | None = None
    chosen: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    answered: dict[str, datetime] = field(default_factory=dict)
    one_to_ones: list[datetime] = field(default_factory=list)


def due(participant: Person, program: ProgramFacts, now: datetime) -> list[DueMeasure]:
    """The measures that `participant` is asked at `now`, the longest due first; in one read."""
    return reckon(facts_of([participant.id], now)[participant.id], program, participant.zone, now)


def reckon(facts: DueFacts, program: ProgramFacts, zone: str, now: datetime) -> list[DueMeasure]:
    """The measures that are due by these facts, on the clock of `zone`: nothing before the stay, and nothing twice."""
    if facts.began is None:
        return []
    today, found = clock.day_of(now, zone), []
    for slug, instrument in served(program.turned_on).items():
        every, chosen_at = facts.chosen.get(slug, (program.measures.get(slug, "never"), None))
        start = max(facts.began, clock.day_of(chosen_at, zone)) if chosen_at else facts.began
        answered = facts.answered.get(slug)
        last = clock.day_of(answered, zone) if answered else None
        since = _since(every, facts, start, last, zone, now)
        if since is not None and since <= today:
            found.append(DueMeasure(instrument, since))
    return sorted(found, key=lambda one: one.since)


def _since(every: str, facts: DueFacts, start: date, last: date | None, zone: str, now: datetime) -> date | None:
    """The day from which a measure is due next, if that is known; `last` is the day on which it was answered."""
    if every == "once":
        return start if last is None or last < start else None
    if every == "one_to_one":
        first = min((clock.day_of(at, zone) - BEFORE_ONE_TO_ONE for at in facts.one_to_ones if at > now), default=None)
        return max(first, start) if first and (last is None or last < first) else None
    if every not in DAYS:
        return None
    return max(facts.began or start, last + timedelta(days=DAYS[every])) if last else start


def facts_of(participant_ids: Collection[int], now: datetime) -> dict[int, DueFacts]:
    """The facts of each of these people, in one read."""
    no_text, no_instant, no_day = cast(null(), String), cast(null(), Instant), cast(null(), Date)
    ids = list(participant_ids)
    chosen, entries, episodes = measure_schedules.schedules, MeasureEntry.__table__, Episode.__table__
    places = union(
        *places_of(
            lambda column: column.in_(ids),
            sessions.c.kind == "one_to_one",
            sessions.c.status != "cancelled",
            sessions.c.starts_at > now,
            sessions.c.starts_at < now + BEFORE_ONE_TO_ONE + timedelta(days=1),
        )
    ).subquery()
    rows = db.session.execute(
        union_all(
            select(
                chosen.c.participant_id.label("who"),
                literal("chosen", String).label("what"),
                chosen.c.slug.label("slug"),
                chosen.c.every.label("every"),
                chosen.c.chosen_at.label("at"),
                no_day.label("day"),
            ).where(chosen.c.participant_id.in_(ids), measure_schedules.holds()),
            select(
                entries.c.participant_id,
                literal("answered", String),
                entries.c.slug,
                no_text,
                func.max(entries.c.entered_at),
                no_day,
            )
            .where(entries.c.participant_id.in_(ids), entries.c.version == 1, entries.c.mode == "self")
            .group_by(entries.c.participant_id, entries.c.slug),
            select(
                episodes.c.participant_id,
                literal("began", String),
                no_text,
                no_text,
                no_instant,
                episodes.c.starts_on,
            ).where(episodes.c.participant_id.in_(ids), episodes.c.status == spelled_out("active")),
            select(
                places.c.participant_id,
                literal("one_to_one", String),
                no_text,
                no_text,
                sessions.c.starts_at,
                no_day,
            ).join(sessions, sessions.c.id == places.c.session_id),
        )
    )
    found = {who: DueFacts() for who in ids}
    for row in rows:
        facts = found[row.who]
        if row.what == "chosen":
            facts.chosen[row.slug] = (row.every, row.at)
        elif row.what == "answered":
            facts.answered[row.slug] = row.at
        elif row.what == "began":
            facts.began = row.day
        else:
            facts.one_to_ones.append(row.at)
    return found
