"""The participants of the program as coordinators find them: by name or number, by what they need, 25 a page."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.db import read, reader, spelled_out
from portal.episodes.models import Episode
from portal.episodes.on_caseload import first_day_of
from portal.episodes.phrases import step_in_words
from portal.flags.models import Flag
from portal.office.people.waiting import IS_WITHOUT
from portal.people import OPEN_PARTICIPANT, Person, coordinators_only, named_readers
from portal.people.directory import KNOWN_COLUMNS, KnownParticipant
from portal.people.models import Account, ContactDetails
from portal.people.search import search
from portal.schedule import own_meetings
from portal.schedule.groups import enrollment
from portal.schedule.meetings import Meeting
from portal.web import ListPage, page_of

LEAVING = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ListedParticipant(KnownParticipant):
    """A participant of the list: whether they joined, whether somebody waits for an answer about them, who treats them.

    `first_day` is that of the stay that they are in, or else are to begin, and `planned_end` of the one they are in.
    """

    is_invited: bool
    waits: bool
    is_without: bool
    therapist: str | None
    first_day: date | None
    planned_end: date | None

    def step(self, today: date) -> str:
        """The step of their stay that they are in, in words."""
        return step_in_words(self.first_day, self.planned_end, today)

    def leaves(self, today: date) -> bool:
        """Whether their stay is planned to end within 14 days from `today`."""
        return self.planned_end is not None and today <= self.planned_end <= today + LEAVING


SHOW: Mapping[str, tuple[str, Callable[[ListedParticipant, date], bool]]] = {  # filter: its name, whom it picks
    "all": ("Everyone", lambda one, today: True),
    "waits": ("Somebody waits", lambda one, today: one.waits),
    "without": ("Nobody treats them", lambda one, today: one.is_without),
    "invited": ("Invited", lambda one, today: one.is_invited),
    "leaving": ("Leaving in 14 days", ListedParticipant.leaves),
}


@dataclass(frozen=True, slots=True)
class ParticipantList:
    """One page of the list, and what it was asked: which filter (a key of SHOW), and what was searched for.

    `counts` has how many each filter picks, `namesakes` how many have each name of the page that several have.
    `tracks` and `next_meetings` are by id.
    """

    show: str
    asked: str
    page: ListPage[ListedParticipant]
    counts: Mapping[str, int]
    namesakes: Mapping[str, int]
    tracks: Mapping[int, Sequence[str]]
    next_meetings: Mapping[int, Meeting]
    today: date


_stay = aliased(Episode)
_therapist, _ = named_readers()
_LISTED = (
    select(
        *KNOWN_COLUMNS,
        Account.joined_at.is_(None).label("is_invited"),
        exists().where(Flag.participant_id == Account.id, Flag.closed_at.is_(None)).label("waits"),
        IS_WITHOUT.label("is_without"),
        _therapist.label("therapist"),
        first_day_of(Account.id).label("first_day"),
        _stay.planned_end,
    )
    .outerjoin(ContactDetails, ContactDetails.participant_id == Account.id)
    .outerjoin(_stay, and_(_stay.participant_id == Account.id, _stay.status == spelled_out("active")))
    .where(OPEN_PARTICIPANT)
    .order_by(Account.name, Account.id)
)
_read_listed = reader(ListedParticipant, _LISTED)


def list_participants(
    coordinator: Person, show: str | None, asked: str, page: str | None, zone: str, now: datetime
) -> ParticipantList:
    """The page of those whom the filter picks and to whom what was `asked` belongs, by name, in three reads."""
    coordinators_only(coordinator)
    today, filtered = clock.day_of(now, zone), show if show and show in SHOW else "all"
    everyone = [_read_listed(row) for row in read(_LISTED, today=today, now=now)]
    picked = {name: [one for one in everyone if picks(one, today)] for name, (_, picks) in SHOW.items()}
    shown = page_of(search(picked[filtered], asked), page)
    names, here = Counter(one.name for one in everyone), [one.id for one in shown.items]
    return ParticipantList(
        filtered,
        asked,
        shown,
        {name: len(those) for name, those in picked.items()},
        {one.name: names[one.name] for one in shown.items if names[one.name] > 1},
        enrollment.tracks_by_person(here, today),
        own_meetings.next_by_person(here, now),
        today,
    )
