"""The texts of the demo clinic are checked when they are read, and name what there is."""

import pytest

from portal.content import ContentError
from portal.demo import check_ins, crowd, practice, texts, timetable
from portal.demo.cast import CAST, STAFF
from portal.demo.courses import COURSES, Course
from portal.demo.groups import GROUPS


@pytest.fixture
def file(tmp_path, monkeypatch):
    """`file(words)` is what the file courses.yaml says instead."""
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    return (tmp_path / "courses.yaml").write_text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("new: {mood: 4, anxiety: 6, urges: 3}", "missing field sleep"),
        ("new: {mood: 4, anxiety: 6, urges: 3, sleep: 5, luck: 1}", "unknown field luck"),
        ("new: {mood: 4, anxiety: 6, urges: 3, sleep: 5, turn: soon}", "turn should be int, not 'soon'"),
        ("new: [", "while parsing"),
        ("- new", "no attribute"),
    ],
)
def test_a_file_that_does_not_fit_stops_the_start_and_is_named(file, said, why):
    file(said)
    with pytest.raises(ContentError, match=r"^demo/texts/courses\.yaml: ") as refused:
        texts.read("courses", Course)
    assert why in str(refused.value)


def test_everybody_has_a_therapist_a_group_and_a_course_that_there_are():
    for member in CAST:
        assert STAFF[STAFF[member.therapist].covered_by].role == "therapist"
        assert member.track in GROUPS
        assert member.going in COURSES


def test_every_group_is_led_and_covered_by_staff():
    assert {name for group in GROUPS.values() for name in (group.facilitator, group.cover)} <= set(STAFF)


def test_a_list_of_texts_holds_nothing_else():
    """Words with a colon in them are read as a table unless they are quoted."""
    lists = [check_ins.NOTES, check_ins.REPLIES, crowd.NAMES, practice.URGES, timetable.REASONS]
    assert {type(text) for pools in lists for pool in pools.values() for text in pool} == {str}
