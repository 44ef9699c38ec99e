"""One participant's history as their therapist reads it: days, check-ins in all their versions, sessions, flags."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import and_, select

from portal import clock, episodes, exercises, flags, schedule
from portal.caseload import usual_range
from portal.caseload.usual_range import DAYS, Change, Range
from portal.checkins import Entry, ReviewOf
from portal.checkins.days import Day, each_day, journal
from portal.checkins.models import CheckIn, Review
from portal.db import db
from portal.episodes import ActiveEpisode
from portal.flags import RaisedFlag
from portal.people import Person
from portal.people.models import Account
from portal.schedule import MeetingRow

WINDOWS = (14, 28, 90)  # days
USUAL_WINDOW = 28
LOOK_BACK = 42  # days in which the last session with someone is looked for
LOOK_AHEAD = timedelta(days=14)
MOST = 30  # check-ins on one page; a day is never parted


@dataclass(frozen=True, slots=True)
class Written:
    """A check-in in its latest version, the versions before it, who read it, and what in it is not usual."""

    entry: Entry
    earlier: tuple[Entry, ...]
    reviews: tuple[ReviewOf, ...]
    changes: tuple[Change, ...] = ()

    @property
    def is_seen(self) -> bool:
        """Whether anyone has read its latest version."""
        return any(review.check_in_version == self.entry.version for review in self.reviews)

    def seen_by(self, person_id: int) -> bool:
        """Whether this person has."""
        return any(r.check_in_version == self.entry.version and r.by_id == person_id for r in self.reviews)

    @property
    def tags(self) -> list[tuple[str, str]]:
        """What stands out in it, as (words, class)."""
        tags = [("Safety", "safe")] if self.entry.positive else []
        tags += [(change.short, "honey") for change in self.changes]
        return [*tags, ("Return to use", "honey")] if self.entry.substance_use == "yes" else tags

    def fits(self, only: str) -> bool:
        """Whether one choice of words.ONLY shows it."""
        return {"flagged": bool(self.tags), "note": bool(self.entry.note), "unseen": not self.is_seen}.get(only, True)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the journal: check-ins of one day, the latest first, or days without one, the latest first."""

    days: list[date]
    written: list[Written]


@dataclass(frozen=True)
class Record:
    """Everything that one page of a history shows, from `first` to `last`; `days` begin 28 days earlier.

    `length` is how many days were asked for: a stay may be shorter.
    """

    participant: Person
    therapist: Person
    now: datetime
    today: date
    first: date
    last: date
    length: int
    days: list[Day]
    by_key: dict[str, Written]
    meetings: list[MeetingRow]
    flags: list[RaisedFlag]
    episode: ActiveEpisode | None
    practised: dict[str, tuple[datetime, int]]

    @property
    def is_now(self) -> bool:
        """Whether it ends today; an older page has no summary."""
        return self.last == self.today

    @property
    def shown(self) -> list[Day]:
        """The days of the charts."""
        return [day for day in self.days if self.first <= day.day <= self.last]

    @property
    def gone(self) -> list[bool]:
        """Which of them were missed; today is not over yet."""
        return [day.missed and day.day != self.today for day in self.shown]

    @cached_property
    def usual(self) -> dict[str, Range | None]:
        """The usual range of each item, from the 28 days before the latest check-in shown."""
        ends = len([day for day in self.days if day.day <= self.last])
        latest = max((i for i, day in enumerate(self.days[:ends]) if not day.missed), default=ends)
        return usual_range.before(self.days, latest)

    def index(self, day: date) -> int | None:
        """The place of a day in the charts."""
        return (day - self.first).days if self.first <= day <= self.last else None

    def attended(self, *how: str) -> list[int]:
        """The places of the days with a session that was attended so."""
        places = (self.index(meeting.local_day) for meeting in self.meetings if meeting.attendance in how)
        return sorted({place for place in places if place is not None})

    @property
    def positive(self) -> list[int]:
        """The places of the days with a yes to the safety question."""
        return [i for i, day in enumerate(self.shown) if any(entry.positive for entry in day.entries)]

    def sessions_on(self, day: date) -> list[MeetingRow]:
        return [m for m in self.meetings if m.local_day == day and m.attendance]

    @property
    def open_flag(self) -> RaisedFlag | None:
        return next((flag for flag in self.flags if not flag.acknowledged_at), None)

    @property
    def past_flags(self) -> list[RaisedFlag]:
        return [flag for flag in self.flags if flag.acknowledged_at]

    @property
    def with_me(self) -> list[MeetingRow]:
        """The sessions for one that the reader leads, by time."""
        own = (m for m in self.meetings if m.kind != "group" and m.facilitator == self.therapist.name)
        return [meeting for meeting in own if not meeting.is_cancelled]

    @property
    def last_with_me(self) -> MeetingRow | None:
        """The latest of them that is over; one that was missed does not count."""
        held = (m for m in self.with_me if m.ends_at <= self.now and m.attendance not in ("missed", "excused"))
        return max(held, key=lambda meeting: meeting.starts_at, default=None)

    @property
    def next_with_me(self) -> MeetingRow | None:
        return next((meeting for meeting in self.with_me if meeting.ends_at > self.now), None)

    @property
    def since(self) -> date:
        """The day after the last session with the reader; without one, six days ago."""
        last = self.last_with_me
        return last.local_day + timedelta(days=1) if last else self.today - timedelta(days=6)

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

    def older_than(self, parts: list[Part]) -> date:
        """The day on which the page with older check-ins ends."""
        is_full = sum(len(part.written) for part in parts) >= MOST
        return (parts[-1].days[-1] if is_full else self.first) - timedelta(days=1)


def of(
    therapist: Person, participant: Person, now: datetime, length: int = USUAL_WINDOW, until: date | None = None
) -> Record:
    """The history of `participant`: `length` days that end on `until`, or today; in five reads.

    Days before the stay are left out, since nobody was asked then.
    """
    today = clock.day_of(now, participant.zone)
    last = min(until or today, today)
    first = last - timedelta(days=length - 1)
    back = min(first, today - timedelta(days=LOOK_BACK)) if last == today else first
    episode = episodes.active(participant)
    meetings = schedule.meetings(
        participant,
        clock.start_of(back, participant.zone),
        max(now + LOOK_AHEAD, clock.start_of(last + timedelta(days=1), participant.zone)),
    )
    written = _check_ins(participant, back - timedelta(days=DAYS), last + timedelta(days=1))
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
        days=days,
        by_key={one.entry.key: one for one in _compared(written, days)},
        meetings=meetings,
        flags=flags.flags_of(participant),
        episode=episode,
        practised=exercises.last_done(participant),
    )


def _check_ins(participant: Person, first: date, last: date) -> list[Written]:
    """The check-ins for these days by day and time of entry, each in all its versions and with who read it."""
    columns = [getattr(CheckIn, field.name) for field in fields(Entry)]
    rows = db.session.execute(
        select(*columns, Review.id, Review.check_in_version, Review.by_id, Account.name, Review.at, Review.reply)
        .outerjoin(
            Review,
            and_(Review.participant_id == CheckIn.participant_id, Review.check_in_key == CheckIn.key),
        )
        .outerjoin(Account, Account.id == Review.by_id)
        .where(CheckIn.participant_id == participant.id, CheckIn.for_day.between(first, last))
        .order_by(CheckIn.for_day, CheckIn.entered_at, CheckIn.version, Review.at)
    )
    versions: dict[str, dict[int, Entry]] = {}
    reviews: dict[str, dict[int, ReviewOf]] = {}
    for row in rows:
        entry = Entry(*row[: len(columns)])
        review_id, *review = row[len(columns) :]
        versions.setdefault(entry.key, {})[entry.version] = entry
        if review_id is not None:
            reviews.setdefault(entry.key, {})[review_id] = ReviewOf(entry.key, *review)
    written = []
    for key, held in versions.items():
        *earlier, entry = (held[version] for version in sorted(held))
        written.append(Written(entry, tuple(earlier), tuple(reviews.get(key, {}).values())))
    return sorted(written, key=lambda one: (one.entry.for_day, one.entry.entered_at))


def _compared(written: Iterable[Written], days: list[Day]) -> Iterable[Written]:
    """Each check-in with what in it was not usual, seen from the 28 days before its own."""
    for one in written:
        index = (one.entry.for_day - days[0].day).days
        usual = usual_range.before(days, index) if DAYS <= index < len(days) else {}
        yield Written(one.entry, one.earlier, one.reviews, usual_range.changes(one.entry, usual))
