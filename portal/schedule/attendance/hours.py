"""The hours of one participant's week against what they have agreed on: what counts, and how it is said."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from portal import clock, words
from portal.episodes import ActiveEpisode
from portal.program import ProgramFacts
from portal.schedule.own_meetings import OwnMeeting

CAME = {
    "present": "You came",
    "late": "Came late",
    "left_early": "Left early",
    "excused": "Excused",
    "missed": "We missed you",
}
SAID = {"excused": "excused", "missed": "missed", "late": "missed", "left_early": "missed"}


@dataclass(frozen=True, slots=True)
class HoursSegment:
    """The sessions of one day in the bar that are in one state: done, now (today and to come), plan or gone.

    `label` and `words` stand below it, `said` is for those who do not see it; `x` and `width` are percent.
    """

    state: str
    label: str
    words: str
    said: str
    minutes: int
    x: float
    width: float

    @property
    def grow(self) -> int:
        """The share of the room that its label may take: its length in half hours."""
        return max(1, min(8, round(self.minutes / 30)))


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Minutes of a week: `attended`, `planned` (still to come), of those `today`, and the agreed `target`."""

    attended: int
    planned: int
    today: int
    target: int
    segments: tuple[HoursSegment, ...]

    @property
    def sentence(self) -> str:
        """ "3 of 10 hours"."""
        return f"{in_hours(self.attended)} of {in_hours(self.target)} hours"

    @property
    def outlook(self) -> str:
        """The words for what the rest of the week adds, as a sentence; "" when nothing is to come."""
        if self.today:
            return f"Today makes it {in_hours(self.attended + self.today)}."
        if self.planned:
            return f"{_amount(self.planned)} more {'is' if self.planned == 60 else 'are'} planned."
        return ""

    @property
    def bar_words(self) -> str:
        """The bar for those who do not see it: "3 hours done on Monday, 3 hours today"."""
        return ", ".join(f"{_amount(segment.minutes)} {segment.said}" for segment in self.segments)


def in_hours(minutes: int) -> str:
    """Minutes as hours where they are whole or half ones, and else exactly: "3", "7.5", "10 h 40 min"."""
    halves, rest = divmod(minutes, 30)
    if rest:
        return exactly(minutes)
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)


def exactly(minutes: int) -> str:
    """Minutes as hours and minutes, not rounded: "7 h 30 min", "3 h", "50 min"."""
    whole, rest = divmod(minutes, 60)
    return " ".join(filter(None, [f"{whole} h" if whole or not rest else "", f"{rest} min" if rest else ""]))


def _amount(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} minutes"
    if minutes % 30:
        return exactly(minutes)
    return f"{in_hours(minutes)} {'hour' if minutes == 60 else 'hours'}"


def counted_meetings(meetings: Iterable[OwnMeeting], monday: date, program: ProgramFacts) -> list[OwnMeeting]:
    """Those of the meetings that count toward the week beginning on `monday` in the program's zone, by time."""
    start, end = (clock.start_of(monday + timedelta(days=days), program.zone) for days in (0, 7))
    counted = (m for m in meetings if m.kind in program.counted_kinds and start <= m.time.start < end)
    return sorted(counted, key=lambda meeting: meeting.time.start)


def hours_of_week(
    meetings: Iterable[OwnMeeting], monday: date, episode: ActiveEpisode | None, program: ProgramFacts, now: datetime
) -> WeekHours | None:
    """The week that begins on `monday` in the program's zone, in plan order; other meetings are left out.

    It is reckoned against the episode's target. None without an episode, and before it.
    """
    if episode is None or monday + timedelta(days=6) < episode.starts_on:
        return None
    counted, today = counted_meetings(meetings, monday, program), clock.day_of(now, program.zone)
    planned = [meeting for meeting in counted if meeting.is_planned(now)]
    of_today = [meeting for meeting in planned if clock.day_of(meeting.time.start, program.zone) == today]
    return WeekHours(
        attended=sum(meeting.minutes_attended for meeting in counted),
        planned=sum(meeting.time.minutes for meeting in planned),
        today=sum(meeting.time.minutes for meeting in of_today),
        target=episode.weekly_hours * 60,
        segments=tuple(_segments(counted, program.zone, today, now)),
    )


def _segments(meetings: list[OwnMeeting], zone: str, today: date, now: datetime) -> Iterator[HoursSegment]:
    """The meetings side by side, each as long as it is, or as long as it was attended; alike on a day, they are one."""
    whole = sum(_length(m) for m in meetings)
    before = 0
    for (day, state, below, said), alike in groupby(meetings, lambda meeting: _state(meeting, zone, today, now)):
        minutes = sum(_length(m) for m in alike)
        yield HoursSegment(
            state,
            "Today" if day == today else f"{day:%a}",
            below or (exactly(minutes) if minutes < 60 or minutes % 30 else f"{in_hours(minutes)} h"),
            said if state == "now" else f"{said} on {day:%A}",
            minutes,
            round(100 * before / whole, 1),
            round(max(100 * minutes / whole - 1, 0.5), 1),
        )
        before += minutes


def _length(meeting: OwnMeeting) -> int:
    return meeting.minutes_attended or meeting.time.minutes


def _state(meeting: OwnMeeting, zone: str, today: date, now: datetime) -> tuple[date, str, str, str]:
    """The day and the state of a meeting in the bar, the words below it, and those for who does not see it.

    Below what is planned for another day stands how long it is, so it has no words here.
    """
    day = clock.day_of(meeting.time.start, zone)
    if meeting.is_cancelled:
        return day, "gone", "Cancelled", "cancelled"
    if meeting.attendance:
        state, said = ("done", "done") if meeting.minutes_attended else ("gone", SAID[meeting.attendance])
        return day, state, CAME[meeting.attendance], said
    if meeting.time.end <= now:
        return day, "plan", "Not marked yet", "not marked yet"
    if meeting.absent:
        return day, "gone", "Can't make it", "that you can't make"
    if day == today:
        return day, "now", words.hour(meeting.time.local_start), "today"
    return day, "plan", "", "planned"
