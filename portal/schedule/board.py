"""The program's week as a coordinator sees it: by day, or in one row for each room or leader."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.people import Person
from portal.schedule.changes import unseen
from portal.schedule.sessions.overview import changed_between
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


def draw_board(coordinator: Person, week: ShownWeek, by: str | None, now: datetime) -> Board:
    """The board of `week`, grouped `by` room or facilitator, or not; raises NotFound for all but coordinators."""
    sessions = of_program(coordinator, week.start, week.end, named=True)
    changed = changed_between(week.start, week.end)
    not_seen = Counter(one.session_id for one in unseen(now, changed)) if changed else Counter()
    moved = {session_id: old for session_id, old in changed.items() if old}
    return Board(sessions, sessions_by_day(sessions, week), group_rows(sessions, week, by), moved, not_seen)


def group_rows(sessions: Sequence[StaffMeeting], week: ShownWeek, by: str | None) -> list[BoardRow]:
    """One row for each room or leader that has a session, by name; Room 2 before Room 11, and no room last."""
    if by not in GROUPED:
        return []
    held: dict[str, list[StaffMeeting]] = {}
    for session in sessions:
        name = session.leader if by == "facilitator" else session.place.room
        held.setdefault(name, []).append(session)
    return [BoardRow(name or NOWHERE, sessions_by_day(held[name], week)) for name in sorted(held, key=_as_counted)]


def _as_counted(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """A key that orders names as people count: the numbers in them are numbers, and no name comes last."""
    parts = re.split(r"(\d+)", name.casefold())
    return not name, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
