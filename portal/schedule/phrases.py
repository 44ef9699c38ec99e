"""Sentences of the schedule: of a change to those who come, of days, and of what is in the way of a session."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from portal import words
from portal.schedule.clashes import Clash
from portal.schedule.meetings import MeetingChange

NAMED = 3  # days that are named one by one
MOST_NAMED = 6  # sessions that are named one by one
CLASHES = {
    "facilitator": "leads",
    "room": "is used by",
    "person": "comes to",
    "closed": "is closed on",
    "skipped": "does not meet on",
}
SEEN = {
    "moved": "the new time",
    "cancelled": "that it is cancelled",
    "restored": "that it is on after all",
    "led": "who leads it now",
    "placed": "the new place",
    "lasts": "the new length",
}


def seen(changes: Collection[MeetingChange]) -> str:
    """The words after "I have seen" for one act: "the new time", "the new room"; "this" where it is several things."""
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


def moment(wall: datetime, today: date) -> str:
    """ "Mon, Mar 9, 1:00 pm", with the year where it is another one than that of `today`."""
    return f"{words.short_day(wall.date(), today)}, {words.hour(wall)}"


def near_moment(wall: datetime, today: date) -> str:
    """ "today 1:00 pm", "tomorrow 1:00 pm", "Fri 1:00 pm" in the six days ahead, else with the day in full."""
    ahead = (wall.date() - today).days
    if ahead in (0, 1):
        return f"{words.inside(words.relative_day(wall.date(), today))} {words.hour(wall)}"
    return f"{wall:%a} {words.hour(wall)}" if 1 < ahead < 7 else moment(wall, today)


def seen_changes(count: int) -> str:
    """The words of the button for so many changes: "I have seen this change", "I have seen both changes"."""
    which = {1: "this change", 2: "both changes"}.get(count, f"all {words.number(count)} changes")
    return f"I have seen {which}"


def first_few(named: Iterable[str]) -> str:
    """The first few of what is `named`, and how many more there are."""
    held = list(dict.fromkeys(named))
    more = len(held) - MOST_NAMED
    return "; ".join(held[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def in_the_way(found: Iterable[Clash], today: date) -> list[str]:
    """Clashes in words, those that are alike in one line, in the order in which they begin."""
    alike: dict[tuple[str, str, str, str], list[Clash]] = {}
    for clash in found:
        other = clash.other.title if clash.other else ""
        alike.setdefault((clash.meeting.title, clash.kind, clash.who, other), []).append(clash)
    return list(dict.fromkeys(_in_the_way(clashes, today) for clashes in alike.values()))


def _in_the_way(alike: list[Clash], today: date) -> str:
    one, verb = alike[0], CLASHES[alike[0].kind]
    if one.other is None:
        days = sorted({clash.meeting.time.day for clash in alike})
        return f"{one.who} {verb} {first_few(map(words.full_day, days))}."
    times = sorted({clash.other.time.local_start for clash in alike if clash.other})
    said = f"{one.who} {verb} {one.other.title}"
    if len(times) == 1:
        return f"{said} at that time ({moment(times[0], today)})."
    if times[0].date() == times[-1].date():
        return f"{said}: {len(times)} times on {words.full_day(times[0])}."
    ends = f"{words.full_date(times[0])} to {words.full_date(times[-1])}"
    return f"{said}: {len(times)} times, {weekdays({time.weekday() for time in times})}, {ends}."


def weekdays(days: Iterable[int]) -> str:
    """Days of the week, of which Monday is 0: "Mondays, Wednesdays and Fridays"."""
    return words.listed([f"{words.WEEKDAYS[day]}s" for day in sorted(days)])


def doubled(walls: Iterable[datetime]) -> list[str]:
    """The sentences about wall times that the clocks show twice."""
    return [
        f"The clocks go back on {words.full_day(wall)}: the session is at the first {words.hour(wall)}."
        for wall in walls
    ]
