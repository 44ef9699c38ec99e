"""The brief before a session: a line about each of those who come, for who leads it, and nothing behind it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, exists, select
from werkzeug.exceptions import NotFound

from portal import audit, caseload, clock
from portal.caseload.brief import phrases
from portal.caseload.order import CaseloadFacts
from portal.checkins.on_caseload import recent_days
from portal.db import Instant, read, reader
from portal.episodes.on_caseload import first_day_of
from portal.flags import STAYS
from portal.flags.on_caseload import has_flag
from portal.flags.owners import owners
from portal.homework.on_brief import counted_states, readiness, state_words
from portal.measures.on_caseload import recent_measures
from portal.people import OPEN_PARTICIPANT, PERSON, Person
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.schedule.attendance.roster import IS_ABSENT, PLACES, VISITS
from portal.schedule.on_caseload import groups_by_person
from portal.schedule.places import enrolled, enrollments, sessions
from portal.schedule.staff_meetings import StaffMeeting

LATELY = 14  # days
SEEN = "brief.view"


@dataclass(frozen=True, slots=True)
class ComingParticipant(Person):
    """Somebody who belongs to a session, as its leader has them.

    They said that they are `absent`, `visits` from another group, or `is_new` in this one today. `has_flag` says that
    a safety flag is open, or was closed lately, and not why. `enrolled` is the first day of their stay, and `looked_at`
    when the leader saw the line last, if lately. `homework` is how far they are with what is due, as an index of
    homework.on_brief.STATES; None where nothing is.
    """

    absent: bool
    visits: bool
    is_new: bool
    has_flag: bool
    enrolled: date | None
    looked_at: datetime | None
    homework: int | None


@dataclass(frozen=True, slots=True)
class BriefLine:
    """The line of one person: whom to `ask` first, or "" for nobody, what stands out, how far their `homework`
    for this session is, and how it went `lately`.
    """

    person: ComingParticipant
    ask: str
    stands_out: str
    homework: str
    lately: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The lines of those who belong to a session, by name."""

    lines: list[BriefLine]

    @property
    def homework(self) -> str:
        """The numbers of those who are ready, stuck and so on; "" where nothing is due before the session."""
        return counted_states([line.person.homework for line in self.lines])

    @property
    def absent(self) -> int:
        """The number of those who have said that they cannot come."""
        return sum(line.person.absent for line in self.lines)

    @property
    def not_looked_at(self) -> list[ComingParticipant]:
        """Those whose line the leader had not read in this sitting."""
        return [line.person for line in self.lines if line.person.looked_at is None]

    def first_names(self) -> dict[str, str]:
        """A name for each person's key without the last name, but for its first letter where two are called alike."""
        alike = Counter(line.person.called for line in self.lines)
        return {
            one.key: one.called if alike[one.called] == 1 else f"{one.called} {one.name.split()[-1][0]}."
            for one in (line.person for line in self.lines)
        }


_is_new = exists().where(
    enrollments.c.participant_id == PLACES.c.participant_id,
    enrollments.c.starts_on == sessions.c.local_day,
    enrolled(),
    sessions.c.id == PLACES.c.session_id,
)
_COMING = (
    select(
        *PERSON,
        IS_ABSENT.label("absent"),
        VISITS.label("visits"),
        _is_new.label("is_new"),
        has_flag(Account.id).label("has_flag"),
        first_day_of(Account.id).label("enrolled"),
        audit.last_look(bindparam("me"), Account.id, bindparam("sitting", type_=Instant()), SEEN).label("looked_at"),
        readiness(PLACES).label("homework"),
    )
    .select_from(PLACES)
    .join(Account, Account.id == PLACES.c.participant_id)
    .where(OPEN_PARTICIPANT)
    .order_by(Account.name, Account.id)
)
_coming = reader(ComingParticipant, _COMING)


def brief_of(leader: Person, session: StaffMeeting, now: datetime, program: ProgramFacts) -> Brief:
    """A line about each person of `session`, for the one who leads it, in six reads at most.

    It is open from an hour before the session to the end of its day. Raises NotFound at any other time, and for
    anybody else. Of safety a line says whom to ask, and nothing of an answer.
    """
    if leader.id != session.leader_id or not session.has_brief(now):
        raise NotFound
    values = {"session": session.id, "me": leader.id, "sitting": now - audit.ONE_SITTING, "lately": now - STAYS}
    coming = [_coming(row) for row in read(_COMING, **values)]
    return Brief(_lines(leader, coming, now, program))


def _lines(
    leader: Person, coming: Collection[ComingParticipant], now: datetime, program: ProgramFacts
) -> list[BriefLine]:
    ids = [person.id for person in coming]
    recent = recent_days({person.id: clock.day_of(now, person.zone) for person in coming}, caseload.READ_DAYS)
    groups = groups_by_person(ids, now - timedelta(days=LATELY), now)
    measured = recent_measures(ids, clock.day_of(now, program.zone))
    facts = {
        person.id: caseload.add_answers(
            CaseloadFacts(
                now=now,
                today=clock.day_of(now, person.zone),
                zone=leader.zone,
                enrolled=person.enrolled,
                missed=caseload.find_missed_group(groups[person.id], now),
            ),
            recent[person.id],
            measured.get(person.id, []),
        )
        for person in coming
    }
    asked = {person.id for person in coming if person.has_flag or facts[person.id].tells_of_safety}
    owned = owners(asked, program, now) if asked else {}
    return [
        BriefLine(
            person,
            phrases.whom_to_ask(leader, owned[person.id]) if person.id in asked else "",
            phrases.stands_out(facts[person.id]),
            state_words(person.homework),
            phrases.lately(groups[person.id], recent[person.id].missed, LATELY),
        )
        for person in coming
    ]
