"""From one score to the next: reliable or not, and in which direction better lies."""

import pytest

from portal.measures import INSTRUMENTS
from portal.measures.scoring import change_between, score


def of(slug, raw):
    """The score of answers that sum to `raw`, filled from the front; None is the score of no answers at all."""
    answers = {}
    for item in INSTRUMENTS[slug].scored:
        if raw is not None:
            answers[item.id] = min(max(item.values), raw)
            raw -= answers[item.id]
    return score(INSTRUMENTS[slug], answers)


def verdict(slug, earlier, later):
    found = change_between(INSTRUMENTS[slug], of(slug, earlier).total, of(slug, later).total)
    return found.verdict, found.points, found.meaningful


def test_a_published_change_of_the_gad_7_is_a_reliable_improvement():
    """From 12 to 4: "a reliable change in score, in line with the index devised by Bischoff et al (2020)", quoted at
    staging.scite.ai/reports/establishment-of-a-reliable-change-4L5VEnba."""
    assert verdict("gad-7", 12, 4) == ("reliable improvement", -8, True)


@pytest.mark.parametrize(
    ("slug", "earlier", "later", "expected"),
    [
        ("phq-9", 14, 9, ("reliable improvement", -5, True)),
        ("phq-9", 14, 10, ("no reliable change", -4, False)),
        ("phq-9", 9, 14, ("reliable worsening", 5, True)),
        ("phq-9", 9, 13, ("no reliable change", 4, False)),
        ("phq-9", 9, 9, ("no reliable change", 0, False)),
        ("gad-7", 10, 4, ("reliable improvement", -6, True)),
        ("gad-7", 10, 5, ("no reliable change", -5, True)),
        ("gad-7", 10, 7, ("no reliable change", -3, False)),
        ("gad-7", 4, 10, ("reliable worsening", 6, True)),
        ("pcl-5", 40, 35, ("reliable improvement", -5, False)),
        ("pcl-5", 40, 30, ("reliable improvement", -10, True)),
        ("pcl-5", 40, 36, ("no reliable change", -4, False)),
        ("who-5", 10, 13, ("reliable improvement", 12, True)),
        ("who-5", 10, 12, ("no reliable change", 8, False)),
        ("who-5", 13, 10, ("reliable worsening", -12, True)),
    ],
)
def test_a_change_is_reliable_from_the_threshold_on_and_better_lies_where_the_file_says(slug, earlier, later, expected):
    assert verdict(slug, earlier, later) == expected


def test_every_change_is_the_opposite_of_its_reverse():
    turned = {"reliable improvement": "reliable worsening", "reliable worsening": "reliable improvement"}
    for slug, most in (("phq-9", 27), ("who-5", 25)):
        for earlier in range(most + 1):
            for later in range(most + 1):
                there, points, meaningful = verdict(slug, earlier, later)
                assert verdict(slug, later, earlier) == (turned.get(there, there), -points, meaningful)


@pytest.mark.parametrize(("earlier", "later"), [(None, 9), (9, None), (None, None)])
def test_without_a_total_nothing_can_be_said(earlier, later):
    found = change_between(INSTRUMENTS["phq-9"], of("phq-9", earlier).total, of("phq-9", later).total)
    assert (found.verdict, found.points, found.meaningful) == ("cannot be said", None, None)
    assert found.why == "One of the two has no total."


def test_without_a_study_nothing_can_be_said_about_the_points():
    found = change_between(INSTRUMENTS["phq-2"], 0, 6)
    assert (found.verdict, found.points, found.meaningful) == ("cannot be said", 6, None)
    assert "No study" in found.why
