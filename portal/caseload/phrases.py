"""The phrases of the caseload: its choices, its tags, days without a check-in, and the sessions of a day."""

from collections.abc import Sequence
from datetime import date

from portal import words
from portal.schedule.models import ATTENDANCE, KINDS
from portal.schedule.own_meetings import OwnMeeting

SHOW = {"everyone": "Everyone", "look": "Needs a look", "groups": "My groups today"}
RULES = ("safety", "closed", "floors", "change", "quiet", "missed", "usual")  # where each step stands on the rules page
ONLY = {"all": "All", "flagged": "Flagged", "note": "With a note", "unseen": "Not yet seen"}


def name_day(day: date, today: date) -> str:
    """A day as a name: "today", "Sunday", "Sun, Mar 1"."""
    return words.inside(words.relative_day(day, today))


def gap(days: Sequence[date], today: date) -> str:
    """Days without a check-in, the latest first: "Today: no check-in yet.", "Mar 8 to 10: no check-in on 3 days."."""
    said = []
    if days[0] == today:
        said, days = ["Today: no check-in yet."], days[1:]
    if len(days) > 2:
        said.append(f"{words.short_day(days[-1])} to {words.short_day(days[0])}: no check-in on {len(days)} days.")
    else:
        said += [f"{words.relative_day(missed, today)}: no check-in." for missed in days]
    return " ".join(said)


def sessions(meetings: Sequence[OwnMeeting]) -> str:
    """The sessions of a day and whether somebody came: "Group, One-to-one (missed)"."""
    return ", ".join(
        KINDS[meeting.kind]
        + ("" if meeting.attendance == "present" else f" ({ATTENDANCE[str(meeting.attendance)].lower()})")
        for meeting in meetings
    )
