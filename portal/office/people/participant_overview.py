"""One participant as coordinators see them: the way so far, the week, how they attended, and who is there for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import read, reader, spelled_out
from portal.episodes import ActiveEpisode
from portal.episodes.models import Episode
from portal.episodes.phrases import step_in_words
from portal.flags.models import Flag
from portal.office.people.waiting import FlagInWaiting, flag_in_waiting
from portal.people import Person, care, coordinators_only
from portal.people.care import TeamMember
from portal.people.contacts import contact_of
from portal.people.directory import KNOWN_COLUMNS, KnownParticipant
from portal.people.models import Account, ContactDetails
from portal.program import ProgramFacts
from portal.schedule import own_meetings
from portal.schedule.attendance.hours import WeekHours, counted_meetings, hours_of_week, in_hours
from portal.schedule.groups import enrollment
from portal.schedule.groups.enrollment import TrackPlace
from portal.schedule.models import ATTENDANCE
from portal.schedule.own_meetings import OwnMeeting

LOOK_BACK = timedelta(weeks=4)  # for somebody without a stay


@dataclass(frozen=True, slots=True)
class EnrolledParticipant(KnownParticipant):
    """A participant with their account and the stay that they are in, or else are to begin; `care` is its level."""

    sealed_contact: bytes = field(repr=False)
    created_at: datetime
    joined_at: datetime | None
    disabled_at: datetime | None
    waits: bool
    stay_key: str | None
    care: str | None
    weekly_hours: int | None
    starts_on: date | None
    planned_end: date | None

    @property
    def contact(self) -> str:
        """The address or name that they sign in with."""
        return contact_of(self.key, self.sealed_contact)

    def step(self, today: date) -> str:
        """The step of their stay that they are in, in words."""
        return step_in_words(self.starts_on, self.planned_end, today)

    @property
    def stay(self) -> ActiveEpisode | None:
        """The stay that they are in or are to begin, against whose hours a week is counted."""
        if self.stay_key is None or self.starts_on is None:
            return None
        return ActiveEpisode(self.stay_key, self.care or "", self.weekly_hours or 0, self.starts_on, self.planned_end)


@dataclass(frozen=True, slots=True)
class AttendanceCount:
    """Sessions since a day, cancelled ones left out: how many there were, and how each was attended.

    `marks` is by attendance. `told` counts those of which they said before that they cannot come, and `weekly` is the
    average of the weeks that are over, in hours; None before the first is.
    """

    since: date
    begun: int
    marks: dict[str, int]
    told: int
    unmarked: int
    weekly: str | None


@dataclass(frozen=True, slots=True)
class ParticipantOverview:
    """The page of one participant for coordinators. Nothing that they wrote is in it, but how they are reached.

    `namesakes` are the others of their name. `week` has the sessions of this week, `waits` is the open flag.
    """

    person: EnrolledParticipant
    namesakes: Sequence[KnownParticipant]
    team: Sequence[TeamMember]
    tracks: Sequence[TrackPlace]
    week: Sequence[OwnMeeting]
    hours: WeekHours | None
    attendance: AttendanceCount
    waits: FlagInWaiting | None
    today: date

    @property
    def primary(self) -> TeamMember | None:
        """The primary therapist, if their account is open."""
        return next((member for member in self.team if member.role == "primary" and not member.is_off), None)


_sought = aliased(Account)
_later = aliased(Episode)


def _stay_of(account_id: Any) -> ColumnElement[bool]:
    """The condition that an Episode is the one that they are in, or else the next one that is planned."""
    sooner = exists().where(
        _later.participant_id == account_id,
        _later.status != spelled_out("finished"),
        or_(
            and_(_later.status == spelled_out("active"), Episode.status != spelled_out("active")),
            and_(_later.status == Episode.status, _later.starts_on < Episode.starts_on),
        ),
    )
    return and_(Episode.participant_id == account_id, Episode.status != spelled_out("finished"), ~sooner)


_SHOWN = (
    select(
        *KNOWN_COLUMNS,
        Account.contact.label("sealed_contact"),
        Account.created_at,
        Account.joined_at,
        Account.disabled_at,
        exists().where(Flag.participant_id == Account.id, Flag.closed_at.is_(None)).label("waits"),
        Episode.key.label("stay_key"),
        Episode.care_display.label("care"),
        Episode.weekly_hours,
        Episode.starts_on,
        Episode.planned_end,
    )
    .join(_sought, and_(_sought.name == Account.name, _sought.key == bindparam("key")))
    .outerjoin(ContactDetails, ContactDetails.participant_id == Account.id)
    .outerjoin(Episode, _stay_of(Account.id))
    .where(
        Account.role == spelled_out("participant"),
        or_(Account.disabled_at.is_(None), Account.key == bindparam("key")),
    )
    .order_by(Account.id)
)
_read_shown = reader(EnrolledParticipant, _SHOWN)


def overview_of(coordinator: Person, key: str, program: ProgramFacts, now: datetime) -> ParticipantOverview:
    """The page of the participant called `key`; raises NotFound for anybody else, and for all but a coordinator."""
    coordinators_only(coordinator)
    alike = {row.key: _read_shown(row) for row in read(_SHOWN, key=key)}
    if key not in alike:
        raise NotFound
    person, today = alike.pop(key), clock.day_of(now, program.zone)
    monday = clock.monday_of(today)
    begins = min(person.starts_on or today - LOOK_BACK, monday)
    start, end = clock.start_of(begins, program.zone), clock.start_of(monday + timedelta(days=7), program.zone)
    meetings = own_meetings.between(person, start, end)
    this_week = clock.start_of(monday, program.zone)
    return ParticipantOverview(
        person,
        list(alike.values()),
        care.members_of(person, now),
        enrollment.places_of_person(person, today),
        [meeting for meeting in meetings if this_week <= meeting.time.start < end],
        hours_of_week(meetings, monday, person.stay, program, now),
        _count(meetings, begins, monday, program, now),
        flag_in_waiting(person, program, now) if person.waits else None,
        today,
    )


def _count(
    meetings: Sequence[OwnMeeting], since: date, monday: date, program: ProgramFacts, now: datetime
) -> AttendanceCount:
    begun = [one for one in meetings if not one.is_cancelled and one.time.start <= now]
    marks = Counter(one.attendance for one in begun)
    mondays = [clock.monday_of(since) + timedelta(weeks=n) for n in range((monday - clock.monday_of(since)).days // 7)]
    counted = [one for each in mondays for one in counted_meetings(meetings, each, program)]
    attended = sum(one.minutes_attended for one in counted)
    return AttendanceCount(
        since,
        len(begun),
        {mark: marks[mark] for mark in ATTENDANCE},
        sum(one.absent is not None for one in begun),
        sum(one.attendance is None and not one.is_to_come(now) for one in begun),
        in_hours(round(attended / len(mondays) / 30) * 30) if mondays else None,
    )
