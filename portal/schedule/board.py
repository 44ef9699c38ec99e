"""The program's week as a coordinator sees it on a time grid: by day, or one day of it by leader or room."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from portal import words
from portal.db import db
from portal.people import Person
from portal.schedule.meetings import acts
from portal.schedule.places import sessions
from portal.schedule.session_changes import Unseen, unseen
from portal.schedule.staff_meetings import StaffMeeting, of_program
from portal.schedule.time_grid import TimeBox, boxes_of, hours_shown
from portal.schedule.week import ShownWeek, sessions_by_day

NOWHERE = "No room"
ELSEWHERE = "Not in this week"
COLUMNS = {"": "by day", "leader": "by leader", "room": "by room"}
SHOWN = ("attendance", "moved", "cancelled", "unseen")
KINDS = {"family": "family", "medication": "medicine", "assessment": "assessment"}  # beside a name
FILTERS = ("leader", "room", "track")
WEEKEND = (5, 6)
LONGEST_ASKED = 60  # letters of a filter: a room's name has no more


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """The part of a week that a coordinator asked for.

    That is its sessions of one `leader` and one `track`, by key, and in one `room`, each "" for all; of those, what
    `show` names; `by` is what stands in columns.
    """

    by: str
    show: str
    leader: str
    room: str
    track: str

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "BoardChoice":
        """The choice that an address makes; what it cannot mean is left out."""
        by, show = asked.get("by", ""), asked.get("show", "")
        kept = {name: asked.get(name, "")[:LONGEST_ASKED] for name in FILTERS}
        return cls(by if by in COLUMNS else "", show if show in SHOWN else "", **kept)

    @property
    def query(self) -> dict[str, str]:
        """The choice as an address says it."""
        said = {"by": self.by, **{name: getattr(self, name) for name in FILTERS}}
        return {name: value for name, value in said.items() if value}

    @property
    def is_filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.show or self.leader or self.room or self.track)

    def takes(self, session: StaffMeeting) -> bool:
        """Whether the filters leave it in."""
        of_it = {"leader": session.leader_key, "room": session.place.room or NOWHERE, "track": session.track_key}
        return all(of_it[name] == value for name, value in self.query.items() if name in of_it)

    def beside(self, session: StaffMeeting) -> str:
        """The words beside its headline: who leads it, what it is and where, without what the column says.

        Of a session for one the room is left out where the week stands by day: its line is as narrow as that.
        """
        place = session.place.room or ("video" if session.place.video else "")
        is_short = self.by == "room" or (not self.by and session.kind != "group")
        where = "" if is_short and session.place.room else place
        leader = "" if self.by == "leader" else session.leader
        return ", ".join(filter(None, [leader, KINDS.get(session.kind, ""), where]))


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column of the board: a day, or a leader or room on the chosen day, by `name`.

    `is_chosen` is whether it is shown where there is room for one day.
    """

    name: str
    date: date
    is_chosen: bool
    count: int
    boxes: list[TimeBox]


@dataclass(frozen=True, slots=True)
class Board:
    """The sessions that a coordinator asked for, in columns; `hours` are named beside them.

    `of` is how many sessions the week, or the chosen day, has without the filters. `days` are those to choose from, and
    `empty` names the others, on which nothing is held. `options` has what each filter can be. By the id of a session,
    `moved` has when it was to begin and `not_seen` how many have not seen its last change; `counts` has how many `show`
    would leave, and for "unseen" how many people.
    """

    sessions: Sequence[StaffMeeting]
    of: int
    days: list[date]
    columns: list[BoardColumn]
    hours: range
    empty: str
    options: dict[str, dict[str, str]]
    moved: dict[int, datetime]
    not_seen: Counter[int]
    counts: dict[str, int]


_CHANGED = (  # built once: what is asked never changes, only when
    select(acts.c.session_id, acts.c.kind, acts.c.old_at)
    .join(sessions, sessions.c.id == acts.c.session_id)
    .where(sessions.c.starts_at >= bindparam("start"), sessions.c.starts_at < bindparam("end"))
    .order_by(acts.c.id)
)


def draw_board(coordinator: Person, week: ShownWeek, choice: BoardChoice, now: datetime) -> Board:
    """The board of `week`, or of its chosen day by leader or room; raises NotFound for all but coordinators."""
    all_week = of_program(coordinator, week.start, week.end)
    by_day = dict(sessions_by_day(all_week, week))
    held = by_day[week.chosen] if choice.by else all_week
    taken = {session.id: session for session in held if choice.takes(session)}
    moved, not_seen = _changes(week, now)
    waiting = [one for one in not_seen if one.session_id in taken]
    kinds = _kinds(taken, moved, now) | {"unseen": {one.session_id for one in waiting}}
    shown = [taken[of] for of in taken if of in kinds.get(choice.show, taken)]
    days = [day for day, on_it in by_day.items() if on_it or day.weekday() not in WEEKEND or day == week.chosen]
    columns = _columns(shown, days, week, choice)
    return Board(
        sessions=shown,
        of=len(held),
        days=days,
        columns=columns,
        hours=hours_shown(box for column in columns for box in column.boxes),
        empty=words.listed([f"{day:%A}" for day in by_day if day not in days]),
        options=_options(all_week, choice),
        moved=moved,
        not_seen=Counter(one.session_id for one in waiting),
        counts={kind: len(ids) for kind, ids in kinds.items()}
        | {"unseen": len({one.participant_id for one in waiting})},
    )


def _kinds(taken: Mapping[int, StaffMeeting], moved: Collection[int], now: datetime) -> dict[str, set[int]]:
    """The ids of those sessions that are of each kind that `show` names."""
    return {
        "attendance": {of for of, session in taken.items() if session.is_to_take(now)},
        "moved": {of for of, session in taken.items() if of in moved and not session.is_cancelled},
        "cancelled": {of for of, session in taken.items() if session.is_cancelled},
    }


def _changes(week: ShownWeek, now: datetime) -> tuple[dict[int, datetime], list[Unseen]]:
    """By session that moved, the time before its latest move; and everyone who has not seen what was changed."""
    changed: dict[int, datetime | None] = {}
    for row in db.session.execute(_CHANGED, {"start": week.start, "end": week.end}):
        changed[row.session_id] = row.old_at if row.kind == "moved" else changed.get(row.session_id)
    return {session_id: old for session_id, old in changed.items() if old}, unseen(now, changed)


def _columns(
    shown: Sequence[StaffMeeting], days: Sequence[date], week: ShownWeek, choice: BoardChoice
) -> list[BoardColumn]:
    if choice.by:
        return [
            BoardColumn(name, week.chosen, True, len(held), boxes_of(held, week.zone))
            for name, held in grouped(choice.by, shown)
        ]
    held_on = dict(sessions_by_day(shown, week))
    chosen = {day for day in days if held_on[day]} if choice.show else {week.chosen}
    return [
        BoardColumn(f"{day:%a}", day, day in chosen, len(held_on[day]), boxes_of(held_on[day], week.zone))
        for day in days
    ]


def grouped(what: str, held: Sequence[StaffMeeting]) -> list[tuple[str, list[StaffMeeting]]]:
    """The sessions of each leader or room, with its name; Room 2 before Room 11, and no room last."""
    found: dict[tuple[str, str], list[StaffMeeting]] = {}
    for session in held:
        of = (session.leader, session.leader_key) if what == "leader" else (session.place.room or NOWHERE, "")
        found.setdefault(of, []).append(session)
    return [(name, found[name, key]) for name, key in sorted(found, key=lambda of: (_as_counted(of[0]), of[1]))]


def _options(held: Sequence[StaffMeeting], choice: BoardChoice) -> dict[str, dict[str, str]]:
    """The values that each filter can have in this week, with their names; what is chosen stays among them."""
    found = {
        "leader": {session.leader_key: session.leader for session in held},
        "room": {session.place.room or NOWHERE: session.place.room or NOWHERE for session in held},
        "track": {session.track_key: session.track for session in held if session.track_key and session.track},
    }
    for name, options in found.items():
        chosen = getattr(choice, name)
        if chosen and chosen not in options:
            options[chosen] = chosen if name == "room" else ELSEWHERE
    return {
        name: dict(sorted(options.items(), key=lambda option: _as_counted(option[1])))
        for name, options in found.items()
    }


def _as_counted(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """A key that orders names as people count: the numbers in them are numbers, and no name comes last."""
    parts = re.split(r"(\d+)", name.casefold())
    return name in ("", NOWHERE), [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
