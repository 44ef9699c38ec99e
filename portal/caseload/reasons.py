"""The reasons for somebody's place in a caseload: sentences with their numbers, and how each is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import clock, words
from portal.caseload.order import (
    CHANGE,
    CLOSED_FLAG,
    FLOOR,
    MISSED,
    OPEN_FLAG,
    QUIET,
    READ_DAYS,
    SILENT_AFTER,
    STEADY,
    CaseloadFacts,
    rank,
)
from portal.checkins import floors, usual_range
from portal.checkins.floors import FloorAnswer
from portal.checkins.phrases import SAFETY
from portal.checkins.usual_range import ComparedItem, UnusualAnswer, UsualRange
from portal.flags import STAYS, Act
from portal.flags.phrases import DONE

MOST_SHOWN = 5  # of the answers behind one floor
STAYS_HOURS = int(STAYS.total_seconds()) // 3600
FLAG_RULE = "An open safety flag comes first, urgent ones before the others, until an act on its page closes it."
OWN_RULE = "This is a rule of the portal, the same for everyone, until someone marks the check-in as seen."
SWING = "their usual swing"
SILENCE_RULE = f"{SILENT_AFTER} days without a check-in count; for someone new, {SILENT_AFTER} days from enrollment."
MISSED_RULE = "It is the last group whose attendance was taken, within the last 7 days. Excused is not missed."
RANGE_RULE = (
    f"The usual range is the middle of the {usual_range.DAYS} days before, and needs {usual_range.NEEDED} of them."
)
MOST_INSIDE = 0.75  # of the days before: where fewer lie in it, a range is not called usual
SCATTER_RULE = "It is only called usual where three of four of those days are within it, and not the whole scale is."
WITH_OTHERS = "A safety flag is open, and their primary therapist is the one to see to it."
SAFETY_NO = "The latest answer to the safety question was “no”. It does not mean that all is well."


@dataclass(frozen=True, slots=True)
class CaseloadReason:
    """One reason, or a remark that ranks nobody: its `step` of the order, its tag, its words, and how it is known.

    `check_in_key` names the check-in that it is about.
    """

    step: int
    words: str
    working: tuple[str, ...] = ()
    tag: str = ""
    check_in_key: str | None = None


def reasons_for(facts: CaseloadFacts) -> list[CaseloadReason]:
    """The reasons for someone's place, the first of which decided it, and remarks; for the rest, what is known."""
    found = [*_flag(facts), *_floors(facts), *_changes(facts), *_silence(facts), *_missed(facts)]
    return [*found, *_remarks(facts), *(_steady(facts) if rank(facts) == STEADY else ())]


def _flag(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    flag = facts.flag
    if flag is None:
        return
    gravest, last, tries = flag.gravest, flag.done[-1] if flag.done else None, len(flag.done)
    said = [f"{gravest.words}, {_when(gravest.at, facts)}."]
    if gravest.code != "call_me" and any(reason.code == "call_me" for reason in flag.reasons):
        said.append("Asked the team to call.")
    if last is None:
        said.append("Nothing done yet.")
    elif flag.tried and tries > 1:
        said.append(f"Tried {words.times(tries)}, not reached: {_by(last, facts)} last, {_when(last.at, facts)}.")
    else:
        said.append(f"{_by(last, facts)} {DONE[last.kind]}, {_when(last.at, facts)}.")
    if flag.closed_at and flag.stays_until:
        stays = f"It stays here for {STAYS_HOURS} hours after that, until {_when(flag.stays_until, facts)}."
        day = words.inside(words.relative_day(clock.day_of(flag.closed_at, facts.zone), facts.read_on))
        yield CaseloadReason(CLOSED_FLAG, " ".join(said), (stays,), f"Closed {day}")
        return
    if last and last.again_at:
        again = f"{last.again_by} is to try again" if last.again_at > facts.now else f"{last.again_by} was to try again"
        said.append(f"{again}, {_when(last.again_at, facts)}.")
    yield CaseloadReason(OPEN_FLAG, " ".join(said), (FLAG_RULE,), "Not reached" if flag.tried else "Safety")


def _by(act: Act, facts: CaseloadFacts) -> str:
    return "You" if act.by_id == facts.reader_id else act.by


def _when(at: datetime, facts: CaseloadFacts) -> str:
    return words.when(at, facts.zone, facts.read_on)


def _floors(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    unseen, harder = facts.unseen, _said_already(facts)
    for rule, how in floors.RULES.items():
        for name in dict.fromkeys(one.name for one in unseen if one.rule == rule):
            own = [one for one in unseen if (one.rule, one.name) == (rule, name)]
            yield _floor(own, how, harder.get(own[0].tag), facts)
    for one in facts.high:
        yield CaseloadReason(FLOOR, one.sentence, (*one.working, "It ends when someone marks it as seen."), one.tag)


def _floor(own: list[FloorAnswer], how: str, change: UnusualAnswer | None, facts: CaseloadFacts) -> CaseloadReason:
    """The reason for floors of one kind, the latest first, which may be a change for the worse as well."""
    latest, more = own[0], len({one.for_day for one in own}) - 1
    also = f"; {words.counted(more, 'other day')} like it not seen yet" if more else ""
    working = (f"{how}.", *(f"{one.sentence(facts.today)}." for one in own[:MOST_SHOWN]), OWN_RULE)
    usual = f", usual is {change.usual.words}" if change else ""
    working += (_range(change.item, change.usual, latest.for_day, facts.today),) if change else ()
    said = f"{latest.sentence(facts.today)}{usual}{also}."
    return CaseloadReason(FLOOR, said, working, latest.tag, latest.check_in_key)


def _said_already(facts: CaseloadFacts) -> dict[str, UnusualAnswer]:
    """The changes for the worse that are floors that nobody has seen, too, by their tag: they are said once."""
    floors_said = {(one.rule, one.tag) for one in facts.unseen if facts.latest and one.for_day == facts.latest.for_day}
    return {one.short: one for one in facts.harder if (one.item.id, one.short) in floors_said}


def _changes(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    said = _said_already(facts)
    for one in facts.harder:
        if one.short not in said:
            yield CaseloadReason(CHANGE, f"{one.words}.", _comparison(one, facts), "Change")
    for worse in facts.worse:
        yield CaseloadReason(CHANGE, worse.sentence, worse.working, worse.tag)


def _comparison(one: UnusualAnswer, facts: CaseloadFacts) -> tuple[str, ...]:
    """The answer with its day, and where the usual range comes from."""
    if facts.latest is None:
        return ()
    day, usual = facts.latest.for_day, _range(one.item, one.usual, facts.latest.for_day, facts.today)
    return (f"{one.short} {words.on_day(day, facts.today)}. {usual}",)


def _range(item: ComparedItem, usual: UsualRange, day: date, today: date) -> str:
    """ "Mood, usual is 6 to 7: the middle of 21 days from Nov 2 to Nov 29, and how far they usually lie from it."."""
    first, last = (words.month_day(day - timedelta(days=back), today) for back in (usual_range.DAYS, 1))
    days = words.counted(usual.days, "day")
    known = f"the middle of {days} from {first} to {last}, give or take {SWING}"
    return f"{item.name}, usual is {usual.words}{item.unit}: {known}."


def _silence(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    if facts.is_silent:
        latest, enrolled = facts.latest, facts.enrolled
        known = [f"The last one is for {words.short_day(latest.for_day, facts.today)}."] if latest else []
        known += [f"They were enrolled on {words.short_day(enrolled, facts.today)}."] if enrolled else []
        yield CaseloadReason(QUIET, describe_silence(facts), (*known, SILENCE_RULE), "Quiet")


def describe_silence(facts: CaseloadFacts) -> str:
    """A sentence on how long there was no check-in from somebody who is silent."""
    count, latest, enrolled = facts.silent_days, facts.latest, facts.enrolled
    if latest and not (enrolled and enrolled > latest.for_day):
        return f"No check-in for {count} days."
    if enrolled and count is not None and count <= READ_DAYS:
        return f"No check-in since they were enrolled, {words.counted(count, 'day')} ago."
    return f"No check-in in the last {READ_DAYS // 7} weeks."


def _missed(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    if facts.missed:
        said = f"Missed group {words.on_day(facts.missed.day, facts.today)}."
        yield CaseloadReason(MISSED, said, (MISSED_RULE,), "Missed")


def _remarks(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    """Everything else that is to be known, and ranks nobody."""
    if facts.flag_with_others:
        yield CaseloadReason(STEADY, WITH_OTHERS)
    yield from (CaseloadReason(STEADY, said) for said in facts.left_out)
    yield from _seen_floors(facts)
    if not facts.is_silent:
        yield from (_remark_on(one, facts) for one in facts.outside if not one.is_worse)
    for better in facts.better:
        yield CaseloadReason(STEADY, f"Better: {better.sentence}", better.working)


def _seen_floors(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    """The floors of the latest day that are marked as seen, each once."""
    unseen = {(one.rule, one.name) for one in facts.unseen}
    seen = {(one.rule, one.name): one for one in reversed(facts.floors) if one.is_seen}
    for rule in floors.RULES:
        for one in (one for kind, one in seen.items() if kind[0] == rule and kind not in unseen):
            yield CaseloadReason(STEADY, f"{one.sentence(facts.today)}. It is marked as seen.")


def _remark_on(one: UnusualAnswer, facts: CaseloadFacts) -> CaseloadReason:
    said = f"Better: {one.item.inside}{one.words.removeprefix(one.item.name)}" if one.is_better else one.words
    return CaseloadReason(STEADY, f"{said}.", _comparison(one, facts))


def _steady(facts: CaseloadFacts) -> Iterator[CaseloadReason]:
    """Whether all is in the usual range, or why that cannot be said."""
    latest = facts.latest
    if latest is None:
        yield CaseloadReason(STEADY, _no_check_in_yet(facts))
        return
    unsure = facts.asks_safety and latest.safety != "no"
    if unsure:
        yield CaseloadReason(STEADY, _safety_answer(latest.safety, words.on_day(latest.for_day, facts.today)))
    yield from _incomparable(facts) or _as_usual(facts, latest.for_day, is_all=not unsure)


def _incomparable(facts: CaseloadFacts) -> list[CaseloadReason]:
    """The reason for which nothing can be called usual, if there is one."""
    if not facts.has_range:
        count = f"{len(facts.moods)} of {usual_range.NEEDED} days"
        said = f"Not enough check-ins yet to know the usual range: {count}."
        return [CaseloadReason(STEADY, said, (RANGE_RULE,))]
    if _is_scattered(facts):
        low, high = min(facts.moods), max(facts.moods)
        said = (
            f"Mood went between {low:g} and {high:g} in the {usual_range.DAYS} days before. "
            "That is too wide to call a usual range."
        )
        return [CaseloadReason(STEADY, said, (RANGE_RULE, SCATTER_RULE))]
    return []


def _as_usual(facts: CaseloadFacts, day: date, *, is_all: bool) -> list[CaseloadReason]:
    """That everything is in the usual range; or, where more is to be said or was not answered, which items are."""
    known = tuple(_range(item, usual, day, facts.today) for item, usual in facts.usual)
    if is_all and not (facts.floors or facts.left_out or facts.flag_with_others or facts.outside):
        return [CaseloadReason(STEADY, "In the usual range.", (*known, *((SAFETY_NO,) if facts.asks_safety else ())))]
    unusual = {one.item for one in facts.outside}
    compared = [item for item, _ in facts.usual if item not in unusual]
    if not compared or facts.floors:
        return []
    listed = words.listed([item.inside if n else item.name for n, item in enumerate(compared)])
    return [CaseloadReason(STEADY, f"{listed} as usual.", known)]


def _is_scattered(facts: CaseloadFacts) -> bool:
    """Whether the moods lie so far apart that the range tells nothing: all would be usual, or many were not."""
    mood = dict(facts.usual).get(usual_range.ITEMS["mood"])
    if mood is None or (mood.low, mood.high) == (0, usual_range.ITEMS["mood"].top):
        return True
    inside = sum(mood.low <= value <= mood.high for value in facts.moods)
    return inside < MOST_INSIDE * len(facts.moods)


def _no_check_in_yet(facts: CaseloadFacts) -> str:
    if facts.enrolled and facts.enrolled > facts.today:
        return f"Starts {words.on_day(facts.enrolled, facts.today)}."
    return f"No check-in yet. Enrolled {words.on_day(facts.enrolled or facts.today, facts.today)}."


def _safety_answer(given: str | None, on_day: str) -> str:
    if given is None:
        return "Did not answer the safety question last time."
    return f"Answered “{SAFETY[given][0].lower()}{SAFETY[given][1:]}” to the safety question {on_day}."
