"""Words: the field's for the therapist; for the participant plain, kind, without a diagnosis and without a comfort."""

import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.measures import INSTRUMENTS, phrases
from portal.measures.comparison import compare
from portal.measures.instrument_rules import CHANGES
from portal.measures.measure_entries import MeasureVersion
from portal.measures.scoring import change_between, score

TODAY = date(2026, 4, 20)
# No verdicts, no illnesses, and nothing that would make a low number sound like safety.
NEVER = re.compile(
    r"severe|mild\b|moderate|minimal|depress|anxiety|ptsd|disorder|symptom|diagnos|positive|negative|cut-off"
    r"|normal|good\b|great|fine to|nothing to worry|safe\b|healthy|well done|!",
    re.IGNORECASE,
)


def entry_of(slug, answers, day=TODAY):
    """A set of answers of this day as it is kept."""
    asked, at = INSTRUMENTS[slug], datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    found = score(asked, answers)
    given = {item: value for item, value in answers.items() if value is not None}
    key = f"{slug}-{day}"
    kept = (found.total, found.prorated, {}, found.band and found.band.name)
    return MeasureVersion(1, key, 1, slug, str(asked.version), "self", given, *kept, day, at, "UTC", None)


def alike(slug, value):
    """Every scored item with the same answer."""
    return {item.id: value for item in INSTRUMENTS[slug].scored}


def told(slug, *days_and_answers):
    """Every sentence of the page of the last of these results, in order."""
    history = [entry_of(slug, answers, TODAY - timedelta(days=ago)) for ago, answers in days_and_answers]
    last, asked = history[-1], INSTRUMENTS[slug]
    compared, found = compare(last, history), last.score()
    return (
        phrases.result_heading(asked, found, compared, TODAY),
        *phrases.about_the_number(asked, found, compared, TODAY),
        *phrases.working(last, found, compared, TODAY),
        phrases.NOT_YOU,
        phrases.TELL_US,
    )


def answer_sets(instrument):
    """Answers over the whole range, some with gaps."""
    draw = random.Random(1)
    for _ in range(40):
        yield {item.id: draw.choice([*item.values, *item.values, None]) for item in instrument.items}
    for end in (min, max):
        yield {item.id: end(item.values) for item in instrument.items}


def said_to_participants():
    """Every sentence of ours that a participant may read about a score."""
    found = {
        sentence
        for slug, one in INSTRUMENTS.items()
        for first in answer_sets(one)
        for second in (*list(answer_sets(one))[-2:], first)
        for sentence in told(slug, (28, second), (14, first), (0, second))
    }
    found |= {band.plain for one in INSTRUMENTS.values() for part in one.subscales for band in part.bands}
    return found | {one.recall for one in INSTRUMENTS.values()} | {one.explained for one in INSTRUMENTS.values()}


def grade(sentences):
    """The Flesch-Kincaid grade of some sentences, syllables counted as groups of vowels."""
    found = [word for sentence in sentences for word in re.findall(r"[A-Za-z']+|\d+", sentence)]
    ends = sum(len(re.findall(r"[.?]", sentence)) for sentence in sentences)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in found)
    return 0.39 * len(found) / ends + 11.8 * syllables / len(found) - 15.59


def test_a_participant_never_reads_a_verdict_an_illness_or_a_comfort():
    assert NEVER.search("That is good.") and NEVER.search("Severe (20 to 27)")
    said = said_to_participants()
    assert len(said) > 50
    assert [sentence for sentence in said if NEVER.search(sentence)] == []


def test_what_a_participant_reads_is_for_a_reading_grade_of_8_at_most():
    for slug, instrument in INSTRUMENTS.items():
        for answers in answer_sets(instrument):
            assert grade(told(slug, (14, {item.id: max(item.values) for item in instrument.items}), (0, answers))) <= 8
        if instrument.explained:
            assert grade([instrument.explained]) <= 8, slug


@pytest.mark.parametrize(
    ("slug", "before", "after", "heading"),
    [
        ("phq-9", 2, 1, "It has changed for the better since Mon, Apr 6, by enough to matter."),
        ("phq-9", 1, 2, "It has become harder since Mon, Apr 6, by enough to matter. This is worth talking about."),
        ("gad-7", 2, 1, "It has changed for the better since Mon, Apr 6, by more than chance alone."),
        ("pcl-5", 3, 2, "It has changed for the better since Mon, Apr 6, by more than chance alone."),
        ("who-5", 1, 2, "It has changed for the better since Mon, Apr 6, by as much as its makers count as a change."),
        ("gad-7", 1, 1, "It is the same number as on Mon, Apr 6."),
        (
            "phq-8",
            2,
            1,
            "It is 8 points lower than on Mon, Apr 6. We know of no study that says how much change matters.",
        ),
        (
            "barc-10",
            2,
            3,
            "It is 10 points higher than on Mon, Apr 6. We know of no study that says how much change matters.",
        ),
    ],
)
def test_the_change_comes_first_and_says_no_more_than_its_source_found(slug, before, after, heading):
    assert told(slug, (14, alike(slug, before)), (0, alike(slug, after)))[0] == heading


@pytest.mark.parametrize(
    ("slug", "fewer", "heading"),
    [
        ("phq-9", {"phq9_1": 1, "phq9_2": 1}, "It is 2 points lower than on Mon, Apr 6. That is a small change."),
        (
            "pcl-5",
            {f"pcl5_{n}": 1 for n in range(1, 15)},
            "It is 14 points lower than on Mon, Apr 6. A change of that size can be chance.",
        ),
        ("who-5", {"who5_1": 1}, "It is 4 points lower than on Mon, Apr 6. That is a small change."),
    ],
)
def test_a_smaller_change_is_told_in_points_and_not_called_one(slug, fewer, heading):
    full = alike(slug, 2)
    assert told(slug, (14, full), (0, full | fewer))[0] == heading


def test_chance_is_spoken_of_only_where_the_source_is_an_index_of_reliable_change():
    assert set(phrases.BY) == set(phrases.TOO_SMALL) == set(phrases.RULE) == set(phrases.FOR_STAFF) == set(CHANGES)
    for words in (phrases.BY, phrases.TOO_SMALL, phrases.RULE):
        assert {kind for kind, said in words.items() if "chance" in said} == {"reliable"}
    staff = {kind for kind, said in phrases.FOR_STAFF.items() if "eliable" in " ".join(said)}
    assert staff == {"reliable"}


def test_the_working_has_the_sum_the_range_the_days_and_the_rule_with_its_source():
    before = {f"phq9_{n}": value for n, value in enumerate((2, 2, 2, 2, 2, 2, 2, 1, 0), 1)}
    after = {f"phq9_{n}": value for n, value in enumerate((1, 1, 2, 2, 0, 1, 1, 1, 0), 1)}
    history = [entry_of("phq-9", before, date(2026, 4, 6)), entry_of("phq-9", after)]
    steps = phrases.working(history[-1], history[-1].score(), compare(history[-1], history), TODAY)
    assert steps == (
        "Each answer counts 0 to 3. Your nine answers that count add up: 1 + 1 + 2 + 2 + 0 + 1 + 1 + 1 + 0 = 9.",
        "It is in the second of five ranges.",
        "It was 15 on Mon, Apr 6 and is 9 now. 15 less 9 is 6.",
        "A study calls a change of 5 points or more one that matters (Löwe and others, 2004).",
    )
    sources = phrases.sources_of(INSTRUMENTS["phq-9"])
    assert [one.split(":")[0] for one in sources] == ["Adding up", "Answers left out", "Ranges", "Change"]


@pytest.mark.parametrize(
    ("slug", "answers", "step"),
    [
        (
            "who-5",
            {f"who5_{n}": 2 for n in range(1, 6)},
            "Your five answers that count add up: 2 + 2 + 2 + 2 + 2 = 10. 4 times 10 is 40.",
        ),
        ("audit-c", {"auditc_1": 0}, "Your one answer that counts is 0."),
        (
            "phq-9",
            {f"phq9_{n}": 1 for n in range(2, 10)},
            "Your eight answers that count add up: 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 = 8. Those left out are counted as the"
            " mean of the others: 8 divided by 8, times 9, is 9 when rounded.",
        ),
        ("barc-10", {f"barc_{n}": 5 for n in range(1, 11)}, "Each answer counts 1 to 6."),
    ],
)
def test_the_working_says_how_the_number_was_made(slug, answers, step):
    last = entry_of(slug, answers)
    first_step = phrases.working(last, last.score(), [], TODAY)[0]
    assert step in first_step
    assert phrases.working(last, last.score(), [], TODAY)[-1] != phrases.NO_RULE, "nothing is compared"


def test_a_participant_reads_what_the_number_is_of_and_that_it_is_not_them():
    low = told("phq-9", (0, alike("phq-9", 0)))
    assert low[:4] == (
        "Your number is 0.",
        "It counts how often low mood, and what often comes with it, bothered you.",
        "A higher number means more of it.",
        "0 is the lowest number and 27 the highest.",
    )
    assert phrases.NOT_YOU in low and low[-1] == phrases.TELL_US


def test_a_low_number_and_a_high_one_are_told_in_the_same_words():
    low, high = (told("phq-9", (0, alike("phq-9", value))) for value in (0, 3))
    differs = [a for a, b in zip(low, high, strict=True) if a != b]
    assert differs == [low[0], low[4], low[5]], "the number, its sum and its range"


def test_the_first_time_is_told_beside_the_time_before():
    said = told("gad-7", (28, alike("gad-7", 3)), (14, alike("gad-7", 1)), (0, alike("gad-7", 1)))
    assert said[0] == "It is the same number as on Mon, Apr 6."
    assert "It has changed for the better since Mon, Mar 23, by more than chance alone." in said
    assert "It was 21 on Mon, Mar 23 and is 7 now. 21 less 7 is 14." in said


def test_without_a_total_the_participant_reads_no_number_and_no_blame():
    for slug, heading, under in (
        ("phq-9", phrases.NO_NUMBER, phrases.SOME_LEFT_OUT),
        ("bam-7", phrases.PARTS_ONLY, phrases.ONE_BY_ONE),
    ):
        assert told(slug, (0, {})) == (heading, under, phrases.NOT_YOU, phrases.TELL_US)


@pytest.mark.parametrize(
    ("therapist", "one_to_one", "said"),
    [
        (None, None, ""),
        ("Dr Cho", None, "Dr Cho can see this too."),
        (None, True, "Your next one-to-one is tomorrow, 3:30 pm, a good time to talk about it."),
        (
            "Dr Cho",
            True,
            "Dr Cho can see this too. Your next one-to-one is tomorrow, 3:30 pm, a good time to talk about it.",
        ),
    ],
)
def test_who_can_see_it_and_when_to_talk_are_said_only_where_they_are_known(therapist, one_to_one, said):
    at = datetime(2026, 4, 21, 19, 30, tzinfo=UTC) if one_to_one else None
    assert phrases.talk_about_it(therapist, at, "America/New_York", TODAY) == said


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


@pytest.mark.parametrize(
    ("slug", "earlier", "later", "line"),
    [
        ("phq-9", 18, 9, "Clinically important improvement: \u22129 points"),
        ("phq-9", 9, 13, "Less than a clinically important change: +4 points"),
        ("gad-7", 4, 10, "Reliable worsening: +6 points"),
        ("pcl-5", 40, 26, "No reliable change: \u221214 points"),
        ("pcl-5", 40, 25, "Reliable improvement: \u221215 points"),
        ("who-5", 40, 52, "By its makers’ figure, improvement: +12 points"),
        ("who-5", 40, 44, "Less than its makers count as a change: +4 points"),
        ("gad-7", 4, 4, "No change"),
        ("phq-2", 5, 6, "+1 point; we read no source that says how much change counts"),
        ("phq-9", 9, None, "No comparison: one of the two has no total"),
    ],
)
def test_a_therapist_reads_the_points_and_what_kind_of_change_the_source_found(slug, earlier, later, line):
    asked = INSTRUMENTS[slug]
    assert phrases.change_to_therapist(asked, change_between(asked, earlier, later)) == line


def test_a_therapist_reads_the_rule_and_whose_it_is():
    rules = {slug: phrases.change_rule_to_therapist(one) for slug, one in INSTRUMENTS.items() if one.change}
    assert rules["phq-9"] == "Clinically important change: 5 points or more (Löwe and others, 2004)."
    assert rules["pcl-5"] == "Reliable change: 15 points or more (Marx and others, 2022)."
    assert phrases.change_rule_to_therapist(INSTRUMENTS["phq-2"]) == ""


def test_every_tier_has_words():
    assert set(phrases.CRITICAL) == {"", "same_day", "urgent", "not answered"}
