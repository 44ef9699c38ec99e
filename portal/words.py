"""Counts, lists, days, times and durations as people say them: the only place that joins words."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from unicodedata import bidirectional

from portal import clock

NEAR = ("Yesterday", "Today", "Tomorrow")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENDS = (".", "!", "?", "…")
CLOSERS = "”’\"')]"  # what may stand after the end of a sentence
ON_EARTH = (timedelta(hours=-12), timedelta(hours=14))  # how far the clocks of its places are from UTC
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def counted(count: int, noun: str, one: str = "", many: str = "") -> str:
    """A count of things, with the verb for one and for many: "1 day", "3 days", "1 group meets", "2 groups meet"."""
    verb = one if count == 1 else many
    return f"{count} {noun}{'' if count == 1 else 's'}{verb and f' {verb}'}"


def number(count: int) -> str:
    """A small count in letters, a larger one in digits: "two", "12"."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def times(count: int) -> str:
    """The number of times, in words: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def listed(parts: Sequence[str]) -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"; "" for none."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def hour(moment: datetime) -> str:
    """A wall time in words: "1:00 pm"."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"


def span(start: datetime, end: datetime) -> str:
    """A range of wall times in words: "1:00 to 4:00 pm", "10:00 am to 1:00 pm"."""
    first = hour(start)
    if (start.hour < 12) == (end.hour < 12):
        first = first[:-3]
    return f"{first} to {hour(end)}"


def weekday(day: date, today: date | None = None) -> str:
    """A day in words, weekday first, with the year where it is not this year: "Wednesday, March 11"."""
    return _with_other_year(f"{day:%A, %B} {day.day}", day, today)


def short_day(day: date, today: date | None = None) -> str:
    """A day in few letters, with the year where it is not this year: "Wed, Mar 11", "Fri, Jan 2, 2026"."""
    return _with_other_year(f"{day:%a, %b} {day.day}", day, today)


def month_day(day: date, today: date | None = None) -> str:
    """A day on an axis, with the year where it is not this year: "Mar 11", "Dec 30, 2025"."""
    return _with_other_year(f"{day:%b} {day.day}", day, today)


def days_between(first: date, last: date) -> str:
    """The days from `first` to `last` in few letters: "Mon, Dec 14 to Fri, Dec 18"; one day is said once."""
    return short_day(first) if first == last else f"{short_day(first)} to {short_day(last)}"


def full_day(day: date) -> str:
    """A day that is kept or lies far ahead, always with its year: "Wednesday, March 11, 2026"."""
    return f"{day:%A, %B} {day.day}, {day.year}"


def full_date(day: date) -> str:
    """A day of the calendar, always with its year: "March 11, 2026"."""
    return f"{day:%B} {day.day}, {day.year}"


def clock_of(zone_name: str) -> str:
    """The clock of a zone by its place, as people name it: "New York time"; "UTC" has no place."""
    place = zone_name.rpartition("/")[2].replace("_", " ")
    return place if place == "UTC" else f"{place} time"


def _with_other_year(said: str, day: date, today: date | None) -> str:
    """A day in words, with its year unless that is the reader's: the year of `today`, or this year all over Earth."""
    this_year = {today.year} if today else {(clock.now() + ahead).year for ahead in ON_EARTH}
    return said if this_year == {day.year} else f"{said}, {day.year}"


def relative_day(day: date, today: date) -> str:
    """ "Today", "Yesterday", "Tomorrow", a weekday within the last six days, else the short day."""
    distance = (day - today).days
    if distance in (-1, 0, 1):
        return NEAR[distance + 1]
    return f"{day:%A}" if -7 < distance < 0 else short_day(day, today)


def moment(instant: datetime, zone_name: str, today: date) -> str:
    """An instant in words for a reader whose day is `today`: "Today, 10:52 am", "Tuesday, 2:10 pm"."""
    wall = clock.local(instant, zone_name)
    return f"{relative_day(wall.date(), today)}, {hour(wall)}"


def full_moment(instant: datetime, zone_name: str) -> str:
    """An instant in full: "Wednesday, March 18, 10:52 am"."""
    wall = clock.local(instant, zone_name)
    return f"{weekday(wall.date())}, {hour(wall)}"


def inside(said: str) -> str:
    """A day or moment of these functions inside a sentence: "today, 10:52 am", "Tuesday, 2:10 pm"."""
    return said[0].lower() + said[1:] if said.partition(",")[0] in NEAR else said


def isolated(said: str) -> str:
    """The words of somebody as a part of a sentence of ours, which those from right to left do not turn around."""
    return f"\u2068{said}\u2069" if any(bidirectional(sign) in ("R", "AL") for sign in said) else said


def decapitalized(said: str) -> str:
    """The name of a thing inside a sentence: "The moment" is "the moment"; "I" and "OCD" stay."""
    return said if said[1:2] in ("", " ", "'", "’") or said[1:2].isupper() else said[0].lower() + said[1:]


def on_day(day: date, today: date) -> str:
    """A day as the time of something, in a sentence: "today", "on Sunday", "on Wed, Mar 11"."""
    said = relative_day(day, today)
    return inside(said) if said in NEAR else f"on {said}"


def when(instant: datetime, zone_name: str, today: date) -> str:
    """An instant inside a sentence: "today, 1:00 pm", "Thursday, 5:30 pm"."""
    return inside(moment(instant, zone_name, today))


def opening_hour(wall: time) -> str:
    """A time of day without minutes where it has none: "8 am", "8:30 am"."""
    minutes = f":{wall:%M}" if wall.minute else ""
    return f"{wall.hour % 12 or 12}{minutes} {'am' if wall.hour < 12 else 'pm'}"


def waited(start: datetime, end: datetime) -> str:
    """The time between two instants: "under a minute", "21 minutes", "1 hour", "3 h 5 min", "2 days 4 h"."""
    return duration(int((end - start).total_seconds()) // 60)


def duration(minutes: int) -> str:
    """A duration of whole minutes: "under a minute", "21 minutes", "1 hour", "3 h 5 min", "2 days 4 h"."""
    if minutes < 60:
        return "under a minute" if minutes < 1 else counted(minutes, "minute")
    hours, left = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {left} min" if left else counted(hours, "hour")
    days, hours = divmod(hours, 24)
    return f"{counted(days, 'day')} {hours} h" if hours else counted(days, "day")


def first_words(text: str, most: int = 40) -> str:
    """The beginning of a text, cut between two words: "Thank you for writing about the…"; all of it if it is short.

    It has at most `most` letters. A first word that is longer than that is cut in itself.
    """
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[: most + 1].rpartition(" ")[0] or text[:most]
    return f"{cut.rstrip(',;:.')}…"


def closed(text: str) -> str:
    """A sentence that somebody wrote, with a full stop if it ends without one; "" for nothing."""
    text = text.strip()
    return text if not text or text.rstrip(CLOSERS).endswith(ENDS) else f"{text}."
