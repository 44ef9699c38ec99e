"""Plans as a coordinator fills them in, and what there is afterwards."""

from sqlalchemy import func, select

from portal.db import db
from portal.people.contacts import new_account
from portal.schedule.models import Session, SessionChange, Track
from tests.conftest import ZONE


def evening(cast, **other) -> dict:
    """Three evenings of three hours, from Monday, March 16, 2026."""
    return {
        "title": "Evening group",
        "discreet_title": "Appointment",
        "leader": cast.dee.key,
        "cover": cast.oduya.key,
        "starts_on": "2026-03-16",
        "days": ["0", "2", "3"],
        "every": "1",
        "starts": "18:00",
        "ends": "21:00",
        "last_day": "",
        "times": "",
        "skips": "",
        "skips_holidays": "y",
        "takes_make_ups": "y",
        "zone": ZONE,
        "room": "Room 12",
        "video_url": "",
        "bring": "",
        "capacity": "12",
        **topics(("Waves", "waves", "the-wave"), ("Small steps", "", "")),
    } | other


def open_track(kit, typed: dict) -> None:
    """Plan a track, look at what it comes to, and say yes."""
    kit.get("/tracks/new")
    kit.submit("/tracks/", typed, 200)
    kit.submit("/tracks/", {})


def topics(*rows: tuple[str, str, str]) -> dict:
    """The fields of these topics: title, reading and worksheet of each."""
    parts = ("title", "material", "worksheet")
    return {f"topics-{n}-{part}": value for n, row in enumerate(rows) for part, value in zip(parts, row, strict=True)}


def tracks(app) -> list[Track]:
    with app.app_context():
        found = list(db.session.scalars(select(Track).order_by(Track.id)))
        db.session.expunge_all()
        return found


def sessions(app, title: str) -> list[Session]:
    with app.app_context():
        found = list(db.session.scalars(select(Session).where(Session.title == title).order_by(Session.starts_at)))
        db.session.expunge_all()
        return found


def session(app, key: str) -> Session:
    with app.app_context():
        found = db.session.scalar(select(Session).where(Session.key == key))
        db.session.expunge_all()
        return found


def changes(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SessionChange))


def newcomers(app, at, count: int) -> list[str]:
    """The keys of so many more participants."""
    with app.app_context():
        people = [
            new_account(
                f"new{n}@example.org",
                role="participant",
                name=f"Newcomer {n:02}",
                called="New",
                password_hash="x",
                zone=ZONE,
                created_at=at.now,
            )
            for n in range(count)
        ]
        db.session.add_all(people)
        db.session.commit()
        return [person.key for person in people]
