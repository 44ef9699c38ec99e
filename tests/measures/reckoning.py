"""A second way of scoring, on paper so to speak: cut points typed in here, fractions for the rounding, no file read."""

from bisect import bisect_right
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

PHQ_9 = ([5, 10, 15, 20], ["Minimal", "Mild", "Moderate", "Moderately severe", "Severe"])
GAD_7 = ([5, 10, 15], ["Minimal", "Mild", "Moderate", "Severe"])


def band(table, total):
    """The name of the band that `total` falls into."""
    cuts, names = table
    return names[bisect_right(cuts, total)]


def half_up(fraction):
    """A fraction as a whole number, a half upward."""
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def phq_9(column):
    """(total, prorated, tier) of nine answers, None for those left out."""
    ninth = column[8]
    tier = {None: "not answered", 0: "", 1: "same_day", 2: "urgent", 3: "urgent"}[ninth]
    given = [figure for figure in column if figure is not None]
    if ninth is None or len(given) < 7:
        return None, False, tier
    return half_up(Fraction(sum(given), len(given)) * 9), len(given) < 9, tier


def gad_7(column):
    """The total of seven answers, None if one was left out."""
    return None if None in column else sum(column)
