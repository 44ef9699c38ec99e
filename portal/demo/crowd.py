"""People beyond the named ones, as many and with as long a history as wanted: for measuring at size."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, literal, select

from portal import clock, seal
from portal.checkins import sealed_note
from portal.checkins.models import CheckIn, Review
from portal.db import Instant, db
from portal.demo import courses, texts
from portal.demo.cast import LEVELS, ZONE, Clinic, key
from portal.demo.check_ins import NOTES, USUAL
from portal.demo.courses import COURSES
from portal.episodes.models import Episode
from portal.people.contacts import hash_of
from portal.people.models import Account, CareRelationship
from portal.schedule.groups import recurrence
from portal.schedule.models import Attendance, Session, Track, TrackEnrollment

Row = dict[str, Any]

CASELOAD = 27  # participants of one therapist
COHORT = 9  # participants in one group, which their therapist leads
GROUP_WEEKS = 8
REVIEWED_DAYS = 28
ANY_NOTE = [*NOTES["low"], *NOTES["middle"], *NOTES["good"]]
COURSE_NAMES = ("improving", "steady", "steady_low", "improving", "steady", "worsening", "quiet", "steady")
DAYS = ("MO,WE,FR", "TU,TH,FR", "MO,TU,TH")
NAMES = texts.read("names", list)


def enroll(clinic: Clinic, count: int, weeks: int) -> list[int]:
    """Add `count` participants, who began `weeks` ago, with therapists and groups of their own; their ids."""
    began = clinic.today - timedelta(weeks=weeks)
    therapists = _accounts(clinic, "t", "therapist", -(-count // CASELOAD), began)
    people = _accounts(clinic, "p", "participant", count, began)
    rng = clinic.rng("crowd", "episodes")
    agreed = {**LEVELS[9], "weekly_hours": 9, "starts_on": began, "planned_end": None, "status": "active"}
    db.session.execute(insert(Episode), [{"key": key(rng), "participant_id": person, **agreed} for person in people])
    cohorts = [(people[first : first + COHORT], therapists[first // CASELOAD]) for first in range(0, count, COHORT)]
    cares = [
        {"participant_id": person, "therapist_id": therapist, "role": "primary", "starts_on": began}
        for cohort, therapist in cohorts
        for person in cohort
    ]
    db.session.execute(insert(CareRelationship), cares)
    for number, (cohort, therapist) in enumerate(cohorts):
        _cohort(clinic, number, cohort, therapist, began)
    return people


def _accounts(clinic: Clinic, letter: str, role: str, count: int, began: date) -> list[int]:
    rng, joined = clinic.rng("crowd", role), clinic.at(began, 9)
    rows: list[Row] = []
    for number in range(1, count + 1):
        contact, given = f"{letter}{number:05}@demo.example", rng.choice(NAMES["given"])
        account_key, family = key(rng), rng.choice(NAMES["family"])
        rows.append(
            {
                "key": account_key,
                "contact": seal.close(Account.contact, contact, account_key),
                "contact_hash": hash_of(contact),
                "role": role,
                "name": f"{'Dr' if role == 'therapist' else given} {family}",
                "called": given,
                "password_hash": clinic.password_hash,
                "zone": ZONE,
                "mail_ok": False,
                "created_at": joined,
                "joined_at": joined,
            }
        )
    made = insert(Account).returning(Account.id, sort_by_parameter_order=True)
    return list(db.session.scalars(made, rows))


def _cohort(clinic: Clinic, number: int, people: list[int], therapist: int, began: date) -> None:
    """One group with its sessions, from eight weeks ago to three weeks ahead, and who came to them."""
    rng = clinic.rng("cohort", number * COHORT)
    days = DAYS[number % len(DAYS)]
    monday = clock.monday_of(clinic.today) - timedelta(weeks=GROUP_WEEKS)
    first = datetime.combine(monday, time(9 + number % 3 * 3))
    track = Track(
        key=key(rng),
        title="Skills group",
        facilitator_id=therapist,
        room=f"Room {101 + number % 40}",
        first_at=first,
        zone=ZONE,
        minutes=180,
        rule=f"FREQ=WEEKLY;BYDAY={days}",
    )
    db.session.add(track)
    db.session.flush()
    enrolled = [{"track_id": track.id, "participant_id": person, "starts_on": began} for person in people]
    db.session.execute(insert(TrackEnrollment), enrolled)
    ahead = [("MO", "TU", "WE", "TH", "FR").index(day) for day in days.split(",")]
    sessions: list[Row] = []
    for wall in (first + timedelta(weeks=week, days=day) for week in range(GROUP_WEEKS + 3) for day in ahead):
        starts_at = clock.at_wall(wall, ZONE)
        status = "held" if starts_at + timedelta(hours=4) < clinic.now else "planned"
        sessions.append(recurrence.session_row(track, wall, starts_at) | {"key": key(rng), "status": status})
    made = insert(Session).returning(Session.id, sort_by_parameter_order=True)
    attendance = [
        {
            "session_id": id_,
            "participant_id": person,
            "version": 1,
            "status": "present" if rng.random() < 0.9 else "missed",
            "minutes": None,
            "by_id": therapist,
            "at": session["starts_at"] + timedelta(hours=3, minutes=10),
        }
        for id_, session in zip(db.session.scalars(made, sessions), sessions, strict=True)
        if session["status"] == "held" and session["local_day"] >= began
        for person in people
    ]
    if attendance:
        db.session.execute(insert(Attendance), attendance)


def write(clinic: Clinic, people: Iterable[int], weeks: int) -> int:
    """Add the check-ins of `people`, person by person and day by day as their table is ordered; how many."""
    count = 0
    for number, person in enumerate(people):
        if rows := list(_days(clinic, number, person, weeks)):
            db.session.execute(insert(CheckIn), rows)
            count += len(rows)
    return count


def read(clinic: Clinic, people: list[int]) -> None:
    """Let their therapists have read, an hour ago, what `people` wrote until two days ago."""
    written = (
        select(
            CheckIn.key,
            CheckIn.participant_id,
            CheckIn.key,
            literal(1),
            CheckIn.version,
            CareRelationship.therapist_id,
            literal(clinic.now - timedelta(hours=1), Instant),
        )
        .join(CareRelationship, CareRelationship.participant_id == CheckIn.participant_id)
        .where(CheckIn.participant_id >= people[0], CheckIn.for_day.between(clinic.day(REVIEWED_DAYS), clinic.day(2)))
    )
    columns = ["key", "participant_id", "check_in_key", "number", "check_in_version", "by_id", "at"]
    db.session.execute(insert(Review).from_select(columns, written, include_defaults=False))


def _days(clinic: Clinic, number: int, participant: int, weeks: int) -> Iterator[Row]:
    rng = clinic.rng("crowd", number)
    course = COURSES[COURSE_NAMES[number % len(COURSE_NAMES)]]
    habit = rng.uniform(7, 22)
    for days_left in range(weeks * 7 - 1, (course.silent or 1) - 1, -1):
        if rng.random() >= course.answers:
            continue
        hour, day, row_key = habit + rng.random(), clinic.day(days_left), key(rng)
        yield (
            courses.answers(course, rng, days_left % 56, True, True)
            | USUAL
            | {
                "participant_id": participant,
                "for_day": day,
                "key": row_key,
                "note": sealed_note(rng.choice(ANY_NOTE) if rng.random() < 0.2 else None, participant, row_key, 1),
                "entered_at": clinic.at(day, hour),
                "seconds_taken": rng.randrange(8, 70),
            }
        )
