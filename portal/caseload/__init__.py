"""A therapist's caseload: everyone they treat, who needs a look today, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from werkzeug.exceptions import NotFound

from portal import clock, people, words
from portal.caseload import order
from portal.caseload.order import READ_DAYS, SPARK_DAYS, CaseloadFacts
from portal.caseload.reasons import CaseloadReason, reasons_for
from portal.checkins import usual_range
from portal.checkins.on_caseload import RecentDays, recent_days
from portal.episodes.on_caseload import first_day_of
from portal.flags.email_status import EmailStatus, email_status
from portal.flags.on_caseload import waiting_flags
from portal.measures.measure_entries import MeasureVersion
from portal.measures.on_caseload import describe_left_out, measure_changes, measure_floors, recent_measures
from portal.people import OpenedRecord, Person
from portal.program import ProgramFacts
from portal.schedule import own_meetings
from portal.schedule.meetings import Meeting
from portal.schedule.on_caseload import GroupOfPerson, groups_by_person

RECENT = timedelta(days=7)  # how long a missed group stays a reason


@dataclass(frozen=True, slots=True)
class CaseloadLine:
    """One person of the caseload, with the `role` in which the reader treats them.

    `mood`, `urges` and `gone` are of the last 14 days; `gone` says of each whether it was missed. `unread` counts the
    check-ins of 28 days that nobody has read, `groups` are those of this week, and `mine_today` is the group of today
    that the reader leads and this person is in.
    """

    person: Person
    role: str
    facts: CaseloadFacts
    reasons: list[CaseloadReason]
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
    def tag(self) -> str:
        """The tag of the reason that decided the place; "" for the rest."""
        return self.reasons[0].tag

    @property
    def why(self) -> str:
        return " ".join(reason.words for reason in self.reasons)

    @property
    def working(self) -> list[str]:
        """The ways in which the reasons are known, step by step, each said once."""
        return list(dict.fromkeys(step for reason in self.reasons for step in reason.working))

    @property
    def check_in_key(self) -> str | None:
        """The check-in that decided the place, if one did."""
        return self.reasons[0].check_in_key

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
    def not_own(self) -> str:
        """The number of those who are not the reader's own, by the reason: "you cover for 2 of them"; "" for none."""
        roles = [line.role for line in self.lines]
        covered, called = roles.count("covering"), roles.count("on_call")
        said = [f"you cover for {covered} of them"] if covered else []
        if called:
            said.append(f"you are on call for {called} of them")
        return words.listed(said)

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

    def beside(self, key: str, step: int) -> Person | None:
        """The person `step` places after the one called `key`; None past the ends. NotFound if that one is not."""
        place = next((place for place, line in enumerate(self.lines) if line.person.key == key), None)
        if place is None:
            raise NotFound
        return self.lines[place + step].person if 0 <= place + step < len(self.lines) else None

    def shown(self, show: str) -> list[CaseloadLine]:
        """The lines that one choice of phrases.SHOW picks."""
        if show == "groups":
            return [line for line in self.lines if line.mine_today]
        return self.looks if show == "look" else self.lines


_within_reach = people.within_reach_with(first_day_of)


def gather(therapist: Person, program: ProgramFacts, now: datetime) -> Caseload:
    """Everyone whom `therapist` treats at `now`, in seven reads however many they are."""
    care, opened, enrolled = _within_reach(therapist, now)
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
        seen_from = CaseloadFacts(
            now=now,
            today=clock.day_of(now, person.zone),
            zone=therapist.zone,
            reader_id=therapist.id,
            asks_safety=program.asks_safety,
            enrolled=enrolled[person.id],
            flag=raised.theirs.get(person.id),
            flag_with_others=person.id in raised.with_others,
            missed=find_missed_group(held, now),
            next_at=next_.time.start if next_ else None,
        )
        facts = add_answers(seen_from, days, answered.get(person.id, []))
        lines.append(
            CaseloadLine(
                person=person,
                role=role,
                facts=facts,
                reasons=reasons_for(facts),
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


def add_answers(facts: CaseloadFacts, days: RecentDays, answered: list[MeasureVersion]) -> CaseloadFacts:
    """The facts with what these days, which end on the person's today, and these measures, the oldest first, say."""
    return _with_measures(_with_check_ins(facts, days), answered)


def _with_check_ins(facts: CaseloadFacts, days: RecentDays) -> CaseloadFacts:
    facts = replace(facts, latest=days.latest, floors=days.floors)
    if days.latest is None:
        return facts
    count = len(days.missed)
    index = count - 1 - (facts.today - days.latest.for_day).days
    if index < usual_range.DAYS:  # the days before it were not all read
        return facts
    of_day = {item: values[index] for item, values in days.series.items()}
    before = usual_range.before(days.series, index, days.items)
    usual = {name: usual for name, usual in before.items() if of_day[name] is not None}
    moods = [value for value in days.series["mood"][index - usual_range.DAYS : index] if value is not None]
    return replace(
        facts,
        outside=usual_range.outside(of_day.get, usual, days.items),
        usual=tuple((days.items[name], one) for name, one in usual.items() if one),
        moods=tuple(moods),
    )


def _with_measures(facts: CaseloadFacts, answered: list[MeasureVersion]) -> CaseloadFacts:
    if not answered:
        return facts
    return replace(
        facts,
        high=measure_floors(answered, facts.today),
        worse=measure_changes(answered, facts.today, "worse"),
        better=measure_changes(answered, facts.today, "better"),
        left_out=describe_left_out(answered, facts.today),
    )


def _gone(missed: list[bool]) -> list[bool]:
    """The days that were missed: today is not over yet, and before the first check-in nobody knows."""
    first = missed.index(False) if False in missed else len(missed)
    return [gone and first < index < len(missed) - 1 for index, gone in enumerate(missed)]


def find_missed_group(groups: list[GroupOfPerson], now: datetime) -> GroupOfPerson | None:
    """The latest group whose attendance was taken, if it was missed within the last 7 days."""
    taken = [group for group in groups if group.attendance]
    missed = bool(taken) and taken[-1].attendance == "missed" and taken[-1].start > now - RECENT
    return taken[-1] if missed else None
