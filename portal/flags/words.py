"""What is said of flags: their tiers, when they were raised, and how long they waited."""

from datetime import date, datetime

from portal import clock

TIERS = {"same_day": "Same day", "urgent": "Urgent"}
SAFE_NOW = {"yes": "Yes", "not_sure": "I am not sure", "no": "No"}


def when(instant: datetime, zone: str, today: date) -> str:
    """An instant inside a sentence: "today, 1:00 pm", "Thursday, 5:30 pm"."""
    return clock.inside(clock.moment(instant, zone, today))


def span(start: datetime, end: datetime) -> str:
    """The time between two instants: "under a minute", "21 minutes", "1 hour", "3 h 5 min", "2 days 4 h"."""
    return minutes(int((end - start).total_seconds()) // 60)


def minutes(count: int) -> str:
    """Whole minutes in words."""
    if count < 60:
        return "under a minute" if count < 1 else f"{count} {'minute' if count == 1 else 'minutes'}"
    hours, left = divmod(count, 60)
    if hours < 24:
        return f"{hours} h {left} min" if left else f"{hours} {'hour' if hours == 1 else 'hours'}"
    days, hours = divmod(hours, 24)
    named = f"{days} {'day' if days == 1 else 'days'}"
    return f"{named} {hours} h" if hours else named
