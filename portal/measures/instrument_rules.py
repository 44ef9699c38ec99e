"""The rules of instruments, checked before one is served: each check says in words what is wrong."""

import re
from collections.abc import Iterable, Sequence

from portal import content
from portal.measures.instrument import Band, Instrument, Item

RULES = {"sum": 1, "sum times 4": 4, "subscales": 0}
CHANGES = {  # what the source of a change found
    "reliable": "a reliable change index: more points than chance explains",
    "important": "a minimal clinically important difference",
    "stated": "a number that its makers state, without a study",
}
IN_WORDS = ("title", "short_title", "language", "about", "recall", "copyright", "license")
INSTRUMENT: content.Rules = {
    "version should be 1 or more, recall_days and every_days 0 or more": lambda one: (
        one.recall_days >= 0 and one.every_days >= 0 and one.version >= 1
    ),
    "what is not free needs a notice": lambda one: one.free or one.notice,
    "there is nothing to score: give it items": lambda one: one.scored,
    f"the scoring rule should be one of {', '.join(RULES)}, not {{0.scoring.rule!r}}": lambda one: (
        one.scoring.rule in RULES
    ),
    "the scoring rule needs a source": lambda one: one.scoring.source,
    "without a total there are subscales, and no bands, change or missing_allowed of the whole": lambda one: (
        one.scoring.rule != "subscales"
        or (one.subscales and not (one.bands or one.change or one.scoring.missing_allowed))
    ),
    "the bands need a source": lambda one: one.scoring.rule == "subscales" or one.bands_source,
    "look_from should be where a band begins, of an instrument in which more is worse": lambda one: (
        not one.look_from or (not one.low_is_worse and one.look_from in [band.lowest for band in one.bands])
    ),
    "missing_allowed should leave at least one item answered": lambda one: (
        0 <= one.scoring.missing_allowed < len(one.scored)
    ),
    "a total with items missing needs a missing_source": lambda one: (
        not one.scoring.missing_allowed or one.scoring.missing_source
    ),
    "a change needs a source, and in cited the words by which a reader is told it": lambda one: (
        not one.change or (one.change.source and one.change.cited)
    ),
    "a change is one from 1 point or more": lambda one: not one.change or one.change.points >= 1,
    f"the kind of a change should be one of {', '.join(CHANGES)}, not {{0.change.kind!r}}": lambda one: (
        not one.change or one.change.kind in CHANGES
    ),
    "what is explained needs an explained_source": lambda one: not one.explained or one.explained_source,
    "critical needs an urgent answer": lambda one: not one.critical or one.critical.urgent,
    "critical needs a stand_in for programs that do not ask about safety, and nothing else has one": lambda one: (
        bool(one.critical) == bool(one.stand_in)
    ),
    "a wording source needs a title, and an address that begins with https://": lambda one: all(
        source.title and source.address.startswith("https://") for source in one.wording_sources
    ),
    "verified needs two wording_sources": lambda one: (
        not one.verified or len({source.address for source in one.wording_sources}) >= 2
    ),
}
ITEM: content.Rules = {
    "item {0.id!r} should have an id of small letters, digits and underscores": lambda one: re.fullmatch(
        r"[a-z0-9_]+", one.id
    ),
    "item {0.id} has no words": lambda one: one.text.strip(),
    "item {0.id} should have two answers or more, each with words": lambda one: (
        len(one.answers) >= 2 and all(answer.words.strip() for answer in one.answers)
    ),
}


def check(instrument: Instrument) -> None:
    """Raises ValueError, saying what is wrong first, when an instrument could not be shown, scored or trusted."""
    for name in IN_WORDS:
        if not getattr(instrument, name).strip():
            raise ValueError(f"{name} should not be empty")
    content.check(instrument, INSTRUMENT)
    _items(instrument)
    scoring = instrument.scoring
    if scoring.rule != "subscales":
        _range("the total", scoring.lowest, scoring.highest, instrument.scored, RULES[scoring.rule])
        _bands("the total", instrument.bands, scoring.lowest, scoring.highest)
    _known("never_missing", scoring.never_missing, instrument)
    if instrument.subscales:
        _subscales(instrument)
    if critical := instrument.critical:
        _known("critical", [critical.item], instrument)
        content.once("critical answer", [*critical.same_day, *critical.urgent])
        if unknown := {*critical.same_day, *critical.urgent} - instrument.by_id[critical.item].values:
            raise ValueError(f"critical names the answer {sorted(unknown)} that {critical.item} does not have")


def _items(instrument: Instrument) -> None:
    content.once("item", [item.id for item in instrument.items])
    content.once("question number", [item.number for item in instrument.items])
    before: list[str] = []
    for item in instrument.items:
        content.check(item, ITEM)
        content.once(f"answer of item {item.id}", [answer.value for answer in item.answers])
        content.once(f"answer of item {item.id}", [answer.words for answer in item.answers])
        if item.after and item.after not in before:
            raise ValueError(f"item {item.id} is asked after {item.after!r}, which is no item before it")
        before.append(item.id)


def _subscales(instrument: Instrument) -> None:
    content.once("subscale", [subscale.id for subscale in instrument.subscales])
    named = [item for subscale in instrument.subscales for item in subscale.items]
    _known("a subscale", named, instrument)
    content.once("item of the subscales", named)
    if left := [item.id for item in instrument.scored if item.id not in named]:
        raise ValueError(f"no subscale has {', '.join(left)}")
    for subscale in instrument.subscales:
        where = f"subscale {subscale.id}"
        if not subscale.source:
            raise ValueError(f"{where} needs a source")
        _range(where, subscale.lowest, subscale.highest, [instrument.by_id[name] for name in subscale.items], 1)
        if subscale.bands:
            _bands(where, subscale.bands, subscale.lowest, subscale.highest)


def _known(where: str, names: Iterable[str], instrument: Instrument) -> None:
    if strange := [name for name in names if name not in instrument.by_id or not instrument.by_id[name].scored]:
        raise ValueError(f"{where} names {', '.join(strange)}, which is no scored item")


def _range(where: str, lowest: int, highest: int, items: Iterable[Item], times: int) -> None:
    values = [item.values for item in items]
    least, most = (times * sum(end(one) for one in values) for end in (min, max))
    if (lowest, highest) != (least, most):
        raise ValueError(f"{where} runs from {least} to {most}, not from {lowest} to {highest}")


def _bands(where: str, bands: Sequence[Band], lowest: int, highest: int) -> None:
    start = lowest
    for band in bands:
        if band.lowest != start or band.highest < band.lowest:
            raise ValueError(f"the bands of {where} leave a gap or overlap at {start}: {band.lowest} to {band.highest}")
        if not band.name or not band.plain:
            raise ValueError(f"the band {band.lowest} to {band.highest} of {where} needs a name and plain words")
        start = band.highest + 1
    if start != highest + 1:
        raise ValueError(f"the bands of {where} should end at {highest}, not at {start - 1}")
