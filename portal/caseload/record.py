"""One participant's history as their therapist reads it: days, check-ins in all their versions, sessions, flags."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from portal import clock, episodes, flags
from portal.caseload import curves, done, measured
from portal.caseload.curves import Curve
from portal.caseload.written import Written, check_ins, compared
from portal.checkins import usual_range
from portal.checkins.days import CheckInDay, each_day, journal, series_of
from portal.checkins.entry import ITEMS
from portal.checkins.table import Column, columns_of
from portal.checkins.usual_range import DAYS, UsualRange
from portal.episodes import ActiveEpisode
from portal.flags import RaisedFlag
from portal.people import Found, Person
from portal.schedule import own_meetings
from portal.schedule.own_meetings import OwnMeeting

WINDOWS = (14, 28, 90)  # days
USUAL_WINDOW = 28
LOOK_BACK = 42  # days in which the last session with someone is looked for
LOOK_AHEAD = timedelta(days=14)
MOST = 30  # check-ins on one page; a day is never parted
EARLIEST = date(2000, 1, 1)  # no record reaches further back, and no made-up address past the calendar


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the journal: check-ins of one day, the latest first, or days without one, the latest first."""

    days: list[date]
    written: list[Written]


@dataclass(frozen=True)
class Record:
    """Everything that one page of a history shows, from `first` to `last`; `days` begin 28 days earlier.

    `length` is how many days were asked for: a stay may be shorter, and then it `begins` on this page.
    """

    participant: Found
    therapist: Person
    now: datetime
    today: date
    first: date
    last: date
    length: int
    begins: bool
    days: list[CheckInDay]
    by_key: dict[str, Written]
    meetings: list[OwnMeeting]
    flags: list[RaisedFlag]
    episode: ActiveEpisode | None
    done: done.Done

    @property
    def is_now(self) -> bool:
        """Whether it ends today; an older page has no summary."""
        return self.last == self.today

    @property
    def shown(self) -> list[CheckInDay]:
        """The days of the charts."""
        return [day for day in self.days if self.first <= day.day <= self.last]

    @property
    def gone(self) -> list[bool]:
        """Which of them were missed; today is not over yet."""
        return [day.missed and day.day != self.today for day in self.shown]

    @property
    def columns(self) -> list[Column]:
        """What the table shows of a check-in: its numbers, and whatever was asked beyond the named items."""
        in_words = set(ITEMS) - set(usual_range.ITEMS)
        return columns_of((entry for day in self.shown for entry in day.entries), True, but=in_words)

    @cached_property
    def usual(self) -> dict[str, UsualRange | None]:
        """The usual range of each item, from the 28 days before the latest check-in shown."""
        ends = len([day for day in self.days if day.day <= self.last])
        latest = max((i for i, day in enumerate(self.days[:ends]) if not day.missed), default=ends)
        return usual_range.before(series_of(self.days), latest)

    @property
    def curves(self) -> list[Curve]:
        """What is drawn of the days shown."""
        return curves.of(self.shown, self.columns, self.usual)

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

    def sessions_on(self, day: date) -> list[OwnMeeting]:
        return [m for m in self.meetings if m.time.day == day and m.attendance]

    @property
    def open_flag(self) -> RaisedFlag | None:
        return next((flag for flag in self.flags if not flag.acknowledged_at), None)

    @property
    def past_flags(self) -> list[RaisedFlag]:
        return [flag for flag in self.flags if flag.acknowledged_at]

    @property
    def with_me(self) -> list[OwnMeeting]:
        """The sessions for one that the reader leads, by time."""
        own = (m for m in self.meetings if m.kind != "group" and m.leader_id == self.therapist.id)
        return [meeting for meeting in own if not meeting.is_cancelled]

    @property
    def last_with_me(self) -> OwnMeeting | None:
        """The latest of them that is over; one that was missed does not count."""
        held = (m for m in self.with_me if m.time.end <= self.now and m.attendance not in ("missed", "excused"))
        return max(held, key=lambda meeting: meeting.time.start, default=None)

    @property
    def next_with_me(self) -> OwnMeeting | None:
        return next((meeting for meeting in self.with_me if meeting.time.end > self.now), None)

    @property
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

    def parts(self, only: str) -> list[Part]:
        """The journal, newest first, as one choice of words.ONLY shows it: at most MOST check-ins, whole days."""
        parts: list[Part] = []
        listed = 0
        for days in journal(self.shown):
            if listed >= MOST:
                break
            written = [self.by_key[entry.key] for day in days for entry in reversed(day.entries)]
            fitting = [one for one in written if one.fits(only)]
            listed += len(fitting)
            if fitting or (only == "all" and not written):
                parts.append(Part([day.day for day in days], fitting))
        return parts

    def lists(self, key: str, only: str) -> bool:
        """Whether the check-in called `key` is in the journal."""
        return any(one.entry.key == key for part in self.parts(only) for one in part.written)

    def older_than(self, parts: list[Part]) -> date | None:
        """The day on which the page with older check-ins ends; None where the stay begins on this one."""
        if sum(len(part.written) for part in parts) >= MOST:
            return parts[-1].days[-1] - timedelta(days=1)
        return None if self.begins else self.first - timedelta(days=1)


def of(
    therapist: Person, participant: Found, now: datetime, length: int = USUAL_WINDOW, until: date | None = None
) -> Record:
    """The history of `participant`, in five reads: `length` days that end on `until`, or today if it cannot.

    Days before the stay are left out, since nobody was asked then.
    """
    today = clock.day_of(now, participant.zone)
    last = until if until and EARLIEST <= until <= today else today
    first = last - timedelta(days=length - 1)
    back = min(first, today - timedelta(days=LOOK_BACK)) if last == today else first
    episode = episodes.active(participant)
    meetings = own_meetings.between(
        participant,
        clock.start_of(back, participant.zone),
        max(now + LOOK_AHEAD, clock.start_of(last + timedelta(days=1), participant.zone)),
    )
    written = check_ins(participant, back - timedelta(days=DAYS), last + timedelta(days=1))
    began = min([episode.starts_on if episode else first, *(one.entry.for_day for one in written)])
    first = min(max(first, began), last)
    days = each_day((one.entry for one in written), back - timedelta(days=DAYS), last)
    return Record(
        participant=participant,
        therapist=therapist,
        now=now,
        today=today,
        first=first,
        last=last,
        length=length,
        begins=episode is not None and first <= began,
        days=days,
        by_key={one.entry.key: one for one in compared(written, days)},
        meetings=meetings,
        flags=flags.flags_of(participant),
        episode=episode,
        done=done.of(participant, today - measured.READ_DAYS),
    )
