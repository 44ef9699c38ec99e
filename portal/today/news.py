"""What changed for a participant: in sessions to come, as they have not seen it yet, and in the groups they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, bindparam, cast, func, or_, select

from portal import clock
from portal.schedule import Change, MeetingRow, phrases, week
from portal.schedule.models import Track
from portal.schedule.places import enrolled, enrolments, sessions

SHOWN = 5
A_DAY = timedelta(days=1)
LATELY, SOON = timedelta(days=7), timedelta(days=14)  # how long ago or ahead somebody may join a group, or leave it

tracks = Track.__table__


@dataclass(frozen=True, slots=True)
class News:
    """What one act of somebody's changed and its participant has not seen yet: in a session to come, and in `others`.

    `changes` are all that the act changed in it.
    """

    meeting: MeetingRow
    changes: list[Change]
    others: "tuple[News, ...]" = ()

    @property
    def change(self) -> Change:
        return self.changes[0]

    @property
    def was(self) -> datetime:
        """Where it was on its own clock before this, or is."""
        moved = self.change.kind in ("moved", "cancelled")
        return clock.local(self.change.old_at if moved else self.meeting.starts_at, self.meeting.zone)

    @property
    def seen_words(self) -> str:
        """What is new, after "I have seen"."""
        return phrases.seen([change for change in self.meeting.changes if change.key == self.change.key])

    @property
    def other_days(self) -> str:
        """The days of the others, the first ones by name; "" without any."""
        return phrases.on_days(other.was.date() for other in self.others)


def of_meetings(meetings: Iterable[MeetingRow], now: datetime) -> list[News]:
    """What changed, however long ago, and was not seen, in what is not over; what one act changed is told once."""
    acts: dict[str, list[News]] = {}
    for meeting in meetings:
        if meeting.changes and meeting.ends_at > now:
            for key, changes in groupby(week.told(meeting), key=lambda change: change.key):
                unseen = [change for change in changes if change.seen is None]
                if unseen:
                    acts.setdefault(key, []).append(News(meeting, unseen))
    return [News(first.meeting, first.changes, tuple(others)) for first, *others in acts.values()]


@dataclass(frozen=True, slots=True)
class Group:
    """A group that a participant joins, `first` being their first day in it, or whose `last` day for them is near."""

    title: str
    first: date | None = None
    last: date | None = None


def _day_of_session(which: Any) -> ScalarSelect[Any]:
    """The first or the last day on which the enrolled meet."""
    held = select(which(sessions.c.local_day)).where(enrolled(), sessions.c.status != "cancelled")
    return held.correlate(enrolments).scalar_subquery()


def _text(day: Any) -> ColumnElement[str]:
    return func.coalesce(cast(day, String), "")


def is_near() -> ColumnElement[bool]:
    """An enrolment begins or ends between `lately` and `soon`."""
    near = (enrolments.c.starts_on, enrolments.c.ends_on)
    return or_(*(and_(day >= bindparam("lately"), day <= bindparam("soon")) for day in near))


def enrolment_days() -> ColumnElement[str]:
    """The days of an enrolment in one text: "first|last|first session|last session", "" for none; see `of_groups`."""
    met = _day_of_session(func.min), _day_of_session(func.max)
    starts, ends, first, last = map(_text, (enrolments.c.starts_on, enrolments.c.ends_on, *met))
    return starts + "|" + ends + "|" + first + "|" + last


def near(today: date) -> dict[str, date]:
    """What `is_near` asks about."""
    return {"lately": today - LATELY - A_DAY, "soon": today + SOON}


def of_groups(rows: Iterable[Any], today: date) -> list[Group]:
    """The groups that are joined until their first day is over, and those left, out of (title, track, days) of each.

    Where one enrolment goes on in the next, nothing is joined and nothing left.
    """
    found = []
    of_track: dict[int, list[tuple[str, date, date | None, date | None, date | None]]] = {}
    for title, track_id, days in rows:
        starts, *others = days.split("|")
        of_track.setdefault(track_id, []).append((title, date.fromisoformat(starts), *map(clock.parse_day, others)))
    for held in of_track.values():
        for title, starts, ends, first, last in held:
            before = any(begun < starts and ended and ended >= starts - A_DAY for _, begun, ended, *_ in held)
            after = any(ends and starts < begun <= ends + A_DAY for _, begun, *_ in held)
            if first and first >= today and today - LATELY <= starts <= today + SOON and not before:
                found.append(Group(title, first=first))
            if last and last >= today and ends and ends <= today + SOON and not after:
                found.append(Group(title, last=last))
    return found
