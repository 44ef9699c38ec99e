"""Differences of a session in a file from the one that is here, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import words
from portal.schedule.calendar.importing.overrides import FileSession
from portal.schedule.meetings import Place
from portal.schedule.models import Session

KINDS = {"moved": ("wall_at", "zone"), "lasts": ("minutes",), "placed": ("room", "video_url"), "named": ("title",)}


@dataclass(frozen=True, slots=True)
class SessionDifference:
    """One thing of one session that is other in the file.

    `kind` is added, cancelled, restored, moved, lasts, placed or named. It `was` so and `becomes` otherwise, in words.
    `why` is the reason to leave it as it is, if there is one; it `follows` where that was said, or where there is none.
    """

    kind: str
    wall_at: datetime
    was: str = ""
    becomes: str = ""
    why: str = ""
    follows: bool = True


def as_in_file(row: Session | None) -> FileSession | None:
    """A session as it is here, in the words of a file; None for one that is cancelled."""
    if row is None or row.status == "cancelled" or row.occurrence is None:
        return None
    return FileSession(row.occurrence, row.wall_at, row.minutes, row.title, row.room, row.video_url, row.zone)


def values_of(one: FileSession | None, names: tuple[str, ...]) -> tuple[Any, ...] | None:
    return None if one is None else tuple(getattr(one, name) for name in names)


def in_words(kind: str, mine: FileSession, theirs: FileSession) -> tuple[str, str]:
    """One thing of a session as it was, and as it becomes."""
    if kind == "moved" and mine.wall_at.date() == theirs.wall_at.date():
        return words.hour(mine.wall_at), words.hour(theirs.wall_at)
    if kind == "moved":
        return _moment(mine.wall_at), _moment(theirs.wall_at)
    if kind == "lasts":
        return words.counted(mine.minutes, "minute"), words.counted(theirs.minutes, "minute")
    if kind == "named":
        return mine.title, theirs.title
    was, becomes = Place(mine.room, mine.video_url).words, Place(theirs.room, theirs.video_url).words
    return was or "no place", (becomes or "no place") if was != becomes else f"{becomes}, with another link"


def _moment(wall: datetime) -> str:
    return f"{words.short_day(wall.date())}, {words.hour(wall)}"
