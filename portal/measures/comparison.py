"""A measure compared with the first time and with the last."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.measures import scoring
from portal.measures.measure_entries import MeasureVersion
from portal.measures.scoring import ScoreChange


@dataclass(frozen=True, slots=True)
class Comparison:
    """An entry of the same measure before this one, and the change from it."""

    before: MeasureVersion
    change: ScoreChange


def compare(entry: MeasureVersion, history: Sequence[MeasureVersion]) -> list[Comparison]:
    """`entry` against the one of the time before and, if that is another one, the first; both with a total.

    `history` holds the entries of its measure, the oldest first. Another version of the instrument is not compared,
    and neither are two of one day: what is answered once more within minutes is no change over time, and of another
    day the last answers count.
    """
    one = entry.instrument
    if one is None or entry.total is None:
        return []
    index = next(place for place, each in enumerate(history) if each.key == entry.key)
    by_day = {
        each.for_day: each
        for each in history[:index]
        if each.total is not None
        and each.instrument_version == entry.instrument_version
        and each.for_day < entry.for_day
    }
    like = list(by_day.values())
    chosen = [*like[-1:], *like[:-1][:1]]
    return [Comparison(before, scoring.change_between(one, before.total, entry.total)) for before in chosen]
