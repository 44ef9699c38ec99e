"""Today: the one page that joins a participant's day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, union_all

from portal import clock, homework
from portal.checkins import on_today as of_check_ins
from portal.checkins.on_today import NewReply
from portal.db import by_kind, read
from portal.episodes import on_today as of_episodes
from portal.exercises import on_today as of_exercises
from portal.exercises.on_today import DraftToFinish
from portal.flags import on_today as of_flags
from portal.flags.on_today import UnsignedAnswer
from portal.homework import GivenHomework
from portal.homework import on_today as of_homework
from portal.homework.agreements import SessionAgreement
from portal.library import on_today as of_library
from portal.library.on_today import NextReading
from portal.measures import on_today as of_measures
from portal.measures.on_today import QuestionsToAnswer
from portal.people import Person
from portal.people.care import on_today as of_care
from portal.program import ProgramFacts
from portal.schedule import on_today as of_schedule
from portal.schedule import own_meetings
from portal.schedule import phrases as schedule_phrases
from portal.schedule.attendance import hours
from portal.schedule.on_today import GroupNews, SessionNews
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.seats import on_today as of_seats
from portal.schedule.seats.on_today import SeatInstead
from portal.today import phrases

AHEAD = timedelta(days=14)
NEWS = timedelta(days=7)  # how long something is new
MOST_NEWS = 2  # the first screens hold no more; once they are seen the next ones come
AWAY = timedelta(days=5)  # without a check-in, after which someone is welcomed back


@dataclass(frozen=True, slots=True)
class Today:
    """Everything the page shows. `day` is the participant's own; `checked_in` is their latest check-in's moment.

    `next` is the session that they come to next, `instead` what it makes up for, if anything. A `reading` is offered
    where no `homework` is due. `opened` is when somebody outside the care team last opened the record in an emergency,
    if lately. `unsigned` is an answer about safety, of the instrument `unsigned_slug` unless it was a check-in.
    """

    now: datetime
    zone: str
    day: date
    greeting: str
    next: OwnMeeting | None
    instead: SeatInstead | None
    soon: str
    come_in: str
    hours: hours.WeekHours | None
    in_program: bool
    homework: list[GivenHomework]
    agreed: SessionAgreement | None
    drafts: list[DraftToFinish]
    reading: NextReading | None
    questions: list[QuestionsToAnswer]
    news: list[SessionNews]
    groups: list[GroupNews]
    reply: NewReply | None
    checked_in: datetime | None
    safety_plan: list[str]
    opened: datetime | None
    unsigned: UnsignedAnswer | None
    unsigned_slug: str | None

    @property
    def checked_in_today(self) -> bool:
        return self.checked_in is not None and clock.day_of(self.checked_in, self.zone) == self.day

    @property
    def is_today(self) -> bool:
        """Whether the next session is on this day."""
        return self.next is not None and self.next.time.day == clock.day_of(self.now, self.next.time.zone)

    @property
    def has_begun(self) -> bool:
        """Whether the next session has begun."""
        return self.next is not None and self.next.time.start <= self.now

    @property
    def shown_news(self) -> list[SessionNews]:
        """The changes that Today names; the week has them all."""
        return self.news[:MOST_NEWS]

    @property
    def other_news(self) -> list[SessionNews]:
        """The changes that wait until those are seen."""
        return self.news[MOST_NEWS:]

    @property
    def seen_words(self) -> str:
        """The words of the button for the changes that it names."""
        return schedule_phrases.seen_changes(len(self.shown_news))

    @property
    def to_do_heading(self) -> str:
        return phrases.to_do_heading(self.next, self.now)

    @property
    def is_before_group(self) -> bool:
        """Whether the heading of what there is to do names a group that it is for."""
        return self.to_do_heading != phrases.TO_DO


_FEATURES = (
    of_care,
    of_episodes,
    of_flags,
    of_schedule,
    of_seats,
    of_library,
    of_exercises,
    of_measures,
    of_check_ins,
    of_homework,
)
# Each part is a query of its own in it, so that it keeps its own order and limit.
_OFFERED = union_all(*(select(part.subquery()) for feature in _FEATURES for part in feature.OFFERS))


def join_day(participant: Person, program: ProgramFacts, now: datetime) -> Today:
    """Today's page for `participant` at `now`, in two reads."""
    today, wall = clock.day_of(now, program.zone), clock.local(now, participant.zone)
    monday = clock.monday_of(today)
    start = clock.start_of(monday, program.zone)
    meetings = own_meetings.between(participant, start, max(start, now) + AHEAD)
    held = [meeting for meeting in meetings if not meeting.is_cancelled]
    near = {"today": today, "first_day": today - NEWS - timedelta(days=1), "last_day": today + AHEAD}
    week = homework.week_of(participant, now)
    offered = by_kind(read(_OFFERED, me=participant.id, since=now - NEWS, **near, **week))
    seats = of_seats.seats_instead(offered)
    coming = _coming(held, seats, now)
    episode = of_episodes.active_episode(offered)
    checked_in = of_check_ins.checked_in_at(offered)
    unsigned = of_flags.unsigned_answer(offered)
    due = of_homework.due(offered)
    given = {(one.kind, one.slug) for one in due}
    return Today(
        now=now,
        zone=participant.zone,
        day=wall.date(),
        greeting=phrases.greeting(wall.hour, is_back=checked_in is not None and now - checked_in > AWAY),
        next=coming,
        instead=next((one for one in seats if coming and one.key == coming.key), None),
        soon=phrases.soon(coming, now) if coming else "",
        come_in=phrases.come_in(coming, now) if coming else "",
        hours=hours.hours_of_week(meetings, monday, episode, program, now),
        in_program=episode is not None,
        homework=due,
        agreed=of_homework.latest_agreement(offered),
        drafts=[draft for draft in of_exercises.drafts(offered) if ("exercise", draft.exercise.slug) not in given],
        reading=None if due else of_library.next_reading(offered),
        questions=of_measures.questions_to_answer(
            offered,
            episode.starts_on if episode else None,
            [meeting.time.start for meeting in held if meeting.kind == "one_to_one"],
            program,
            participant.zone,
            now,
        ),
        news=of_schedule.session_news(meetings, now),
        groups=of_schedule.group_news(offered, today),
        reply=of_check_ins.latest_reply(offered, participant),
        checked_in=checked_in,
        safety_plan=of_exercises.safety_plan_in_short(offered),
        opened=of_care.opened_at(offered),
        unsigned=unsigned,
        unsigned_slug=of_measures.slug_of(offered, unsigned.measure_key) if unsigned else None,
    )


def _coming(held: list[OwnMeeting], seats: list[SeatInstead], now: datetime) -> OwnMeeting | None:
    """The first session that is not over, but for one that they cannot come to and have a seat instead of."""
    made_up = {one.missed_key for one in seats}
    ahead = (meeting for meeting in held if meeting.time.end > now)
    return next((meeting for meeting in ahead if not (meeting.absent and meeting.key in made_up)), None)
