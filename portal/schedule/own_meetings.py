"""The meetings of a participant: with their attendance, their absence, and all that was changed in them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union
from werkzeug.exceptions import NotFound

from portal.db import read, reader
from portal.people import Person
from portal.schedule.meetings import LONGEST, Meeting, MeetingChange, accounts, acts, change_columns, meeting_columns
from portal.schedule.models import ChangeSeen
from portal.schedule.places import absences, absences_of, attendances, latest_attendance, places_of, sessions

LOOK_AHEAD = timedelta(days=14)

sightings = ChangeSeen.__table__


@dataclass(frozen=True, slots=True)
class OwnMeeting(Meeting):
    """A meeting as one participant has it: their attendance in its latest version, all changes in order.

    `attended` is the minutes entered for someone who came late or left early. `absent` is when they said that they
    cannot come, while that stands.
    """

    attendance: str | None
    attended: int | None
    absent: datetime | None
    changes: tuple[MeetingChange, ...] = ()

    @property
    def moves(self) -> list[MeetingChange]:
        """The moves, oldest first: each `old` is a time at which the session no longer is."""
        return [change for change in self.changes if change.kind == "moved"]

    @property
    def cancellation(self) -> MeetingChange | None:
        """The reason why it does not take place."""
        return next((c for c in reversed(self.changes) if c.kind == "cancelled"), None) if self.is_cancelled else None

    @property
    def minutes_attended(self) -> int:
        """The minutes that count: its length for present, those entered for late and left early."""
        if self.is_cancelled:
            return 0
        return self.time.minutes if self.attendance == "present" else self.attended or 0

    def is_to_come(self, now: datetime) -> bool:
        """Whether it is planned: not cancelled, not over, and nobody has said yet who came."""
        return not self.is_cancelled and self.attendance is None and self.time.end > now

    def is_planned(self, now: datetime) -> bool:
        """Whether it counts as planned: to come, and its participant has not said that they cannot come.

        A seat that they took instead is a session of its own, and counts.
        """
        return self.absent is None and self.is_to_come(now)


def _meetings(places: Any) -> Select:
    """The meetings of `places`, one row for each change of each, in order of person, time and change."""
    changers = accounts.alias()
    return (
        select(
            places.c.participant_id,
            *meeting_columns("meeting."),
            attendances.c.status.label("meeting.attendance"),
            attendances.c.minutes.label("meeting.attended"),
            absences.c.said_at.label("meeting.absent"),
            *change_columns(changers, "change."),
            sightings.c.at.label("change.seen"),
        )
        .select_from(places)
        .join(sessions, sessions.c.id == places.c.session_id)
        .join(accounts, accounts.c.id == sessions.c.facilitator_id)
        .outerjoin(attendances, latest_attendance(places))
        .outerjoin(absences, absences_of(places))
        .outerjoin(acts, acts.c.session_id == sessions.c.id)
        .outerjoin(changers, changers.c.id == acts.c.by_id)
        .outerjoin(
            sightings,
            and_(sightings.c.change_key == acts.c.key, sightings.c.participant_id == places.c.participant_id),
        )
        .order_by(places.c.participant_id, sessions.c.starts_at, sessions.c.id, acts.c.id)
    )


def _within(column: Any) -> ColumnElement[bool]:
    return and_(column >= bindparam("start"), column < bindparam("end"))


def _mine(participant_id: Any) -> ColumnElement[bool]:
    return participant_id == bindparam("me")


def _theirs(participant_id: Any) -> ColumnElement[bool]:
    return participant_id.in_(bindparam("people", expanding=True))


def _meetings_within(who: Callable[[Any], ColumnElement[bool]]) -> Select:
    """The meetings of those whom `who` picks that begin within the span, or did until they were moved."""
    moved_away = exists().where(acts.c.session_id == sessions.c.id, acts.c.kind == "moved", _within(acts.c.old_at))
    return _meetings(union(*places_of(who, or_(_within(sessions.c.starts_at), moved_away))).subquery())


# Built once: what is asked never changes, only about whom and when.
_OF_ONE, _OF_MANY = _meetings_within(_mine), _meetings_within(_theirs)
_CALLED = _meetings(union(*places_of(_mine, sessions.c.key == bindparam("key"))).subquery())
_meeting = reader(OwnMeeting, _OF_ONE, within="meeting.")
_change = reader(MeetingChange, _OF_ONE, within="change.")


def _read(rows: Iterable[Any]) -> Iterator[tuple[int, OwnMeeting]]:
    """Rows of `_meetings` as (participant_id, meeting), the changes of one meeting gathered in it."""
    for (participant_id, _), same in groupby(rows, key=itemgetter(0, 1)):  # one person's rows of one session
        first, *others = same
        changes = tuple(change for change in map(_change, (first, *others)) if change.key)
        meeting = _meeting(first)
        yield participant_id, replace(meeting, changes=changes) if changes else meeting


def called(participant: Person, key: str) -> OwnMeeting:
    """The session called `key`, if `participant` has a place in it; raises NotFound for any other."""
    for _, meeting in _read(read(_CALLED, me=participant.id, key=key)):
        return meeting
    raise NotFound


def between(participant: Person, start: datetime, end: datetime) -> list[OwnMeeting]:
    """The sessions of `participant` that begin from `start` to before `end`, by time; cancelled ones too.

    One that was moved out of this span is among them, so that its old place can point to the new one.
    """
    return [meeting for _, meeting in _read(read(_OF_ONE, me=participant.id, start=start, end=end))]


def next_meeting(participant: Person, now: datetime) -> OwnMeeting | None:
    """The session that `participant` is in or comes to next within 14 days, but for those they cannot come to."""
    ahead = between(participant, now - LONGEST, now + LOOK_AHEAD)
    return next((meeting for meeting in ahead if meeting.is_planned(now)), None)


def between_by_person(participant_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[OwnMeeting]]:
    """The meetings that `between` gives of each of these people, by their ids, in one read; [] for who has none."""
    found: dict[int, list[OwnMeeting]] = {participant_id: [] for participant_id in participant_ids}
    for participant_id, meeting in _read(read(_OF_MANY, people=list(participant_ids), start=start, end=end)):
        found[participant_id].append(meeting)
    return found


_among = union(*places_of(_theirs, sessions.c.status != "cancelled", _within(sessions.c.starts_at))).subquery()
_begun = sessions.c.starts_at <= bindparam("now")
_ranked = (
    select(
        _among,
        _begun.label("begun"),
        func.row_number()
        .over(partition_by=(_among.c.participant_id, _begun), order_by=(sessions.c.starts_at, sessions.c.id))
        .label("rank"),
    )
    .join(sessions, sessions.c.id == _among.c.session_id)
    .where(~exists().where(absences_of(_among)))
    .subquery()
)
# Of each of the people, the first place still to begin, and those that may be going on.
_next = select(_ranked).where(or_(_ranked.c.begun, _ranked.c.rank == 1)).subquery()
_NEXT = (
    select(_next.c.participant_id, *meeting_columns("meeting."))
    .join(sessions, sessions.c.id == _next.c.session_id)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .order_by(_next.c.participant_id, sessions.c.starts_at, sessions.c.id)
)
_next_meeting = reader(Meeting, _NEXT, within="meeting.")


def next_by_person(participant_ids: Collection[int], now: datetime) -> dict[int, Meeting]:
    """The meeting that each of these people is in now or comes to next within 14 days; without those who have none.

    One that they said they cannot come to is not theirs to come to; a seat that they took instead is.
    """
    coming: dict[int, Meeting] = {}
    for row in read(_NEXT, people=list(participant_ids), now=now, start=now - LONGEST, end=now + LOOK_AHEAD):
        if row.participant_id not in coming and (meeting := _next_meeting(row)).time.end > now:
            coming[row.participant_id] = meeting
    return coming
