"""A therapist's caseload: everyone they treat, who needs a look today, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import clock, people
from portal.caseload import order
from portal.checkins import usual_range
from portal.checkins.on_caseload import RecentDays, recent_days
from portal.flags import RaisedFlag
from portal.flags.email_status import EmailStatus, email_status
from portal.flags.on_caseload import waiting_flags
from portal.measures.measure_entries import MeasureVersion
from portal.measures.on_caseload import describe_left_out, describe_worse, recent_measures
from portal.people import OpenedRecord, Person
from portal.program import ProgramFacts
from portal.schedule import own_meetings
from portal.schedule.meetings import Meeting
from portal.schedule.on_caseload import GroupOfPerson, groups_by_person

SPARK_DAYS = 14
READ_DAYS = usual_range.DAYS + SPARK_DAYS
RECENT = timedelta(days=7)  # how long a missed group stays a reason


@dataclass(frozen=True, slots=True)
class CaseloadLine:
    """One person of the caseload.

    `mood`, `urges` and `gone` are of the last 14 days; `gone` says of each whether it was missed. `unread` counts the
    check-ins of 28 days that nobody has read, `groups` are those of this week, and `mine_today` is the group of today
    that the reader leads and this person is in.
    """

    person: Person
    is_covered: bool
    facts: order.CaseloadFacts
    mood: Sequence[float | None]
    urges: Sequence[float | None]
    gone: list[bool]
    unread: int
    groups: list[GroupOfPerson]
    mine_today: GroupOfPerson | None
    next: Meeting | None

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
    """Everyone, in the published order; the records that are `opened` to the reader in an emergency; and `email`."""

    lines: list[CaseloadLine]
    opened: list[OpenedRecord]
    now: datetime
    email: EmailStatus

    @property
    def looks(self) -> list[CaseloadLine]:
        return [line for line in self.lines if line.needs_a_look]

    @property
    def next_group(self) -> GroupOfPerson | None:
        """The reader's next group today that someone of the caseload is in."""
        ahead = (line.mine_today for line in self.lines if line.mine_today and line.mine_today.start > self.now)
        return min(ahead, key=lambda group: group.start, default=None)

    def looks_before(self, group: GroupOfPerson) -> int:
        """The number of those in `group` who need a look."""
        return sum(
            line.mine_today is not None and line.mine_today.session_id == group.session_id for line in self.looks
        )

    def shown(self, show: str) -> list[CaseloadLine]:
        """The lines that one choice of phrases.SHOW picks."""
        if show == "groups":
            return [line for line in self.lines if line.mine_today]
        return self.looks if show == "look" else self.lines


def gather(therapist: Person, program: ProgramFacts, now: datetime) -> Caseload:
    """Everyone whom `therapist` treats at `now`, in seven reads however many they are."""
    care, opened = people.within_reach_of(therapist, now)
    ids = [person.id for person, _ in care]
    today = clock.day_of(now, program.zone)
    recent = recent_days({person.id: clock.day_of(now, person.zone) for person, _ in care}, READ_DAYS)
    raised = waiting_flags(therapist, care, program, now)
    answered = recent_measures(ids, today)
    coming = own_meetings.next_by_person(ids, now)
    monday = clock.monday_of(today)
    start, end = (clock.start_of(day, program.zone) for day in (monday, monday + timedelta(days=7)))
    groups = groups_by_person(ids, min(start, now - RECENT), end)
    lines = []
    for person, role in care:
        days = recent[person.id]
        held, next_ = groups[person.id], coming.get(person.id)
        facts = _facts(
            days,
            clock.day_of(now, person.zone),
            raised.get(person.id),
            _missed_group(held, now),
            next_,
            therapist.zone,
            answered.get(person.id, []),
        )
        lines.append(
            CaseloadLine(
                person=person,
                is_covered=role == "covering",
                facts=facts,
                mood=days.series["mood"][-SPARK_DAYS:],
                urges=days.series["urges"][-SPARK_DAYS:],
                gone=_gone(days.missed)[-SPARK_DAYS:],
                unread=days.unread,
                groups=[group for group in held if group.start >= start],
                mine_today=next((g for g in held if g.leader_id == therapist.id and g.day == today), None),
                next=next_,
            )
        )
    in_order = sorted(lines, key=lambda line: (order.place(line.facts), line.person.name))
    return Caseload(in_order, opened, now, email_status(program, now))


def _facts(
    days: RecentDays,
    today: date,
    flag: RaisedFlag | None,
    missed: GroupOfPerson | None,
    next_: Meeting | None,
    zone: str,
    answered: list[MeasureVersion],
) -> order.CaseloadFacts:
    """The facts that the rule looks at, from days that end on the person's `today`; `zone` is the reader's clock."""
    count = len(days.missed)
    index = count - 1 - (today - days.latest.for_day).days if days.latest else count
    usual = usual_range.before(days.series, index)
    is_recent = usual_range.DAYS <= index < count  # the 28 days before it were all read
    return order.CaseloadFacts(
        today=today,
        zone=zone,
        flag=flag,
        latest=days.latest,
        changes=usual_range.unusual(lambda item: days.series[item][index], usual) if is_recent else (),
        has_range=any(usual.values()),
        missed=missed,
        worse=describe_worse(answered, today),
        left_out=describe_left_out(answered, today),
        next_at=next_.time.start if next_ else None,
    )


def _gone(missed: list[bool]) -> list[bool]:
    """The days that were missed: today is not over yet, and before the first check-in nobody knows."""
    first = missed.index(False) if False in missed else len(missed)
    return [gone and first < index < len(missed) - 1 for index, gone in enumerate(missed)]


def _missed_group(groups: list[GroupOfPerson], now: datetime) -> GroupOfPerson | None:
    """The latest group whose attendance was taken, if it was missed within the last 7 days."""
    taken = [group for group in groups if group.attendance]
    missed = bool(taken) and taken[-1].attendance == "missed" and taken[-1].start > now - RECENT
    return taken[-1] if missed else None
