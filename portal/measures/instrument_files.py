"""Instrument files: read from front matter into frozen records, and checked before one is served."""

from pathlib import Path
from typing import Any

from portal import content
from portal.measures.instrument import Instrument
from portal.measures.instrument_rules import check

FOLDER = Path(__file__).parent / "instruments"


def load(folder: Path = FOLDER) -> dict[str, Instrument]:
    """The instruments of `folder` by slug; raises ContentError, naming the file, when one cannot be used."""
    found = content.load(folder, _instrument)
    for slug, one in found.items():
        if one.stand_in and (one.stand_in not in found or found[one.stand_in].critical):
            raise content.ContentError(
                f"{folder.name}/{slug}.md: stand_in should name an instrument without a critical item"
            )
    return found


def _instrument(slug: str, front: dict[str, Any], body: str) -> Instrument:
    sets = {name: _answers(answers) for name, answers in front.pop("answer_sets", {}).items()}
    if unused := sorted(set(sets) - {item.get("answers") for item in front.get("items", ())}):
        raise ValueError(f"no item has the answers {', '.join(unused)}")
    items = [_item(number, values, sets) for number, values in enumerate(front.pop("items", ()), 1)]
    instrument = content.record(Instrument, front | {"items": items}, slug=slug, notes=body)
    check(instrument)
    return instrument


def _answers(answers: Any) -> list[dict[str, Any]]:
    """The answers of a set; `{numbers: [0, 30]}` is short for all of these numbers, to be typed."""
    if isinstance(answers, dict):
        lowest, highest = answers["numbers"]
        return [{"value": value, "words": str(value)} for value in range(lowest, highest + 1)]
    return list(answers)


def _item(number: int, values: dict[str, Any], sets: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The fields of an item, with its answers themselves for the name of their set."""
    if values.get("answers") not in sets:
        raise ValueError(f"item {number} has answers that are in no answer set: {values.get('answers')!r}")
    return {"number": str(number), **values, "answers": sets[values["answers"]]}
