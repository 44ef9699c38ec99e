"""A therapist's caseload: everyone they treat, who needs a look today, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import checkins, clock, flags, people
from portal.caseload import measured, order
from portal.caseload.groups import Group, groups_of
from portal.checkins import usual_range
from portal.checkins.days import CheckInDay, each_day, series_of
from portal.checkins.entry import CheckInVersion
from portal.flags import RaisedFlag
from portal.flags.escalation import escalated
from portal.measures import entries as measures
from portal.measures.entries import MeasureVersion
from portal.people import Opened, Person
from portal.program import ProgramFacts
from portal.schedule import own_meetings
from portal.schedule.own_meetings import OwnMeeting

SPARK_DAYS = 14
UNREAD_DAYS = 28
READ_DAYS = usual_range.DAYS + SPARK_DAYS
RECENT = timedelta(days=7)  # how long a missed group stays a reason


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the caseload.

    `days` are the last 14, and `gone` says of each whether it was missed. `unread` counts the check-ins of 28 days
    that nobody has read, `groups` are those of this week, and `mine_today` is the group of today that the reader
    leads and this person is in.
    """

    person: Person
    is_covered: bool
    facts: order.Facts
    days: list[CheckInDay]
    gone: list[bool]
    unread: int
    groups: list[Group]
    mine_today: Group | None
    next: OwnMeeting | None

    @property
    def rank(self) -> int:
        return order.rank(self.facts)

    @property
    def needs_a_look(self) -> bool:
        return self.rank < order.STEADY

    @property
    def reasons(self) -> str:
        return " ".join(order.reasons(self.facts))

    @property
    def missed(self) -> int:
        return sum(group.attendance == "missed" for group in self.groups)


@dataclass(frozen=True, slots=True)
class Caseload:
    """Everyone, in the published order; and the records that are `opened` to the reader in an emergency now."""

    lines: list[Line]
    opened: list[Opened]
    now: datetime

    @property
    def looks(self) -> list[Line]:
        return [line for line in self.lines if line.needs_a_look]

    @property
    def next_group(self) -> Group | None:
        """The reader's next group today that someone of the caseload is in."""
        ahead = (line.mine_today for line in self.lines if line.mine_today and line.mine_today.starts_at > self.now)
        return min(ahead, key=lambda group: group.starts_at, default=None)

    def looks_before(self, group: Group) -> int:
        """How many of those in `group` need a look."""
        return sum(
            line.mine_today is not None and line.mine_today.session_id == group.session_id for line in self.looks
        )

    def shown(self, show: str) -> list[Line]:
        """Those whom one choice of SHOW picks."""
        if show == "groups":
            return [line for line in self.lines if line.mine_today]
        return self.looks if show == "look" else self.lines


def of(therapist: Person, program: ProgramFacts, now: datetime) -> Caseload:
    """Everyone whom `therapist` treats at `now`, in seven reads however many they are."""
    care, opened = people.within_reach_of(therapist, now)
    ids = [person.id for person, _ in care]
    today = clock.day_of(now, program.zone)
    first, last = today - timedelta(days=READ_DAYS), today + timedelta(days=1)  # a day more: zones differ
    entries: dict[int, list[CheckInVersion]] = {}
    for entry in checkins.between(ids, first, last):
        entries.setdefault(entry.participant_id, []).append(entry)
    read = checkins.reviewed_versions(ids, clock.start_of(first, program.zone))
    raised = flags.to_see_to(ids, now, program.zone)
    answered = measures.lately(ids, today - measured.READ_DAYS)
    coming = own_meetings.next_by_person(ids, now)
    monday = clock.monday_of(today)
    start, end = (clock.start_of(day, program.zone) for day in (monday, monday + timedelta(days=7)))
    groups = groups_of(ids, min(start, now - RECENT), end)
    lines = []
    for person, role in care:
        own_today = clock.day_of(now, person.zone)
        written = entries.get(person.id, [])
        days = each_day(written, own_today - timedelta(days=READ_DAYS - 1), own_today)
        flag = raised.get(person.id)
        is_new = flag is not None and flag.acknowledged_at is None and not escalated(program, flag, now)
        if flag and is_new and flag.has_primary and role == "covering":
            flag = None  # still with the primary therapist alone
        held, next_ = groups[person.id], coming.get(person.id)
        lines.append(
            Line(
                person=person,
                is_covered=role == "covering",
                facts=_facts(days, flag, _missed_group(held, now), next_, therapist.zone, answered.get(person.id, [])),
                days=days[-SPARK_DAYS:],
                gone=_gone(days)[-SPARK_DAYS:],
                unread=sum(
                    entry.version > read.get((person.id, entry.key), 0)
                    for day in days[-UNREAD_DAYS:]
                    for entry in day.entries
                ),
                groups=[group for group in held if group.starts_at >= start],
                mine_today=next((g for g in held if g.facilitator_id == therapist.id and g.local_day == today), None),
                next=next_,
            )
        )
    return Caseload(sorted(lines, key=lambda line: (order.place(line.facts), line.person.name)), opened, now)


def _facts(
    days: list[CheckInDay],
    flag: RaisedFlag | None,
    missed: Group | None,
    next_: OwnMeeting | None,
    zone: str,
    answered: list[MeasureVersion],
) -> order.Facts:
    """What the rule looks at, from days that end today; `zone` is the reader's clock."""
    latest = max((index for index, day in enumerate(days) if not day.missed), default=None)
    last = days[latest].last if latest is not None else None
    usual = usual_range.before(series_of(days), len(days) if latest is None else latest)
    recent = days[latest] if latest is not None and latest >= usual_range.DAYS else None  # the 28 before were all read
    return order.Facts(
        today=days[-1].day,
        zone=zone,
        flag=flag,
        last=last,
        told=days[latest].entries if latest is not None else (),
        changes=usual_range.unusual(recent.values.get, usual) if recent else (),
        has_range=any(usual.values()),
        missed=missed,
        worse=measured.worse(answered, days[-1].day),
        left_out=measured.left_out(answered, days[-1].day),
        next_at=next_.time.start if next_ else None,
    )


def _gone(days: list[CheckInDay]) -> list[bool]:
    """Which days were missed: today is not over yet, and before the first check-in nobody knows."""
    first = next((index for index, day in enumerate(days) if not day.missed), len(days))
    return [day.missed and first < index < len(days) - 1 for index, day in enumerate(days)]


def _missed_group(groups: list[Group], now: datetime) -> Group | None:
    """The latest group whose attendance was taken, if it was missed within the last 7 days."""
    taken = [group for group in groups if group.attendance]
    missed = bool(taken) and taken[-1].attendance == "missed" and taken[-1].starts_at > now - RECENT
    return taken[-1] if missed else None
