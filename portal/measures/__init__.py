"""Measures: validated instruments as files, and what answers to them come to."""

from portal.measures import instrument_files, totals
from portal.measures.instrument import Instrument
from portal.program import ProgramFacts

INSTRUMENTS = instrument_files.load()
TOTALS = totals.load()


def free_to_ask(program: ProgramFacts) -> dict[str, Instrument]:
    """The instruments whose wording is verified, and which are free or were turned on by the program."""
    return {slug: one for slug, one in INSTRUMENTS.items() if one.verified and (one.free or slug in program.turned_on)}


def served(program: ProgramFacts) -> dict[str, Instrument]:
    """The instruments that may be asked: those free to ask; none with a critical item where safety is not asked."""
    return {slug: one for slug, one in free_to_ask(program).items() if program.asks_safety or not one.critical}


def asked_as(slug: str, program: ProgramFacts) -> list[str]:
    """The slugs whose choices hold for the instrument `slug`: its own, then of those that it stands in for now."""
    stands_for = [one.slug for one in INSTRUMENTS.values() if one.stand_in == slug and not program.asks_safety]
    return [slug, *stands_for]
