"""Measures: validated instruments as files, and what answers to them come to."""

from collections.abc import Collection

from portal.measures import instrument_files, totals
from portal.measures.instrument import Instrument

INSTRUMENTS = instrument_files.load()
TOTALS = totals.load()


def served(program_turned_on: Collection[str]) -> dict[str, Instrument]:
    """The instruments that may be asked: their wording is verified, and they are free or the program turned them on."""
    return {slug: one for slug, one in INSTRUMENTS.items() if one.verified and (one.free or slug in program_turned_on)}
