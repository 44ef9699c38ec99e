"""The rules of homework against a second implementation: sessions cancelled, moved and split, in any order."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from portal import clock, exercises, homework, library
from portal.db import db, new_key
from portal.exercises import EXERCISES
from portal.homework import Assignment
from portal.homework.models import Homework
from portal.homework.on_brief import STATES, readiness
from portal.library import MATERIALS
from portal.schedule.attendance.roster import PLACES
from portal.schedule.models import Session, Track, TrackEnrollment
from tests.schedule.timetable import ZONE, track

STEPS = 40
WAVES = MATERIALS["waves"]


@dataclass
class Group:
    """One session as the model has it."""

    id: int
    track: int
    day: date
    starts: datetime
    cancelled: bool = False


@dataclass
class Given:
    """One homework as the model has it; `done` and `said` are the instants at which something was done or said."""

    key: str
    kind: str
    slug: str
    times: int
    at: datetime
    session: Group | None
    day: date | None
    weekly: bool
    withdrawn: bool = False
    said: list[tuple[datetime, str]] = field(default_factory=list)


class Story:
    """Ada's homework, told twice: through the portal, and by the plain rules of this class."""

    def __init__(self, cast, at, rng):
        self.cast, self.at, self.rng, self.happened = cast, at, rng, Counter()
        at("2026-03-02T08:00")
        made = track(cast.cho, cast.ada, cast.ben, title="Skills")
        rows = db.session.execute(
            select(Session.id, Session.track_id, Session.local_day, Session.starts_at)
            .where(Session.track_id == made.id, Session.starts_at > at.now)
            .order_by(Session.starts_at)
            .limit(12)
        )
        self.groups = [Group(row.id, row.track_id, row.local_day, row.starts_at) for row in rows]
        later = Session.track_id == made.id, Session.starts_at > self.groups[-1].starts
        db.session.execute(update(Session).where(*later).values(status="cancelled"))
        self.given: list[Given] = []
        self.practiced: list[datetime] = []
        self.drafted = False
        self.read: tuple[int, datetime, datetime | None] | None = None

    def step(self):
        sessions = self.give, self.give, self.cancel, self.restore, self.move, self.split
        step = self.rng.choice(
            (*sessions, self.practice, self.draft, self.read_on, self.say, self.withdraw, self.wait, self.wait)
        )
        self.happened[step.__name__] += bool(step())

    def wait(self):
        self.at.later(hours=self.rng.randint(1, 40))
        return True

    def give(self):
        coming = [one for one in self.groups if one.starts > self.at.now and not one.cancelled]
        how = self.rng.choice(["session", "day", "weekly"])
        due = self.rng.choice(coming[:3]) if how == "session" and coming else None
        today = clock.day_of(self.at.now, ZONE)
        day = None if due else today + timedelta(days=28 if how == "weekly" else self.rng.randint(0, 9))
        kind, slug = self.rng.choice([("exercise", "the-wave"), ("reading", "waves"), ("own", "")])
        times, batch = self.rng.randint(1, 3), new_key()
        weekly = how == "weekly" and not due
        said = Assignment(
            kind, slug, "Call one person" if not slug else "", "", times, due and due.id, day, batch, weekly
        )
        assert homework.give(self.cast.cho, [self.cast.ada], said, self.at.now) == 1
        assert homework.give(self.cast.cho, [self.cast.ada], said, self.at.now) == 0
        key = db.session.scalar(select(Homework.key).where(Homework.batch == batch))
        self.given.append(Given(key, kind, slug, times, self.at.now, due, day, weekly))
        return True

    def _change(self, group, **values):
        db.session.execute(update(Session).where(Session.id == group.id).values(**values))

    def cancel(self):
        group = self.rng.choice(self.groups)
        group.cancelled = True
        self._change(group, status="cancelled")
        return True

    def restore(self):
        group = self.rng.choice(self.groups)
        group.cancelled = False
        self._change(group, status="planned")
        return True

    def move(self):
        group = self.rng.choice(self.groups)
        group.day += timedelta(days=self.rng.choice([-1, 1, 2]))
        wall = datetime.combine(group.day, time(self.rng.randint(8, 20), self.rng.randint(0, 59)))
        group.starts = clock.at_wall(wall, ZONE)
        self._change(group, local_day=group.day, wall_at=wall, starts_at=group.starts)
        return True

    def split(self):
        """The sessions from one on go on as a track of their own, with the same people."""
        first = self.rng.choice(self.groups)
        old = db.session.get(Track, first.track)
        new = Track(**{c.name: getattr(old, c.name) for c in Track.__table__.columns if c.name not in ("id", "key")})
        db.session.add(new)
        db.session.flush()
        for group in self.groups:
            if group.track == first.track and group.starts >= first.starts:
                group.track = new.id
                self._change(group, track_id=new.id)
        people = (self.cast.ada, self.cast.ben)
        db.session.add_all(
            TrackEnrollment(track_id=new.id, participant_id=one.id, starts_on=date(2026, 2, 2)) for one in people
        )
        db.session.flush()
        return True

    def practice(self):
        exercises.finish(self.cast.ada, EXERCISES["the-wave"], new_key(), {"before": 3}, self.at.now)
        self.practiced.append(self.at.now)
        return True

    def draft(self):
        exercises.save_draft(self.cast.ada, EXERCISES["the-wave"], new_key(), {"before": 4}, self.at.now)
        self.drafted = True
        return True

    def read_on(self):
        part = self.rng.randint(1, len(WAVES.parts))
        library.read_part(self.cast.ada, WAVES, part, self.at.now)
        before, changed, finished = self.read or (0, None, None)
        is_last = part == len(WAVES.parts)
        changed = self.at.now if part > before or (is_last and not finished) else changed
        self.read = max(before, part), changed, finished or (self.at.now if is_last else None)
        return True

    def say(self):
        theirs = [one for one in self.given if not one.withdrawn]
        if not theirs:
            return False
        one, what = self.rng.choice(theirs), self.rng.choice(["done", "stuck"])
        self.at.later(minutes=2)
        found = homework.homework_called(self.cast.ada, one.key, self.at.now)
        homework.answer(self.cast.ada, found, what, "", self.at.now)
        one.said.append((self.at.now, what))
        return True

    def withdraw(self):
        theirs = [one for one in self.given if not one.withdrawn]
        if not theirs or self.rng.random() < 0.7:
            return False
        one = self.rng.choice(theirs)
        found = homework.homework_called(self.cast.ada, one.key, self.at.now)
        homework.withdraw(self.cast.cho, self.cast.ada, found, self.at.now)
        one.withdrawn = True
        return True

    # The rules once more.

    def due_session(self, one):
        if one.session is None or not one.session.cancelled:
            return one.session
        after = [g for g in self.groups if g.starts > one.session.starts and not g.cancelled]
        return min(after, key=lambda g: (g.track != one.session.track, g.starts, g.id), default=None)

    def expected(self, one):
        monday = clock.monday_of(clock.day_of(self.at.now, ZONE))
        due, since = self.due_session(one), one.at
        day = due.day if due else one.day
        if one.weekly and one.day >= monday:
            day = min(one.day, monday + timedelta(days=6))
            since = max(since, clock.start_of(monday, ZONE))
        said = [(at, what) for at, what in one.said if at >= since]
        done = sum(what == "done" for _, what in said)
        started = False
        if one.kind == "exercise":
            done += sum(at >= since for at in self.practiced)
            started = self.drafted
        if one.kind == "reading" and self.read:
            done += bool(self.read[2] and self.read[2] >= since)
            started = self.read[1] >= since
        if done >= one.times:
            state = "done"
        elif said and said[-1][1] == "stuck":
            state = "stuck"
        else:
            state = "started" if started or done else "open"
        return day, done, state

    def check(self):
        now, today = self.at.now, clock.day_of(self.at.now, ZONE)
        found = {one.key: one for one in homework.homework_of(self.cast.ada, now)}
        mine = [one for one in self.given if not one.withdrawn]
        assert found.keys() == {one.key for one in mine}
        told = {one.key: self.expected(one) for one in mine}
        assert {key: (one.due_day, one.done, one.state) for key, one in found.items()} == told
        due = [key for key, (day, _, state) in told.items() if state != "done" and (day is None or day >= today)]
        assert {one.key for one in homework.due_now(self.cast.ada, now)} <= set(due)
        assert len(homework.due_now(self.cast.ada, now)) == min(len(due), homework.MOST_DUE)
        order = {"stuck": 0, "started": 1, "open": 2, "done": 3}
        for group in self.rng.sample(self.groups, 3):
            states = [order[self._at_all(one)] for one in mine if self.due_session(one) is group]
            ready = select(readiness(PLACES)).where(PLACES.c.participant_id == self.cast.ada.id)
            assert db.session.scalar(ready, {"session": group.id}) == (min(states) if states else None), STATES

    def _at_all(self, one):
        return self.expected(one)[2]


@pytest.mark.parametrize("histories", [12, pytest.param(500, marks=pytest.mark.full)])
def test_every_state_and_every_day_due_is_what_the_rules_say(app, cast, at, histories):
    happened = Counter()
    for seed in range(histories):
        with app.app_context():
            story = Story(cast, at, Random(seed))
            for _ in range(STEPS):
                story.step()
                db.session.flush()
                story.check()
            happened += story.happened
            db.session.rollback()
    steps = ("give", "cancel", "restore", "move", "split", "practice", "draft", "read_on", "say", "withdraw", "wait")
    assert not [name for name in steps if not happened[name]]
