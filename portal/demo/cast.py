"""The people of the demo clinic: the program, its staff, its participants, and who treats whom."""

import base64
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random

from dateutil.relativedelta import MO, TH, relativedelta

from portal import clock
from portal.db import db
from portal.demo import texts
from portal.demo.courses import COURSES, Course
from portal.door.passwords import hasher
from portal.episodes.models import Episode
from portal.people.contacts import new_account
from portal.people.models import Account, CareRelationship, OnCall
from portal.program.models import Program

ZONE = "America/New_York"
PASSWORD = "foothold-demo"  # noqa: S105 - printed for everyone
SYSTEM = "https://demo.example/levels-of-care"  # a program names its own levels
INTENSIVE = {"care_system": SYSTEM, "care_code": "IOP", "care_display": "Intensive outpatient"}
STEP_DOWN = {"care_system": SYSTEM, "care_code": "SD", "care_display": "Step-down outpatient"}
LEVELS = {10: INTENSIVE, 9: INTENSIVE, 6: STEP_DOWN}  # by weekly hours


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the demo clinic's staff; their own participants are covered by `covered_by`."""

    role: str
    name: str
    called: str
    office: str = ""
    covered_by: str = ""
    is_on_call: bool = False


@dataclass(frozen=True, slots=True)
class ChosenQuestions:
    """The set called `name` since so many days, with the person's own targets and what it is all for."""

    name: str
    since: int
    targets: tuple[str, ...] = ()
    goal: str | None = None


@dataclass(frozen=True, slots=True)
class SafetyAnswer:
    """A yes to the safety question, and the action that ended its flag; without one it is open and minutes old."""

    answer: str
    days_ago: int = 0
    action: str | None = None


@dataclass(frozen=True, slots=True)
class CastMember:
    """A participant of the demo clinic, and how their weeks go.

    `started` is days before today, `hours` the weekly target; `missed` says that they missed the latest group
    session; `habit` is the hour they usually check in. Those who answer the measures are `measured`: so many points
    an item is their latest time above what their days would say.
    """

    name: str
    therapist: str
    track: str
    going: str
    started: int
    hours: int = 9
    missed: bool = False
    habit: float = 20.5
    takes_medicine: bool = True
    measured: float | None = None
    asked: ChosenQuestions | None = None
    safety: SafetyAnswer | None = None

    @property
    def sign_in(self) -> str:
        return self.name.split()[0].lower()

    @property
    def course(self) -> Course:
        return COURSES[self.going]

    @property
    def has_open_flag(self) -> bool:
        return self.safety is not None and self.safety.action is None

    @property
    def weighs_use(self) -> bool:
        return self.track != "ocd"


ADA = "Ada Moreno"
PROGRAM = texts.read("program", str)
STAFF = texts.read("staff", StaffMember)
CAST = tuple(texts.read("participants", CastMember).values())


@dataclass(slots=True)
class Clinic:
    """The demo clinic while it is being made: its moment, and the rows that others refer to."""

    seed: int
    now: datetime
    today: date
    password_hash: str = field(repr=False)
    accounts: dict[str, Account]  # by sign-in name

    def rng(self, *purpose: object) -> Random:
        """Chance for one purpose alone, so that a change in one place leaves the others as they were."""
        return Random(":".join(map(str, (self.seed, *purpose))))

    def key(self, *purpose: object) -> str:
        """An opaque key for one purpose alone."""
        return key(self.rng(*purpose))

    def id(self, name: str) -> int:
        return self.accounts[name].id

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def at(self, day: date, hour: float) -> datetime:
        """The instant of `day` at `hour` (20.5 is half past eight in the evening) on the clinic's clock."""
        midnight = datetime.combine(day, time())
        return clock.at_wall(midnight + timedelta(minutes=round(hour * 60)), ZONE, strict=False)


def key(rng: Random) -> str:
    """An opaque key like db.new_key's, from a given source of chance."""
    return base64.urlsafe_b64encode(rng.randbytes(16)).rstrip(b"=").decode()


def gather(seed: int, now: datetime) -> Clinic:
    """Add the program and all its people, and give them their ids."""
    today = clock.day_of(now, ZONE)
    salt = Random(f"{seed}:salt").randbytes(16)  # no secret here, and the rows should repeat
    clinic = Clinic(seed, now, today, hasher.hash(PASSWORD, salt=salt), {})
    db.session.add(
        Program(
            **PROGRAM,
            zone=ZONE,
            holidays=[day.isoformat() for year in (today.year, today.year + 1) for day in holidays(year)],
            is_demo=True,
            asks_safety=True,
            measures={"phq-9": "two_weeks", "gad-7": "two_weeks"},
        )
    )
    for sign_in, one in STAFF.items():
        _add_account(clinic, sign_in, one.role, one.name, one.called, 400)
    for member in CAST:
        _add_account(clinic, member.sign_in, "participant", member.name, member.name.split()[0], member.started)
    db.session.flush()
    for member in CAST:
        _enroll(clinic, member)
    db.session.flush()
    db.session.add_all(
        OnCall(therapist_id=clinic.id(sign_in), since=now) for sign_in, one in STAFF.items() if one.is_on_call
    )
    return clinic


def _add_account(clinic: Clinic, sign_in: str, role: str, name: str, called: str, days_ago: int) -> None:
    joined = min(clinic.at(clinic.day(days_ago), 9), clinic.now)
    clinic.accounts[sign_in] = new_account(
        f"{sign_in}@demo.example",
        key=clinic.key("account", sign_in),
        role=role,
        name=name,
        called=called,
        password_hash=clinic.password_hash,
        zone=ZONE,
        created_at=joined,
        joined_at=joined,
    )
    db.session.add(clinic.accounts[sign_in])


def _enroll(clinic: Clinic, member: CastMember) -> None:
    person, began = clinic.id(member.sign_in), clinic.day(member.started)
    db.session.add(
        Episode(
            key=clinic.key("episode", member.name),
            participant_id=person,
            weekly_hours=member.hours,
            starts_on=began,
            planned_end=began + timedelta(weeks=10),
            **LEVELS[member.hours],
        )
    )
    for therapist, role in ((member.therapist, "primary"), (STAFF[member.therapist].covered_by, "covering")):
        care = {"therapist_id": clinic.id(therapist), "role": role, "starts_on": began}
        db.session.add(CareRelationship(participant_id=person, **care))


def open_on(day: date) -> bool:
    """Whether anyone is in on `day`."""
    return day.weekday() < 5 and day not in holidays(day.year) and day not in holidays(day.year + 1)


@lru_cache
def holidays(year: int) -> list[date]:
    """The days of `year` on which nobody is in, in order; one that falls on a weekend is kept beside it."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 12, 25)]
    observed = [day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0)) for day in fixed]
    moving = ((1, 1, MO(3)), (2, 1, MO(3)), (5, 31, MO(-1)), (9, 1, MO(1)), (11, 1, TH(4)))
    return sorted(observed + [date(year, month, day) + relativedelta(weekday=nth) for month, day, nth in moving])
