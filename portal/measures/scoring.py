"""From answers to a score, and from two scores to a change: pure functions of what the instrument's file says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from portal.measures.instrument import Band, Instrument, Item, Subscale
from portal.measures.instrument_rules import RULES

Tier = Literal["", "same_day", "urgent", "not answered"]
Verdict = Literal["better", "worse", "too small", "none", "cannot be said"]


@dataclass(frozen=True, slots=True)
class SubscaleScore:
    """The score of one subscale: no total and no band when an item of it is missing, or it has no bands."""

    subscale: Subscale
    total: int | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a set of answers.

    `total` is None for the reason in `why_none`. `answered` of `of` counts the scored items that were asked.
    `critical` is the tier that the critical item asks for, "not answered" when it was left out, and "" when it
    asks for none or the instrument has no such item; "" is never a sign of safety.
    """

    total: int | None
    why_none: str
    prorated: bool
    answered: int
    of: int
    parts: tuple[SubscaleScore, ...]
    band: Band | None
    critical: Tier


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """From an earlier score to a later one: `points` is later minus earlier, None where one of them has no total.

    The verdict is "better" or "worse" from the points on at which the instrument's source speaks of a change, "too
    small" below them, "none" for the same total, and "cannot be said" without such a source.
    """

    verdict: Verdict
    points: int | None


def score(instrument: Instrument, answers: Mapping[str, int | None]) -> Score:
    """The score of `answers`, {item id: value or None}; an item that is not in it was left out.

    Raises ValueError for an item that the instrument does not have and for a value that is not one of its answers.
    """
    for name, value in answers.items():
        if name not in instrument.by_id:
            raise ValueError(f"{instrument.slug} has no item {name!r}")
        if value is not None and (type(value) is not int or value not in instrument.by_id[name].values):
            raise ValueError(f"{value!r} is no answer to {name}")
    values = {item.id: 0 if is_passed_over(item, answers) else answers.get(item.id) for item in instrument.scored}
    asked = [item for item in instrument.scored if not is_passed_over(item, answers)]
    total, why_none = _total(instrument, values)
    return Score(
        total=total,
        why_none=why_none,
        prorated=total is not None and None in values.values(),
        answered=sum(values[item.id] is not None for item in asked),
        of=len(asked),
        parts=tuple(_part(subscale, values) for subscale in instrument.subscales),
        band=_band(instrument.bands, total),
        critical=tier(instrument, answers),
    )


def change_between(instrument: Instrument, earlier: int | None, later: int | None) -> ScoreChange:
    """The change between two totals of `instrument`, by what its source says and in its own direction."""
    if earlier is None or later is None:
        return ScoreChange("cannot be said", None)
    points = later - earlier
    if points == 0:
        return ScoreChange("none", 0)
    if instrument.change is None:
        return ScoreChange("cannot be said", points)
    if abs(points) < instrument.change.points:
        return ScoreChange("too small", points)
    return ScoreChange("better" if (points > 0) == instrument.low_is_worse else "worse", points)


def is_passed_over(item: Item, answers: Mapping[str, int | None]) -> bool:
    """Whether the item was not asked, because the one before it was answered with 0."""
    return bool(item.after) and answers.get(item.after) == 0 and answers.get(item.id) is None


def _total(instrument: Instrument, values: Mapping[str, int | None]) -> tuple[int | None, str]:
    """The total and "", or None and why there is none."""
    rule, count = instrument.scoring, len(values)
    if rule.rule == "subscales":
        return None, "It has no total. Each part has its own."
    if left_out := [name for name in rule.never_missing if values[name] is None]:
        number = instrument.by_id[left_out[0]].number
        return None, f"Question {number} was not answered. It is never filled in, so there is no total."
    given = [value for value in values.values() if value is not None]
    missing = count - len(given)
    if missing > rule.missing_allowed:
        needed = (
            f"at most {rule.missing_allowed} may be missing" if rule.missing_allowed else "a total needs all of them"
        )
        return None, f"{missing} of {count} questions were not answered, and {needed}."
    # As if those that are missing were the mean of the others; a half is rounded upward.
    prorated = (2 * sum(given) * count + len(given)) // (2 * len(given))
    return RULES[rule.rule] * prorated, ""


def _part(subscale: Subscale, values: Mapping[str, int | None]) -> SubscaleScore:
    given = [value for name in subscale.items if (value := values[name]) is not None]
    total = sum(given) if len(given) == len(subscale.items) else None
    return SubscaleScore(subscale, total, _band(subscale.bands, total))


def _band(bands: Iterable[Band], total: int | None) -> Band | None:
    return next((band for band in bands if total is not None and band.lowest <= total <= band.highest), None)


def tier(instrument: Instrument, answers: Mapping[str, int | None]) -> Tier:
    """The tier that the answer to the critical item asks for, as Score has it."""
    if (critical := instrument.critical) is None:
        return ""
    value = answers.get(critical.item)
    if value is None:
        return "not answered"
    return "urgent" if value in critical.urgent else "same_day" if value in critical.same_day else ""
