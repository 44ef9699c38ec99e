"""A week of many people at random, as rows, and what is true of it, reckoned once more the plain way."""

import random
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.episodes.models import Episode
from portal.people.contacts import new_account
from portal.people.models import Account
from portal.schedule.models import ATTENDANCE, Attendance, Seat, Session, SessionChange, Track, TrackEnrollment
from tests.schedule.timetable import ZONE, session

COUNTED = ("group", "one_to_one", "family")


def people(count: int) -> list[Account]:
    """So many participants, the first "Person 000"; needs an app context."""
    made = [
        new_account(
            f"person{n}@example.org",
            role="participant",
            name=f"Person {n:03}",
            called="P",
            password_hash="x",
            zone=ZONE,
            created_at=clock.now(),
        )
        for n in range(count)
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def stay(account: Account, hours: int = 9, starts_on: date = date(2026, 2, 2), **other) -> Episode:
    made = Episode(
        participant_id=account.id,
        care_system="-",
        care_code="-",
        **{"care_display": "Intensive outpatient", "weekly_hours": hours, "starts_on": starts_on} | other,
    )
    db.session.add(made)
    db.session.flush()
    return made


def week(cast: SimpleNamespace, monday: date, now: datetime, seed: int, count: int) -> list[Account]:
    """`count` people with groups, seats, moves, cancellations and corrected attendance around the week of `monday`."""
    rng = random.Random(seed)
    crowd = people(count)
    for account in crowd:
        if rng.random() < 0.9:
            stay(account, rng.randrange(6, 20), monday - timedelta(days=rng.randrange(0, 60)))
    held = [one for n in range(5) for one in _group(cast, crowd, monday, rng, n)]
    for account in crowd:
        for _ in range(rng.randrange(4)):
            kind = rng.choice(["one_to_one", "family", "medication", "assessment"])
            wall = _wall(monday, rng)
            held.append(session(kind, wall.isoformat(), rng.choice([20, 50, 60]), cast.cho, account))
    for one in held:
        _fate(one, cast, monday, rng)
    db.session.flush()
    belongs = places()
    for one in held:
        if one.status == "planned" and one.starts_at <= now and rng.random() < 0.85:
            one.status = "held"
            for account in crowd:
                if (account.id, one.id) in belongs and rng.random() < 0.9:
                    _mark(one, account, cast, now, rng)
    db.session.flush()
    return crowd


def _wall(monday: date, rng: random.Random) -> datetime:
    """A wall time from the Sunday before to the Monday after, midnight and the last half hour among them."""
    hour = rng.choice([time(0), time(9), time(13), time(17, 30), time(23, 30)])
    return datetime.combine(monday + timedelta(days=rng.randrange(-1, 8)), hour)


def _group(cast, crowd, monday, rng, n) -> list[Session]:
    first = datetime.combine(monday, time(9))
    track = Track(
        title=f"Group {n}", facilitator_id=cast.cho.id, first_at=first, zone=ZONE, minutes=90, rule="FREQ=DAILY"
    )
    db.session.add(track)
    db.session.flush()
    for account in rng.sample(crowd, len(crowd) // 2):
        begins = monday + timedelta(days=rng.randrange(-30, 4))
        ends = rng.choice([None, begins + timedelta(days=rng.randrange(60))])
        db.session.add(
            TrackEnrollment(track_id=track.id, participant_id=account.id, starts_on=begins, ends_on=ends),
        )
    times = sorted({_wall(monday, rng) for _ in range(6)})
    made = [session("group", t.isoformat(), 90, cast.cho, track_id=track.id, occurrence=t) for t in times]
    for one in made:
        for account in rng.sample(crowd, 2):
            db.session.add(Seat(session_id=one.id, participant_id=account.id))
    db.session.flush()
    return made


def _fate(one: Session, cast, monday: date, rng: random.Random) -> None:
    """Cancelled, moved, or left as it is."""
    fate, told = rng.random(), {"session_id": one.id, "old_at": one.starts_at, "by_id": cast.kit.id, "at": clock.now()}
    if fate < 0.1:
        one.status = "cancelled"
        db.session.add(SessionChange(kind="cancelled", reason="Snow.", **told))
    elif fate < 0.3:
        wall = _wall(monday, rng) + timedelta(minutes=5)
        one.wall_at, one.starts_at, one.local_day = wall, clock.at_wall(wall, ZONE), wall.date()
        db.session.add(SessionChange(kind="moved", reason="A meeting.", new_at=one.starts_at, **told))


def _mark(one: Session, account: Account, cast, now: datetime, rng: random.Random) -> None:
    for version in range(1, rng.choice([2, 2, 2, 3, 4])):
        status = rng.choice(list(ATTENDANCE))
        minutes = rng.randrange(one.minutes + 1) if status in ("late", "left_early") else None
        db.session.add(
            Attendance(
                session_id=one.id,
                participant_id=account.id,
                version=version,
                status=status,
                minutes=minutes,
                by_id=cast.cho.id,
                at=now,
            )
        )


def places() -> set[tuple[int, int]]:
    """(participant, session) of everyone who belongs to something, pair by pair."""
    db.session.flush()
    seats = {(seat.participant_id, seat.session_id) for seat in db.session.scalars(select(Seat))}
    held, enrolled = list(db.session.scalars(select(Session))), list(db.session.scalars(select(TrackEnrollment)))
    return seats | {
        (place.participant_id, one.id)
        for place in enrolled
        for one in held
        if one.track_id == place.track_id and place.starts_on <= one.local_day <= (place.ends_on or date.max)
    }


def reckoned(monday: date, now: datetime) -> dict[int, SimpleNamespace]:
    """What is true of each person's week, by their ids: the rules once more, in loops."""
    held = {one.id: one for one in db.session.scalars(select(Session))}
    latest: dict[tuple[int, int], Attendance] = {}
    for mark in db.session.scalars(select(Attendance).order_by(Attendance.version)):
        latest[mark.participant_id, mark.session_id] = mark
    found: dict[int, SimpleNamespace] = {}
    for who, which in places():
        one, mark = held[which], latest.get((who, which))
        day = one.starts_at.astimezone(ZoneInfo(ZONE)).date()
        person = found.setdefault(
            who, SimpleNamespace(attended=0, planned=0, marks=dict.fromkeys(ATTENDANCE, 0), unmarked=0, days=[0] * 7)
        )
        if one.kind not in COUNTED or not monday <= day < monday + timedelta(days=7) or one.status == "cancelled":
            continue
        if mark is None:
            if one.starts_at + timedelta(minutes=one.minutes) > now:
                person.planned += one.minutes
            else:
                person.unmarked += 1
            continue
        person.marks[mark.status] += 1
        minutes = {"present": one.minutes, "excused": 0, "missed": 0}.get(mark.status, mark.minutes)
        person.attended += minutes
        person.days[(day - monday).days] += minutes > 0
    return found
