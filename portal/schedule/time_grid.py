"""The time grid of a day: the rows that each box of sessions takes in its column, and its share of the width."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal import clock
from portal.schedule.staff_meetings import StaffMeeting

QUARTER = timedelta(minutes=15)  # one row
MIDNIGHT = 24 * 4  # the row after the last
TWELFTHS = 12
HOURS = range(8, 21)  # that are named beside the grid, whatever is held


@dataclass(frozen=True, slots=True)
class TimeBox:
    """Sessions of one sort that share a start and an end: `start` and `end` are on the clock of the grid.

    It takes `rows` quarter hours from the one called `row`, of which 0 begins at midnight, and `width` twelfths of its
    column.
    """

    start: datetime
    end: datetime
    sessions: tuple[StaffMeeting, ...]
    row: int
    rows: int
    width: int

    @property
    def is_group(self) -> bool:
        return self.sessions[0].kind == "group"

    @property
    def is_off(self) -> bool:
        """Whether nobody meets in it."""
        return all(session.is_cancelled for session in self.sessions)


def rows_between(start: datetime, end: datetime) -> tuple[int, int]:
    """The first row of a time of one day, and how many it takes, begun quarters counted whole.

    `start` and `end` are aware and on one clock. What goes on past midnight ends there. On the day on which the clocks
    go back it may end at a time that they show before its start: then it takes as many rows as it lasts.
    """
    first = start.hour * 4 + start.minute // 15
    last = MIDNIGHT if end.date() > start.date() else end.hour * 4 - (-end.minute // 15)
    if last <= first:
        last = first - (-(end.astimezone(UTC) - start.astimezone(UTC)) // QUARTER)
    return first, max(1, min(last, MIDNIGHT) - first)


def widths(spans: Sequence[tuple[int, int]]) -> list[int]:
    """The width in twelfths of each span of (first row, number of rows), which come in order of their first rows.

    Those that overlap, and those that overlap with these, share the width: each gets as much as is left for everybody
    where most of them stand side by side.
    """
    found: list[int] = []
    cluster: list[range] = []
    for first, rows in spans:
        if cluster and first >= max(span.stop for span in cluster):
            found += _shares(cluster)
            cluster = []
        cluster.append(range(first, first + rows))
    return found + _shares(cluster)


def _shares(cluster: Sequence[range]) -> list[int]:
    most = max((sum(one.start in other for other in cluster) for one in cluster), default=1)
    return [max(1, TWELFTHS // most)] * len(cluster)


def boxes_of(held: Iterable[StaffMeeting], zone: str) -> list[TimeBox]:
    """The boxes of the sessions of one day, in order of time; groups stand before what is for one person."""
    alike: dict[tuple[datetime, bool, datetime], list[StaffMeeting]] = {}
    for session in held:
        alike.setdefault((session.time.start, session.kind != "group", session.time.end), []).append(session)
    placed = []
    for of in sorted(alike):
        wall = clock.local(of[0], zone), clock.local(of[2], zone)
        placed.append((rows_between(*wall), wall, tuple(alike[of])))
    placed.sort(key=lambda place: place[0][0])
    return [
        TimeBox(start=start, end=end, sessions=held_then, row=row, rows=rows, width=width)
        for ((row, rows), (start, end), held_then), width in zip(
            placed, widths([span for span, *_ in placed]), strict=True
        )
    ]


def hours_shown(boxes: Iterable[TimeBox]) -> range:
    """The hours that are named beside the grid: the usual ones, and earlier and later ones where something is held."""
    first, last = HOURS.start, HOURS.stop
    for box in boxes:
        first, last = min(first, box.row // 4), max(last, -(-(box.row + box.rows) // 4))
    return range(first, last)
