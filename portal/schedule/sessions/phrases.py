"""What planning says before it saves: what moves, what is cancelled, what stays, and what the clocks do."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from portal import clock, words
from portal.schedule.clashes import OFF, Clash
from portal.schedule.groups import recurrence
from portal.schedule.groups.following import Outcome
from portal.schedule.groups.weekly import Weekly

NAMED = 6  # sessions that are named one by one
FAR = timedelta(weeks=8)  # beyond which a move is asked about
ACTS = {
    "moved": "Moved",
    "cancelled": "Cancelled",
    "restored": "Takes place again",
    "led": "Led by someone else",
    "placed": "Another place",
    "lasts": "Another length",
}


def day(shown: date, today: date) -> str:
    """ "Mon, Mar 9", with the year where it is another one than that of `today`."""
    return words.short_day(shown) + (f", {shown.year}" if shown.year != today.year else "")


def full_day(shown: date, today: date) -> str:
    """ "Monday, March 9", with the year where it is another one than that of `today`."""
    return words.weekday(shown) + (f", {shown.year}" if shown.year != today.year else "")


def moment(wall: datetime, today: date) -> str:
    """ "Mon, Mar 9, 1:00 pm", with the year where it is another one than that of `today`."""
    return f"{day(wall.date(), today)}, {words.hour(wall)}"


def some(named: Collection[str]) -> str:
    """The first few of what is `named`, and how many more there are."""
    held = list(dict.fromkeys(named))
    more = len(held) - NAMED
    return "; ".join(held[:NAMED]) + (f"; and {more} more" if more > 0 else "")


def span(wall: datetime, minutes: int) -> str:
    """ "6:00 to 9:00 pm"."""
    return words.span(wall, wall + timedelta(minutes=minutes))


def far(was: date, becomes: date, today: date) -> list[str]:
    """The question about a move to a day that is far from the one it `was`, or in another year."""
    weeks = round(abs((becomes - was).days) / 7)
    if abs(becomes - was) > FAR:
        way = "later" if becomes > was else "earlier"
        return [f"{full_day(becomes, today)}, is {weeks} weeks {way}. Move it there?"]
    if becomes.year != was.year:
        return [f"{words.weekday(becomes)}, {becomes.year}, is in another year. Move it there?"]
    return []


def folded(found: Iterable[Clash], today: date) -> list[str]:
    """Clashes in words, those that are alike in one line, in the order in which they begin."""
    alike: dict[tuple[str, ...], list[Clash]] = {}
    for clash in found:
        alike.setdefault((clash.title, clash.kind, clash.who, clash.other), []).append(clash)
    return [_folded(clashes, today) for clashes in alike.values()]


def _folded(alike: list[Clash], today: date) -> str:
    one, times = alike[0], sorted({clash.other_at for clash in alike})
    if one.kind in OFF:
        return f"{one.who} {one.verb} {some([f'{words.weekday(time.date())}, {time.year}' for time in times])}."
    if len(times) == 1:
        return f"{one.who} {one.verb} {one.other} at that time ({moment(times[0], today)})."
    days = Weekly(tuple({time.weekday() for time in times})).words
    ends = f"{full_year(times[0])} to {full_year(times[-1])}"
    return f"{one.who} {one.verb} {one.other}: {len(times)} times, {days}, {ends}."


def full_year(wall: datetime) -> str:
    """ "Nov 30, 2026"."""
    return f"{words.month_day(wall.date())}, {wall.year}"


def is_doubled(wall: datetime, zone: str) -> bool:
    """Whether the clocks show this time twice."""
    return bool(recurrence.doubled([(wall, clock.at_wall(wall, zone))], zone))


def doubled(walls: Iterable[datetime]) -> list[str]:
    """What is said of times that the clocks show twice."""
    return [
        f"The clocks go back on {words.weekday(wall.date())}, {wall.year}: it is at the first {words.hour(wall)}."
        for wall in walls
    ]


def opened(outcome: Outcome, past: bool) -> list[str]:
    """What a new track comes to: its first and last session, how many, and those that lie in the past."""
    said = [f"{words.counted(outcome.added, 'session')}."]
    for which, wall in (("The first", outcome.first), ("The last", outcome.last)):
        if wall:
            said.append(f"{which}: {words.weekday(wall.date())}, {wall.year}, {words.hour(wall)}.")
    if outcome.behind:
        lie = "lies" if outcome.behind == 1 else "lie"
        made = "They are made too." if past else "They are not made."
        said.append(f"{words.counted(outcome.behind, 'session')} {lie} in the past; is the first day right? {made}")
    return said + doubled(outcome.doubled)


def changed(outcome: Outcome, today: date) -> list[str]:
    """What a change of a track comes to; empty when nothing that people know of moves, ends or stays behind."""
    said = []
    counted = (
        (outcome.moved, "moves", "move"),
        (outcome.cancelled, "is cancelled", "are cancelled"),
        (outcome.changed, "changes and keeps its time", "change and keep their time"),
        (outcome.added, "is new", "are new"),
    )
    parts = [
        f"{words.counted(count, 'session')} {one if count == 1 else many}" for count, one, many in counted if count
    ]
    if outcome.moved or outcome.cancelled or outcome.own:
        said += [", ".join(parts) + "."] if parts else []
        said += _becoming(outcome, today)
        said += [f"Cancelled: {some([day(wall.date(), today) for wall in outcome.off])}."] if outcome.off else []
        said += [f"New: {some([day(wall.date(), today) for wall in outcome.new])}."] if outcome.new else []
    if outcome.own:
        said.append(some([f"{day(wall.date(), today)} keeps {what}" for wall, what in sorted(outcome.own)]) + ".")
    if outcome.kept:
        stays = "stays as it is" if len(outcome.kept) == 1 else "stay as they are"
        why = "because somebody has a seat of their own there, came, or left a note with it"
        said.append(
            f"{words.counted(len(outcome.kept), 'session')} {stays} {why}:"
            f" {some([moment(wall, today) for wall, _ in outcome.kept])}."
        )
    return said + doubled(outcome.doubled)


def _becoming(outcome: Outcome, today: date) -> list[str]:
    """Which times, leaders and places become which, one line for those that are alike."""
    turns: dict[tuple[str, str], list[datetime]] = {}
    for old, lasts, new, stays in outcome.times:
        turns.setdefault((span(old, lasts), span(new, stays)), []).append(old)
    for wall, was, becomes in outcome.turned:
        turns.setdefault((was, becomes), []).append(wall)
    return [
        f"From {day(min(walls).date(), today)}: {was} becomes {becomes} ({words.counted(len(walls), 'session')})."
        for (was, becomes), walls in turns.items()
    ]
