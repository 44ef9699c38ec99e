"""Due measures: those that a participant is asked now, and since which of their days."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, union, union_all

from portal import clock
from portal.db import Offered, by_kind, db, offer, spelled_out
from portal.episodes.models import Episode
from portal.measures import asked_as, measure_schedules, phrases, served
from portal.measures.instrument import Instrument
from portal.measures.models import MeasureEntry
from portal.people import Person
from portal.program import ProgramFacts
from portal.schedule import own_meetings
from portal.schedule.places import places_of, sessions

DAYS = {"weekly": 7, "two_weeks": 14, "monthly": 28}
BEFORE_ONE_TO_ONE = timedelta(days=3)

_schedules, _entries = measure_schedules.schedules.c, MeasureEntry.__table__.c


@dataclass(frozen=True, slots=True)
class DueMeasure:
    """One measure to answer. It is due from `since` on, until it is answered: a few days late is fine."""

    instrument: Instrument
    since: date

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
    """The measures that are due by these facts, on the clock of `zone`: nothing before the stay, and nothing twice.

    One that stands in for another is due when that one would be: it was answered when either was.
    """
    if facts.began is None:
        return []
    today, found = clock.day_of(now, zone), []
    for slug, instrument in served(program).items():
        names = asked_as(slug, program)
        chosen = {name: every for name, (every, _) in facts.chosen.items()}
        every, chosen_for = measure_schedules.rhythm_of(names, chosen, program)
        start = max(facts.began, clock.day_of(facts.chosen[chosen_for][1], zone)) if chosen_for else facts.began
        last = max((clock.day_of(facts.answered[name], zone) for name in names if name in facts.answered), default=None)
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


def next_one_to_one(participant: Person, now: datetime) -> datetime | None:
    """The start of the next one-to-one session of `participant` within two weeks that stands; in one read."""
    coming = own_meetings.between(participant, now, now + own_meetings.LOOK_AHEAD)
    return next((one.time.start for one in coming if one.kind == "one_to_one" and one.is_planned(now)), None)


def facts_of(participant_ids: Collection[int], now: datetime) -> dict[int, DueFacts]:
    """The facts of each of these people, in one read."""
    ids, episodes = list(participant_ids), Episode.__table__.c
    places = union(
        *places_of(
            lambda column: column.in_(ids),
            sessions.c.kind == "one_to_one",
            sessions.c.status != "cancelled",
            sessions.c.starts_at > now,
            sessions.c.starts_at < now + BEFORE_ONE_TO_ONE + timedelta(days=1),
        )
    ).subquery()
    chosen, answered = kept_facts(lambda column: column.in_(ids))
    began = offer("began", episodes.key, author=cast(episodes.starts_on, String)).where(
        episodes.participant_id.in_(ids), episodes.status == spelled_out("active")
    )
    to_come = offer("one_to_one", sessions.c.key, sessions.c.starts_at).join(
        places, sessions.c.id == places.c.session_id
    )
    parts = {chosen: _schedules, answered: _entries, began: episodes, to_come: places.c}
    found: dict[int, list[Any]] = {who: [] for who in ids}
    for row in db.session.execute(
        union_all(*(part.add_columns(table.participant_id.label("who")) for part, table in parts.items()))
    ):
        found[row.who].append(row)
    facts = {}
    for who, rows in found.items():
        offered = by_kind(rows)
        began_on = next((date.fromisoformat(row.author) for row in offered.get("began", ())), None)
        facts[who] = facts_in(offered, began_on, [row.at for row in offered.get("one_to_one", ())])
    return facts


def kept_facts(is_theirs: Callable[[Any], ColumnElement[bool]]) -> tuple[Select, Select]:
    """Offers of what was chosen and of what was answered, for those of whom a column of ids is theirs."""
    return (
        offer("measure_schedule", _schedules.slug, _schedules.chosen_at, author=_schedules.every).where(
            is_theirs(_schedules.participant_id), measure_schedules.holds()
        ),
        offer("measured", _entries.slug, func.max(_entries.entered_at))
        .where(is_theirs(_entries.participant_id), _entries.version == 1, _entries.mode == "self")
        .group_by(_entries.participant_id, _entries.slug),
    )


def facts_in(offered: Offered, began: date | None, one_to_ones: Iterable[datetime]) -> DueFacts:
    """The facts in the rows of `kept_facts`, beside the first day of the stay and the sessions to come."""
    return DueFacts(
        began=began,
        chosen={row.name: (row.author, row.at) for row in offered.get("measure_schedule", ())},
        answered={row.name: row.at for row in offered.get("measured", ())},
        one_to_ones=list(one_to_ones),
    )
