"""Replies and marks that arrive several times, or cross, at the same moment, on whichever database the run uses."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from portal import checkins, clock
from portal.checkins import replies
from portal.db import db
from portal.fields import Refused
from portal.measures import measure_entries
from portal.measures.models import MeasureReview
from tests.caseload.diary import entry, write
from tests.measures.asked import answered

KEY = "20260311-9-1"


def at_once(app, deeds):
    """Do all `deeds` at the same moment, each in a request of its own; how many went through, and what went wrong."""
    ready = threading.Barrier(len(deeds), timeout=60)

    def one(deed):
        with app.app_context():
            ready.wait()
            try:
                deed()
                db.session.commit()
                return "done"
            except Refused as refused:
                db.session.rollback()
                return str(refused)
            except Exception as error:
                db.session.rollback()
                return f"{type(error).__name__}: {error}"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(lambda deed: one(deed), deeds))


@pytest.fixture
def adas(app, cast):
    """Ada's check-in of today."""
    with app.app_context():
        write(cast.ada, entry())
        db.session.commit()
        return checkins.find(cast.ada, KEY)


@pytest.mark.parametrize("reply", ["See you tomorrow.", None])
@pytest.mark.parametrize("run", range(3))
def test_a_reply_or_a_mark_sent_eight_times_at_once_is_one(app, cast, adas, reply, run):
    now = clock.now()
    assert at_once(app, [lambda: checkins.review(cast.cho, cast.ada, adas, reply, now)] * 8) == {"done": 8}
    with app.app_context():
        assert [(r.by, r.reply) for r in checkins.reviews_of(cast.ada, [KEY])] == [("Dr Cho", reply)]


def test_different_replies_at_once_are_all_kept(app, cast, adas):
    now, texts = clock.now(), [f"Reply {number}" for number in range(6)]
    deeds = [lambda text=text: checkins.review(cast.cho, cast.ada, adas, text, now) for text in texts]
    assert at_once(app, deeds) == {"done": 6}
    with app.app_context():
        assert sorted(r.reply for r in checkins.reviews_of(cast.ada, [KEY])) == texts


def test_a_mark_of_a_measure_sent_eight_times_at_once_is_one(app, cast, browser):
    key = answered(browser("ada"), "gad-7").rsplit("/", 1)[1]
    with app.app_context():
        given, now = measure_entries.find(cast.ada, key), clock.now()
    assert at_once(app, [lambda: measure_entries.mark_seen(cast.cho, cast.ada, given, now)] * 8) == {"done": 8}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(MeasureReview)) == 1


SEEN = "Ada has seen this reply, so it stays as it is. You can write another one."


@pytest.mark.parametrize("run", range(4))
@pytest.mark.parametrize("verb", ["correct", "take_back"])
def test_a_reply_is_either_seen_as_it_was_or_changed_before_that(app, cast, adas, verb, run):
    """Rule: what the participant said they saw is what stands, however close the two presses came."""
    now = clock.now()
    with app.app_context():
        checkins.review(cast.cho, cast.ada, adas, "See you tomorrow.", now)
        db.session.commit()
        [reply] = checkins.reviews_of(cast.ada, [KEY])

    def change():
        if verb == "correct":
            replies.correct(cast.cho, cast.ada, reply, "See you on Friday.", now)
        else:
            replies.take_back(cast.cho, cast.ada, reply, now)

    came = at_once(app, [change, lambda: replies.see(cast.ada, reply, 0, now)] * 4)
    with app.app_context():
        [step] = replies.steps_of(reply)
    changed = {"correct": "changed", "take_back": "taken_back"}[verb]
    assert step.kind in (changed, "seen")
    assert came == ({"done": 8} if step.kind == changed else {"done": 4, SEEN: 4})
