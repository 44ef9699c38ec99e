"""Hours of every week in which a participant cannot come. They decide what is offered, and nobody else sees them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select
from werkzeug.exceptions import NotFound

from portal import audit, clock, people, words
from portal.db import db, reader, write
from portal.fields import Refused
from portal.people import Person
from portal.schedule.meetings import Time
from portal.schedule.seats.models import BUSY, BusyTime

MOST = 40  # of one person
LATER = "The end has to be later than the beginning. Enter a night in two parts, one for each day."


@dataclass(frozen=True, slots=True)
class BusyHours:
    """Hours on one day of every week, in wall time of the program's zone; `weekday` counts from Monday, 0."""

    weekday: int
    starts: time
    ends: time

    @property
    def words(self) -> str:
        """ "Monday, 9:00 am to 5:00 pm"."""
        start, end = (datetime.combine(date.min, wall) for wall in (self.starts, self.ends))
        return f"{words.WEEKDAYS[self.weekday]}, {words.span(start, end)}"

    def touch(self, session: Time, zone: str) -> bool:
        """Whether a session is in these hours, wholly or in part, on any day of the program's `zone`."""
        first, last = clock.day_of(session.start, zone), clock.day_of(session.end, zone)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return any(
            clock.at_wall(datetime.combine(day, self.starts), zone, strict=False) < session.end
            and session.start < clock.at_wall(datetime.combine(day, self.ends), zone, strict=False)
            for day in days
            if day.weekday() == self.weekday
        )


@dataclass(frozen=True, slots=True)
class Busy:
    """Busy hours of a participant, and what keeps them."""

    key: str
    kind: str
    hours: BusyHours

    @property
    def kind_words(self) -> str:
        return BUSY[self.kind]


_TIMES = select(
    BusyTime.key,
    BusyTime.kind,
    BusyTime.weekday.label("hours.weekday"),
    BusyTime.starts.label("hours.starts"),
    BusyTime.ends.label("hours.ends"),
).order_by(BusyTime.weekday, BusyTime.starts, BusyTime.ends, BusyTime.id)
_busy = reader(Busy, _TIMES)


def read_times(participant: Person) -> list[Busy]:
    """The busy hours of `participant`, in the order of the week."""
    return [_busy(row) for row in db.session.execute(_TIMES.where(BusyTime.participant_id == participant.id))]


def add(participant: Person, kind: str, weekdays: Collection[int], starts: time, ends: time) -> None:
    """Note that `participant` is busy from `starts` to `ends` on these days; what is known already stays once.

    Raises Refused for hours that end before they begin, and for more than MOST of them.
    """
    if ends <= starts:
        raise Refused("ends", LATER)
    people.hold(participant)
    known = read_times(participant)
    held = {(one.kind, one.hours) for one in known}
    new = sorted(day for day in set(weekdays) if (kind, BusyHours(day, starts, ends)) not in held)
    if len(known) + len(new) > MOST:
        raise Refused("ends", f"We can keep up to {MOST} of these for you. Remove some that are no longer true.")
    for weekday in new:
        row = BusyTime(participant_id=participant.id, kind=kind, weekday=weekday, starts=starts, ends=ends)
        db.session.add(row)
    if new:
        audit.record(participant, "busy.change", participant)


def remove(participant: Person, key: str) -> None:
    """Forget one of them; raises NotFound for none of theirs."""
    mine = delete(BusyTime).where(BusyTime.key == key, BusyTime.participant_id == participant.id)
    if not write(mine):
        raise NotFound
    audit.record(participant, "busy.change", participant)
