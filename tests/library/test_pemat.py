"""Every reading was rated by PEMAT-P, and each "no" of it is mended in the text or left with a reason."""

import csv
from pathlib import Path

import pytest

from portal.library import FOLDER, MATERIALS

SHEETS = Path(__file__).parent / "pemat"
RATERS = sorted(SHEETS.glob("rater_*.csv"))
ITEMS = [*range(1, 13), *range(15, 27)]  # those of PEMAT for printable materials; 13 and 14 are for sound and film


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("sheet", RATERS, ids=lambda path: path.stem)
def test_a_sheet_rates_every_reading_on_every_item_once(sheet):
    rated = [(row["reading"], int(row["item"])) for row in rows(sheet)]
    assert sorted(rated) == sorted((slug, item) for slug in MATERIALS for item in ITEMS)


@pytest.mark.parametrize("sheet", RATERS, ids=lambda path: path.stem)
def test_a_no_says_which_sentence_it_means(sheet):
    for row in rows(sheet):
        assert row["answer"] in {"1", "0", "NA"}, row
        assert row["answer"] != "0" or "“" in row["note"], row


def test_every_no_was_mended_or_left_with_a_reason():
    no = {(row["reading"], row["item"]) for sheet in RATERS for row in rows(sheet) if row["answer"] == "0"}
    judged = rows(SHEETS / "mended.csv")
    assert {(row["reading"], row["item"]) for row in judged} >= no
    assert {row["reading"] for row in judged if not row["after"].startswith("left: ")} == set(MATERIALS)


def test_what_was_mended_stands_in_the_reading():
    for row in rows(SHEETS / "mended.csv"):
        text = " ".join((FOLDER / f"{row['reading']}.md").read_text(encoding="utf-8").split())
        if not row["after"].startswith("left: "):
            assert row["before"], row
            assert row["after"].removesuffix(" …") in text, row
