"""Words: the field's for the therapist; for the participant plain, kind, without a diagnosis and without a comfort."""

import random
import re

import pytest

from portal.measures import INSTRUMENTS, phrases
from portal.measures.scoring import change_between, score

# No verdicts, no illnesses, and nothing that would make a low number sound like safety.
NEVER = re.compile(
    r"severe|mild\b|moderate|minimal|depress|anxiety|ptsd|disorder|symptom|diagnos|positive|negative|cut-off"
    r"|normal|good\b|great|fine to|nothing to worry|safe\b|healthy|well done|!",
    re.IGNORECASE,
)


def scores(instrument):
    """Scores over the whole range, some with gaps."""
    draw = random.Random(1)
    for _ in range(200):
        yield score(
            instrument,
            {item.id: draw.choice([*item.values, *item.values, None]) for item in instrument.items},
        )
    for end in (min, max):
        yield score(instrument, {item.id: end(item.values) for item in instrument.items})


def said_to_participants():
    """Every sentence of ours that a participant may read about a score."""
    told = {
        sentence
        for one in INSTRUMENTS.values()
        for found in scores(one)
        for sentence in phrases.to_participant(one, found)
    }
    told |= {band.plain for one in INSTRUMENTS.values() for part in one.subscales for band in part.bands}
    return told | {one.recall for one in INSTRUMENTS.values()} | set(phrases.CHANGE.values())


def grade(sentences):
    """The Flesch-Kincaid grade of some sentences, syllables counted as groups of vowels."""
    found = [word for sentence in sentences for word in re.findall(r"[A-Za-z']+|\d+", sentence)]
    ends = sum(len(re.findall(r"[.?]", sentence)) for sentence in sentences)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in found)
    return 0.39 * len(found) / ends + 11.8 * syllables / len(found) - 15.59


def test_a_participant_never_reads_a_verdict_an_illness_or_a_comfort():
    assert NEVER.search("That is good.") and NEVER.search("Severe (20 to 27)")
    told = said_to_participants()
    assert len(told) > 50
    assert [sentence for sentence in told if NEVER.search(sentence)] == []


def test_what_a_participant_reads_is_for_a_reading_grade_of_8_at_most():
    for instrument in INSTRUMENTS.values():
        for found in scores(instrument):
            assert grade(phrases.to_participant(instrument, found)) <= 8, instrument.slug
    assert grade(list(phrases.CHANGE.values())) <= 8


def test_a_participant_reads_what_the_number_is_of_and_that_it_is_not_them():
    phq_9 = INSTRUMENTS["phq-9"]
    low = phrases.to_participant(phq_9, score(phq_9, {f"phq9_{n}": 0 for n in range(1, 10)}))
    assert "Your number is 0, on a scale from 0 to 27." in low
    assert "It counts how often low mood, and what often comes with it, bothered you." in low
    assert phrases.NOT_YOU in low
    assert low[-1] == phrases.ASK_US


def test_a_low_number_and_a_high_one_are_told_in_the_same_words_but_for_the_number_and_the_range():
    phq_9 = INSTRUMENTS["phq-9"]
    low, high = (
        phrases.to_participant(phq_9, score(phq_9, {f"phq9_{n}": value for n in range(1, 10)})) for value in (0, 3)
    )
    assert [a == b for a, b in zip(low, high, strict=True)] == [False, True, True, False, True, True]


def test_where_a_low_number_is_the_hard_one_the_participant_is_told_so():
    who_5, gad_7 = INSTRUMENTS["who-5"], INSTRUMENTS["gad-7"]
    assert "A lower number means more of a struggle." in phrases.to_participant(
        who_5, score(who_5, {item.id: 0 for item in who_5.items})
    )
    assert "A higher number means more of it." in phrases.to_participant(
        gad_7, score(gad_7, {item.id: 0 for item in gad_7.items})
    )


def test_without_a_total_the_participant_reads_no_number_and_no_blame():
    phq_9 = INSTRUMENTS["phq-9"]
    assert phrases.to_participant(phq_9, score(phq_9, {})) == (phrases.NO_NUMBER, phrases.ASK_US)
    bam = INSTRUMENTS["bam-7"]
    assert phrases.to_participant(bam, score(bam, {})) == (phrases.PARTS_ONLY, phrases.ASK_US)


@pytest.mark.parametrize(
    ("left_out", "line"),
    [
        ((), "PHQ-9 18: Moderately severe (15 to 19)"),
        ((1, 2), "PHQ-9 18: Moderately severe (15 to 19) (prorated: 7 of 9 answered)"),
        (
            (9,),
            "PHQ-9: no total. Question 9 was not answered. It is never filled in, so there is no total.",
        ),
        ((1, 2, 3), "PHQ-9: no total. 3 of 9 questions were not answered, and at most 2 may be missing."),
    ],
)
def test_a_therapist_reads_the_band_whether_it_is_prorated_and_why_there_is_no_total(left_out, line):
    phq_9 = INSTRUMENTS["phq-9"]
    answers = {f"phq9_{n}": None if n in left_out else 2 for n in range(1, 10)}
    assert phrases.to_therapist(phq_9, score(phq_9, answers)) == line


def test_a_therapist_reads_the_verdict_and_the_points():
    phq_9, phq_2 = INSTRUMENTS["phq-9"], INSTRUMENTS["phq-2"]
    high, low = (score(phq_9, {f"phq9_{n}": value for n in range(1, 10)}) for value in (2, 1))
    better = phrases.change_to_therapist(phq_9, change_between(phq_9, high.total, low.total))
    assert better == "Reliable improvement: \u22129 points, meaningful"
    same = change_between(phq_9, low.total, low.total)
    assert phrases.change_to_therapist(phq_9, same) == "No reliable change: 0 points, not of a meaningful size"
    unknown = change_between(phq_9, high.total, None)
    assert phrases.change_to_therapist(phq_9, unknown) == "Cannot be said. One of the two has no total."
    nobody = change_between(phq_2, 0, 6)
    assert phrases.change_to_therapist(phq_2, nobody).startswith("Cannot be said. No study")


def test_every_tier_and_every_verdict_has_words():
    assert set(phrases.CRITICAL) == {"", "same_day", "urgent", "not answered"}
    verdicts = {"reliable improvement", "reliable worsening", "no reliable change", "cannot be said"}
    assert set(phrases.CHANGE) == verdicts
    assert phrases.CHANGE[change_between(INSTRUMENTS["phq-9"], None, None).verdict]
