"""What the caseload calls its choices, its tags and the sessions to come, and how it says when."""

from collections.abc import Sequence
from datetime import date

from portal import clock
from portal.flags.words import when
from portal.schedule import MeetingRow
from portal.schedule.models import ATTENDANCE, KINDS

__all__ = ["when"]

SHOW = {"everyone": "Everyone", "look": "Needs a look", "groups": "My groups today"}
ONLY = {"all": "All", "flagged": "Flagged", "note": "With a note", "unseen": "Not yet seen"}
TAGS = ("Safety", "Change", "Quiet", "Missed")


def day(day: date, today: date) -> str:
    """A day as a name: "today", "Sunday", "Sun, Mar 1"."""
    return clock.inside(clock.relative_day(day, today))


def times(count: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def counted(count: int, noun: str) -> str:
    """ "1 day", "3 days"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def gap(days: Sequence[date], today: date) -> str:
    """Days without a check-in, the latest first: "Today: no check-in yet.", "Mar 8 to 10: no check-in on 3 days."."""
    said = []
    if days[0] == today:
        said, days = ["Today: no check-in yet."], days[1:]
    if len(days) > 2:
        said.append(f"{clock.short_day(days[-1])} to {clock.short_day(days[0])}: no check-in on {len(days)} days.")
    else:
        said += [f"{clock.relative_day(missed, today)}: no check-in." for missed in days]
    return " ".join(said)


def sessions(meetings: Sequence[MeetingRow]) -> str:
    """The sessions of a day and whether somebody came: "Group, One-to-one (missed)"."""
    return ", ".join(
        KINDS[meeting.kind]
        + ("" if meeting.attendance == "present" else f" ({ATTENDANCE[str(meeting.attendance)].lower()})")
        for meeting in meetings
    )
