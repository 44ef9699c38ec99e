"""The measures that a therapist sees of a person: the latest of each, what got worse, what was left out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam

from portal import words
from portal.db import read, reader
from portal.measures import phrases
from portal.measures.comparison import Comparison, compare
from portal.measures.measure_entries import IS_LATEST, VERSIONS, MeasureVersion
from portal.measures.models import MeasureEntry
from portal.measures.scoring import Verdict

READ_DAYS = timedelta(days=70)  # how far back the time before the latest is looked for
RECENT = timedelta(days=14)  # how long a total that got worse stays a reason
LEFT_OUT = timedelta(days=28)  # how long a question that was left out stays one, if nobody marks it as read


_RECENT = VERSIONS.where(
    MeasureEntry.participant_id.in_(bindparam("ids", expanding=True)),
    MeasureEntry.for_day >= bindparam("since"),
    IS_LATEST,
)
_version = reader(MeasureVersion, _RECENT)


def recent_measures(participant_ids: Collection[int], today: date) -> dict[int, list[MeasureVersion]]:
    """The measures of these people in the READ_DAYS to `today`, with who has read them, the oldest first."""
    since = today - READ_DAYS
    found: dict[int, list[MeasureVersion]] = {}
    for row in read(_RECENT, ids=list(participant_ids), since=since):
        found.setdefault(row.participant_id, []).append(_version(row))
    return found


@dataclass(frozen=True, slots=True)
class MeasureReason:
    """A total that needs a look: its tag, a sentence, and how we know, step by step."""

    tag: str
    sentence: str
    working: tuple[str, ...]


def measure_floors(entries: Iterable[MeasureVersion], today: date) -> tuple[MeasureReason, ...]:
    """The latest total of each measure that reaches its instrument's `look_from`, until it is marked as seen."""
    found = []
    for own in _by_measure(entries):
        entry = next((one for one in reversed(own) if one.total is not None), None)
        asked = entry.instrument if entry else None
        if entry and asked and asked.look_from and (entry.total or 0) >= asked.look_from and not entry.is_seen:
            name, on = asked.short_title, words.on_day(entry.for_day, today)
            working = (
                f"{name}: {entry.total} of {asked.scoring.highest} {on}.",
                f"A latest total of {asked.look_from} or more needs a look, whatever is usual for the person: there its"
                f" range “{next(band.name for band in asked.bands if band.lowest == asked.look_from)}” begins. The"
                " source of that range is on the page of their measures.",
            )
            found.append(MeasureReason(f"{name} {entry.total}", f"{name} was {entry.total} {on}.", working))
    return tuple(found)


def measure_changes(entries: Iterable[MeasureVersion], today: date, verdict: Verdict) -> tuple[MeasureReason, ...]:
    """The latest total of each measure that its published change calls "worse", or "better", than the one before."""
    found = []
    for own in _by_measure(entries):
        last = own[-1]
        for one in compare(last, own)[:1]:
            if last.instrument and today - last.for_day <= RECENT and one.change.verdict == verdict:
                name = last.instrument.short_title
                before, on = words.on_day(one.before.for_day, today), words.on_day(last.for_day, today)
                working = (
                    f"{name}: {one.before.total} {before}, {last.total} {on}.",
                    phrases.change_rule(last.instrument),
                )
                said = f"{name} went from {one.before.total} to {last.total} {on}."
                found.append(MeasureReason("Change", said, working))
    return tuple(found)


def is_worse(one: Comparison) -> bool:
    """Whether a change is one for the worse by as much as the instrument's source calls a change."""
    return one.change.verdict == "worse"


def describe_left_out(entries: Iterable[MeasureVersion], today: date) -> tuple[str, ...]:
    """Sentences on the question about safety that was left out lately, until a therapist marks the answers as seen."""
    return tuple(
        f"{entry.instrument.short_title} {words.on_day(entry.for_day, today)}: the question about being better off"
        " dead was not answered."
        for entry in entries
        if entry.instrument and entry.waits and today - entry.for_day <= LEFT_OUT
    )


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A line of words on a measure, whether it stands out, and the `entry` that it is about; None where it is one more
    line on the same."""

    words: str
    stands_out: bool
    entry: MeasureVersion | None = None


def describe_latest(entries: Sequence[MeasureVersion], today: date) -> list[MeasureLine]:
    """The latest of each measure, the newest first, and what of them was left out."""
    said = []
    for own in sorted(_by_measure(entries), key=lambda own: own[-1].entered_at, reverse=True):
        entry, changes = own[-1], compare(own[-1], own)
        asked = entry.instrument
        if asked is None:
            continue
        line, day = phrases.to_therapist(asked, entry.score()), words.on_day(entry.for_day, today)
        line = line.replace(":", f", {day}:", 1) if entry.total is None else f"{line}, {day}."
        if changes:
            before = words.on_day(changes[0].before.for_day, today)
            line = f"{line} Since the time before, {before}: {phrases.change_to_therapist(asked, changes[0].change)}."
        is_high = bool(asked.look_from and entry.total is not None and entry.total >= asked.look_from)
        stands_out = entry.positive or is_high or any(is_worse(one) for one in changes[:1])
        said.append(MeasureLine(line, stands_out, entry))
    return [*said, *(MeasureLine(line, True) for line in describe_left_out(entries, today))]


def _by_measure(entries: Iterable[MeasureVersion]) -> list[list[MeasureVersion]]:
    """The entries of each instrument, the oldest first; totals of measures that are not here are left out."""
    found: dict[str, list[MeasureVersion]] = {}
    for entry in entries:
        if entry.instrument:
            found.setdefault(entry.slug, []).append(entry)
    return list(found.values())
