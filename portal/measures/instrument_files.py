"""Instrument files: read from front matter into frozen records, and checked before one is served."""

from pathlib import Path
from typing import Any, TypeVar

from portal import content
from portal.measures.instrument import (
    Answer,
    Band,
    Critical,
    Instrument,
    Item,
    Loinc,
    Scoring,
    Source,
    Subscale,
    Thresholds,
)
from portal.measures.instrument_rules import check

FOLDER = Path(__file__).parent / "instruments"

Part = TypeVar("Part")


def load(folder: Path = FOLDER) -> dict[str, Instrument]:
    """The instruments of `folder` by slug; raises ContentError, naming the file, when one cannot be used."""
    return content.load(folder, _instrument)


def _instrument(slug: str, front: dict[str, Any], body: str) -> Instrument:
    if own := sorted({"slug", "notes"} & front.keys()):
        raise ValueError(f"unknown field {', '.join(own)}")
    sets = {name: _answers(name, answers) for name, answers in dict(front.pop("answer_sets", {})).items()}
    made: dict[str, Any] = {"slug": slug, "notes": body}
    for name, make in {
        "items": lambda them: _items(them, sets),
        "bands": lambda them: _parts(Band, them, "band"),
        "subscales": lambda them: tuple(_subscale(one) for one in them),
        "wording_sources": lambda them: _parts(Source, them, "wording source"),
        "scoring": lambda it: _part(Scoring, it, "scoring"),
        "loinc": lambda it: _part(Loinc, it, "loinc"),
        "change": lambda it: _part(Thresholds, it, "change"),
        "critical": lambda it: _part(Critical, it, "critical"),
    }.items():
        if name in front:
            made[name] = make(front[name])
    instrument = content.record(Instrument, front | made)
    if unused := sorted(set(sets) - {item["answers"] for item in front["items"]}):
        raise ValueError(f"no item has the answers {', '.join(unused)}")
    check(instrument)
    return instrument


def _part(kind: type[Part], values: Any, where: str) -> Part:
    """`values` as a record; what is wrong with it says `where`."""
    try:
        return content.record(kind, dict(values))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from error


def _parts(kind: type[Part], them: Any, where: str) -> tuple[Part, ...]:
    return tuple(_part(kind, values, f"{where} {number}") for number, values in enumerate(them, 1))


def _answers(name: str, answers: Any) -> tuple[bool, tuple[Answer, ...]]:
    """Whether these answers are numbers to type, and the answers; `{numbers: [0, 30]}` is short for all of them."""
    if isinstance(answers, dict):
        lowest, highest = answers["numbers"]
        return True, tuple(Answer(value, str(value)) for value in range(lowest, highest + 1))
    return False, _parts(Answer, answers, f"{name}, answer")


def _items(them: Any, sets: dict[str, tuple[bool, tuple[Answer, ...]]]) -> tuple[Item, ...]:
    made = []
    for number, values in enumerate(map(dict, them), 1):
        where = f"item {number}"
        if values.get("answers") not in sets:
            raise ValueError(f"{where} has answers that are in no answer set: {values.get('answers')!r}")
        if "by_number" in values:
            raise ValueError(f"{where}: unknown field by_number")
        by_number, answers = sets[values["answers"]]
        made.append(_part(Item, {"number": str(number), **values, "answers": answers, "by_number": by_number}, where))
    return tuple(made)


def _subscale(given: Any) -> Subscale:
    values = dict(given)
    where = f"subscale {values.get('id')!r}"
    return _part(Subscale, {**values, "bands": _parts(Band, values.get("bands", ()), f"{where}, band")}, where)
