"""The people of the demo clinic: the program, its staff, its participants, and who treats whom."""

import base64
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random

from portal import clock
from portal.db import db
from portal.demo import courses
from portal.demo.courses import Course
from portal.door.passwords import hasher
from portal.episodes.models import Episode
from portal.people.contacts import new_account
from portal.people.models import Account, CareRelationship
from portal.program.models import Program

ZONE = "America/New_York"
PASSWORD = "foothold-demo"  # noqa: S105 - printed for everyone
SYSTEM = "https://demo.example/levels-of-care"  # a program names its own levels
INTENSIVE = {"care_system": SYSTEM, "care_code": "IOP", "care_display": "Intensive outpatient"}
STEP_DOWN = {"care_system": SYSTEM, "care_code": "SD", "care_display": "Step-down outpatient"}
LEVELS = {10: INTENSIVE, 9: INTENSIVE, 6: STEP_DOWN}  # by weekly hours

STAFF = {  # sign-in name: role, name, called
    "cho": ("therapist", "Dr Cho", "Dr Cho"),
    "dee": ("therapist", "Dr Dee", "Dr Dee"),
    "oduya": ("therapist", "Dr Oduya", "Dr Oduya"),
    "haddad": ("therapist", "Noor Haddad", "Noor"),  # leads the evening group
    "vale": ("therapist", "Dr Vale", "Dr Vale"),  # prescribes
    "kit": ("coordinator", "Kit Larsen", "Kit"),
}
COVERED_BY = {"cho": "oduya", "dee": "oduya", "oduya": "dee"}


@dataclass(frozen=True, slots=True)
class CastMember:
    """A participant of the demo clinic, and how their weeks go.

    `started` is days before today, `hours` the weekly target; `missed` says that they missed the latest group
    session; `habit` is the hour they usually check in.
    """

    name: str
    therapist: str
    track: str
    course: Course
    started: int
    hours: int = 9
    missed: bool = False
    habit: float = 20.5
    takes_medicine: bool = True

    @property
    def sign_in(self) -> str:
        return self.name.split()[0].lower()

    @property
    def weighs_use(self) -> bool:
        return self.track != "ocd"


ADA = "Ada Moreno"
CAST = (
    CastMember(ADA, "cho", "evening", courses.IMPROVING, 45, hours=10, habit=8.1),
    CastMember("Ben Whitaker", "cho", "morning", courses.STEADY, 40),
    CastMember("Imani Brooks", "cho", "morning", courses.STEADY_LOW, 31, habit=13.0),
    CastMember("Tobias Renner", "cho", "evening", courses.WORSENING, 38, habit=7.2),
    CastMember("Mei-Lin Huang", "cho", "ocd", courses.SLEEPLESS, 33, habit=7.6),
    CastMember("Mateo Quiles", "cho", "evening", courses.QUIET, 47, takes_medicine=False),
    CastMember("Hannah Feld", "cho", "morning", courses.QUIETER, 29),
    CastMember("Darnell Pryor", "cho", "morning", courses.STEADY, 36, missed=True, habit=21.7),
    CastMember("Sofia Anders", "cho", "ocd", courses.STEADY, 26, missed=True, habit=8.5),
    CastMember("Yusuf Demir", "cho", "evening", courses.NEW, 4, habit=21.2),
    CastMember("Grace Oyelaran", "cho", "morning", courses.IMPROVING, 52, hours=6, habit=7.9),
    CastMember("Luis Barrera", "cho", "evening", courses.STEADY, 43, habit=22.0),
    CastMember("Nadia Sokol", "cho", "ocd", courses.IMPROVING, 50, habit=7.3),
    CastMember("Owen Gallagher", "cho", "morning", courses.STEADY_LOW, 22, takes_medicine=False),
    CastMember("Cleo Park", "dee", "ocd", courses.IMPROVING, 41, habit=8.4),
    CastMember("Marcus Teller", "dee", "evening", courses.QUIET, 35),
    CastMember("Elena Vasco", "dee", "ocd", courses.SLEEPLESS, 30, habit=7.8),
    CastMember("Jerome Watts", "dee", "morning", courses.STEADY, 48, hours=6, takes_medicine=False),
    CastMember("Aisha Karim", "dee", "evening", courses.IMPROVING, 27, habit=6.9),
    CastMember("Stefan Wilk", "dee", "morning", courses.STEADY, 20, missed=True),
    CastMember("Theo Baptiste", "dee", "ocd", courses.STEADY, 39, habit=9.1),
    CastMember("Ruth Amsel", "dee", "morning", courses.STEADY_LOW, 24, habit=19.3),
    CastMember("Kwame Mensah", "oduya", "evening", courses.WORSENING, 34, habit=21.0),
    CastMember("Ines Carvalho", "oduya", "ocd", courses.IMPROVING, 46, habit=8.0),
    CastMember("Jonah Reyes", "oduya", "morning", courses.STEADY, 37, habit=7.5),
    CastMember("Farah Siddiqui", "oduya", "evening", courses.STEADY, 28),
    CastMember("Bridget Malone", "oduya", "ocd", courses.NEW, 5, habit=20.0),
)


@dataclass(slots=True)
class Clinic:
    """The demo clinic while it is being made: its moment, and the rows that others refer to."""

    seed: int
    now: datetime
    today: date
    password_hash: str
    accounts: dict[str, Account]  # by sign-in name

    def rng(self, *purpose: object) -> Random:
        """Chance for one purpose alone, so that a change in one place leaves the others as they were."""
        return Random(":".join(map(str, (self.seed, *purpose))))

    def id(self, name: str) -> int:
        return self.accounts[name].id

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
            name="Linden Court Program",
            phone="(212) 555-0142",
            address="18 Linden Court, Floor 2, New York, NY",
            directions="Use the blue door beside the bakery and take the stairs or the elevator to floor 2. Ring once.",
            zone=ZONE,
            holidays=[day.isoformat() for year in (today.year, today.year + 1) for day in holidays(year)],
            is_demo=True,
            measures={"phq-9": "two_weeks", "gad-7": "two_weeks"},
        )
    )
    for name, (role, full_name, called) in STAFF.items():
        clinic.accounts[name] = account(clinic, name, role, full_name, called, today - timedelta(days=400))
    for member in CAST:
        began = today - timedelta(days=member.started)
        called = member.name.split()[0]
        clinic.accounts[member.sign_in] = account(clinic, member.sign_in, "participant", member.name, called, began)
    db.session.add_all(clinic.accounts.values())
    db.session.flush()
    for member in CAST:
        _enroll(clinic, member)
    db.session.flush()
    return clinic


def account(clinic: Clinic, name: str, role: str, full_name: str, called: str, since: date) -> Account:
    """An account of the demo clinic that signs in as `name`@demo.example with the demo's password."""
    return new_account(
        f"{name}@demo.example",
        key=key(clinic.rng("account", name)),
        role=role,
        name=full_name,
        called=called,
        password_hash=clinic.password_hash,
        zone=ZONE,
        created_at=min(clinic.at(since, 9), clinic.now),
        joined_at=min(clinic.at(since, 9), clinic.now),
    )


def _enroll(clinic: Clinic, member: CastMember) -> None:
    began = clinic.today - timedelta(days=member.started)
    db.session.add(
        Episode(
            key=key(clinic.rng("episode", member.name)),
            participant_id=clinic.id(member.sign_in),
            weekly_hours=member.hours,
            starts_on=began,
            planned_end=began + timedelta(weeks=10),
            **LEVELS[member.hours],
        )
    )
    for therapist, role in ((member.therapist, "primary"), (COVERED_BY[member.therapist], "covering")):
        db.session.add(
            CareRelationship(
                participant_id=clinic.id(member.sign_in),
                therapist_id=clinic.id(therapist),
                role=role,
                starts_on=began,
            )
        )


def open_on(day: date) -> bool:
    """Whether anyone is in on `day`."""
    return day.weekday() < 5 and day not in holidays(day.year) and day not in holidays(day.year + 1)


@lru_cache
def holidays(year: int) -> list[date]:
    """The days of `year` on which nobody is in, in order; one that falls on a weekend is kept beside it."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 12, 25)]
    observed = [day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0)) for day in fixed]
    moving = [_nth(year, *rule) for rule in ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (11, 3, 4))]
    return sorted(observed + moving)


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth `weekday` of a month (0 is Monday); -1 is the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=nth - 1)
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)
