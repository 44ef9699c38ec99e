"""What planning says before it saves: what moves, what is cancelled, what stays, and what the clocks do."""

from collections.abc import Iterable
from datetime import datetime

from portal import clock
from portal.schedule import recurrence
from portal.schedule.following import Outcome

NAMED = 5  # sessions that are named one by one
ACTS = {
    "moved": "Moved",
    "cancelled": "Cancelled",
    "restored": "Takes place again",
    "led": "Led by someone else",
    "placed": "Another place",
    "lasts": "Another length",
}


def number(count: int, noun: str = "session") -> str:
    """ "1 session", "3 sessions"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def moment(wall: datetime) -> str:
    """ "Mon, Mar 9, 1:00 pm"."""
    return f"{clock.short_day(wall.date())}, {clock.hour(wall)}"


def some(walls: Iterable[datetime]) -> str:
    """The first few moments, and how many more there are."""
    moments = [moment(wall) for wall in walls]
    more = len(moments) - NAMED
    return "; ".join(moments[:NAMED]) + (f"; and {more} more" if more > 0 else "")


def is_doubled(wall: datetime, zone: str) -> bool:
    """Whether the clocks show this time twice."""
    return bool(recurrence.doubled([(wall, clock.at_wall(wall, zone))], zone))


def doubled(walls: Iterable[datetime]) -> list[str]:
    """What is said of times that the clocks show twice."""
    return [
        f"The clocks go back on {clock.weekday(wall.date())}, {wall.year}: it is at the first {clock.hour(wall)}."
        for wall in walls
    ]


def changed(outcome: Outcome) -> list[str]:
    """What a change of a track comes to; empty when nothing that people know of moves, ends or stays behind."""
    said = []
    counted = (
        (outcome.moved, "moves", "move"),
        (outcome.cancelled, "is cancelled", "are cancelled"),
        (outcome.changed, "changes and keeps its time", "change and keep their time"),
        (outcome.added, "is new", "are new"),
    )
    parts = [f"{number(count)} {one if count == 1 else many}" for count, one, many in counted if count]
    if outcome.moved or outcome.cancelled:
        said.append(", ".join(parts) + ".")
    if outcome.kept:
        stays = "stays as it is" if len(outcome.kept) == 1 else "stay as they are"
        why = "because somebody has a seat of their own there, came, or left a note with it"
        said.append(f"{number(len(outcome.kept))} {stays} {why}: {some(wall for wall, _ in outcome.kept)}.")
    return said + doubled(outcome.doubled)
