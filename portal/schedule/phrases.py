"""What the schedule says of a change to those who come: why, which days it is true of, and what was seen."""

from collections.abc import Collection, Iterable
from datetime import date

from portal import words
from portal.schedule.meetings import Change

NAMED = 3  # days that are named one by one
SEEN = {
    "moved": "the new time",
    "cancelled": "that it is cancelled",
    "restored": "that it is on after all",
    "led": "who leads it now",
    "placed": "the new place",
    "lasts": "the new length",
}


def seen(changes: Collection[Change]) -> str:
    """What one act changed, after "I have seen": "the new time", "the new room"; "this" where it is several things."""
    if len({change.kind for change in changes}) != 1:
        return "this"
    change = next(iter(changes))
    if change.kind == "placed" and change.was == change.becomes:
        return "the new video link"
    if change.kind == "placed" and (change.becomes or "").startswith("Room"):
        return "the new room"
    return SEEN[change.kind]


def on_days(days: Iterable[date]) -> str:
    """ "Fri, Mar 13; Mon, Mar 16; Wed, Mar 18; and 2 more": the first days, and how many there are besides."""
    different = sorted(set(days))
    named, rest = different[:NAMED], len(different) - NAMED
    return "; ".join([*map(words.short_day, named), *([f"and {rest} more"] if rest > 0 else [])])
