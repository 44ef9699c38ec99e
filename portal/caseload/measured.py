"""What measures add to a caseload: a total that got worse by a meaningful step, and a safety question left out."""

from collections.abc import Iterable
from datetime import date, timedelta

from portal import words
from portal.measures.comparison import Comparison, compare
from portal.measures.entries import MeasureVersion

READ_DAYS = timedelta(days=70)  # how far back the time before the latest is looked for
RECENT = timedelta(days=14)  # how long a total that got worse stays a reason
LEFT_OUT = timedelta(days=28)  # how long a question that was left out stays one, if nobody marks it as read


def worse(entries: Iterable[MeasureVersion], today: date) -> tuple[str, ...]:
    """Of each measure the latest total, where it is worse than the one before by what is meaningful to a person."""
    said = []
    for own in _by_measure(entries):
        last = own[-1]
        for one in compare(last, own)[:1]:
            if today - last.for_day <= RECENT and is_worse(one):
                name = last.instrument.short_title if last.instrument else last.slug
                said.append(f"{name} went from {one.before.total} to {last.total} {words.on_day(last.for_day, today)}.")
    return tuple(said)


def is_worse(one: Comparison) -> bool:
    """Whether a change is one for the worse that reaches the instrument's meaningful step."""
    asked = one.before.instrument
    if asked is None or not one.change.points or not one.change.meaningful:
        return False
    return (one.change.points > 0) != asked.low_is_worse


def left_out(entries: Iterable[MeasureVersion], today: date) -> tuple[str, ...]:
    """Each time the question about safety was left out lately, until a therapist marks the answers as read."""
    return tuple(
        f"{entry.instrument.short_title} {words.on_day(entry.for_day, today)}: the question about being better off"
        " dead was not answered."
        for entry in entries
        if entry.instrument and entry.waits and today - entry.for_day <= LEFT_OUT
    )


def latest(entries: Iterable[MeasureVersion]) -> list[tuple[MeasureVersion, list[Comparison]]]:
    """The latest entry of each measure, with the changes from those before it; the newest first."""
    ends = [(own[-1], compare(own[-1], own)) for own in _by_measure(entries)]
    return sorted(ends, key=lambda end: end[0].entered_at, reverse=True)


def _by_measure(entries: Iterable[MeasureVersion]) -> list[list[MeasureVersion]]:
    """The entries of each instrument, the oldest first; totals of measures that are not here are left out."""
    found: dict[str, list[MeasureVersion]] = {}
    for entry in entries:
        if entry.instrument:
            found.setdefault(entry.slug, []).append(entry)
    return list(found.values())
