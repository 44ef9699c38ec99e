"""When something is due: by program and person, on the person's own days, never twice and never before they came."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from portal import clock, program
from portal.db import db
from portal.episodes.models import Episode
from portal.measures import INSTRUMENTS, due, measure_entries, measure_schedules
from portal.measures.due import DueFacts
from portal.measures.models import EVERY
from portal.program.models import Program
from tests.schedule.timetable import session

NEW_YORK = "America/New_York"
BEGAN = date(2026, 2, 2)


def asks(*, asks_safety=True, **every):
    measures = {slug.replace("_", "-"): how for slug, how in every.items()}
    return SimpleNamespace(turned_on=frozenset(), measures=measures, asks_safety=asks_safety)


def noon(day, zone=NEW_YORK):
    return clock.at_wall(datetime.combine(day, datetime.min.time()) + timedelta(hours=12), zone)


def due_on(day, facts, program, zone=NEW_YORK):
    return [(one.instrument.slug, one.since) for one in due.reckon(facts, program, zone, noon(day, zone))]


def test_every_rhythm_has_a_rule():
    assert {*due.DAYS, "once", "one_to_one", "never"} == set(EVERY)


@pytest.mark.parametrize(("every", "days"), [("weekly", 7), ("two_weeks", 14), ("monthly", 28)])
def test_it_is_due_from_the_first_day_and_again_so_many_days_after_an_answer(every, days):
    asked, answered = asks(phq_9=every), date(2026, 2, 10)
    assert due_on(BEGAN - timedelta(days=1), DueFacts(BEGAN), asked) == []
    assert due_on(BEGAN, DueFacts(BEGAN), asked) == [("phq-9", BEGAN)]
    assert due_on(answered, DueFacts(BEGAN), asked) == [("phq-9", BEGAN)], "until it is answered, however late"
    facts = DueFacts(BEGAN, answered={"phq-9": noon(answered)})
    assert due_on(answered, facts, asked) == []
    assert due_on(answered + timedelta(days=days - 1), facts, asked) == []
    again = answered + timedelta(days=days)
    assert due_on(again, facts, asked) == [("phq-9", again)]
    assert due_on(again + timedelta(days=5), facts, asked) == [("phq-9", again)]


def test_once_is_once_and_again_only_if_it_is_chosen_anew():
    asked = asks(pcl_5="once")
    assert due_on(BEGAN, DueFacts(BEGAN), asked) == [("pcl-5", BEGAN)]
    answered = DueFacts(BEGAN, answered={"pcl-5": noon(date(2026, 2, 3))})
    assert due_on(date(2026, 6, 1), answered, asked) == []
    answered.chosen["pcl-5"] = "once", noon(date(2026, 3, 1))
    assert due_on(date(2026, 3, 2), answered, asked) == [("pcl-5", date(2026, 3, 1))]


def test_before_a_one_to_one_it_is_due_three_days_ahead_and_not_again_for_the_same_one():
    asked, first, second = asks(gad_7="one_to_one"), date(2026, 3, 10), date(2026, 3, 17)
    facts = DueFacts(BEGAN, one_to_ones=[noon(second) + timedelta(hours=3), noon(first) + timedelta(hours=3)])
    opens = date(2026, 3, 7)
    assert due_on(date(2026, 3, 6), facts, asked) == []
    assert due_on(opens, facts, asked) == due_on(first, facts, asked) == [("gad-7", opens)]
    assert due_on(first + timedelta(days=1), facts, asked) == [], "it is over, and the next is far"
    facts.answered["gad-7"] = noon(date(2026, 3, 8))
    assert due_on(first, facts, asked) == []
    assert due_on(date(2026, 3, 14), facts, asked) == [("gad-7", date(2026, 3, 14))]


def test_what_the_therapist_chose_goes_before_what_the_program_says():
    asked = asks(phq_9="two_weeks", gad_7="two_weeks")
    facts = DueFacts(BEGAN, chosen={"gad-7": ("never", noon(BEGAN)), "pcl-5": ("monthly", noon(date(2026, 3, 1)))})
    assert due_on(date(2026, 2, 20), facts, asked) == [("phq-9", BEGAN)]
    assert due_on(date(2026, 3, 1), facts, asked) == [("phq-9", BEGAN), ("pcl-5", date(2026, 3, 1))]


def test_where_safety_is_not_asked_the_phq_8_is_due_whenever_the_phq_9_would_be():
    off, answered = asks(asks_safety=False, phq_9="two_weeks"), date(2026, 2, 10)
    assert due_on(BEGAN, DueFacts(BEGAN), off) == [("phq-8", BEGAN)]
    again = answered + timedelta(days=14)
    for slug in ("phq-8", "phq-9"):
        facts = DueFacts(BEGAN, answered={slug: noon(answered)})
        assert due_on(again - timedelta(days=1), facts, off) == []
        assert due_on(again, facts, off) == [("phq-8", again)]
    chosen = DueFacts(BEGAN, chosen={"phq-9": ("never", noon(BEGAN))})
    assert due_on(BEGAN, chosen, off) == [], "their therapist chose so"
    own = DueFacts(BEGAN, chosen={"phq-8": ("weekly", noon(BEGAN)), "phq-9": ("never", noon(BEGAN))})
    assert due_on(BEGAN, own, off) == [("phq-8", BEGAN)], "what is chosen for itself goes first"


def test_where_safety_is_asked_the_phq_9_never_brings_the_phq_8_with_it():
    assert due_on(BEGAN, DueFacts(BEGAN), asks(phq_9="two_weeks")) == [("phq-9", BEGAN)]


@pytest.mark.parametrize("slug", ["bam", "bam-7", "barc-10", "audit-c", "who-5"])
def test_what_may_not_be_served_is_never_due(slug):
    assert due_on(BEGAN, DueFacts(BEGAN, chosen={slug: ("weekly", noon(BEGAN))}), asks()) == []


def test_who_is_not_in_the_program_is_asked_nothing():
    assert due_on(BEGAN, DueFacts(), asks(phq_9="weekly")) == []


@pytest.mark.parametrize(
    ("zone", "answered", "still", "again"),
    [
        # the spring Sunday has 23 hours, the autumn one 25: a week is seven days on the clock there
        (NEW_YORK, "2026-03-01T23:30-05:00", "2026-03-07T23:59-05:00", "2026-03-08T00:00-05:00"),
        (NEW_YORK, "2026-03-08T00:30-05:00", "2026-03-14T23:59-04:00", "2026-03-15T00:00-04:00"),
        (NEW_YORK, "2026-10-25T01:30-04:00", "2026-10-31T23:59-04:00", "2026-11-01T00:00-04:00"),
        (NEW_YORK, "2026-11-01T00:10-04:00", "2026-11-07T23:59-05:00", "2026-11-08T00:00-05:00"),
        ("Pacific/Honolulu", "2026-03-01T23:30-10:00", "2026-03-07T23:59-10:00", "2026-03-08T00:00-10:00"),
        ("Pacific/Kiritimati", "2026-03-01T00:30+14:00", "2026-03-07T23:59+14:00", "2026-03-08T00:00+14:00"),
    ],
)
def test_a_day_begins_at_midnight_where_the_person_is(zone, answered, still, again):
    facts = DueFacts(BEGAN, answered={"phq-9": datetime.fromisoformat(answered)})
    asked = asks(phq_9="weekly")
    assert due.reckon(facts, asked, zone, datetime.fromisoformat(still)) == []
    assert [one.instrument.slug for one in due.reckon(facts, asked, zone, datetime.fromisoformat(again))] == ["phq-9"]


@given(
    st.sampled_from(sorted(due.DAYS)),
    st.sampled_from([NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.lists(st.integers(1, 24 * 20), max_size=12),
)
def test_whoever_answers_whenever_it_is_due_is_never_asked_twice(every, zone, waits):
    """Rule: after an answer nothing is due for the whole rhythm, and after that it is."""
    asked, now, facts = asks(phq_9=every), datetime(2026, 2, 3, 12, tzinfo=UTC), DueFacts(BEGAN)
    for hours in waits:
        if due.reckon(facts, asked, zone, now):
            facts.answered["phq-9"] = now
            assert due.reckon(facts, asked, zone, now) == []
        last, now = facts.answered.get("phq-9"), now + timedelta(hours=hours)
        days = (clock.day_of(now, zone) - clock.day_of(last, zone)).days if last else None
        assert bool(due.reckon(facts, asked, zone, now)) is (days is None or days >= due.DAYS[every])


def test_the_facts_are_read_for_one_as_for_many(app, cast, at):
    with app.app_context():
        db.session.execute(update(Program).values(measures={"phq-9": "two_weeks"}))
        session("one_to_one", "2026-03-13T11:00", 50, cast.cho, cast.ada)
        for every in ("weekly", "one_to_one"):
            measure_schedules.choose(cast.cho, cast.ada, "gad-7", every, at.now)
            db.session.flush()
        measure_entries.keep(cast.ben, INSTRUMENTS["phq-9"], {"phq9_1": 1}, "k" * 22, at.now)
        db.session.execute(update(Episode).where(Episode.participant_id == cast.cleo.id).values(status="finished"))
        db.session.flush()
        facts, current = due.facts_of([cast.ada.id, cast.ben.id, cast.cleo.id], at.now), program.current()
        assert facts[cast.ada.id].chosen["gad-7"] == ("one_to_one", at.now)
        assert [one.instrument.slug for one in due.due(cast.ada, current, at.now)] == ["phq-9", "gad-7"]
        assert due.due(cast.ben, current, at.now) == due.due(cast.cleo, current, at.now) == []
        assert facts[cast.ben.id].answered == {"phq-9": at.now}
        changed = measure_entries.keep(cast.ben, INSTRUMENTS["phq-9"], {"phq9_1": 2}, "k" * 22, at.later(days=1))
        assert changed.version == 2
        assert due.facts_of([cast.ben.id], at.now)[cast.ben.id].answered["phq-9"] < at.now, (
            "the day is that of the first"
        )
