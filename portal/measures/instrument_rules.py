"""The rules of instruments, checked before one is served: each check says in words what is wrong."""

import re
from collections.abc import Callable, Iterable, Sequence

from portal.measures.instrument import Band, Instrument, Item

RULES = {"sum": 1, "sum times 4": 4, "subscales": 0}
IN_WORDS = ("title", "short_title", "language", "about", "recall", "copyright", "license")
NAME = re.compile(r"[a-z0-9_]+")


def check(instrument: Instrument) -> None:
    """Raises ValueError, saying what is wrong first, when an instrument could not be shown, scored or trusted."""
    for one in CHECKS:
        one(instrument)


def _words(instrument: Instrument) -> None:
    if empty := [name for name in IN_WORDS if not getattr(instrument, name).strip()]:
        raise ValueError(f"{', '.join(empty)} should not be empty")
    if instrument.recall_days < 1 or instrument.every_days < 0 or instrument.version < 1:
        raise ValueError("version and recall_days should be 1 or more, and every_days 0 or more")
    if not instrument.free and not instrument.notice:
        raise ValueError("what is not free needs a notice")


def _items(instrument: Instrument) -> None:
    if not instrument.scored:
        raise ValueError("there is nothing to score: give it items")
    _once("item", [item.id for item in instrument.items])
    _once("question number", [item.number for item in instrument.items])
    for place, item in enumerate(instrument.items):
        _item(item, [before.id for before in instrument.items[:place]])


def _item(item: Item, before: Sequence[str]) -> None:
    """One item, after those of the ids `before` it."""
    if not NAME.fullmatch(item.id):
        raise ValueError(f"item {item.id!r} should have an id of small letters, digits and underscores")
    if not item.text.strip():
        raise ValueError(f"item {item.id} has no words")
    if len(item.answers) < 2 or any(not answer.words.strip() for answer in item.answers):
        raise ValueError(f"item {item.id} should have two answers or more, each with words")
    _once(f"answer of item {item.id}", [answer.value for answer in item.answers])
    _once(f"answer of item {item.id}", [answer.words for answer in item.answers])
    if item.after and item.after not in before:
        raise ValueError(f"item {item.id} is asked after {item.after!r}, which is no item before it")


def _scoring(instrument: Instrument) -> None:
    scoring = instrument.scoring
    if scoring.rule not in RULES:
        raise ValueError(f"the scoring rule should be one of {', '.join(RULES)}, not {scoring.rule!r}")
    if not scoring.source:
        raise ValueError("the scoring rule needs a source")
    if scoring.rule == "subscales":
        if instrument.bands or instrument.change or scoring.missing_allowed or not instrument.subscales:
            raise ValueError(
                "without a total there are subscales, and no bands, change or missing_allowed of the whole"
            )
    else:
        _range("the total", scoring.lowest, scoring.highest, instrument.scored, RULES[scoring.rule])
        _bands("the total", instrument.bands, scoring.lowest, scoring.highest)
        if not instrument.bands_source:
            raise ValueError("the bands need a source")
    _known("never_missing", scoring.never_missing, instrument)
    if not 0 <= scoring.missing_allowed < len(instrument.scored):
        raise ValueError("missing_allowed should leave at least one item answered")
    if scoring.missing_allowed and not scoring.missing_source:
        raise ValueError("a total with items missing needs a missing_source")


def _subscales(instrument: Instrument) -> None:
    if not instrument.subscales:
        return
    _once("subscale", [subscale.id for subscale in instrument.subscales])
    named = [item for subscale in instrument.subscales for item in subscale.items]
    _known("a subscale", named, instrument)
    _once("item of the subscales", named)
    if left := [item.id for item in instrument.scored if item.id not in named]:
        raise ValueError(f"no subscale has {', '.join(left)}")
    for subscale in instrument.subscales:
        where = f"subscale {subscale.id}"
        if not subscale.source:
            raise ValueError(f"{where} needs a source")
        _range(where, subscale.lowest, subscale.highest, [instrument.by_id[name] for name in subscale.items], 1)
        if subscale.bands:
            _bands(where, subscale.bands, subscale.lowest, subscale.highest)


def _change(instrument: Instrument) -> None:
    if change := instrument.change:
        if not change.source:
            raise ValueError("the thresholds of change need a source")
        if change.reliable < 1 or change.meaningful < 1:
            raise ValueError("a change is reliable and meaningful from 1 point or more")


def _critical(instrument: Instrument) -> None:
    if critical := instrument.critical:
        _known("critical", [critical.item], instrument)
        _once("critical answer", [*critical.same_day, *critical.urgent])
        if unknown := {*critical.same_day, *critical.urgent} - instrument.by_id[critical.item].values:
            raise ValueError(f"critical names the answer {sorted(unknown)} that {critical.item} does not have")
        if not critical.urgent:
            raise ValueError("critical needs an urgent answer")


def _sources(instrument: Instrument) -> None:
    for source in instrument.wording_sources:
        if not source.title or not source.address.startswith("https://"):
            raise ValueError("a wording source needs a title, and an address that begins with https://")
    if instrument.verified and len({source.address for source in instrument.wording_sources}) < 2:
        raise ValueError("verified needs two wording_sources")


CHECKS: tuple[Callable[[Instrument], None], ...] = (
    _words,
    _items,
    _scoring,
    _subscales,
    _change,
    _critical,
    _sources,
)


def _once(what: str, names: Sequence[str | int]) -> None:
    if doubled := sorted({str(name) for name in names if names.count(name) > 1}):
        raise ValueError(f"the same {what} twice: {', '.join(doubled)}")


def _known(where: str, names: Iterable[str], instrument: Instrument) -> None:
    if strange := [name for name in names if name not in instrument.by_id or not instrument.by_id[name].scored]:
        raise ValueError(f"{where} names {', '.join(strange)}, which is no scored item")


def _range(where: str, lowest: int, highest: int, items: Iterable["Item"], times: int) -> None:
    values = [item.values for item in items]
    least, most = (times * sum(end(one) for one in values) for end in (min, max))
    if (lowest, highest) != (least, most):
        raise ValueError(f"{where} runs from {least} to {most}, not from {lowest} to {highest}")


def _bands(where: str, bands: Sequence["Band"], lowest: int, highest: int) -> None:
    start = lowest
    for band in bands:
        if band.lowest != start or band.highest < band.lowest:
            raise ValueError(f"the bands of {where} leave a gap or overlap at {start}: {band.lowest} to {band.highest}")
        if not band.name or not band.plain:
            raise ValueError(f"the band {band.lowest} to {band.highest} of {where} needs a name and plain words")
        start = band.highest + 1
    if start != highest + 1:
        raise ValueError(f"the bands of {where} should end at {highest}, not at {start - 1}")
