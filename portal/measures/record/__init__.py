"""One participant's measures as their therapist sees them: each with its totals, changes and answers, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.exceptions import NotFound

from portal import measures
from portal.measures import comparison, measure_schedules, phrases
from portal.measures.comparison import Comparison
from portal.measures.instrument import Instrument
from portal.measures.measure_entries import MeasureVersion, every_version
from portal.people import Person
from portal.program import ProgramFacts

NEVER = "never"


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One entry in words: what it came to, what its critical item asks for, the changes from those before, and what it
    was before it was changed."""

    entry: MeasureVersion
    words: str
    critical: str
    compared: list[Comparison]
    earlier: list[tuple[MeasureVersion, str]]

    def change_in_words(self, one: Comparison) -> str:
        asked = self.entry.instrument
        return phrases.change_to_therapist(asked, one.change) if asked else ""


@dataclass(frozen=True, slots=True)
class MeasureShown:
    """One instrument: its entries, the newest first, and how often it is asked, by whose choice."""

    asked: Instrument
    entries: list[MeasureVersion]
    lines: list[MeasureLine]
    every: str
    by_program: bool

    @property
    def drawn(self) -> bool:
        """Whether two or more totals make a line to draw."""
        return sum(entry.total is not None for entry in self.entries) > 1


@dataclass(frozen=True, slots=True)
class MeasureRecord:
    """Everything on the page: instruments that may be asked or were, and the totals of measures that are not here,
    each with what it was before."""

    shown: list[MeasureShown]
    totals: list[tuple[MeasureVersion, list[MeasureVersion]]]
    chosen: Mapping[str, str]

    def total(self, key: str) -> MeasureVersion:
        """The total called `key`; raises NotFound."""
        for entry, _ in self.totals:
            if entry.key == key:
                return entry
        raise NotFound


def measure_record_of(participant: Person, program: ProgramFacts) -> MeasureRecord:
    """The measures of `participant`, in two reads."""
    kept, earlier = every_version(participant)
    chosen = measure_schedules.chosen_for(participant)
    may_be_asked = measures.served(program.turned_on)
    answered = {entry.slug for entry in kept}
    shown = []
    for slug, asked in measures.INSTRUMENTS.items():
        if slug in may_be_asked or slug in answered:
            own = [entry for entry in kept if entry.slug == slug]
            every = chosen.get(slug, program.measures.get(slug, NEVER)) if slug in may_be_asked else NEVER
            shown.append(MeasureShown(asked, own, measure_lines(asked, own, earlier), every, slug not in chosen))
    shown.sort(key=lambda one: (not one.entries, one.every == NEVER))
    totals = [(entry, earlier[entry.key]) for entry in reversed(kept) if entry.instrument is None]
    return MeasureRecord(shown, totals, chosen)


def measure_lines(
    asked: Instrument, own: Sequence[MeasureVersion], earlier: Mapping[str, list[MeasureVersion]]
) -> list[MeasureLine]:
    """The entries of one instrument in words, the newest first."""
    return [
        MeasureLine(
            entry,
            phrases.to_therapist(asked, entry.score()),
            phrases.CRITICAL[entry.critical],
            comparison.compare(entry, own),
            [(before, phrases.to_therapist(asked, before.score())) for before in reversed(earlier[entry.key])],
        )
        for entry in reversed(own)
    ]
