"""The groups of the demo clinic, each with the people in it and its sessions."""

import itertools
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

from portal import clock
from portal.db import db
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
    starts: time
    minutes: int
    rule: str
    cover: str
    topics: tuple[Topic, ...]


GROUPS = {
    "morning": DemoGroup(
        title="Morning skills group",
        discreet_title="Morning appointment",
        facilitator="cho",
        room="Room 204",
        bring="Your workbook and some water",
        starts=time(9, 30),
        minutes=180,
        rule="FREQ=WEEKLY;BYDAY=MO,WE,FR",
        cover="dee",
        topics=(
            Topic("How thoughts, feelings and actions move each other", "the-loop"),
            Topic("Thinking traps", "shortcuts", "notice-and-weigh"),
            Topic("Being here for one thing", "one-thing", "slow-breath"),
            Topic("One problem, six steps", "sorting-it-out", "six-steps"),
        ),
    ),
    "evening": DemoGroup(
        title="Evening skills group",
        discreet_title="Evening appointment",
        facilitator="haddad",
        room="Room 112",
        bring="Your workbook; there is tea",
        starts=time(18),
        minutes=180,
        rule="FREQ=WEEKLY;BYDAY=MO,TU,TH",
        cover="cho",
        topics=(
            Topic("What sets it off", "people-and-places"),
            Topic("Riding out a craving", "waves", "the-wave"),
            Topic("One problem, six steps", "sorting-it-out", "six-steps"),
            Topic("Planning the weekend"),
        ),
    ),
    "ocd": DemoGroup(
        title="OCD and anxiety group",
        discreet_title="Afternoon appointment",
        facilitator="dee",
        room="Room 207",
        bring="Your ladder, and one step to try",
        starts=time(15),
        minutes=120,
        rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH",
        cover="oduya",
        topics=(
            Topic("False alarms", "false-alarms"),
            Topic("One step on the ladder", "step-by-step"),
            Topic("Practice together", "step-by-step", "slow-breath"),
            Topic("What the week was like"),
        ),
    ),
}


def add(clinic: Clinic, name: str) -> list[Session]:
    """Add the track called `name`, its people, and its sessions, which are returned in order."""
    group = GROUPS[name]
    monday = clock.monday_of(clinic.today)
    first = datetime.combine(monday - timedelta(weeks=WEEKS_BACK), group.starts)
    agreed = {
        "title": group.title,
        "discreet_title": group.discreet_title,
        "facilitator_id": clinic.id(group.facilitator),
        "room": group.room,
        "video_url": video_of(name),
        "bring": group.bring,
        "zone": ZONE,
        "minutes": group.minutes,
    }
    track = Track(
        key=key(clinic.rng("track", name)),
        first_at=first,
        rule=group.rule,
        cover_id=clinic.id(group.cover),
        topics=[asdict(topic) for topic in group.topics],
        **agreed,
    )
    db.session.add(track)
    db.session.flush()
    db.session.add_all(
        TrackEnrollment(
            track_id=track.id,
            participant_id=clinic.id(member.sign_in),
            starts_on=clinic.today - timedelta(days=member.started),
        )
        for member in CAST
        if member.track == name
    )
    rng = clinic.rng("sessions", name)
    sessions = [
        Session(
            key=key(rng),
            kind="group",
            track_id=track.id,
            occurrence=wall,
            wall_at=wall,
            starts_at=instant,
            local_day=wall.date(),
            status="planned",
            topic=topic.title,
            material=topic.material,
            worksheet=topic.worksheet,
            changed_at=clinic.now - timedelta(weeks=WEEKS_BACK),
            **agreed,
        )
        for (wall, instant), topic in zip(
            recurrence.expand(first, group.rule, ZONE, clinic.today), itertools.cycle(group.topics), strict=False
        )
    ]
    db.session.add_all(sessions)
    db.session.flush()
    return sessions


def video_of(room: str) -> str:
    """The address of the video room called `room`."""
    return f"https://video.demo.example/{room}"
