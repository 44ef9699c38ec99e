"""All that a calendar file says of groups: series with their sessions, changes, and events that are not imported."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from portal import clock
from portal.schedule.calendar.importing.overrides import FileSession, Override


@dataclass(frozen=True, slots=True)
class GroupSeries:
    """One group as the file has it; wall times are naive in `zone`.

    `first_at`, `rule` and `skips` (days without a session) are from today on, for the nights that add sessions.
    `sessions` are all that take place: those to come, and of the last 60 days. One that `ended` has none to come, and
    says why. `asked` is what the file says of days and times, in short. `leader_id` leads, where the file names one of
    the therapists. `notes` say what is not as in the file, or not in so many words.
    """

    line: int
    uid: str
    title: str
    room: str
    video_url: str
    first_at: datetime
    zone: str
    minutes: int
    rule: str
    skips: tuple[date, ...] = ()
    sessions: tuple[FileSession, ...] = ()
    extra: frozenset[datetime] = frozenset()
    asked: tuple[str, ...] = ()
    leader_id: int | None = None
    ended: str = ""
    notes: tuple[str, ...] = ()

    def ahead(self, now: datetime) -> list[FileSession]:
        """The sessions that are still to come."""
        return [one for one in self.sessions if clock.at_wall(one.wall_at, self.zone, strict=False) > now]


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """Changes of single sessions of a series that is not in the file itself; where it is not here, it `ended`."""

    line: int
    uid: str
    title: str
    overrides: tuple[Override, ...]
    ended: str = "it changes one session of a series that is not here."


@dataclass(frozen=True, slots=True)
class EventAside:
    """An event that is not imported, and why."""

    line: int
    title: str
    reason: str
    uid: str = ""


@dataclass(slots=True)
class FileContent:
    """All the events of a file: the series they make, changes of others, and those that make none.

    `uids` are those of all of them; `is_whole` is false for a message about some events, which is no calendar.
    """

    series: list[GroupSeries] = field(default_factory=list)
    changes: list[SeriesChange] = field(default_factory=list)
    left_out: list[EventAside] = field(default_factory=list)
    refused: list[EventAside] = field(default_factory=list)
    uids: frozenset[str] = frozenset()
    is_whole: bool = True


def is_ahead(sessions: Iterable[FileSession], now: datetime) -> bool:
    """Whether any of the sessions is still to come."""
    return any(clock.at_wall(one.wall_at, one.zone, strict=False) > now for one in sessions)
