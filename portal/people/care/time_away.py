"""Times away: a therapist's days off, entered by themselves or a coordinator, and the rows that let another cover."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import update
from werkzeug.exceptions import NotFound

from portal import audit, clock, people, program, words
from portal.db import db, new_key
from portal.fields import Refused
from portal.people import Person, care, directory
from portal.people.care import TimeAwayFacts
from portal.people.care.on_call import hand_on_call_over
from portal.people.models import CareRelationship, TimeAway

LONGEST = timedelta(days=366)


def enter_time_away(
    actor: Person,
    therapist: Person,
    cover: Person,
    first_day: date,
    last_day: date,
    now: datetime,
    on_call_successor: Person | None = None,
) -> str:
    """Note that `therapist` is away on these days and `cover` treats each of their people then; returns its key.

    `therapist` enters their own, a coordinator anybody's. Nothing else grants access, and it ends by itself. Raises
    NotFound for another actor, and Refused: for days that cannot be, and where nobody would be left on call.
    """
    if actor.id != therapist.id and actor.role != "coordinator":
        raise NotFound
    people.hold(therapist)
    zone = program.current().zone
    _check_days(therapist, cover, first_day, last_day, clock.day_of(now, zone))
    hand_on_call_over(actor, therapist, on_call_successor, first_day, last_day, now)
    row = TimeAway(
        key=new_key(),
        therapist_id=therapist.id,
        covered_by_id=cover.id,
        first_day=first_day,
        last_day=last_day,
        entered_at=now,
    )
    db.session.add(row)
    db.session.flush()
    away = TimeAwayFacts(row.id, row.key, first_day, last_day, therapist, cover)
    for participant in care.own_participants(therapist):
        if participant.id != cover.id:
            care.cover_for(actor, participant, away, zone)
    audit.record(actor, "time_away.enter", None, row.key)
    care.changed(now)
    return row.key


def _check_days(therapist: Person, cover: Person, first_day: date, last_day: date, today: date) -> None:
    if last_day < first_day:
        raise Refused("last_day", "The last day is before the first.")
    if first_day < today:
        raise Refused("first_day", "This day is over. Begin today or later.")
    if last_day - first_day > LONGEST:
        raise Refused("last_day", "This is longer than a year. Check the days.")
    if cover.id == therapist.id:
        raise Refused("cover", "Choose someone else: this therapist is the one who is away.")
    if _overlapping(care.times_away_of(therapist, today), first_day, last_day):
        raise Refused("first_day", "Some of these days have already been entered.")
    for one in _overlapping(care.times_away_of(cover, today), first_day, last_day):
        if _is_somebody_there(therapist, first_day, last_day):
            days = words.days_between(one.first_day, one.last_day)
            raise Refused("cover", f"{cover.name} is away too, {days}. Choose someone who is there.")


def _overlapping(times: Iterable[TimeAwayFacts], first_day: date, last_day: date) -> list[TimeAwayFacts]:
    return [one for one in times if one.first_day <= last_day and one.last_day >= first_day]


def _is_somebody_there(leaving: Person, first_day: date, last_day: date) -> bool:
    """Whether another therapist is away on none of these days. In a small clinic on a holiday there may be nobody."""
    away = {one.therapist.id for one in _overlapping(care.times_away(first_day), first_day, last_day)}
    return any(one.id not in {leaving.id, *away} for one in directory.open_therapists().values())


def times_away_seen_by(reader: Person, today: date) -> list[TimeAwayFacts]:
    """The times away that are not over: everybody's for a coordinator, else one's own and those that one covers."""
    everybody = care.times_away(today)
    if reader.role == "coordinator":
        return everybody
    return [one for one in everybody if reader.id in (one.therapist.id, one.cover.id)]


def end_time_away(actor: Person, key: str, now: datetime) -> None:
    """Say that they are back, or that they stay: who covered sees nothing of it from the next request on.

    Raises NotFound for one that is over, cancelled or somebody else's. A second tap finds nothing.
    """
    today = clock.day_of(now, program.current().zone)
    found = next((one for one in care.times_away(today) if one.key == key), None)
    if found is None or (actor.id != found.therapist.id and actor.role != "coordinator"):
        raise NotFound
    db.session.execute(update(TimeAway).where(TimeAway.id == found.id).values(cancelled_at=now))
    care.end_covering(now, CareRelationship.time_away_id == found.id)
    audit.record(actor, "time_away.end", None, key)
    care.changed(now)
