"""The program's week as a coordinator sees it: by day, or in one row for each room or leader."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from portal.db import db
from portal.people import Person
from portal.schedule.meetings import acts
from portal.schedule.places import sessions
from portal.schedule.session_changes import unseen
from portal.schedule.staff_meetings import StaffMeeting, of_program
from portal.schedule.week import ShownWeek, sessions_by_day

NOWHERE = "No room"
GROUPED = {"room": "Room", "facilitator": "Leader"}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """The sessions of one room, or of one leader, on each day of the week."""

    name: str
    days: list[tuple[date, list[StaffMeeting]]]


@dataclass(frozen=True, slots=True)
class Board:
    """The sessions of a week by day, and in `rows` when they are grouped.

    By the id of a session, `moved` has when it was to begin and `not_seen` how many have not seen its last change.
    """

    sessions: Sequence[StaffMeeting]
    days: list[tuple[date, list[StaffMeeting]]]
    rows: list[BoardRow]
    moved: dict[int, datetime]
    not_seen: Counter[int]


_CHANGED = (  # built once: what is asked never changes, only when
    select(acts.c.session_id, acts.c.kind, acts.c.old_at)
    .join(sessions, sessions.c.id == acts.c.session_id)
    .where(sessions.c.starts_at >= bindparam("start"), sessions.c.starts_at < bindparam("end"))
    .order_by(acts.c.id)
)


def draw_board(coordinator: Person, week: ShownWeek, by: str | None, now: datetime) -> Board:
    """The board of `week`, grouped `by` room or facilitator, or not; raises NotFound for all but coordinators."""
    held = of_program(coordinator, week.start, week.end)
    # By session that was ever changed, when it was to begin before its latest move; None if it never moved.
    changed: dict[int, datetime | None] = {}
    for row in db.session.execute(_CHANGED, {"start": week.start, "end": week.end}):
        changed[row.session_id] = row.old_at if row.kind == "moved" else changed.get(row.session_id)
    not_seen = Counter(one.session_id for one in unseen(now, changed))
    moved = {session_id: old for session_id, old in changed.items() if old}
    return Board(held, sessions_by_day(held, week), group_rows(held, week, by), moved, not_seen)


def group_rows(held: Sequence[StaffMeeting], week: ShownWeek, by: str | None) -> list[BoardRow]:
    """One row for each room or leader that has a session, by name; Room 2 before Room 11, and no room last."""
    if by not in GROUPED:
        return []
    grouped: dict[str, list[StaffMeeting]] = {}
    for session in held:
        name = session.leader if by == "facilitator" else session.place.room
        grouped.setdefault(name, []).append(session)
    return [
        BoardRow(name or NOWHERE, sessions_by_day(grouped[name], week)) for name in sorted(grouped, key=_as_counted)
    ]


def _as_counted(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """A key that orders names as people count: the numbers in them are numbers, and no name comes last."""
    parts = re.split(r"(\d+)", name.casefold())
    return not name, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
