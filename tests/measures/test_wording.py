"""Instruments are the one place where words are copied: those served say what a second source says, word for word."""

import json
import re
from pathlib import Path

import pytest

from portal.measures import INSTRUMENTS, served

TRANSCRIBED = Path(__file__).parent / "second_source"
SERVED = sorted(served(INSTRUMENTS))
# What stands around the words in a source and is none of them: an item's number, an answer's value.
AROUND = re.compile(r"^\d+\s*[.=]\s*|\s*\(\d\)$")


def bare(words):
    """Words alone: no marks, no capitals, none of what stands around them."""
    return re.findall(r"[a-z0-9]+", AROUND.sub("", words).lower())


def transcribed(slug):
    return json.loads((TRANSCRIBED / f"{slug}.json").read_text(encoding="utf-8"))


def test_every_instrument_that_is_served_has_a_transcript_of_a_second_source():
    assert {path.stem for path in TRANSCRIBED.glob("*.json")} == set(SERVED)


@pytest.mark.parametrize("slug", SERVED)
def test_every_item_and_answer_that_is_served_has_the_words_of_the_second_source(slug):
    """In the official order."""
    instrument, source = INSTRUMENTS[slug], transcribed(slug)
    assert [bare(item.text) for item in instrument.items] == [bare(item["text"]) for item in source["items"]]
    for item, there in zip(instrument.items, source["items"], strict=True):
        assert [bare(answer.words) for answer in item.answers] == [bare(words) for words in there["answers"]], item.id


@pytest.mark.parametrize("slug", SERVED)
def test_the_lead_in_that_is_served_has_the_words_of_a_second_source(slug):
    source = transcribed(slug)
    assert bare(INSTRUMENTS[slug].stem) == bare(source.get("stem", ""))
    assert bool(source.get("stem")) == bool(source.get("stem_address"))


@pytest.mark.parametrize("slug", SERVED)
def test_the_transcripts_are_of_sources_that_the_file_names_or_explains(slug):
    instrument, source = INSTRUMENTS[slug], transcribed(slug)
    named = {one.address for one in instrument.wording_sources}
    assert {source["address"], source.get("answers_address", source["address"])} <= named
    assert instrument.notes


def test_an_answer_with_a_value_beside_it_counts_that_value():
    """The transcripts carry the values that the sources print; ours are the same."""
    seen = 0
    for slug in SERVED:
        for item, there in zip(INSTRUMENTS[slug].items, transcribed(slug)["items"], strict=True):
            for answer, words in zip(item.answers, there["answers"], strict=True):
                if value := re.search(r"^(\d+)\s*[.=]|\((\d)\)$", words):
                    assert answer.value == int(value[1] or value[2]), (slug, item.id, words)
                    seen += 1
    assert seen > 100


def test_what_is_not_verified_is_not_served_and_says_what_is_missing():
    for slug, instrument in INSTRUMENTS.items():
        if not instrument.verified:
            assert slug not in served(INSTRUMENTS)
            assert instrument.notes.startswith("Not served.")
            assert "To serve it, read" in instrument.notes


def test_what_is_not_free_is_served_only_where_the_program_turned_it_on():
    assert not INSTRUMENTS["who-5"].free
    assert "who-5" not in served(())
    assert "who-5" in served({"who-5"})
    assert not INSTRUMENTS["audit-c"].free
    assert "audit-c" not in served({"who-5"})
    assert "audit-c" in served({"audit-c"})
    assert set(served({"no-such-thing"})) == {slug for slug, one in served(INSTRUMENTS).items() if one.free}


@pytest.mark.parametrize(
    ("slug", "numbers"),
    [
        ("phq-9", "44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8 69722-7"),
        ("gad-7", "69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7"),
    ],
)
def test_items_carry_their_codes_in_the_official_order(slug, numbers):
    assert [item.code for item in INSTRUMENTS[slug].items] == numbers.split()


def test_every_loinc_number_has_its_check_digit():
    """The last digit of a LOINC number is a Luhn check over the others."""
    codes = {item.code for one in INSTRUMENTS.values() for item in one.items}
    codes |= {code for one in INSTRUMENTS.values() for code in (one.loinc.panel, one.loinc.total)}
    assert len(codes) > 20  # answers, whose codes begin with LA, have a rule of their own
    for code in codes - {""}:
        number, digit = code.split("-")
        doubled = [int(figure) * (2 - place % 2) for place, figure in enumerate(reversed(number))]
        assert (10 - sum(sum(divmod(one, 10)) for one in doubled) % 10) % 10 == int(digit), code
