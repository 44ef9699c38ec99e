"""Random files that are imported one after the other while time goes by: the sessions to come are those of the last."""

import random
from datetime import datetime, timedelta

import pytest

from portal import clock, program
from portal.db import db
from portal.schedule.groups import tracks
from tests.schedule.calendar.importing.files import event, file
from tests.schedule.calendar.importing.test_following import here, take, there

NEW_YORK = ";TZID=America/New_York:"
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
LINK = "LOCATION:https://video.invented.example/1"


@pytest.fixture(autouse=True)
def context(app, cast):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def stamp(name: str, wall: datetime) -> str:
    return f"{name}{NEW_YORK}{wall:%Y%m%dT%H%M%S}"


def series(pick: random.Random, uid: str) -> list[list[str]]:
    """A series of one UID with days off, extra times, an end, and changes of single sessions."""
    days = pick.sample(DAYS[:5], pick.randint(1, 3))
    start = datetime(2026, 3, 2, pick.choice([9, 13, 17, 22])) + timedelta(days=pick.choice([0, 0, 7, 14, 21]))
    start += timedelta(days=next(n for n in range(7) if DAYS[(start.weekday() + n) % 7] in days))
    ends = ["", f";UNTIL={start + timedelta(days=pick.randint(10, 90)):%Y%m%d}", f";COUNT={pick.randint(3, 30)}"]
    rule = f"RRULE:FREQ=WEEKLY;BYDAY={','.join(days)}{pick.choice(['', ';INTERVAL=2'])}{pick.choice(ends)}"
    walls = [wall for n in range(120) if DAYS[(wall := start + timedelta(days=n)).weekday()] in days]
    lines = [stamp("EXDATE", wall) for wall in pick.sample(walls, pick.choice([0, 0, 1, 2]))]
    lines += [stamp("RDATE", pick.choice(walls) + timedelta(hours=pick.choice([-2, 24, 27])))][: pick.choice([0, 0, 1])]
    all_of_it = {"summary": f"SUMMARY:{pick.choice(['Skills', 'Process'])}", "uid": f"UID:{uid}"}
    all_of_it |= {"dtend": f"DURATION:PT{pick.choice([60, 90])}M", "location": pick.choice([None, LINK, "LOCATION:1"])}
    whole = {"dtstart": stamp("DTSTART", start), "rrule": pick.choice([rule] * 9 + [None])} | all_of_it
    if uid != "a" and pick.random() < 0.1:
        whole["status"] = "STATUS:CANCELLED"
    changed = pick.sample(walls, pick.choice([0, 0, 1, 2, 3])) if whole["rrule"] else []
    return [event(*lines, **whole), *(event(**all_of_it | change(pick, wall)) for wall in changed)]


def change(pick: random.Random, wall: datetime) -> dict[str, str | None]:
    """A change of one session, or of it and all later ones."""
    moved = wall + timedelta(days=pick.randint(-8, 8), hours=pick.choice([0, 1]))
    later = f"RECURRENCE-ID;RANGE=THISANDFUTURE{NEW_YORK}{wall:%Y%m%dT%H%M%S}"
    kinds: list[dict[str, str | None]] = [
        {"dtstart": stamp("DTSTART", moved)},
        {"status": "STATUS:CANCELLED"},
        {"dtend": "DURATION:PT3H"},
        {"summary": "SUMMARY:Special"},
        {"location": "LOCATION:Room 77"},
        {"recurrence_id": later, "dtstart": stamp("DTSTART", wall + timedelta(hours=1))},
    ]
    same = {"rrule": None, "recurrence_id": stamp("RECURRENCE-ID", wall), "dtstart": stamp("DTSTART", wall)}
    return same | pick.choice(kinds)


@pytest.mark.parametrize("seed", range(8))
def test_after_any_files_in_turn_the_sessions_to_come_are_those_of_the_last(cast, at, seed):
    """What a file has no more is ended where that is checked; the same file again has nothing to do."""
    pick = random.Random(seed)
    for _ in range(4):
        others = pick.sample(["b", "c"], pick.choice([0, 1, 2]))
        content = file(*(one for uid in ["a", *others] for one in series(pick, uid)))
        done = take(cast, content)
        if done.missing:
            take(cast, content, ended=frozenset(gone.key for gone in done.missing))
        assert here() == there(content)
        again = take(cast, content)
        assert (again.what, again.missing) == ("same", ())
        at.later(days=pick.choice([0, 0, 1, 5, 12]), hours=pick.choice([0, 3, 7]))
        if pick.random() < 0.4:
            tracks.extend(program.current(), clock.now())
            db.session.commit()
