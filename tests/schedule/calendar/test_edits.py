"""A feed over many random changes: it always shows what the portal shows, and each event stays the same event."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import recurring_ical_events
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock, program
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.calendar import feed
from portal.schedule.calendar.appointments import AHEAD, BACK
from portal.schedule.groups import enrollment, tracks
from portal.schedule.models import Session, Track
from tests.schedule.timetable import ZONE

TIMES = [(9, 0), (13, 0), (1, 30), (2, 30), (17, 15)]
RULES = ["FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "FREQ=DAILY;COUNT=30"]
FAR = timedelta(days=1)


class Clinic:
    """Random changes of a schedule by the verbs that pages use; `done` counts those that were taken."""

    def __init__(self, cast: SimpleNamespace, pick: random.Random) -> None:
        self.cast, self.pick, self.done = cast, pick, 0
        self.verbs = [self.move, self.move, self.cancel, self.restore, self.substitute, self.place, self.describe]
        self.verbs += [self.change_track, self.end_track, self.enroll, self.leave, self.plan, self.seat, self.attend]

    def change(self) -> None:
        """One change, or none where the verb refuses it."""
        try:
            self.pick.choice(self.verbs)(clock.now())
        except (ValueError, IntegrityError):  # the second is a seat that somebody has already
            db.session.rollback()
            return
        db.session.commit()
        self.done += 1

    def open(self, now: datetime) -> None:
        track, _ = tracks.open_track(self.cast.kit, self._plan(now), program.current(), now)
        enrollment.enroll(self.cast.kit, track, self.cast.ada, clock.day_of(now, ZONE), None, now)

    def _plan(self, now: datetime, **other) -> tracks.TrackPlan:
        hour, minute = self.pick.choice(TIMES)
        day = clock.day_of(now, ZONE) + timedelta(days=self.pick.randint(1, 20))
        return tracks.TrackPlan(
            **{
                "title": self.pick.choice(["Skills", "Process", "Evening"]),
                "facilitator_id": self.pick.choice([self.cast.cho, self.cast.dee]).id,
                "first_at": datetime(day.year, day.month, day.day, hour, minute),
                "zone": ZONE,
                "minutes": self.pick.choice([45, 60, 180]),
                "rule": self.pick.choice(RULES),
                "room": self.pick.choice(["", "Room 204", "Room; 110, back"]),
            }
            | other
        )

    def some(self, now: datetime, status: str = "planned") -> staff_meetings.StaffMeeting:
        """A session that begins within the next weeks."""
        among = select(Session.key).where(Session.status == status, Session.starts_at > now).order_by(Session.starts_at)
        keys = list(db.session.scalars(among.limit(60)))
        if not keys:
            raise ValueError
        return staff_meetings.called(self.cast.kit, self.pick.choice(keys))

    def track(self) -> Track:
        return self.pick.choice(list(db.session.scalars(select(Track).order_by(Track.id))))

    def move(self, now: datetime) -> None:
        session = self.some(now)
        wall = session.time.local_start.replace(tzinfo=None) + timedelta(
            days=self.pick.randint(-9, 9), minutes=self.pick.choice([-60, 0, 45])
        )
        if wall.replace(tzinfo=UTC) < now + FAR:
            raise ValueError
        sessions.move(self.cast.kit, session, wall, "Moved.", now)

    def cancel(self, now: datetime) -> None:
        sessions.cancel(self.cast.kit, self.some(now), "Cancelled.", now)

    def restore(self, now: datetime) -> None:
        sessions.restore(self.cast.kit, self.some(now, "cancelled"), "Back.", now)

    def substitute(self, now: datetime) -> None:
        sessions.substitute(
            self.cast.kit, self.some(now), self.pick.choice([self.cast.cho, self.cast.dee]), "Away.", now
        )

    def place(self, now: datetime) -> None:
        sessions.place(
            self.cast.kit, self.some(now), self.pick.choice(["Room 9", "Annex, first floor", ""]), "", "Paint.", now
        )

    def describe(self, now: datetime) -> None:
        session = self.some(now)
        db.session.scalar(select(Session).where(Session.key == session.key)).touch(now)

    def change_track(self, now: datetime) -> None:
        tracks.change_track(self.cast.kit, self.track(), self._plan(now), "A new time.", program.current(), now)

    def end_track(self, now: datetime) -> None:
        last = clock.day_of(now, ZONE) + timedelta(days=self.pick.randint(1, 120))
        if db.session.scalar(select(db.func.count()).select_from(Track)) > 3:
            tracks.end_track(self.cast.kit, self.track(), last, "It ends.", now)
        self.open(now)

    def enroll(self, now: datetime) -> None:
        day = clock.day_of(now, ZONE) + timedelta(days=self.pick.randint(-3, 10))
        until = self.pick.choice([None, day + timedelta(days=self.pick.randint(0, 60))])
        enrollment.enroll(
            self.cast.kit, self.track(), self.pick.choice([self.cast.ada, self.cast.ben]), day, until, now
        )

    def leave(self, now: datetime) -> None:
        last = clock.day_of(now, ZONE) + timedelta(days=self.pick.randint(0, 30))
        enrollment.leave(self.cast.kit, self.track(), self.pick.choice([self.cast.ada, self.cast.ben]), last)

    def plan(self, now: datetime) -> None:
        wall = self._plan(now).first_at
        plan = sessions.SessionPlan(
            "one_to_one", "One-to-one", self.cast.cho.id, wall, ZONE, 50, weeks=self.pick.randint(1, 3)
        )
        sessions.plan_session(self.cast.kit, plan, [self.cast.ada], now)

    def seat(self, now: datetime) -> None:
        session = db.session.scalar(select(Session).where(Session.key == self.some(now).key))
        sessions.give_seat(self.cast.kit, session, self.pick.choice([self.cast.ada, self.cast.ben]), now)

    def attend(self, now: datetime) -> None:
        begun = select(Session.key).where(Session.status == "planned", Session.starts_at <= now)
        if key := db.session.scalar(begun.limit(1)):
            session = staff_meetings.called(self.cast.kit, key)
            roster.take_attendance(session, self.cast.ada, "present", None, self.cast.cho, now)


def in_feed(text: str) -> dict[str, tuple]:
    """By UID: (start, end, status, room, sequence), as a program that reads calendars has them."""
    events = recurring_ical_events.of(Calendar.from_ical(text)).between(datetime(2025, 1, 1), datetime(2029, 1, 1))
    found = {}
    for event in events:
        assert event["UID"] not in found, "an event stands there twice"
        start, end = (event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
        found[str(event["UID"])] = (
            start,
            end,
            str(event["STATUS"]),
            str(event.get("LOCATION", "")),
            int(event["SEQUENCE"]),
        )
    return found


def on_the_page(ada) -> dict[str, tuple]:
    now = clock.now()
    return {
        f"{m.key}@localhost": (m.time.start, m.time.end, "CANCELLED" if m.is_cancelled else "CONFIRMED", m.place.room)
        for m in own_meetings.between(ada, now - BACK, now + AHEAD)
        if now - BACK <= m.time.start < now + AHEAD
    }


@pytest.mark.parametrize(("edits", "seed"), [(60, 1), pytest.param(1000, 2, marks=pytest.mark.full)])
def test_the_feed_is_what_the_portal_shows_after_every_change(app, cast, at, edits, seed):
    """After each change the feed has the participant's own sessions, UIDs stay, and SEQUENCE rises with content."""
    pick, known = random.Random(seed), {}
    clinic = Clinic(cast, pick)
    with app.app_context():
        for _ in range(3):
            clinic.open(clock.now())
        token = feed.make(cast.ada, clock.now())
        db.session.commit()
    client = app.test_client()
    while clinic.done < edits:
        at.later(minutes=pick.choice([1, 5, 60, 60 * 24]))
        with app.app_context():
            clinic.change()
            if clinic.done % 4:
                continue
            wanted = on_the_page(cast.ada)
        answer = client.get(f"/calendar/{token}.ics", environ_base={"REMOTE_ADDR": f"10.0.{clinic.done % 250}.1"})
        assert answer.status_code == 200
        events = in_feed(answer.text)
        assert {uid: event[:4] for uid, event in events.items()} == wanted
        for uid, (*content, sequence) in events.items():
            if uid in known:
                before, was = known[uid]
                assert sequence >= was and (content == before or sequence > was), uid
            known[uid] = (content, sequence)
    with app.app_context():
        assert feed.revoke(cast.ada)
        db.session.commit()
    assert client.get(f"/calendar/{token}.ics", environ_base={"REMOTE_ADDR": "10.9.9.9"}).status_code == 404
