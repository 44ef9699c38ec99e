"""Sentences of group tracks: what opening or changing one comes to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from portal import words
from portal.schedule.groups.track_change import TopicShift, TrackOutcome
from portal.schedule.phrases import doubled, first_few, moment


def span(wall: datetime, minutes: int) -> str:
    """ "6:00 to 9:00 pm"."""
    return words.span(wall, wall + timedelta(minutes=minutes))


def opening(outcome: TrackOutcome, past: bool) -> list[str]:
    """A new track in sentences: its first and last session, how many, and those that lie in the past."""
    said = [f"{words.counted(outcome.added, 'session')}."]
    for which, wall in (("The first", outcome.first), ("The last", outcome.last)):
        if wall:
            said.append(f"{which}: {words.full_day(wall)}, {words.hour(wall)}.")
    if outcome.behind:
        made = "They are made too." if past else "They are not made."
        lie = words.counted(outcome.behind, "session", "is", "are")
        said.append(f"{lie} in the past; is the first day right? {made}")
    return said + doubled(outcome.doubled)


def changing(outcome: TrackOutcome, today: date) -> list[str]:
    """A change of a track in sentences; empty when nothing that people know of moves, ends or stays behind."""
    said = []
    counted = (
        (outcome.moved, "moves", "move"),
        (outcome.cancelled, "is cancelled", "are cancelled"),
        (outcome.changed, "changes and keeps its time", "change and keep their time"),
        (outcome.added, "is new", "are new"),
    )
    parts = [words.counted(count, "session", one, many) for count, one, many in counted if count]
    if parts and (outcome.moved or outcome.cancelled or outcome.own):
        said.append(", ".join(parts) + ".")
        said += _becoming(outcome, today)
        said += _listed("Cancelled: ", outcome.off, today) + _listed("New: ", outcome.new, today)
        said += shifting(outcome.topics, today)
    if outcome.own:
        keeping = [f"{words.short_day(wall.date(), today)} keeps {what}" for wall, what in sorted(outcome.own)]
        said.append(first_few(keeping) + ".")
    return said + _staying(outcome, today) + doubled(outcome.doubled)


def _listed(which: str, walls: Sequence[datetime], today: date) -> list[str]:
    return [f"{which}{first_few([words.short_day(wall.date(), today) for wall in walls])}."] if walls else []


def _staying(outcome: TrackOutcome, today: date) -> list[str]:
    """The sentence about sessions that stay as they are, if there are any."""
    if not outcome.kept:
        return []
    stay = words.counted(len(outcome.kept), "session", "stays as it is", "stay as they are")
    why = "because someone has a make-up seat there, came, or left a note"
    walls = first_few([moment(wall, today) for wall, _ in outcome.kept])
    return [f"{stay} {why}: {walls}."]


def _becoming(outcome: TrackOutcome, today: date) -> list[str]:
    """The times, leaders and places that become others, in one line for those that are alike."""
    turns: dict[tuple[str, str], list[datetime]] = {}
    for old, lasts, new, stays in outcome.times:
        turns.setdefault((span(old, lasts), span(new, stays)), []).append(old)
    for wall, was, becomes in outcome.turned:
        turns.setdefault((was, becomes), []).append(wall)
    return [
        f"From {words.short_day(min(walls).date(), today)}: {was} becomes {becomes}"
        f" ({words.counted(len(walls), 'session')})."
        for (was, becomes), walls in turns.items()
    ]


def ending(last_day: date, late: int) -> list[str]:
    """The end of a track in sentences: its last day, and how many sessions are cancelled after it."""
    cancelled = f"{words.counted(late, 'session')} after it {'is' if late == 1 else 'are'} cancelled."
    return [f"{words.full_day(last_day)}, is the last day.", *([cancelled] if late else [])]


def crowded(full: int, seats: int) -> list[str]:
    """The sentence about sessions to come with more people than seats; none where there are no such sessions."""
    come = words.counted(full, "session", "to come has", "to come have")
    return [f"{come} more people than seats ({seats})."] if full else []


def shifting(topics: Sequence[TopicShift], today: date) -> list[str]:
    """The sentence about topics that shift to another session; none where none does."""
    if not topics:
        return []
    turns = [f"{words.short_day(wall.date(), today)} {was} becomes {now or 'no topic'}" for wall, was, now in topics]
    return [f"Topics shift: {first_few(turns)}."]


def closing(cancelled: int, staying: int, topics: Sequence[TopicShift], today: date) -> list[str]:
    """Closed days in sentences; none where no session is on them."""
    sentences = []
    if cancelled:
        sentences.append(f"{words.counted(cancelled, 'group session', 'is', 'are')} cancelled.")
    if staying:
        stay = words.counted(staying, "other session", "on those days stays", "on those days stay")
        sentences.append(f"{stay} planned.")
    return sentences + shifting(topics, today)
