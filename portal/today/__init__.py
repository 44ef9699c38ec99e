"""Today: the one page that joins a participant's day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    LargeBinary,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from portal import clock, episodes, exercises, library, schedule
from portal.checkins.models import CheckIn, Review
from portal.db import Instant, db
from portal.exercises.models import Practice
from portal.flags.models import Flag, FlagReason
from portal.library.models import Reading
from portal.measures import due, plans
from portal.measures.due import Due
from portal.measures.models import MeasureEntry
from portal.people import Person
from portal.people.models import Account, BreakGlass
from portal.program import ProgramFacts
from portal.schedule import MeetingRow, hours
from portal.schedule.places import enrolments
from portal.today import news, phrases
from portal.today.news import Group, News

AHEAD = timedelta(days=14)
NEWS = timedelta(days=7)  # how long a reply, and an emergency opening, are new
AWAY = timedelta(days=5)  # without a check-in, after which someone is welcomed back
MOST_DRAFTS = 2
FINISHED = -1  # as `number` of a reading
_IN_ORDER = [material for _, shelf in library.shelves(library.MATERIALS) for material in shelf]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do before group: a draft to continue, or a reading. `part` counts from 1."""

    slug: str
    title: str
    minutes: int = 0
    part: int = 0
    parts: int = 0
    begun: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Who of the care team answered a check-in, and when."""

    by: str
    at: datetime
    check_in_key: str


@dataclass(frozen=True, slots=True)
class Told:
    """The latest answer about safety that nobody has signed yet: of which check-in, or of which measure by its slug.

    `wants_call` says that they asked to be called since nobody has.
    """

    at: datetime
    key: str
    slug: str | None
    wants_call: bool


@dataclass(frozen=True, slots=True)
class Today:
    """Everything the page shows. `day` is the participant's own; `checked_in` is their latest check-in's moment.

    `over` is the last session of this day that has ended. `opened` is when somebody outside the care team last opened
    the record in an emergency, if lately.
    """

    now: datetime
    zone: str
    day: date
    greeting: str
    next: MeetingRow | None
    over: MeetingRow | None
    soon: str
    come_in: str
    hours: hours.Week | None
    in_program: bool
    tasks: list[Task]
    due: list[Due]
    news: list[News]
    groups: list[Group]
    replies: list[Reply]
    checked_in: datetime | None
    is_first: bool
    plan: list[str]
    opened: datetime | None
    told: Told | None

    @property
    def checked_in_today(self) -> bool:
        return self.checked_in is not None and clock.day_of(self.checked_in, self.zone) == self.day

    @property
    def is_today(self) -> bool:
        """Whether the next session is on this day."""
        return self.next is not None and self.next.local_day == clock.day_of(self.now, self.next.zone)


def of(participant: Person, program: ProgramFacts, now: datetime) -> Today:
    """Today's page for `participant` at `now`, in three reads."""
    monday = clock.monday_of(clock.day_of(now, program.zone))
    start = clock.start_of(monday, program.zone)
    meetings = schedule.meetings(participant, start, max(start, now) + AHEAD)
    episode = episodes.active(participant)
    waiting = _waiting(participant, clock.day_of(now, program.zone), now)
    coming = next((m for m in meetings if not m.is_cancelled and m.ends_at > now), None)
    begun = [m for m in meetings if m.starts_at <= now and not m.is_cancelled]
    wall = clock.local(now, participant.zone)
    checked_in = next((row.at for row in waiting.get("check_in", ())), None)
    back = checked_in is not None and now - checked_in > AWAY
    return Today(
        now=now,
        zone=participant.zone,
        day=wall.date(),
        greeting="Welcome back" if back else phrases.greeting(wall.hour),
        next=coming,
        over=_over(begun, now),
        soon=phrases.soon(coming, now) if coming else "",
        come_in=phrases.come_in(coming, now) if coming else "",
        hours=hours.of_episode(meetings, monday, episode, program, now),
        in_program=episode is not None,
        tasks=_tasks(waiting.get("draft", []), waiting.get("reading", [])),
        due=_due(waiting, episode, meetings, program, participant.zone, now),
        news=news.of_meetings(meetings, now),
        groups=news.of_groups(
            ((row.name, row.number, row.author) for row in waiting.get("enrolled", ())),
            clock.day_of(now, program.zone),
        ),
        replies=[Reply(row.author, row.at, row.name) for row in waiting.get("reply", ())],
        checked_in=checked_in,
        is_first=not waiting.keys() & {"check_in", "draft", "reading"},
        opened=next((row.at for row in waiting.get("opened", ())), None),
        told=_told(waiting.get("told", [])),
        plan=[
            line
            for row in waiting.get("plan", ())
            for line in exercises.lines_of_plan(exercises.opened_answers(row.body, row.name))
        ],
    )


# Each NULL says its type, for PostgreSQL.
_NO_NUMBER, _NO_AUTHOR, _NO_BODY = cast(null(), Integer), cast(null(), String), cast(null(), LargeBinary)


def _one_kind(
    what: str,
    name: Any,
    at: Any,
    number: Any = _NO_NUMBER,
    author: Any = _NO_AUTHOR,
    body: Any = _NO_BODY,
) -> Select:
    """The columns that every part of the one read has."""
    return select(
        literal_column(f"'{what}'", String).label("what"),
        name.label("name"),
        at.label("at"),
        number.label("number"),
        author.label("author"),
        body.label("body"),
    )


def _whole(part: Select) -> Select:
    """A part with its own order and limit, as a member of a union."""
    return select(part.subquery())


_me: BindParameter[int] = bindparam("me")
practices, readings, accounts = Practice.__table__, Reading.__table__, Account.__table__
check_ins, reviews, glasses = CheckIn.__table__, Review.__table__, BreakGlass.__table__
measured, measure_plans = MeasureEntry.__table__, plans.plans
open_flags, told = Flag.__table__, FlagReason.__table__
_WAITING = union_all(
    _whole(
        _one_kind("plan", practices.c.key, practices.c.updated_at, body=practices.c.answers)
        .where(
            practices.c.participant_id == _me, practices.c.slug == exercises.PLAN, practices.c.finished_at.is_not(None)
        )
        .order_by(practices.c.updated_at.desc(), practices.c.id.desc())
        .limit(1)
    ),
    _whole(
        _one_kind("draft", practices.c.slug, practices.c.updated_at)
        .where(
            practices.c.participant_id == _me,
            practices.c.slug != exercises.PLAN,
            practices.c.finished_at.is_(None),
        )
        .order_by(practices.c.updated_at.desc(), practices.c.id.desc())
        .limit(MOST_DRAFTS)
    ),
    _one_kind(
        "reading",
        readings.c.slug,
        readings.c.updated_at,
        number=case((readings.c.finished_at.is_not(None), FINISHED), else_=readings.c.parts_read),
    ).where(readings.c.participant_id == _me),
    _whole(
        _one_kind("check_in", check_ins.c.key, check_ins.c.entered_at)
        .where(check_ins.c.participant_id == _me)
        .order_by(check_ins.c.for_day.desc(), check_ins.c.entered_at.desc())
        .limit(1)
    ),
    _whole(
        _one_kind("reply", reviews.c.check_in_key, reviews.c.at, author=accounts.c.name)
        .join(accounts, accounts.c.id == reviews.c.by_id)
        .where(reviews.c.participant_id == _me, reviews.c.reply.is_not(None), reviews.c.at > bindparam("since"))
        .order_by(reviews.c.at.desc())
        .limit(3)
    ),
    _whole(
        _one_kind("opened", glasses.c.key, glasses.c.starts_at)
        .where(glasses.c.participant_id == _me, glasses.c.starts_at > bindparam("since"))
        .order_by(glasses.c.starts_at.desc())
        .limit(1)
    ),
    _whole(
        _one_kind(
            "told",
            func.coalesce(told.c.check_in_key, told.c.measure_key),
            told.c.at,
            number=case((told.c.code == "call_me", 1), else_=0),
            author=measured.c.slug,
        )
        .select_from(open_flags)
        .join(told, told.c.flag_id == open_flags.c.id)
        .outerjoin(
            measured,
            (measured.c.participant_id == _me) & (measured.c.key == told.c.measure_key) & (measured.c.version == 1),
        )
        .where(
            open_flags.c.participant_id == _me,
            open_flags.c.acknowledged_at.is_(None),
            told.c.check_in_key.is_not(None) | told.c.measure_key.is_not(None),
        )
        .order_by(told.c.at.desc(), told.c.id.desc())
    ),
    _one_kind(
        "enrolled",
        news.tracks.c.title,
        cast(null(), Instant()),
        number=news.tracks.c.id,
        author=news.enrolment_days(),
    )
    .select_from(enrolments)
    .join(news.tracks, news.tracks.c.id == enrolments.c.track_id)
    .where(enrolments.c.participant_id == _me, news.is_near()),
    _one_kind("measure_plan", measure_plans.c.slug, measure_plans.c.chosen_at, author=measure_plans.c.every).where(
        measure_plans.c.participant_id == _me, plans.holds()
    ),
    _one_kind("measured", measured.c.slug, func.max(measured.c.entered_at))
    .where(measured.c.participant_id == _me, measured.c.version == 1, measured.c.mode == "self")
    .group_by(measured.c.slug),
)


def _due(
    waiting: dict[str, list[Any]],
    episode: episodes.ActiveEpisode | None,
    meetings: Iterable[MeetingRow],
    program: ProgramFacts,
    zone: str,
    now: datetime,
) -> list[Due]:
    """The measures to answer, the longest due first."""
    facts = due.Facts(
        began=episode.starts_on if episode else None,
        chosen={row.name: (row.author, row.at) for row in waiting.get("measure_plan", ())},
        answered={row.name: row.at for row in waiting.get("measured", ())},
        one_to_ones=[m.starts_at for m in meetings if m.kind == "one_to_one" and not m.is_cancelled],
    )
    return due.reckon(facts, program, zone, now)


def _waiting(participant: Person, today: date, now: datetime) -> dict[str, list[Any]]:
    """What waits for `participant`, by kind: the latest plan, drafts, readings, latest check-in, what is new."""
    waiting: dict[str, list[Any]] = {}
    asked = {"me": participant.id, "since": now - NEWS, **news.near(today)}
    for row in db.session.execute(_WAITING, asked):
        waiting.setdefault(row.what, []).append(row)
    return waiting


def _told(rows: list[Any]) -> Told | None:
    """From the answers of the open flag, the latest first."""
    if not rows:
        return None
    return Told(rows[0].at, rows[0].name, rows[0].author, any(row.number for row in rows))


def _over(begun: list[MeetingRow], now: datetime) -> MeetingRow | None:
    """The last session of this day that has ended."""
    last = next((meeting for meeting in reversed(begun) if meeting.ends_at <= now), None)
    return last if last and last.local_day == clock.day_of(now, last.zone) else None


def _tasks(drafts: Iterable[Any], readings: Iterable[Any]) -> list[Task]:
    """The drafts that can be continued, latest first, then the reading in hand or the next one."""
    tasks = [
        Task(row.name, exercises.EXERCISES[row.name].title, begun=row.at)
        for row in drafts
        if row.name in exercises.EXERCISES
    ]
    reading = _next_reading({row.name: row for row in readings})
    return [*tasks, reading] if reading else tasks


def _next_reading(opened: dict[str, Any]) -> Task | None:
    """The reading last put down unfinished, or else the first in the library's order that was not opened."""
    in_hand = [row for slug, row in opened.items() if row.number != FINISHED and slug in library.MATERIALS]
    if in_hand:
        row = max(in_hand, key=lambda row: row.at)
        material = library.MATERIALS[row.name]
        parts = len(material.parts)
        return Task(row.name, material.title, material.minutes, min(row.number + 1, parts), parts)
    for material in _IN_ORDER:
        if material.slug not in opened:
            return Task(material.slug, material.title, material.minutes)
    return None
