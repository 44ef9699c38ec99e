"""A week of a clinic of 200, for pages that must bear it: a hundred sessions of twelve leaders."""

from datetime import datetime, time, timedelta
from types import SimpleNamespace

from portal import clock
from portal.db import db
from portal.people.contacts import new_account
from portal.people.models import Account
from portal.schedule import sessions, staff_meetings
from tests.schedule.timetable import ZONE, session, track

LEADERS = (
    "Dr Haddad",
    "Dr Iwu",
    "Dr Lindgate",
    "Dr Marrow",
    "Dr Pellam",
    "Dr Quist",
    "Dr Rusk",
    "Dr Tarnow",
    "Dr Vale",
)
GIVEN = ("Aisha", "Bea", "Carlo", "Delia", "Edda", "Farah", "Grace", "Hanna", "Iver", "Josie", "Kwame", "Leda", "Milo")
FAMILY = ("Arkwell", "Brookham", "Demirel", "Eskeland", "Fennimark", "Huangfield", "Karimund")
GROUPS = (  # title, days, start, minutes, room
    ("Morning skills A", "MO,WE,FR", 9.5, 180, "Room 204"),
    ("Morning skills B", "MO,WE,FR", 9.5, 180, "Room 207"),
    ("Early recovery", "MO,WE,FR", 10, 180, "Room 112"),
    ("DBT skills A", "TU,TH", 9.5, 180, "Room 204"),
    ("DBT skills B", "TU,TH", 9.5, 180, "Room 207"),
    ("Sixty and over", "TU,TH", 10, 120, "Room 115"),
    ("Afternoon skills", "MO,TU,WE,FR", 15, 120, "Room 210"),
    ("OCD and anxiety", "MO,TU,WE,TH", 15, 120, "Room 207"),
    ("Evening skills A", "MO,WE", 18, 180, "Room 204"),
    ("Evening recovery", "MO,TU,TH", 18, 180, "Room 112"),
    ("Family education", "WE", 18, 90, "Room 115"),
)
HOURS = (8.5, 13, 13, 13, 13, 14, 14, 14, 14, 15, 16, 17, 17, 17)  # of those for one person, on each day


def _account(called: str, role: str, **more) -> Account:
    now, contact = clock.now(), called.replace(" ", ".").lower()
    made = new_account(
        f"{contact}@example.org", role=role, name=called, called=called, zone=ZONE, created_at=now, **more
    )
    made.joined_at = now
    db.session.add(made)
    return made


def fill_week(cast: SimpleNamespace, monday: datetime) -> list[str]:
    """Fill the week that begins at `monday`, in wall time, and give the keys of what is for one person.

    The first of them is cancelled and the second one moved; needs an app context.
    """
    leaders = [cast.cho, cast.dee, cast.oduya, *(_account(name, "therapist") for name in LEADERS)]
    people = [_account(f"{given} {family}", "participant") for family in FAMILY for given in GIVEN]
    db.session.flush()
    for place, (title, days, start, minutes, room) in enumerate(GROUPS):
        first = datetime.combine(monday.date() - timedelta(weeks=1), time()) + timedelta(hours=start)
        rule, seats = f"FREQ=WEEKLY;BYDAY={days};COUNT={2 * len(days.split(','))}", people[place * 8 : place * 8 + 9]
        track(
            leaders[place],
            *seats,
            title=title,
            first_at=first,
            rule=rule,
            minutes=minutes,
            room=room,
            capacity=9 - place % 3,
        )
    keys = []
    for day in range(5):
        for place, start in enumerate(HOURS):
            at = monday + timedelta(days=day, hours=start)
            leader, person = leaders[(place + day) % 12], people[(day * len(HOURS) + place) % len(people)]
            kind = ("one_to_one", "one_to_one", "medication", "family")[place % 4]
            keys.append(
                session(
                    kind,
                    at.isoformat(),
                    50,
                    leader,
                    person,
                    room="" if place % 5 == 0 else f"Room {place}",
                    video_url="https://video.example.org/x" if place % 5 == 0 else "",
                ).key
            )
    now = clock.now()
    sessions.cancel(cast.kit, staff_meetings.called(cast.kit, keys[-1]), "The building is closed.", now)
    moved = staff_meetings.called(cast.kit, keys[-2])
    sessions.move(cast.kit, moved, monday + timedelta(days=4, hours=16), "The leader is ill.", now)
    db.session.commit()
    return keys
