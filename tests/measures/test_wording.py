"""Instruments are the one place where words are copied: those served say what a second source says, word for word."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.measures import INSTRUMENTS, asked_as, free_to_ask, served

TRANSCRIBED = Path(__file__).parent / "second_source"
SERVED = sorted(slug for slug, one in INSTRUMENTS.items() if one.verified)
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
    read = {value for name, value in source.items() if name.endswith("address") and name != "stem_address"}
    assert read and read <= named
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


@dataclass
class Choices:
    """What of a program decides which instruments may be asked."""

    turned_on: Collection[str] = ()
    asks_safety: bool = True


def test_what_is_not_verified_is_not_served_and_says_what_is_missing():
    for slug, instrument in INSTRUMENTS.items():
        if not instrument.verified:
            assert slug not in served(Choices(turned_on=INSTRUMENTS))
            assert instrument.notes.startswith("Not served.")
            assert "To serve it, read" in instrument.notes


@pytest.mark.parametrize("slug", ["who-5", "audit-c", "barc-10"])
def test_what_is_not_free_is_served_only_where_the_program_turned_it_on(slug):
    assert not INSTRUMENTS[slug].free and "not commercial" in INSTRUMENTS[slug].notice
    assert slug not in served(Choices())
    assert slug in served(Choices(turned_on={slug}))
    others = served(Choices(turned_on={"no-such-thing"}))
    assert set(others) == {each for each, one in INSTRUMENTS.items() if one.free and one.verified}


def test_where_safety_is_not_asked_nothing_with_a_critical_item_is_served_and_what_stands_in_for_it_is():
    off = Choices(asks_safety=False)
    assert not [slug for slug, one in served(off).items() if one.critical]
    assert set(served(Choices())) - set(served(off)) == {"phq-9"} and "phq-8" in served(off)
    assert "phq-9" in free_to_ask(off), "answers of a page that was open before are kept"
    assert INSTRUMENTS["phq-9"].stand_in == "phq-8"
    assert asked_as("phq-8", off) == ["phq-8", "phq-9"] and asked_as("phq-8", Choices()) == ["phq-8"]


def test_the_phq_8_is_the_phq_9_without_its_last_questions():
    eight, nine = INSTRUMENTS["phq-8"], INSTRUMENTS["phq-9"]
    assert [(item.text, item.answers, item.code) for item in eight.items] == [
        (item.text, item.answers, item.code) for item in nine.items[:8]
    ]
    assert eight.stem == nine.stem


def test_the_pcl_5_has_its_instruction_and_says_which_event_is_meant():
    pcl_5 = INSTRUMENTS["pcl-5"]
    assert bare(pcl_5.instruction) == bare(
        "Below is a list of problems that people sometimes have in response to a very stressful experience. Keeping"
        " your worst event in mind, please read each problem carefully and then select one of the answers to"
        " indicate how much you have been bothered by that problem in the past month."
    )
    assert pcl_5.explained.startswith("Your worst event is the one that bothers you the most now.")


@pytest.mark.parametrize(
    ("slug", "numbers"),
    [
        ("phq-9", "44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8 69722-7"),
        ("gad-7", "69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7"),
    ],
)
def test_items_carry_their_codes_in_the_official_order(slug, numbers):
    assert [item.code for item in INSTRUMENTS[slug].items if item.code] == numbers.split()


def test_every_loinc_number_has_its_check_digit():
    """The last digit of a LOINC number is a Luhn check over the others."""
    codes = {item.code for one in INSTRUMENTS.values() for item in one.items}
    codes |= {code for one in INSTRUMENTS.values() for code in (one.loinc.panel, one.loinc.total)}
    assert len(codes) > 20  # answers, whose codes begin with LA, have a rule of their own
    for code in codes - {""}:
        number, digit = code.split("-")
        doubled = [int(figure) * (2 - place % 2) for place, figure in enumerate(reversed(number))]
        assert (10 - sum(sum(divmod(one, 10)) for one in doubled) % 10) % 10 == int(digit), code
