"""The table of OWASP ASVS cannot rot. Each check is shown a planted violation first, so that a blind one is noticed."""

from collections import Counter

import pytest

from tests.asvs import table
from tests.house.source import ROOT

# Levels 1 and 2 of the standard, by chapter.
OF_THE_STANDARD = {
    1: (8, 19),
    2: (4, 7),
    3: (8, 11),
    4: (2, 8),
    5: (4, 5),
    6: (13, 22),
    7: (6, 12),
    8: (4, 3),
    9: (4, 3),
    10: (5, 24),
    11: (3, 11),
    12: (3, 6),
    13: (1, 12),
    14: (2, 7),
    15: (3, 10),
    16: (0, 16),
    17: (0, 7),
}
MARKED = '@pytest.mark.asvs("1.1.1")\ndef test_x(): ...\n'


@pytest.fixture
def planted(tmp_path):
    """`planted(tests, *reasons)` is a tree with one test module and a requirement 1.1.1, 1.1.2 ... for each reason."""

    def plant(tests: str, *reasons: str, about: str = "Something"):
        folder = tmp_path / "tests" / "asvs"
        folder.mkdir(parents=True, exist_ok=True)
        entries = [
            f'[[requirement]]\nid = "1.1.{n}"\nlevel = 1\nabout = "{about}"\nreason = "{reason}"\n'
            for n, reason in enumerate(reasons, 1)
        ]
        (folder / "requirements.toml").write_text("".join(entries), encoding="utf-8")
        (tmp_path / "tests" / "test_one.py").write_text(tests, encoding="utf-8")
        return tmp_path

    return plant


def test_security_md_holds_the_table_that_the_markers_make(planted):
    """Rule: SECURITY.md is what `python -m tests.asvs.table` writes; run it after a change of a marker or a reason."""
    root = planted(MARKED, "")
    document = root / "SECURITY.md"
    document.write_text(f"# Security\n{table.BEGIN}{table.table(root)}{table.END}\n", encoding="utf-8")
    assert table.stale(root) == []
    document.write_text(document.read_text(encoding="utf-8").replace("test_x", "test_y"), encoding="utf-8")
    assert len(table.stale(root)) == 2
    assert table.stale(ROOT) == []


def test_a_document_without_the_two_marks_is_refused():
    with pytest.raises(ValueError, match="has no"):
        table.split(f"# Security\n{table.BEGIN}")


def test_every_requirement_has_a_test_or_a_reason(planted):
    """Rule: nothing is left open without a word."""
    assert table.unanswered(planted(MARKED, "", "")) == ["1.1.2 has neither a test nor a reason"]
    assert table.unanswered(ROOT) == []


def test_every_marker_names_a_requirement(planted):
    """Rule: a marker's id is in the list."""
    assert table.unknown_ids(planted(MARKED.replace("1.1.1", "1.1.2"), "")) != []
    assert table.unknown_ids(ROOT) == []


@pytest.mark.parametrize(
    "tests",
    [
        'ID = "1.1.1"\n@pytest.mark.asvs(ID)\ndef test_x(): ...\n',
        '@pytest.mark.asvs("1.1.1")\ndef looks_at_x(): ...\n',
        'proves = pytest.mark.asvs("1.1.1")\n',
        "@pytest.mark.asvs\ndef test_x(): ...\n",
        '@pytest.mark.parametrize("a", [pytest.param(1, marks=pytest.mark.asvs("1.1.1"))])\ndef test_x(a): ...\n',
    ],
)
def test_a_marker_that_the_table_cannot_read_is_seen(planted, tests):
    """Rule: as below. Planted here, one for each way of hiding a marker."""
    assert len(table.unread_markers(planted(tests, ""))) == 1


def test_every_marker_is_read():
    """Rule: markers stand on tests, on their classes or in `pytestmark`, with their ids spelled out."""
    assert table.unread_markers(ROOT) == []


@pytest.mark.parametrize("reason", ["Not met: nobody has done it.", "pending"])
def test_what_has_a_test_is_not_said_to_lack_one(planted, reason):
    """Rule: a requirement that is not met, or waits for its test, has no test."""
    assert len(table.contradicted(planted(MARKED, reason))) == 1
    assert table.contradicted(ROOT) == []


def test_levels_1_and_2_of_the_standard_are_all_here():
    """Rule: the list holds the 70 requirements of level 1 and the 183 of level 2, so many of each chapter."""
    found = Counter((one.chapter, one.level) for one in table.requirements(ROOT))
    assert {chapter: (found[chapter, 1], found[chapter, 2]) for chapter in OF_THE_STANDARD} == OF_THE_STANDARD
    levels = Counter(one.level for one in table.requirements(ROOT))
    assert (levels[1], levels[2]) == (70, 183)
    assert levels[3] >= 15
    assert len(table.CHAPTERS) == max(OF_THE_STANDARD)


def test_the_list_is_in_order_and_in_few_words(planted):
    """Rule: by number, none twice, at most ten words each, and every reason a sentence."""
    assert len(table.badly_written(planted("", "No full stop", about="word " * 11))) == 2
    root = planted("", "One.", "Two.")
    listed = root / "tests" / "asvs" / "requirements.toml"
    listed.write_text(listed.read_text(encoding="utf-8").replace("1.1.2", "1.1.1"), encoding="utf-8")
    assert table.badly_written(root) == ["1.1.1 after 1.1.1"]
    assert table.badly_written(ROOT) == []


def test_markers_of_functions_classes_and_modules_are_joined_in_order(planted):
    root = planted(
        'pytestmark = [pytest.mark.browser, pytest.mark.asvs("1.1.1")]\n'
        '@pytest.mark.asvs("1.1.1", "1.1.2")\nclass TestOne:\n'
        '    @pytest.mark.asvs("1.1.1")\n    async def test_x(self): ...\n' + MARKED.replace("test_x", "test_y"),
        "And more.",
        "",
    )
    first, second = table.requirements(root)
    assert first.tests == ("test_one.py", "test_one.py::TestOne", "test_one.py::TestOne::test_x", "test_one.py::test_y")
    assert first.shown == ("`test_one.py`, `test_one.py::TestOne`, `test_one.py::TestOne::test_x` + 1. And more.")
    assert second.tests == ("test_one.py::TestOne",)
    assert table.counts([first, second]).startswith("L1, 2: 2 by a test, 0 by a reason, 0 not met.")
