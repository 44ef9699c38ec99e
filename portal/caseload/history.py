"""One participant's history as their therapist reads it: days, check-ins in all their versions, sessions, flags."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from sqlalchemy import select, union_all

from portal import clock, flags
from portal.checkins import reviewed_check_ins, usual_range
from portal.checkins.check_in_days import CheckInDay, each_day, journal, latest, series_of
from portal.checkins.check_in_versions import ITEMS
from portal.checkins.curves import STYLES, Curve, compared_curves
from portal.checkins.floors import check_ins_with_floors
from portal.checkins.reviewed_check_ins import ReviewedCheckIn, compare_with_usual
from portal.checkins.summary import Sentence, medicine_fact, summarize
from portal.checkins.table import Column, columns_of
from portal.checkins.usual_range import DAYS
from portal.db import by_kind, read
from portal.episodes import ActiveEpisode
from portal.episodes import on_today as of_episodes
from portal.exercises import on_caseload as of_exercises
from portal.flags import RaisedFlag
from portal.measures import on_caseload as of_measures
from portal.measures.measure_entries import MeasureVersion
from portal.people import FoundParticipant, Person
from portal.program import ProgramFacts
from portal.schedule import on_caseload as of_schedule
from portal.schedule import own_meetings
from portal.schedule.own_meetings import OwnMeeting

WINDOWS = (14, 28, 90)  # days
USUAL_WINDOW = 28
LOOK_BACK = 42  # days in which the last session with someone is looked for
LOOK_AHEAD = timedelta(days=14)
MOST = 30  # check-ins on one page; a day is never parted
EARLIEST = date(2000, 1, 1)  # no record reaches further back, and no made-up address past the calendar

ENOUGH = 3  # answers, below which a number that is no target is left to the table
DRAWN = ("scale", "number", "target")


@dataclass(frozen=True, slots=True)
class JournalPart:
    """A stretch of the journal: check-ins of one day, the latest first, or days without one, the latest first."""

    days: list[date]
    check_ins: list[ReviewedCheckIn]


@dataclass(frozen=True)
class History:
    """Everything that one page of a history shows, from `first` to `last`; `days` begin 28 days earlier.

    `length` is how many days were asked for: a stay may be shorter, and then it `begins` on this page.
    """

    participant: FoundParticipant
    therapist: Person
    now: datetime
    today: date
    first: date
    last: date
    length: int
    begins: bool
    days: list[CheckInDay]
    by_key: dict[str, ReviewedCheckIn]
    meetings: list[OwnMeeting]
    flags: list[RaisedFlag]
    episode: ActiveEpisode | None
    practiced: dict[str, Any]
    shared: int
    measured: list[MeasureVersion]

    @property
    def is_now(self) -> bool:
        """Whether it ends today; an older page has no summary."""
        return self.last == self.today

    @cached_property
    def shown(self) -> list[CheckInDay]:
        """The days of the charts."""
        return [day for day in self.days if self.first <= day.day <= self.last]

    @cached_property
    def gone(self) -> list[bool]:
        """Whether each of them was missed; today is not over yet."""
        return [day.missed and day.day != self.today for day in self.shown]

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of the table: the numbers, and whatever was asked beyond the named items."""
        in_words = set(ITEMS) - set(usual_range.ITEMS)
        return columns_of((entry for day in self.shown for entry in day.entries), True, but=in_words)

    @cached_property
    def curves(self) -> list[Curve]:
        """The curves of the days shown: the items that have a usual range, but for those that were never asked in them;
        then the participant's own targets and the other numbers. What is usual is from before the latest check-in."""
        named = compared_curves(self.shown, usual_range.before(series_of(self.days), latest(self.days)))
        others = [one for one in self.columns if one.item not in STYLES and one.question.kind in DRAWN]
        drawn = [(one, [one.value_on(day) for day in self.shown]) for one in sorted(others, key=_after_targets)]
        return named + [
            Curve(f"own-{n}", one.name, STYLES["urges"], values, one.question.high)
            for n, (one, values) in enumerate(drawn, 1)
            if not _after_targets(one) or sum(value is not None for value in values) >= ENOUGH
        ]

    def index(self, day: date) -> int | None:
        """The place of a day in the charts."""
        return (day - self.first).days if self.first <= day <= self.last else None

    def attended(self, *how: str) -> list[int]:
        """The places of the days with a session that was attended so."""
        places = (self.index(meeting.time.day) for meeting in self.meetings if meeting.attendance in how)
        return sorted({place for place in places if place is not None})

    @property
    def positive(self) -> list[int]:
        """The places of the days with a yes to the safety question."""
        return [i for i, day in enumerate(self.shown) if any(entry.positive for entry in day.entries)]

    @cached_property
    def sessions(self) -> dict[date, list[OwnMeeting]]:
        """The sessions whose attendance is taken, by their day."""
        taken = [meeting for meeting in self.meetings if meeting.attendance]
        return {day: list(those) for day, those in groupby(taken, key=lambda meeting: meeting.time.day)}

    @property
    def open_flag(self) -> RaisedFlag | None:
        return next((flag for flag in self.flags if not flag.closed_at), None)

    @property
    def past_flags(self) -> list[RaisedFlag]:
        return [flag for flag in self.flags if flag.closed_at]

    @cached_property
    def with_me(self) -> list[OwnMeeting]:
        """The sessions for one that the reader leads, by time."""
        own = (m for m in self.meetings if m.kind != "group" and m.leader_id == self.therapist.id)
        return [meeting for meeting in own if not meeting.is_cancelled]

    @property
    def last_with_me(self) -> OwnMeeting | None:
        """The latest session with the reader to which, as far as is known, they came."""
        over = (m for m in self.with_me if m.time.end <= self.now and m.attendance not in ("missed", "excused"))
        held = (meeting for meeting in over if meeting.attendance or not meeting.absent)
        return max(held, key=lambda meeting: meeting.time.start, default=None)

    @property
    def next_with_me(self) -> OwnMeeting | None:
        return next((meeting for meeting in self.with_me if meeting.time.end > self.now), None)

    @cached_property
    def since(self) -> date:
        """The first day after the last session with the reader; its own day if there was a check-in after it.

        Without a session it is six days ago.
        """
        last = self.last_with_me
        if last is None:
            return self.today - timedelta(days=6)
        after = (
            e for day in self.days if day.day == last.time.day for e in day.entries if e.entered_at > last.time.end
        )
        return last.time.day if any(after) else last.time.day + timedelta(days=1)

    def parts(self, only: str) -> list[JournalPart]:
        """The journal, newest first, as one choice of phrases.ONLY shows it: at most MOST check-ins, whole days."""
        parts: list[JournalPart] = []
        listed = 0
        for days in journal(self.shown):
            if listed < MOST and (part := self._part(days, only)):
                parts.append(part)
                listed += len(part.check_ins)
        return parts

    def _part(self, days: list[CheckInDay], only: str) -> JournalPart | None:
        check_ins = [self.by_key[entry.key] for day in days for entry in reversed(day.entries)]
        fitting = [one for one in check_ins if one.fits(only)]
        is_shown = fitting or (only == "all" and not check_ins)
        return JournalPart([day.day for day in days], fitting) if is_shown else None

    def lists(self, key: str, only: str) -> bool:
        """Whether the check-in called `key` is in the journal."""
        return any(one.entry.key == key for part in self.parts(only) for one in part.check_ins)

    def plain(self, parts: list[JournalPart]) -> list[ReviewedCheckIn]:
        """Those of `parts` that the reader has not seen and may mark without opening each.

        Left out is every check-in with an answer that brings help or is a floor, in any of its versions.
        """
        listed = [one for part in parts for one in part.check_ins if not one.seen_by(self.therapist.id)]
        grave = check_ins_with_floors([one.entry for one in self.by_key.values()])
        return [
            one
            for one in listed
            if one.entry.key not in grave and not any(version.brings_help for version in (*one.earlier, one.entry))
        ]

    def unseen(self, parts: list[JournalPart]) -> int:
        """The number of check-ins of `parts` that the reader has not seen."""
        return sum(not one.seen_by(self.therapist.id) for part in parts for one in part.check_ins)

    def older_than(self, parts: list[JournalPart]) -> date | None:
        """The day on which the page with older check-ins ends; None where the stay begins on this one."""
        if sum(len(part.check_ins) for part in parts) >= MOST:
            return parts[-1].days[-1] - timedelta(days=1)
        return None if self.begins else self.first - timedelta(days=1)

    def since_last_session(self) -> list[Sentence]:
        """The days since the last session with the reader, in sentences."""
        meetings = [meeting for meeting in self.meetings if self.since <= meeting.time.day <= self.today]
        return summarize(self.days, self.since, self.today, of_schedule.groups_came_to(meetings))

    def facts(self, program: ProgramFacts) -> list[tuple[str, str]]:
        """(name, words) of each fact; those about days and sessions cover what the charts show."""
        facts = [
            of_schedule.week_fact(self.meetings, self.episode, program, self.now),
            of_schedule.groups_fact(self.meetings, self.first),
            medicine_fact(self.shown),
            *of_exercises.practice_facts(self.practiced, self.participant.zone),
            of_schedule.next_fact(self.meetings, self.therapist.zone, self.now),
        ]
        return [(name, words) for name, words in facts if words]

    def measures(self) -> list[of_measures.MeasureLine]:
        """The latest of each measure in a line of words."""
        return of_measures.describe_latest(self.measured, self.today)


def _after_targets(column: Column) -> bool:
    return column.question.kind != "target"


_OFFERED = union_all(*(select(one.subquery()) for one in (*of_episodes.OFFERS, *of_exercises.OFFERS)))


def history_of(
    therapist: Person,
    participant: FoundParticipant,
    now: datetime,
    length: int = USUAL_WINDOW,
    until: date | None = None,
) -> History:
    """The history of `participant`, in five reads: `length` days that end on `until`, or today if it cannot.

    Days before the stay are left out, since nobody was asked then.
    """
    today = clock.day_of(now, participant.zone)
    last = until if until and EARLIEST <= until <= today else today
    first = last - timedelta(days=length - 1)
    back = min(first, today - timedelta(days=LOOK_BACK)) if last == today else first
    offered = by_kind(read(_OFFERED, me=participant.id))
    episode = of_episodes.active_episode(offered)
    check_ins = reviewed_check_ins.between(participant, back - timedelta(days=DAYS), last + timedelta(days=1))
    began = min([episode.starts_on if episode else first, *(one.entry.for_day for one in check_ins)])
    first = min(max(first, began), last)
    days = each_day((one.entry for one in check_ins), back - timedelta(days=DAYS), last)
    return History(
        participant=participant,
        therapist=therapist,
        now=now,
        today=today,
        first=first,
        last=last,
        length=length,
        begins=episode is not None and first <= began,
        days=days,
        by_key={one.entry.key: one for one in compare_with_usual(check_ins, days, first)},
        meetings=own_meetings.between(
            participant,
            clock.start_of(back, participant.zone),
            max(now + LOOK_AHEAD, clock.start_of(last + timedelta(days=1), participant.zone)),
        ),
        flags=flags.flags_of(participant),
        episode=episode,
        practiced=of_exercises.practices(offered),
        shared=of_exercises.shared_number(offered),
        measured=of_measures.recent_measures([participant.id], today).get(participant.id, []),
    )
