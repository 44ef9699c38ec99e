"""The sessions that a therapist sees of a person: their groups around today, and how they came to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, union

from portal import clock, words
from portal.db import read, reader
from portal.episodes import ActiveEpisode
from portal.program import ProgramFacts
from portal.schedule.attendance.hours import hours_of_week
from portal.schedule.models import ATTENDED
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.places import attendances, latest_attendance, places_of, sessions


@dataclass(frozen=True, slots=True)
class GroupOfPerson:
    """One group session of one participant; `attendance` is None before it is taken."""

    participant_id: int
    session_id: int
    leader_id: int
    start: datetime
    day: date
    attendance: str | None


_PLACES = union(
    *places_of(
        lambda participant_id: participant_id.in_(bindparam("people", expanding=True)),
        sessions.c.kind == "group",
        sessions.c.status != "cancelled",
        sessions.c.starts_at >= bindparam("start"),
        sessions.c.starts_at < bindparam("end"),
    )
).subquery()
# Built once: what is asked never changes, only about whom and when.
_GROUPS = (
    select(
        _PLACES.c.participant_id,
        sessions.c.id.label("session_id"),
        sessions.c.facilitator_id.label("leader_id"),
        sessions.c.starts_at.label("start"),
        sessions.c.local_day.label("day"),
        attendances.c.status.label("attendance"),
    )
    .select_from(_PLACES)
    .join(sessions, sessions.c.id == _PLACES.c.session_id)
    .outerjoin(attendances, latest_attendance(_PLACES))
    .order_by(sessions.c.starts_at, sessions.c.id)
)
_group = reader(GroupOfPerson, _GROUPS)


def groups_by_person(
    participant_ids: Collection[int], start: datetime, end: datetime
) -> dict[int, list[GroupOfPerson]]:
    """The groups of these people that begin from `start` to before `end`, by time; cancelled ones left out."""
    held: dict[int, list[GroupOfPerson]] = {participant_id: [] for participant_id in participant_ids}
    for row in read(_GROUPS, people=list(participant_ids), start=start, end=end):
        held[row.participant_id].append(_group(row))
    return held


def groups_came_to(meetings: Sequence[OwnMeeting]) -> str:
    """A sentence on how many of the groups among `meetings` somebody came to; "" where no attendance is taken."""
    taken = _attendance(meetings)
    came = sum(attendance in ATTENDED for attendance in taken)
    return f"Came to {came} of {words.counted(len(taken), 'group')}." if taken else ""


def week_fact(
    meetings: Sequence[OwnMeeting], episode: ActiveEpisode | None, program: ProgramFacts, now: datetime
) -> tuple[str, str]:
    """(name, words) of the hours of this week so far; no words without a stay."""
    monday = clock.monday_of(clock.day_of(now, program.zone))
    week = hours_of_week(meetings, monday, episode, program, now)
    return "This week", f"{week.sentence} so far" if week else ""


def groups_fact(meetings: Sequence[OwnMeeting], first: date) -> tuple[str, str]:
    """(name, words) of how somebody came to their groups from the day `first` on."""
    taken = _attendance([meeting for meeting in meetings if meeting.time.day >= first])
    if not taken:
        return "Groups", "None taken yet"
    came, excused = sum(attendance in ATTENDED for attendance in taken), taken.count("excused")
    said = f"Came to {came} of {len(taken)} since {words.month_day(first)}"
    return "Groups", f"{said}, {excused} excused" if excused else said


def next_fact(meetings: Sequence[OwnMeeting], zone: str, now: datetime) -> tuple[str, str]:
    """(name, words) of the next of `meetings` that its participant can come to, on the clock of `zone`."""
    ahead = [one for one in meetings if one.time.end > now and not one.is_cancelled]
    coming = next((one for one in ahead if not one.absent), None)
    if not coming:
        return "Next session", f"None {'that they can come to ' if ahead else ''}in the next two weeks"
    return "Next session", f"{coming.title}, {words.when(coming.time.start, zone, clock.day_of(now, zone))}"


def _attendance(meetings: Sequence[OwnMeeting]) -> list[str]:
    return [meeting.attendance for meeting in meetings if meeting.kind == "group" and meeting.attendance]
