"""Days as people write them: one, or one a line."""

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_NAMED = 10  # lines
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_NAMED = re.compile(r"(?:[a-z]+,? +)?([a-z]{3})[a-z]*\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")


def day(text: str) -> date:
    """The day that "2026-12-24", "12/24/2026" or "Thu, Dec 24, 2026" names; raises ValueError for anything else."""
    text = text.strip().lower()
    if found := _ISO.fullmatch(text):
        year, month, number = found.groups()
    elif found := _SLASHED.fullmatch(text):
        month, number, year = found.groups()
    elif (found := _NAMED.fullmatch(text)) and found[1] in MONTHS:
        month, number, year = str(MONTHS.index(found[1]) + 1), found[2], found[3]
    else:
        raise ValueError("Write the day as 12/24/2026.")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.")
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise ValueError("There is no such day.") from None


def listed(text: str) -> tuple[date, ...]:
    """The days of a text with one on each line, in order and each once; raises ValueError that names the bad lines."""
    found, wrong = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.add(day(line))
        except ValueError as error:
            wrong.append(f"Line {number}, “{line.strip()[:40]}”: {error}")
    if wrong:
        more = f" And {len(wrong) - MOST_NAMED} more." if len(wrong) > MOST_NAMED else ""
        raise ValueError(" ".join(wrong[:MOST_NAMED]) + more)
    return tuple(sorted(found))


def lines(held: tuple[date, ...]) -> str:
    """Days as the text that `listed` reads."""
    return "\n".join(f"{each:%m/%d/%Y}" for each in held)
