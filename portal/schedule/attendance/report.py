"""The week of the whole program in numbers: who came, whose hours fall short, services a day, what was changed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, or_, select, true, union

from portal import clock
from portal.db import db
from portal.episodes.models import Episode
from portal.people import OPEN_PARTICIPANT, Person, coordinators_only
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.schedule import own_meetings, staff_meetings
from portal.schedule.attendance import hours
from portal.schedule.meetings import acts
from portal.schedule.models import ATTENDANCE, ATTENDED, KINDS
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.places import places_of, sessions
from portal.schedule.session_changes import ChangedMeeting, changes_where
from portal.schedule.staff_meetings import StaffMeeting
from portal.spreadsheet import Cell

MANY = 4  # payers tell days with up to three services from days with four or more


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One participant's week. Times are minutes; `target` and `care` are None outside a stay.

    `marks` counts the sessions by attendance, `unmarked` those that are over and not marked yet; `services` has the
    sessions attended on each of the seven days.
    """

    name: str
    care: str | None
    target: int | None
    attended: int
    planned: int
    marks: dict[str, int]
    unmarked: int
    services: tuple[int, ...]

    @property
    def came(self) -> int:
        return sum(self.marks[status] for status in ATTENDED)

    @property
    def marked(self) -> int:
        return sum(self.marks.values())

    @property
    def short_by(self) -> int:
        """The minutes missing to the target when they come to all that is still planned."""
        return max(0, (self.target or 0) - self.attended - self.planned)


@dataclass(frozen=True, slots=True)
class WeekReport:
    """The week of a program that begins on `monday`; `now` is when it was asked for."""

    monday: date
    now: datetime
    kinds: tuple[str, ...]
    lines: tuple[ReportLine, ...]
    sessions: tuple[StaffMeeting, ...]
    cancelled: tuple[ChangedMeeting, ...]
    moved: tuple[ChangedMeeting, ...]

    @property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=n) for n in range(7)]

    @property
    def came(self) -> int:
        return sum(line.came for line in self.lines)

    @property
    def marked(self) -> int:
        return sum(line.marked for line in self.lines)

    @property
    def percent(self) -> int | None:
        """The attendance rate; None before anything is marked."""
        return round(100 * self.came / self.marked) if self.marked else None

    @property
    def short(self) -> list[ReportLine]:
        """Those who stay under their target even if they come to all that is planned; the most first."""
        return sorted((line for line in self.lines if line.short_by), key=lambda line: -line.short_by)

    @property
    def days_of_services(self) -> dict[int, int]:
        """Count the days of participants with 1, 2, 3, and 4 or more services."""
        had = Counter(min(number, MANY) for line in self.lines for number in line.services if number)
        return {number: had[number] for number in range(1, MANY + 1)}

    @property
    def held(self) -> int:
        return sum(session.status == "held" for session in self.sessions)

    @property
    def to_come(self) -> int:
        return sum(session.status == "planned" and session.time.start > self.now for session in self.sessions)

    @property
    def to_take(self) -> int:
        """Count the sessions that have begun, and of which somebody is not marked."""
        return sum(session.is_to_take(self.now) for session in self.sessions)


def report_week(coordinator: Person, monday: date, program: ProgramFacts, now: datetime) -> WeekReport:
    """The report of the week that begins on `monday` in the program's zone; raises NotFound but for coordinators.

    It has a line for everyone who belongs to a session of the week, or is in the program with a stay that has begun.
    """
    start, end = clock.start_of(monday, program.zone), clock.start_of(monday + timedelta(days=7), program.zone)
    held = staff_meetings.of_program(coordinator, start, end)
    people = _people(start, end, monday + timedelta(days=6))
    meetings = own_meetings.between_by_person(people, start, end)
    cancelled, moved = _changes(start, end)
    return WeekReport(
        monday=monday,
        now=now,
        kinds=tuple(words.lower() for kind, words in KINDS.items() if kind in program.counted_kinds),
        lines=tuple(_line(person, meetings[who], monday, program, now) for who, person in people.items()),
        sessions=tuple(held),
        cancelled=tuple(cancelled),
        moved=tuple(moved),
    )


def lines_under(
    coordinator: Person, monday: date, programs: Sequence[ProgramFacts], now: datetime
) -> list[tuple[ReportLine, ...]]:
    """Each participant's line of the week that begins on `monday`, as each of `programs` would count it, by name.

    The programs have one zone.
    """
    coordinators_only(coordinator)
    start, end = (clock.start_of(monday + timedelta(days=days), programs[0].zone) for days in (0, 7))
    people = _people(start, end, monday + timedelta(days=6))
    meetings = own_meetings.between_by_person(people, start, end)
    return [tuple(_line(person, meetings[who], monday, one, now) for one in programs) for who, person in people.items()]


def _people(start: datetime, end: datetime, sunday: date) -> dict[int, Any]:
    """Rows of name, level of care and weekly hours, by name; the stay is the one they are in, or were in then."""
    in_sessions = union(*places_of(lambda _: true(), sessions.c.starts_at >= start, sessions.c.starts_at < end))
    active = Episode.status == "active"
    rows = db.session.execute(
        select(Account.id, Account.name, Episode.care_display, Episode.weekly_hours)
        .outerjoin(
            Episode,
            and_(Episode.participant_id == Account.id, Episode.status != "planned", Episode.starts_on <= sunday),
        )
        .where(
            Account.role == "participant",
            or_(Account.id.in_(select(in_sessions.subquery().c.participant_id)), and_(active, OPEN_PARTICIPANT)),
        )
        .order_by(Account.name, Account.id, active, Episode.starts_on)
    )
    return {row.id: row for row in rows}


def _line(
    person: Any, meetings: Iterable[OwnMeeting], monday: date, program: ProgramFacts, now: datetime
) -> ReportLine:
    counted = hours.counted_meetings(meetings, monday, program)
    took_place = [meeting for meeting in counted if not meeting.is_cancelled]
    marks = Counter(meeting.attendance for meeting in took_place)
    came_to = [meeting for meeting in counted if meeting.minutes_attended]
    services = Counter(clock.day_of(meeting.time.start, program.zone) for meeting in came_to)
    return ReportLine(
        name=person.name,
        care=person.care_display,
        target=None if person.weekly_hours is None else person.weekly_hours * 60,
        attended=sum(meeting.minutes_attended for meeting in came_to),
        planned=sum(meeting.time.minutes for meeting in counted if meeting.is_planned(now)),
        marks={status: marks[status] for status in ATTENDANCE},
        unmarked=sum(meeting.attendance is None and not meeting.is_to_come(now) for meeting in took_place),
        services=tuple(services[monday + timedelta(days=n)] for n in range(7)),
    )


def _changes(start: datetime, end: datetime) -> tuple[list[ChangedMeeting], list[ChangedMeeting]]:
    """The cancelled sessions of the week, and every move into it, out of it or within it; each by its old time."""
    within = and_(acts.c.old_at >= start, acts.c.old_at < end)
    into = and_(acts.c.new_at >= start, acts.c.new_at < end)
    standing = and_(sessions.c.status == "cancelled", sessions.c.starts_at >= start, sessions.c.starts_at < end)
    which = or_(and_(acts.c.kind == "moved", or_(within, into)), and_(acts.c.kind == "cancelled", standing))
    found = changes_where(which)
    moved = [one for one in found if one.change.kind == "moved"]
    cancelled = {one.meeting.id: one for one in found if one.change.kind == "cancelled"}  # the last, of several
    by_old_time = attrgetter("change.old_at")
    return sorted(cancelled.values(), key=by_old_time), sorted(moved, key=by_old_time)


COLUMNS = (
    "Name",
    "Level of care",
    "Target hours",
    "Attended minutes",
    "Planned minutes",
    *ATTENDANCE.values(),
    "Not marked yet",
)


def draw_table(report: WeekReport) -> tuple[list[str], Iterator[list[Cell]]]:
    """The report as a table: the names of its columns, and a row for each participant."""
    return [*COLUMNS, *(f"Services {day:%A}" for day in report.days)], (_cells(line) for line in report.lines)


def _cells(line: ReportLine) -> list[Cell]:
    return [
        line.name,
        line.care or "",
        "" if line.target is None else line.target // 60,
        line.attended,
        line.planned,
        *line.marks.values(),
        line.unmarked,
        *line.services,
    ]
