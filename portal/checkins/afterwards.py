"""What the page after a check-in says: one plain sentence about the numbers, and one thing to try."""

from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.checkins import Entry
from portal.checkins.days import Day

STRONG = 7
LOW = 3


def sentence(entry: Entry, days: list[Day], today: date) -> str:
    """What changed since the check-in before, in numbers. It never judges and never reassures."""
    before = [e for day in days for e in day.entries if (e.for_day, e.entered_at) < (entry.for_day, entry.entered_at)]
    if not before:
        return f"Your mood is {entry.mood}. It is the first check-in in these 14 days."
    last = before[-1]
    when = "earlier today" if last.for_day == today else f"on {clock.relative_day(last.for_day, today)}"
    when = {"on Yesterday": "yesterday", "on Today": "today"}.get(when, when)
    if entry.mood == last.mood:
        return f"Your mood is {entry.mood}, the same as {when}."
    return f"Your mood is {entry.mood}. It was {last.mood} {when}."


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One exercise, by its address, and why it is offered now."""

    slug: str
    why: str


def suggestion(entry: Entry) -> Suggestion:
    """One thing to try, by a fixed rule. After a yes to the safety question or a low mood it asks for no writing."""
    if entry.positive:
        return Suggestion("slow-breath", "A few slow breaths can steady you while you reach someone.")
    if entry.urges is not None and entry.urges >= STRONG:
        return Suggestion("the-wave", f"You put your urges at {entry.urges}. Watching one rise and fall can help.")
    if entry.anxiety is not None and entry.anxiety >= STRONG:
        return Suggestion("slow-breath", f"You put your anxiety at {entry.anxiety}. A longer breath out can help.")
    if entry.mood <= LOW:
        return Suggestion("slow-breath", f"You put your mood at {entry.mood}. A few slow breaths are enough for now.")
    return Suggestion("notice-and-weigh", "On a steadier day, one written-down thought is good practice.")
