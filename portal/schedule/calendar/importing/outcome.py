"""All that an import is asked for, and all that it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.schedule.calendar.importing.content import EventAside
from portal.schedule.calendar.importing.differences import SessionDifference
from portal.schedule.clashes import Clash
from portal.schedule.groups.track_change import TopicShift


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """All that a coordinator chose for an import.

    `leader_id` leads new groups, which have `capacity` seats if one is given. `taken` are the lines of the events to
    take, None for all; `leaders` are by line. `over` are (line:reason) of what is to follow the file although it was
    changed here; `ended` are keys of groups to end.
    """

    leader_id: int
    capacity: int | None = None
    clash_reason: str = ""
    taken: frozenset[int] | None = None
    leaders: Mapping[int, int] = field(default_factory=dict)
    over: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()

    def over_at(self, line: int) -> frozenset[str]:
        """The reasons that hold nothing back in the event of this line."""
        named = (one.partition(":") for one in self.over)
        return frozenset(reason for at, _, reason in named if at == str(line))


@dataclass(slots=True)
class ImportStep:
    """All that one event does to its group, which it may have made.

    `turned` are the columns of the group that become others: (name, was, becomes). `by_hand` are those that were
    changed here, too. `doubled` are wall times that the clocks show twice, `topics` those that shift to
    another session. `ended` is why it has no session to come.
    """

    line: int
    title: str
    key: str
    is_new: bool
    leader_id: int
    minutes: int = 0
    place: str = ""
    zone: str = ""
    ended: str = ""
    is_taken: bool = True
    differences: list[SessionDifference] = field(default_factory=list)
    turned: list[tuple[str, str, str]] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    doubled: list[datetime] = field(default_factory=list)
    topics: list[TopicShift] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """ "new", "changed", or "same" where there is nothing to do."""
        follows = self.turned or any(one.follows for one in self.differences)
        return "new" if self.is_new else "changed" if follows else "same"

    def count(self, kind: str) -> int:
        """The sessions that follow the file in this."""
        return sum(one.kind == kind and one.follows for one in self.differences)

    @property
    def held(self) -> dict[str, list[SessionDifference]]:
        """The differences that stay unless it is said that they should not, by the reason for it."""
        found: dict[str, list[SessionDifference]] = {"group": []} if self.by_hand else {}
        for one in self.differences:
            if one.why:
                found.setdefault(one.why, []).append(one)
        return found


@dataclass(frozen=True, slots=True)
class MissingGroup:
    """A group that came from this calendar, and is not in the file any more; `ahead` are its sessions to come.

    Of them some are `noted`, have a topic written by hand, or are `seats` that somebody comes to instead of another.
    """

    key: str
    title: str
    ahead: int
    noted: int
    topics: int
    seats: int


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """All that an import came to, what is in the way of it, and what of the file or of the schedule it leaves."""

    steps: tuple[ImportStep, ...] = ()
    clashes: tuple[Clash, ...] = ()
    left_out: tuple[EventAside, ...] = ()
    refused: tuple[EventAside, ...] = ()
    missing: tuple[MissingGroup, ...] = ()
    ended: int = 0

    @property
    def what(self) -> str:
        """ "new" if any group is, else "changed", else "same"."""
        taken = {step.what for step in self.steps if step.is_taken} | ({"changed"} if self.ended else set())
        return next((what for what in ("new", "changed") if what in taken), "same")

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to say yes to."""
        return bool(self.missing) or any(step.what != "same" or step.held for step in self.steps)
