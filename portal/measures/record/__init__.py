"""One participant's measures as their therapist sees them: each with its totals, changes and answers, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.exceptions import NotFound

from portal import measures
from portal.measures import measure_schedules
from portal.measures.instrument import Instrument
from portal.measures.measure_entries import MeasureVersion, every_version
from portal.measures.measure_schedules import NEVER
from portal.people import Person
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class MeasureShown:
    """One instrument: its entries, the oldest first, and how often it is asked, by whose choice."""

    asked: Instrument
    entries: list[MeasureVersion]
    every: str
    by_program: bool

    @property
    def drawn(self) -> bool:
        """Whether two or more totals make a line to draw."""
        return sum(entry.total is not None for entry in self.entries) > 1


@dataclass(frozen=True, slots=True)
class MeasureRecord:
    """Everything on the page: instruments that may be asked or were, the totals of measures that are not here, and
    by the key of each entry the versions before its latest."""

    shown: list[MeasureShown]
    totals: list[MeasureVersion]
    earlier: Mapping[str, list[MeasureVersion]]
    chosen: Mapping[str, str]

    def total(self, key: str) -> MeasureVersion:
        """The total called `key`; raises NotFound."""
        for entry in self.totals:
            if entry.key == key:
                return entry
        raise NotFound


def measure_record_of(participant: Person, program: ProgramFacts) -> MeasureRecord:
    """The measures of `participant`, in two reads."""
    kept, earlier = every_version(participant)
    chosen = measure_schedules.chosen_for(participant)
    may_be_asked = measures.served(program)
    answered = {entry.slug for entry in kept}
    shown = []
    for slug, asked in measures.INSTRUMENTS.items():
        if slug in may_be_asked or slug in answered:
            own = [entry for entry in kept if entry.slug == slug]
            every, chosen_for = measure_schedules.rhythm_of(measures.asked_as(slug, program), chosen, program)
            shown.append(MeasureShown(asked, own, every if slug in may_be_asked else NEVER, chosen_for is None))
    shown.sort(key=lambda one: (not one.entries, one.every == NEVER))
    totals = [entry for entry in reversed(kept) if entry.instrument is None]
    return MeasureRecord(shown, totals, earlier, chosen)
