"""The text of reminders: a day, a time and a phone number, or that something waits. Not what, where or with whom."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from portal import clock, words
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject of one line, and a body."""

    subject: str
    body: str = field(repr=False)


BEFORE = """{when}

You asked us to remind you. Sign in to {shown_as} for details.
Can’t make it? Call {phone}.
"""
CHANGE = """{what} Sign in to {shown_as} for details.

{times}

Questions? Call {phone}.
"""
UNSEEN = """{what} You have not marked it as seen yet.
Sign in to {shown_as} for details.

{times}

Questions? Call {phone}.
"""
WORD = """There is something for you at {shown_as}. Sign in when it suits you.
"""
STOP = """
To stop all of these emails at once, open
{stop_url}
"""
MOVED, OTHER = "A time on your schedule changed.", "Something on your schedule changed."
MORE = "\n\nMore than this changed."


def before(starts_at: datetime, zone: str, facts: ProgramFacts, stop_url: str) -> Letter:
    """The reminder that something begins at `starts_at`, agreed in `zone`."""
    body = BEFORE.format(when=_when(starts_at, zone, facts), shown_as=facts.shown_as, phone=facts.phone)
    return Letter("A reminder for you", body + STOP.format(stop_url=stop_url))


def change_notice(
    kind: str,
    old_at: datetime,
    new_at: datetime | None,
    zone: str,
    facts: ProgramFacts,
    stop_url: str,
    *,
    unseen: bool = False,
    more: bool = False,
) -> Letter:
    """The notice of a change of the `kind` that SessionChange has; `more` where the same act changed more than this.

    Of what is no change of time it tells for which day and time it is, and no more.
    """
    old = _when(old_at, zone, facts)
    times = {
        "moved": f"Was: {old}\nNow: {_when(new_at or old_at, zone, facts)}",
        "cancelled": f"Was: {old}\nNow: cancelled",
        "restored": f"It is on after all: {old}",
    }.get(kind, old)
    body = (UNSEEN if unseen else CHANGE).format(
        what=MOVED if kind in ("moved", "cancelled", "restored") else OTHER,
        times=times + (MORE if more else ""),
        shown_as=facts.shown_as,
        phone=facts.phone,
    )
    return Letter("A change for you", body + STOP.format(stop_url=stop_url))


def word(facts: ProgramFacts, stop_url: str) -> Letter:
    """The word that a check-in or a measure waits; which of them it does not say."""
    return Letter("A reminder for you", WORD.format(shown_as=facts.shown_as) + STOP.format(stop_url=stop_url))


def _when(instant: datetime, zone: str, facts: ProgramFacts) -> str:
    """ "Thursday, March 12, 1:00 pm"; with the place whose clock that is, where it is not the program's."""
    wall = clock.local(instant, zone)
    said = f"{words.weekday(wall.date())}, {words.hour(wall)}"
    if wall.utcoffset() == clock.local(instant, facts.zone).utcoffset():
        return said
    return f"{said} ({zone.rpartition('/')[2].replace('_', ' ')} time)"


def examples(facts: ProgramFacts, now: datetime) -> tuple[Letter, Letter, Letter]:
    """A reminder and a notice as they would come about tomorrow, 1 pm, and a word; their link opens nothing."""
    tomorrow, link = clock.day_of(now, facts.zone) + timedelta(days=1), "(a link that is yours alone)"
    at, then = (clock.at_wall(datetime.combine(tomorrow, time(hour)), facts.zone, strict=False) for hour in (13, 15))
    changed = change_notice("moved", at, then, facts.zone, facts, link)
    return before(at, facts.zone, facts, link), changed, word(facts, link)
