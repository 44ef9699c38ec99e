"""A week as it is shown: its days, and on them every slot where one of a participant's sessions is or was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from portal import clock, words
from portal.schedule import phrases
from portal.schedule.meetings import MeetingChange, Time
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.staff_meetings import StaffMeeting

FARTHEST = timedelta(weeks=5 * 52)  # how far back and ahead weeks are shown


@dataclass(frozen=True, slots=True)
class ShownWeek:
    """The week that a page shows, for a reader whose day is `today` in the program's zone.

    `asked` is the day of it that was asked for, if one was. `understood` is False where another week was asked for in
    words that name none, or that is `too_far`.
    """

    monday: date
    today: date
    zone: str
    understood: bool = True
    too_far: bool = False
    asked: date | None = None

    @property
    def chosen(self) -> date:
        """The day of it that stands alone where there is room for one: the one asked for, else today, else Monday."""
        return self.asked or (self.today if self.is_this_week else self.monday)

    @property
    def is_this_week(self) -> bool:
        return self.monday == clock.monday_of(self.today)

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)

    @property
    def start(self) -> datetime:
        return clock.start_of(self.monday, self.zone)

    @property
    def end(self) -> datetime:
        return clock.start_of(self.after, self.zone)

    def __contains__(self, day: date) -> bool:
        return self.monday <= day < self.after

    @property
    def words(self) -> str:
        """ "March 9 to 15", "March 30 to April 5"; with the year where it is another one."""
        sunday = self.monday + timedelta(days=6)
        last = f"{sunday.day}" if sunday.month == self.monday.month else f"{sunday:%B} {sunday.day}"
        year = f", {sunday.year}" if sunday.year != self.today.year else ""
        return f"{self.monday:%B} {self.monday.day} to {last}{year}"


def shown_week(asked: str | None, now: datetime, zone: str) -> ShownWeek:
    """The week in which `asked`, an ISO date, lies; this week for nothing, for nonsense, and for one too far away."""
    today = clock.day_of(now, zone)
    this = clock.monday_of(today)
    day = clock.parse_day(asked) if asked else today
    if day is None:
        return ShownWeek(this, today, zone, understood=False)
    if abs(clock.monday_of(day) - this) > FARTHEST:
        return ShownWeek(this, today, zone, understood=False, too_far=True)
    return ShownWeek(clock.monday_of(day), today, zone, asked=day if asked else None)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a session is, or was until `move` took it away."""

    meeting: OwnMeeting
    move: MeetingChange | None = None

    @property
    def time(self) -> Time:
        return self.move.old if self.move else self.meeting.time

    @property
    def is_off(self) -> bool:
        """Whether nobody meets here: moved away, or cancelled."""
        return self.move is not None or self.meeting.is_cancelled

    @property
    def anchor(self) -> str:
        """The id of the slot on the page of its week."""
        return f"s-{self.meeting.key}" + (f"-{self.time.start:%m%d%H%M}" if self.move else "")

    @property
    def changes(self) -> list[MeetingChange]:
        """The changes that this slot tells of."""
        return [self.move] if self.move else standing_changes(self.meeting)

    @property
    def current(self) -> "Slot":
        """The place of the session now."""
        return Slot(self.meeting)

    @property
    def previous(self) -> "Slot | None":
        """The place of the session before its latest move."""
        moves = self.meeting.moves
        return Slot(self.meeting, moves[-1]) if moves else None


def changes_by_act(meeting: OwnMeeting) -> list[tuple[MeetingChange, ...]]:
    """Everything that changed a session, in order; what one act of somebody's changed in it stands together."""
    return [tuple(changes) for _, changes in groupby(meeting.changes, key=lambda change: change.key)]


def standing_changes(meeting: OwnMeeting) -> list[MeetingChange]:
    """The changes that still say something: the latest of each kind; of a session that is off, why it is."""
    if meeting.is_cancelled:
        return [meeting.cancellation] if meeting.cancellation else []
    latest: dict[str, MeetingChange] = {}
    for change in meeting.changes:
        kind = "cancelled" if change.kind == "restored" else change.kind
        latest.pop(kind, None)
        latest[kind] = change
    return [change for change in latest.values() if change.kind != "cancelled"]


def slots_of(meeting: OwnMeeting) -> list[Slot]:
    """The places of a session in the week: where it was, oldest first, and where it is."""
    left = {move.old_at: Slot(meeting, move) for move in meeting.moves}
    left.pop(meeting.time.start, None)
    return [*left.values(), Slot(meeting)]


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day of the week with its slots by time."""

    date: date
    is_today: bool
    slots: tuple[Slot, ...]


def place_in_days(meetings: Iterable[OwnMeeting], week: ShownWeek) -> list[WeekDay]:
    """The seven days of `week`, with every slot of the meetings that lies on them."""
    by_day: dict[date, list[Slot]] = {week.monday + timedelta(days=n): [] for n in range(7)}
    for meeting in meetings:
        for slot in slots_of(meeting):
            by_day.get(clock.day_of(slot.time.start, week.zone), []).append(slot)
    return [
        WeekDay(day, day == week.today, tuple(sorted(held, key=lambda slot: slot.time.start)))
        for day, held in by_day.items()
    ]


def sessions_by_day(sessions: Iterable[StaffMeeting], week: ShownWeek) -> list[tuple[date, list[StaffMeeting]]]:
    """The seven days of `week`, each with the sessions that staff hold on it."""
    held: dict[date, list[StaffMeeting]] = {week.monday + timedelta(days=n): [] for n in range(7)}
    for session in sessions:
        held.get(clock.day_of(session.time.start, week.zone), []).append(session)
    return list(held.items())


@dataclass(slots=True)
class UnseenAct:
    """An act that a participant has not seen: the `anchor` of the first slot that tells of it, and what it changed.

    `words` is that after "I have seen".
    """

    anchor: str
    meetings: set[str]
    words: str


def unseen_acts(shown_days: Iterable[WeekDay], now: datetime) -> dict[str, UnseenAct]:
    """By its key, each act of these days that was not seen and is about what is not over: to be asked for once."""
    acts: dict[str, UnseenAct] = {}
    for slot in (slot for day in shown_days for slot in day.slots if slot.meeting.time.end > now):
        for change in slot.changes:
            if change.seen is None:
                of_act = [one for one in slot.meeting.changes if one.key == change.key]
                act = acts.setdefault(change.key, UnseenAct(slot.anchor, set(), phrases.seen(of_act)))
                act.meetings.add(slot.meeting.key)
    return acts


def count_changes(shown_days: Iterable[WeekDay]) -> str:
    """ "Two things changed this week."; "" when nothing did."""
    changed = {slot.meeting.key for day in shown_days for slot in day.slots if slot.meeting.changes}
    if not changed:
        return ""
    return f"{words.number(len(changed)).capitalize()} {'thing' if len(changed) == 1 else 'things'} changed this week."
