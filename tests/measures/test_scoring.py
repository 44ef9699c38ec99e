"""Scores: against published examples, against a second way of reckoning, at every edge, with every gap."""

import random
from fractions import Fraction
from itertools import combinations_with_replacement, product

import pytest

from portal.measures import INSTRUMENTS
from portal.measures.scoring import score
from tests.measures import reckoning

PHQ_9, GAD_7, WHO_5, PCL_5 = (INSTRUMENTS[slug] for slug in ("phq-9", "gad-7", "who-5", "pcl-5"))
BAM_7 = INSTRUMENTS["bam-7"]
# The quickest draw of answers that is the same everywhere: a fixed seed for each test.
SAMPLE = 20_000


def named(instrument, column):
    """A column of values as answers to the scored items, in their order."""
    return dict(zip([item.id for item in instrument.scored], column, strict=True))


def scored(instrument, column):
    return score(instrument, named(instrument, column))


def agrees_on_phq_9(column):
    ours = scored(PHQ_9, column)
    assert (ours.total, ours.prorated, ours.critical) == reckoning.phq_9(column), column
    if ours.total is not None:
        assert ours.band.name.startswith(reckoning.band(reckoning.PHQ_9, ours.total) + " ("), column


def test_a_published_example_of_the_phq_9_comes_to_what_it_says():
    """HL7 Personal Health Records, QuestionnaireResponse and Observation "PHQ-9 Scored Assessment Example": several
    days for sleep, energy and appetite, nothing else; 3, minimal. https://github.com/HL7/personal-health-record-format-ig
    """
    ours = scored(PHQ_9, (0, 0, 1, 1, 1, 0, 0, 0, 0))
    assert (ours.total, ours.band.name) == (3, "Minimal (0 to 4)")


@pytest.mark.parametrize(
    ("slug", "raw", "total"),
    [("who-5", 0, 0), ("who-5", 25, 100), ("who-5", 12, 48), ("who-5", 13, 52)],
)
def test_the_who_5_is_the_sum_times_four(slug, raw, total):
    """0 and 25 of 25 are 0 and 100 (inspq.qc.ca, information sheet 14); below 13 is below the cut-off
    (help.valant.com/who-five-well-being-index-who-5)."""
    column = [min(5, max(0, raw - 5 * place)) for place in range(5)]
    ours = scored(INSTRUMENTS[slug], column)
    assert (ours.total, ours.band.lowest) == (total, 0 if raw < 13 else 51)


def test_the_audit_c_of_the_us_core_example_is_0():
    """Never, 1 or 2, never: 0. https://hl7.org/fhir/us/core/STU7/QuestionnaireResponse-AUDIT-C.html"""
    assert scored(INSTRUMENTS["audit-c"], (0, 0, 0)).total == 0


def test_who_never_drinks_is_asked_no_more_and_has_a_total_of_0():
    """WHO's interview version goes on to question 9 after "Never"."""
    audit_c = INSTRUMENTS["audit-c"]
    ours = score(audit_c, {"auditc_1": 0})
    assert (ours.total, ours.answered, ours.of, ours.band.lowest) == (0, 1, 1, 0)
    assert score(audit_c, {"auditc_1": 1}).total is None, "the others were asked and left out"
    assert scored(audit_c, (1, 0, 0)).total == 1 and scored(audit_c, (4, 4, 4)).total == 12


# Vectors of our own: answers, and what they come to by a sum on paper.
VECTORS = [
    ("phq-9", (2, 1, 3, 0, 2, 1, 1, 0, 0), 10, "Moderate (10 to 14)"),
    ("phq-9", (3, 3, 3, 3, 3, 3, 2, 0, 0), 20, "Severe (20 to 27)"),
    ("phq-8", (2, 1, 3, 0, 2, 1, 1, 0), 10, "Moderate (10 to 14)"),
    ("phq-8", (3, 3, 3, 3, 3, 3, 1, 0), 19, "Moderately severe (15 to 19)"),
    ("phq-8", (3, 3, 3, 3, 3, 3, 2, 0), 20, "Severe (20 to 24)"),
    ("phq-8", (1, 1, 1, 1, 0, 0, 0, 0), 4, "None to minimal (0 to 4)"),
    ("phq-8", (1, 1, 1, 1, 1, 0, 0, 0), 5, "Mild (5 to 9)"),
    ("phq-2", (2, 1), 3, "At or above the cut-off (3 to 6): ask the PHQ-9"),
    ("gad-7", (1, 2, 3, 2, 1, 0, 1), 10, "Moderate (10 to 14)"),
    ("gad-2", (1, 1), 2, "Below the cut-off (0 to 2)"),
    (
        "pcl-5",
        (1, 2, 0, 3, 1, 2, 2, 1, 3, 2, 1, 2, 1, 1, 2, 0, 3, 2, 1, 1),
        31,
        "In the suggested cut-off range (31 to 33)",
    ),
    ("who-5", (3, 2, 2, 3, 3), 52, "Above the cut-off (52 to 100)"),
    ("who-5", (3, 2, 2, 3, 2), 48, "At or below the cut-off (0 to 50): look further"),
    ("audit-c", (3, 1, 0), 4, "At the cut-off for men (4)"),
    ("audit-c", (2, 1, 0), 3, "At the cut-off for women (3)"),
    ("barc-10", (1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 10, "Below the cut-off (10 to 46)"),
    ("barc-10", (5, 4, 5, 4, 5, 5, 5, 5, 4, 4), 46, "Below the cut-off (10 to 46)"),
    ("barc-10", (5, 4, 5, 4, 5, 5, 5, 5, 5, 4), 47, "At or above the cut-off for sustained remission (47 to 60)"),
    ("barc-10", (6, 6, 6, 6, 6, 6, 6, 6, 6, 6), 60, "At or above the cut-off for sustained remission (47 to 60)"),
]


@pytest.mark.parametrize(("slug", "column", "total", "band"), VECTORS)
def test_each_vector_comes_to_what_it_does_on_paper(slug, column, total, band):
    ours = scored(INSTRUMENTS[slug], column)
    assert (ours.total, ours.band.name) == (total, band)


def test_every_instrument_that_is_verified_has_a_vector():
    assert {slug for slug, *_ in VECTORS} == {slug for slug, one in INSTRUMENTS.items() if one.verified}


def test_every_way_of_answering_the_phq_9_agrees_with_the_second_reckoning():
    """Every multiset of nine answers, each once in an order of its own: no total, band or tier is left out."""
    draw = random.Random(9)
    for answers in combinations_with_replacement(range(4), 9):
        column = list(answers)
        draw.shuffle(column)
        agrees_on_phq_9(column)
    for _ in range(SAMPLE):
        agrees_on_phq_9(draw.choices(range(4), k=9))


@pytest.mark.full
def test_all_262144_ways_of_answering_the_phq_9_agree_with_the_second_reckoning():
    for column in product(range(4), repeat=9):
        agrees_on_phq_9(column)


def test_all_16384_ways_of_answering_the_gad_7_agree_with_the_second_reckoning():
    for column in product(range(4), repeat=7):
        ours = scored(GAD_7, column)
        assert ours.total == reckoning.gad_7(column)
        assert ours.band.name.startswith(reckoning.band(reckoning.GAD_7, ours.total) + " (")


def test_every_pattern_of_gaps_in_the_phq_9_agrees_with_the_second_reckoning():
    """All 512, with fixed answers and with drawn ones."""
    draw = random.Random(512)
    for gaps in product((False, True), repeat=9):
        for column in ((3, 0, 2, 1, 3, 2, 0, 1, 2), [draw.randrange(4) for _ in range(9)], [1] * 9, [3] * 9):
            agrees_on_phq_9([None if gap else value for gap, value in zip(gaps, column, strict=True)])


def test_without_item_9_there_is_never_a_total():
    """Whatever the others are."""
    draw = random.Random(99)
    for _ in range(SAMPLE // 4):
        column = [*draw.choices(range(4), k=8), None]
        ours = scored(PHQ_9, column)
        assert (ours.total, ours.band, ours.prorated, ours.critical) == (None, None, False, "not answered")
        assert "Question 9 was not answered" in ours.why_none


def test_item_9_sets_the_tier_even_where_there_is_no_total():
    for value, tier in ((0, ""), (1, "same_day"), (2, "urgent"), (3, "urgent")):
        ours = score(PHQ_9, {"phq9_9": value})
        assert (ours.total, ours.critical, ours.answered, ours.of) == (None, tier, 1, 9)
    assert score(PHQ_9, {}).critical == "not answered"


@pytest.mark.parametrize(
    ("column", "total"),
    [
        ((1, 1, 1, 1, 0, 0, 0, None, 0), 5),  # 4 of 8: 4.5 exactly, upward
        ((1, 1, 1, 1, 1, 1, 1, None, 1), 9),  # 8 of 8: 9
        ((3, 3, 3, 3, 0, 0, 0, None, 0), 14),  # 12 of 8: 13.5 exactly, upward
        ((1, 0, 0, 0, 0, 0, 0, None, 0), 1),  # 1.125
        ((1, 1, 0, 0, 0, 0, None, None, 0), 3),  # 2 of 7: 2.571
        ((3, 3, 3, 3, 3, 3, None, None, 3), 27),
    ],
)
def test_a_prorated_total_is_rounded_half_up(column, total):
    ours = scored(PHQ_9, column)
    assert (ours.total, ours.prorated) == (total, True)
    given = [value for value in column if value is not None]
    assert abs(Fraction(sum(given) * 9, len(given)) - total) <= Fraction(1, 2)


def test_one_more_gap_than_allowed_leaves_no_total():
    ours = scored(PHQ_9, (1, 1, 1, 1, 1, None, None, None, 1))
    assert (ours.total, ours.answered, ours.of) == (None, 6, 9)
    assert ours.why_none == "3 of 9 questions were not answered, and at most 2 may be missing."


@pytest.mark.parametrize("slug", ["gad-7", "gad-2", "phq-2", "phq-8", "who-5", "audit-c", "barc-10", "pcl-5"])
def test_where_no_source_lets_an_item_be_missing_there_is_no_total_with_one_missing(slug):
    instrument = INSTRUMENTS[slug]
    full = [max(item.values) for item in instrument.scored]
    for place in range(len(full)):
        ours = scored(instrument, [*full[:place], None, *full[place + 1 :]])
        assert (ours.total, ours.band) == (None, None)
        assert "a total needs all of them" in ours.why_none


@pytest.mark.parametrize("slug", [slug for slug, one in INSTRUMENTS.items() if one.bands])
def test_every_total_lies_in_one_band_and_each_band_begins_and_ends_where_it_says(slug):
    """The lowest and highest total of every band are reached, by answers that are filled from the front."""
    instrument = INSTRUMENTS[slug]
    times = 4 if slug == "who-5" else 1
    found, lowest = {}, sum(min(item.values) for item in instrument.scored)
    for raw in range(lowest, sum(max(item.values) for item in instrument.scored) + 1):
        column, rest = [], raw - lowest
        for item in instrument.scored:
            more = min(max(item.values) - min(item.values), rest)
            column.append(min(item.values) + more)
            rest -= more
        ours = scored(instrument, column)
        assert ours.total == raw * times
        assert ours.band in instrument.bands
        found.setdefault(ours.band, []).append(ours.total)
    for band in instrument.bands:
        assert min(found[band]) - band.lowest < times
        assert band.highest - max(found[band]) < times


def test_the_unscored_question_changes_nothing():
    for instrument, column, item in (
        (PHQ_9, (1, 2, 3, 0, 1, 2, 3, 0, 1), "phq9_difficulty"),
        (GAD_7, (1, 2, 3, 0, 1, 2, 3), "gad7_difficulty"),
    ):
        answers = named(instrument, column)
        for value in (None, 0, 3):
            assert score(instrument, answers | {item: value}) == score(instrument, answers)


def test_the_clusters_of_the_pcl_5_are_their_items_and_make_up_the_total():
    """B 1 to 5, C 6 and 7, D 8 to 14, E 15 to 20; at most 20, 8, 28 and 24
    (betterworldhealthcare.com/assessments/ptsd-checklist-5-pcl-5)."""
    assert [part.total for part in scored(PCL_5, [4] * 20).parts] == [20, 8, 28, 24]
    draw = random.Random(5)
    for _ in range(500):
        column = draw.choices(range(5), k=20)
        ours = scored(PCL_5, column)
        clusters = [sum(column[:5]), sum(column[5:7]), sum(column[7:14]), sum(column[14:])]
        assert [part.total for part in ours.parts] == clusters
        assert ours.total == sum(clusters)


def test_a_cluster_with_an_item_missing_has_no_sum_and_the_others_have():
    ours = scored(PCL_5, [1, 1, 1, 1, 1, None, 1, *[1] * 13])
    assert [part.total for part in ours.parts] == [5, None, 7, 6]
    assert ours.total is None


def bam(**values):
    """BAM-IOP with every scored item at 0, but for `values`."""
    return {item.id: 0 for item in BAM_7.scored} | {f"bam7_{name[1:]}": value for name, value in values.items()}


def test_the_parts_of_the_bam_are_sums_of_their_items_and_there_is_no_total():
    """Use 4, 5, 6; Risk 1, 2, 3, 8, 11, 15; Protective 9, 10, 12, 13, 14, 16
    (flutter.super.site/dc7fb3e885354298a8707c7cb8f0835f)."""
    parts = [("4", "5", "6"), ("1", "2", "3", "8", "11", "15"), ("9", "10", "12", "13", "14", "16")]
    for place, names in enumerate(parts):
        for name in names:
            value = 4 if name == "14" else 2
            found = score(BAM_7, bam(**{f"q{name}": value})).parts
            assert [part.total for part in found] == [value * (one == place) for one in range(3)], name
    ours = score(BAM_7, {item.id: max(item.values) for item in BAM_7.scored})
    assert [part.total for part in ours.parts] == [12, 24, 24]
    assert (ours.total, ours.band) == (None, None)
    assert ours.why_none == "It has no total. Each part has its own."


@pytest.mark.parametrize(
    ("answers", "part", "looks_closer"),
    [
        ({}, 0, False),
        ({"q4": 1}, 0, True),
        ({"q1": 4, "q2": 4, "q3": 3}, 1, False),
        ({"q1": 4, "q2": 4, "q3": 4}, 1, True),
        ({"q9": 4, "q10": 4, "q12": 4}, 2, True),
        ({"q9": 4, "q10": 4, "q12": 4, "q13": 1}, 2, False),
    ],
)
def test_the_bam_asks_for_a_closer_look_at_use_above_0_risk_above_11_and_protection_below_13(
    answers, part, looks_closer
):
    """VA's guide for interpreting BAM-IOP scores, in patch YS*5.01*202."""
    found = score(BAM_7, bam(**answers)).parts[part]
    assert ("look closer" in found.band.name) == looks_closer


def test_a_question_that_was_passed_over_counts_0_and_is_not_missing():
    """Item 5 of the BAM is asked only after some alcohol in item 4."""
    without = {name: value for name, value in bam(q6=3).items() if name != "bam7_5"}
    ours = score(BAM_7, without)
    assert (ours.parts[0].total, ours.answered, ours.of) == (3, 14, 14)
    left_out = score(BAM_7, without | {"bam7_4": 2})
    assert (left_out.parts[0].total, left_out.answered, left_out.of) == (None, 14, 15)
    unknown = score(BAM_7, without | {"bam7_4": None})
    assert unknown.parts[0].total is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"phq9_10": 1}, "has no item 'phq9_10'"),
        ({"phq9_1": 4}, "4 is no answer to phq9_1"),
        ({"phq9_1": -1}, "-1 is no answer"),
        ({"phq9_1": True}, "True is no answer"),
        ({"phq9_1": "1"}, "'1' is no answer"),
        ({"phq9_1": 1.0}, "1.0 is no answer"),
    ],
)
def test_an_answer_that_the_instrument_does_not_have_is_refused(answers, said):
    with pytest.raises(ValueError, match=r"no item|no answer") as refused:
        score(PHQ_9, answers)
    assert said in str(refused.value)


def test_zero_and_missing_are_two_things():
    zeros = scored(GAD_7, [0] * 7)
    nothing = scored(GAD_7, [None] * 7)
    assert (zeros.total, zeros.answered) == (0, 7)
    assert (nothing.total, nothing.answered) == (None, 0)
