"""The life of a set of answers: kept once, changed as a new version, scored once, and flagged by its critical item."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal import flags
from portal.clock import day_of
from portal.db import db
from portal.fields import Refused
from portal.flags import REASONS
from portal.flags.models import Flag, FlagReason
from portal.flags.raising import raise_flag
from portal.flags.safety_answers import safety_answers_in
from portal.measures import INSTRUMENTS, TOTALS, measure_entries, scoring
from portal.measures.models import MeasureEntry
from portal.measures.on_caseload import recent_measures
from tests.conftest import ZONE
from tests.on_record import told

PHQ, GAD = INSTRUMENTS["phq-9"], INSTRUMENTS["gad-7"]
KEY = "k" * 22
TODAY = date(2026, 3, 11)
ONES = {item.id: 1 for item in PHQ.items} | {"phq9_9": 0}


@pytest.fixture
def context(app, cast):
    with app.app_context():
        yield


def rows():
    return db.session.scalars(select(MeasureEntry).order_by(MeasureEntry.key, MeasureEntry.version)).all()


def test_answers_are_kept_with_what_they_come_to_and_how_they_were_asked(cast, context, at):
    entry = measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.now, 41)
    [row] = rows()
    assert (row.total, row.band, row.prorated, row.seconds_taken) == (8, "Mild (5 to 9)", False, 41)
    assert (row.instrument_version, row.language, row.mode) == ("1", "en", "self")
    assert (row.for_day.isoformat(), row.zone, row.entered_by_id) == ("2026-03-11", "America/New_York", cast.ada.id)
    assert entry.score() == scoring.score(PHQ, ONES)


def test_what_was_left_out_is_not_kept_as_a_zero(cast, context, at):
    entry = measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_1": None}, KEY, at.now)
    assert "phq9_1" not in entry.answers
    assert (entry.total, entry.prorated) == (8, True)  # 7 of 8 answered, times 9 eighths, rounded half up
    assert entry.answers["phq9_9"] == 0


def test_the_same_form_again_is_a_replay_and_other_answers_a_new_version_of_the_same_day(app, cast, context, at):
    first = measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.now)
    assert measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.later(minutes=1)) == first
    at("2026-03-12T00:10")
    second = measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_1": 3}, KEY, at.now)
    assert (second.version, second.total, second.for_day) == (2, 10, first.for_day)
    assert [(row.version, row.total) for row in rows()] == [(1, 8), (2, 10)]
    assert measure_entries.history(cast.ada) == [second]
    db.session.commit()
    assert [what for what, *_ in told(app, "measure.keep", "measure.change")] == ["measure.keep", "measure.change"]


def test_answers_of_a_day_that_is_over_stay_as_they_are_and_the_same_ones_are_still_a_replay(cast, context, at):
    """Rule: the verb refuses what its page no longer offers. A form that was open at midnight has the next day."""
    measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.now)
    kept = measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_1": 3}, KEY, at("2026-03-12T23:59"))
    with pytest.raises(Refused, match="can no longer be changed"):
        measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_1": 2}, KEY, at("2026-03-13T00:00"))
    assert measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_1": 3}, KEY, at.now) == kept
    assert measure_entries.history(cast.ada) == [kept]


def test_a_key_belongs_to_one_person_and_one_measure(cast, context, at):
    measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.now)
    measure_entries.keep(cast.ben, PHQ, ONES, KEY, at.now)
    assert len(rows()) == 2
    with pytest.raises(NotFound):
        measure_entries.keep(cast.ada, GAD, {"gad7_1": 1}, KEY, at.now)
    with pytest.raises(NotFound):
        measure_entries.find(cast.cleo, KEY)


@pytest.mark.parametrize("wrong", [{"phq9_1": 4}, {"phq9_1": -1}, {"phq9_10": 1}, {"phq9_1": True}, {"phq9_1": "1"}])
def test_what_is_no_answer_is_not_kept(cast, context, at, wrong):
    with pytest.raises(ValueError):
        measure_entries.keep(cast.ada, PHQ, ONES | wrong, KEY, at.now)
    assert rows() == []


@pytest.mark.asvs("2.3.4", "15.4.2")
def test_the_same_form_from_two_devices_at_once_is_kept_once_with_one_flag(app, cast, at):
    together, now = Barrier(4), at.now

    def send():
        with app.app_context():
            together.wait(10)
            measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_9": 2}, KEY, now)
            db.session.commit()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert [row.version for row in rows()] == [1]
        assert db.session.scalar(select(func.count()).select_from(Flag)) == 1
        assert db.session.scalar(select(func.count()).select_from(FlagReason)) == 1


@pytest.mark.parametrize(("answer", "tier"), [(1, "same_day"), (2, "urgent"), (3, "urgent")])
def test_question_9_raises_a_flag_of_its_tier_that_names_the_measure(cast, context, at, answer, tier):
    measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_9": answer}, KEY, at.now)
    flag = flags.open_flags([cast.ada.id])[cast.ada.id]
    assert flag.tier == tier
    [reason] = flag.reasons
    assert (reason.code, reason.measure_key, reason.check_in_key) == (f"item9_{answer}", KEY, None)
    assert reason.words.startswith("Answered “" + PHQ.by_id["phq9_9"].answers[answer].words.lower())


def test_every_answer_of_every_critical_item_has_a_reason_of_its_tier():
    """Rule: a file whose critical item asks for a flag that nobody has words for would raise none."""
    for instrument in INSTRUMENTS.values():
        if instrument.critical:
            for tier in ("same_day", "urgent"):
                for value in getattr(instrument.critical, tier):
                    assert REASONS[f"item9_{value}"][0] == tier


def test_none_of_it_raises_no_flag_and_a_replay_raises_none_again(cast, context, at):
    measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.now)
    assert flags.open_flags([cast.ada.id]) == {}
    for _ in range(2):
        measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_9": 1}, KEY, at.later(minutes=1))
    assert len(flags.open_flags([cast.ada.id])[cast.ada.id].reasons) == 1


def test_a_change_to_a_graver_answer_raises_the_tier_and_taking_it_back_leaves_the_flag(cast, context, at):
    for answer, tier in ((1, "same_day"), (3, "urgent"), (0, "urgent")):
        measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_9": answer}, KEY, at.later(minutes=1))
        assert flags.open_flags([cast.ada.id])[cast.ada.id].tier == tier


def test_an_answer_above_none_joins_the_flag_of_a_check_in(cast, context, at):
    raise_flag(cast.ada, "yes_safe", "c" * 22, at.now)
    measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_9": 2}, KEY, at.now)
    flag = flags.open_flags([cast.ada.id])[cast.ada.id]
    assert [reason.code for reason in flag.reasons] == ["yes_safe", "item9_2"]
    assert safety_answers_in(cast.ada, measure_key=KEY).codes(at.now) == ["item9_2"]
    assert safety_answers_in(cast.ada, "c" * 22).codes(at.now) == ["yes_safe"]


def test_question_9_left_out_makes_no_total_and_no_flag_and_waits_until_it_was_read(cast, context, at):
    measure_entries.keep(cast.ada, PHQ, ONES | {"phq9_9": None}, KEY, at.now)
    [entry], _ = measure_entries.every_version(cast.ada)
    assert (entry.total, entry.critical, entry.waits) == (None, "not answered", True)
    assert "never filled in" in entry.score().why_none
    assert flags.open_flags([cast.ada.id]) == {}
    at.later(minutes=5)
    measure_entries.mark_seen(cast.cho, cast.ada, entry, at.now)
    db.session.commit()
    assert not measure_entries.every_version(cast.ada)[0][0].waits
    at.later(minutes=5)
    measure_entries.keep(cast.ada, PHQ, {"phq9_1": 2}, KEY, at.now)
    assert recent_measures([cast.ada.id], entry.for_day)[cast.ada.id][0].waits, "a change is to be read again"


def test_a_therapist_enters_totals_of_what_is_not_here_and_of_nothing_else(app, cast, context, at):
    for _ in range(2):
        entry = measure_entries.enter_total(cast.cho, cast.ada, "y-bocs", 24, TODAY, at.now, KEY)
    [row] = rows()
    assert (row.mode, row.total, row.entered_by_id, row.answers) == ("clinician", 24, cast.cho.id, {})
    assert (entry.instrument, entry.critical, entry.score().total) == (None, "", 24)
    for name, total in (("y-bocs", 41), ("y-bocs", -1), ("phq-9", 3), ("nothing", 1)):
        with pytest.raises(ValueError):
            measure_entries.enter_total(cast.cho, cast.ada, name, total, TODAY, at.now)
    with pytest.raises(ValueError):
        measure_entries.enter_total(cast.cho, cast.ada, "y-bocs", 24, date(2026, 3, 12), at.now)
    assert {"y-bocs", "oci-r"} <= set(TOTALS)


def test_a_score_is_never_reckoned_again(cast, context, at):
    """Rule: what was kept stands, also when the file of the instrument has changed since."""
    measure_entries.keep(cast.ada, PHQ, ONES, KEY, at.now)
    [row] = rows()
    row.instrument_version, row.total, row.band = "0", 21, "Severe (20 to 27)"
    db.session.flush()
    score = measure_entries.history(cast.ada)[0].score()
    assert (score.total, score.band.name) == (21, "Severe (20 to 27)")


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["a" * 22, "b" * 22]),
        st.dictionaries(
            st.sampled_from([item.id for item in PHQ.items]), st.sampled_from([None, 0, 1, 2, 3]), min_size=1
        ),
        st.integers(0, 40),
    ),
    max_size=8,
)


@given(ACTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_in_whatever_order_nothing_is_overwritten(cast, context, at, acts):
    """Rule: versions count up from 1, each row stays as it was made, two in a row differ, and a day has one measure."""
    db.session.rollback()
    made, taken = {}, []
    for key, answers, hours in acts:
        try:
            entry = measure_entries.keep(cast.ada, PHQ, answers, key, at.later(hours=hours))
        except Refused:
            assert next(row.for_day for row in rows() if row.key == key) < day_of(at.now, ZONE) - timedelta(days=1)
            continue
        taken.append(answers)
        made.setdefault((entry.key, entry.version), (entry.answers, entry.total))
        assert entry.answers == {item: value for item, value in answers.items() if value is not None}
        assert entry.total == scoring.score(PHQ, answers).total
    assert {(row.key, row.version): (row.answers, row.total) for row in rows()} == made
    first = [row.for_day for row in rows() if row.version == 1]
    assert len(first) == len({*first}), "one a day"
    for key, version in made:
        assert version == 1 or made[key, version - 1] != made[key, version]
    positive = any((answers.get("phq9_9") or 0) > 0 for answers in taken)
    assert bool(flags.open_flags([cast.ada.id])) is positive
    db.session.rollback()
