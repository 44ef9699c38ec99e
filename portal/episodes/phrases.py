"""The phrases of a stay: how far somebody has come in it."""

from datetime import date

from portal import clock, words


def step_in_words(starts_on: date | None, planned_end: date | None, today: date) -> str:
    """ "Week 5 of 9", "Starts Mon, Dec 7", "Week 10, 9 were planned"; "Not enrolled" without a stay."""
    if starts_on is None:
        return "Not enrolled"
    if starts_on > today:
        return f"Starts {words.short_day(starts_on, today)}"
    week, planned = _week(starts_on, today), _week(starts_on, planned_end) if planned_end else None
    if planned and week > planned:
        return f"Week {week}, {planned} were planned"
    return f"Week {week} of {planned}" if planned else f"Week {week}"


def _week(starts_on: date, day: date) -> int:
    return (clock.monday_of(day) - clock.monday_of(starts_on)).days // 7 + 1
