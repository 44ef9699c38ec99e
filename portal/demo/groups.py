"""The groups of the demo clinic, each with the people in it and its sessions."""

import itertools
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

from portal import clock
from portal.db import db
from portal.demo import texts
from portal.demo.cast import CAST, ZONE, Clinic, key
from portal.schedule.groups import recurrence
from portal.schedule.groups.tracks import Topic
from portal.schedule.models import Session, Track, TrackEnrollment

WEEKS_BACK = 8


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """The agreement about a group: who leads it and covers for that, when, where, and its topics in turn."""

    title: str
    discreet_title: str
    facilitator: str
    room: str
    bring: str
    starts: str
    minutes: int
    rule: str
    cover: str
    topics: tuple[Topic, ...]


GROUPS = texts.read("groups", DemoGroup)


def add(clinic: Clinic, name: str) -> list[Session]:
    """Add the track called `name`, its people, and its sessions, which are returned in order."""
    group = GROUPS[name]
    monday = clock.monday_of(clinic.today)
    first = datetime.combine(monday - timedelta(weeks=WEEKS_BACK), time.fromisoformat(group.starts))
    agreed = {name: getattr(group, name) for name in ("title", "discreet_title", "room", "bring", "minutes", "rule")}
    track = Track(
        key=clinic.key("track", name),
        facilitator_id=clinic.id(group.facilitator),
        cover_id=clinic.id(group.cover),
        video_url=video_of(name),
        first_at=first,
        zone=ZONE,
        topics=[asdict(topic) for topic in group.topics],
        **agreed,
    )
    db.session.add(track)
    db.session.flush()
    for member in CAST:
        if member.track == name:
            person, began = clinic.id(member.sign_in), clinic.day(member.started)
            db.session.add(TrackEnrollment(track_id=track.id, participant_id=person, starts_on=began))
    rng = clinic.rng("sessions", name)
    times = recurrence.expand(first, group.rule, ZONE, clinic.today)
    sessions = [
        Session(
            topic=topic.title,
            material=topic.material,
            worksheet=topic.worksheet,
            changed_at=clinic.now - timedelta(weeks=WEEKS_BACK),
            **recurrence.session_row(track, wall, instant) | {"key": key(rng)},
        )
        for (wall, instant), topic in zip(times, itertools.cycle(group.topics), strict=False)
    ]
    db.session.add_all(sessions)
    db.session.flush()
    return sessions


def video_of(room: str) -> str:
    """The address of the video room called `room`."""
    return f"https://video.demo.example/{room}"
