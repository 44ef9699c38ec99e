"""The measures that the program asks of everyone: how often, and the terms of those that have some."""

from dataclasses import dataclass

from portal import measures
from portal.measures.instrument import Instrument
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class InstrumentOffer:
    """One instrument that could be asked: how often it is asked of everyone, and whether its terms were accepted."""

    asked: Instrument
    every: str
    accepted: bool


def offers(program: ProgramFacts) -> list[InstrumentOffer]:
    """Every instrument whose wording is verified, the free ones first."""
    verified = [one for one in measures.INSTRUMENTS.values() if one.verified]
    found = [
        InstrumentOffer(one, program.measures.get(one.slug, "never"), one.slug in program.turned_on) for one in verified
    ]
    return sorted(found, key=lambda offer: not offer.asked.free)
