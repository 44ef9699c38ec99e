"""The beginning of a chain analysis after a check-in: what was answered on that day, for the person to go on from."""

from datetime import date
from typing import Any

from portal import words
from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.suggestions import SHORT_NIGHT

CHAIN = "link-by-link"
WHAT = {"substance_use": "I drank or used", "acted": "I acted on an urge"}


def can_look_back(entry: CheckInVersion) -> bool:
    """Whether a check-in says that somebody drank or used, or acted on an urge."""
    return any(entry.given(item) == "yes" for item in WHAT)


def first_answers(entry: CheckInVersion, today: date) -> dict[str, Any]:
    """The answers of the exercise CHAIN that a check-in gives; what it skipped is not in them."""
    said = [what for item, what in WHAT.items() if entry.given(item) == "yes"]
    short = entry.sleep_hours is not None and entry.sleep_hours < SHORT_NIGHT
    numbers = [f"mood {entry.mood}"]
    others = {"anxiety": entry.anxiety, "urges": entry.urges}
    numbers += [f"{name} {value}" for name, value in others.items() if value is not None]
    numbers += [f"{entry.sleep_hours:g} hours of sleep"] if entry.sleep_hours is not None else []
    day = words.weekday(entry.for_day, today)
    found = {
        "what": words.listed(said),
        "when": day,
        "worn": ["sleep"] if short else None,
        "worn_words": f"My check-in for {day}: {words.listed(numbers)}.",
        "trigger": f"I wrote: {entry.note}" if entry.note else None,
    }
    return {name: value for name, value in found.items() if value}
