"""People beyond the named ones, as many and with as long a history as wanted: for measuring at size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any, cast

from sqlalchemy import Table, insert, literal, select

from portal import clock, seal
from portal.checkins.check_in_versions import sealed_note
from portal.checkins.models import CheckIn, Review
from portal.checkins.phrases import QUESTION_SET
from portal.db import Base, Instant, db
from portal.demo import check_ins, courses, texts
from portal.demo.cast import LEVELS, ZONE, Clinic, key
from portal.demo.courses import COURSES, Course
from portal.episodes.models import Episode
from portal.people.contacts import hash_of
from portal.people.models import Account, CareRelationship
from portal.schedule.models import Attendance, Session, Track, TrackEnrollment

Row = dict[str, Any]

BATCH = 5_000
CASELOAD = 27  # participants of one therapist
COHORT = 9  # participants in one group, which their therapist leads
GROUP_WEEKS = 8
REVIEWED_DAYS = 28
NOTES = check_ins.NOTES.low + check_ins.NOTES.middle + check_ins.NOTES.good
COURSE_NAMES = ("improving", "steady", "steady_low", "improving", "steady", "worsening", "quiet", "steady")
RULES = ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;BYDAY=TU,TH,FR", "FREQ=WEEKLY;BYDAY=MO,TU,TH")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that people get by chance."""

    given: tuple[str, ...]
    family: tuple[str, ...]


NAMES = texts.read("names", Names)


def enroll(clinic: Clinic, count: int, weeks: int) -> list[int]:
    """Add `count` participants, who began `weeks` ago, with therapists and groups of their own; their ids."""
    began = clinic.today - timedelta(weeks=weeks)
    therapists = _accounts(clinic, "t", "therapist", -(-count // CASELOAD), began)
    people = _accounts(clinic, "p", "participant", count, began)
    rng = clinic.rng("crowd", "episodes")
    _insert(
        Episode,
        (
            {
                "key": key(rng),
                "participant_id": person,
                **LEVELS[9],
                "weekly_hours": 9,
                "starts_on": began,
                "planned_end": None,
                "status": "active",
            }
            for person in people
        ),
    )
    _insert(
        CareRelationship,
        (
            {
                "participant_id": person,
                "therapist_id": therapists[number // CASELOAD],
                "role": "primary",
                "starts_on": began,
            }
            for number, person in enumerate(people)
        ),
    )
    for first in range(0, count, COHORT):
        _cohort(clinic, first, people[first : first + COHORT], therapists[first // CASELOAD], began)
    return people


def _accounts(clinic: Clinic, letter: str, role: str, count: int, began: date) -> list[int]:
    rng = clinic.rng("crowd", role)
    rows: Iterable[Row] = (
        {
            **_reached_at(f"{letter}{number:05}@demo.example", key(rng)),
            "role": role,
            "name": f"Dr {rng.choice(NAMES.family)}" if role == "therapist" else f"{given} {rng.choice(NAMES.family)}",
            "called": given,
            "password_hash": clinic.password_hash,
            "zone": ZONE,
            "mail_ok": False,
            "created_at": clinic.at(began, 9),
            "joined_at": clinic.at(began, 9),
        }
        for number, given in ((number, rng.choice(NAMES.given)) for number in range(1, count + 1))
    )
    return _insert_for_ids(Account, rows)


def _reached_at(contact: str, account_key: str) -> Row:
    sealed = seal.close(Account.contact, contact, account_key)
    return {"key": account_key, "contact": sealed, "contact_hash": hash_of(contact)}


def _cohort(clinic: Clinic, number: int, people: list[int], therapist: int, began: date) -> None:
    """One group with its sessions, from eight weeks ago to three weeks ahead, and who came to them."""
    rng = clinic.rng("cohort", number)
    monday = clock.monday_of(clinic.today)
    rule = RULES[number // COHORT % len(RULES)]
    days = [("MO", "TU", "WE", "TH", "FR").index(day) for day in rule.rpartition("=")[2].split(",")]
    starts = time(9 + number // COHORT % 3 * 3)
    first = datetime.combine(monday - timedelta(weeks=GROUP_WEEKS), starts)
    agreed = {
        "title": "Skills group",
        "discreet_title": "Appointment",
        "facilitator_id": therapist,
        "room": f"Room {101 + number // COHORT % 40}",
        "zone": ZONE,
        "minutes": 180,
    }
    track = Track(key=key(rng), first_at=first, rule=rule, video_url="", bring="", **agreed)
    db.session.add(track)
    db.session.flush()
    _insert(TrackEnrollment, ({"track_id": track.id, "participant_id": p, "starts_on": began} for p in people))
    sessions: list[Row] = []
    for wall in (first + timedelta(weeks=week, days=day) for week in range(GROUP_WEEKS + 3) for day in days):
        starts_at = clock.at_wall(wall, ZONE)
        sessions.append(
            {
                "key": key(rng),
                "kind": "group",
                "track_id": track.id,
                "occurrence": wall,
                "wall_at": wall,
                "starts_at": starts_at,
                "local_day": wall.date(),
                "status": "held" if starts_at + timedelta(hours=4) < clinic.now else "planned",
                "video_url": "",
                "bring": "",
                **agreed,
            }
        )
    ids = _insert_for_ids(Session, sessions)
    _insert(
        Attendance,
        (
            {
                "session_id": id_,
                "participant_id": person,
                "version": 1,
                "status": "present" if rng.random() < 0.9 else "missed",
                "minutes": None,
                "by_id": therapist,
                "at": session["starts_at"] + timedelta(hours=3, minutes=10),
            }
            for id_, session in zip(ids, sessions, strict=True)
            if session["status"] == "held" and session["local_day"] >= began
            for person in people
        ),
    )


def write(clinic: Clinic, people: Iterable[int], weeks: int) -> int:
    """Add the check-ins of `people`, person by person and day by day as their table is ordered; how many."""
    rows = (row for number, person in enumerate(people) for row in _days(clinic, number, person, weeks))
    return _insert(CheckIn, rows)


def read(clinic: Clinic, people: list[int]) -> None:
    """Let their therapists have read, an hour ago, what `people` wrote until two days ago."""
    first, last = clinic.today - timedelta(days=REVIEWED_DAYS), clinic.today - timedelta(days=2)
    written = (
        select(
            CheckIn.key,
            CheckIn.participant_id,
            CheckIn.key,
            CheckIn.version,
            CareRelationship.therapist_id,
            literal(clinic.now - timedelta(hours=1), Instant),
        )
        .join(CareRelationship, CareRelationship.participant_id == CheckIn.participant_id)
        .where(CheckIn.participant_id >= people[0], CheckIn.for_day.between(first, last))
    )
    columns = ["key", "participant_id", "check_in_key", "check_in_version", "by_id", "at"]
    db.session.execute(insert(Review).from_select(columns, written, include_defaults=False))


def _days(clinic: Clinic, number: int, participant: int, weeks: int) -> Iterator[Row]:
    rng = clinic.rng("crowd", number)
    course = COURSES[COURSE_NAMES[number % len(COURSE_NAMES)]]
    last = course.silent or 1
    habit = rng.uniform(7, 22)
    for days_left in range(weeks * 7 - 1, last - 1, -1):
        if rng.random() < course.answers:
            yield _row(clinic, rng, course, participant, days_left, habit + rng.random())


def _row(clinic: Clinic, rng: Random, course: Course, participant: int, days_left: int, hour: float) -> Row:
    day, row_key = clinic.today - timedelta(days=days_left), key(rng)
    return courses.answers(course, rng, days_left % 56, True, True) | {
        "participant_id": participant,
        "for_day": day,
        "key": row_key,
        "version": 1,
        "question_set": QUESTION_SET[0],
        "question_set_version": QUESTION_SET[1],
        "answers": {},
        "note": sealed_note(rng.choice(NOTES) if rng.random() < 0.2 else None, participant, row_key, 1),
        "entered_at": clinic.at(day, hour),
        "zone": ZONE,
        "seconds_taken": rng.randrange(8, 70),
    }


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _insert(table: type[Base], rows: Iterable[Row]) -> int:
    """Insert `rows` in batches; how many they were."""
    count = 0
    for batch in _batches(rows):
        db.session.execute(insert(cast(Table, table.__table__)), batch)
        count += len(batch)
    return count


def _insert_for_ids(table: type[Base], rows: Iterable[Row]) -> list[int]:
    """Insert `rows` in batches; their ids, in the same order."""
    rows_of = cast(Table, table.__table__)
    made = insert(rows_of).returning(rows_of.c.id, sort_by_parameter_order=True)
    return [id_ for batch in _batches(rows) for id_ in db.session.scalars(made, batch)]
