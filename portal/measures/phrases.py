"""The phrases of scores and changes: the field's words for therapists, plain and kind ones for participants."""

from collections.abc import Sequence
from datetime import date, datetime

from portal import words
from portal.measures.comparison import Comparison
from portal.measures.instrument import Instrument
from portal.measures.instrument_rules import RULES
from portal.measures.measure_entries import MeasureVersion
from portal.measures.scoring import Score, ScoreChange

NOT_YOU = "A number is one look at a few days or weeks. It does not say who you are, or what you can do."
TELL_US = "If things are hard, tell us, whatever the number is."
ESTIMATE = "Not every question has an answer, so the number is an estimate from those that have one."
NO_NUMBER = "There is no number this time."
SOME_LEFT_OUT = "You left some questions out, and that is fine. You and your team can look at your answers one by one."
PARTS_ONLY = "Your answers do not make one number."
ONE_BY_ONE = "You and your team can look at them one by one."
CRITICAL = {
    "": "",
    "same_day": "Critical item: look today",
    "urgent": "Critical item: urgent",
    "not answered": "Critical item: not answered",
}
ASKS = {  # days that the questions are about: what they ask, where others may look on
    7: "Your last 7 days",
    14: "Your last two weeks",
    30: "Your last month",
}
SOME_QUESTIONS = "Some questions about you"
A_MINUTE = 5  # items
# What the source of a change found, as it is said of one that is large enough, of a smaller one, and as its rule.
BY = {
    "reliable": "by more than chance alone",
    "important": "by enough to matter",
    "stated": "by as much as its makers count as a change",
}
TOO_SMALL = {
    "reliable": "A change of that size can be chance.",
    "important": "That is a small change.",
    "stated": "That is a small change.",
}
RULE = {
    "reliable": "A change of {} points or more is more than chance explains",
    "important": "A study calls a change of {} points or more one that matters",
    "stated": "Its makers count a difference of {} points or more as a change",
}
NO_RULE = "We know of no study that says how much change matters."
FOR_STAFF = {  # of a large one, "improvement" or "worsening" follows; of a smaller one; and the rule
    "reliable": ("Reliable", "No reliable change", "Reliable change"),
    "important": ("Clinically important", "Less than a clinically important change", "Clinically important change"),
    "stated": ("By its makers’ figure,", "Less than its makers count as a change", "Change by its makers’ figure"),
}


def asks(instrument: Instrument) -> str:
    """The days that it asks about, in words that name no illness: "Your last two weeks"."""
    return ASKS.get(instrument.recall_days, SOME_QUESTIONS)


def minutes(*instruments: Instrument) -> str:
    """The time that they take: "about a minute", "about 2 minutes"."""
    count = round(sum(len(instrument.items) for instrument in instruments) / A_MINUTE)
    return "about a minute" if count < 2 else f"about {count} minutes"


def result_heading(
    asked: Instrument, score: Score, compared: Sequence[Comparison], today: date, *, is_past: bool = False
) -> str:
    """The heading of a result: the change since the time before in plain words, else the number.

    `is_past` says that it was answered again on a later day.
    """
    if asked.scoring.rule == "subscales":
        return PARTS_ONLY
    if score.total is None:
        return NO_NUMBER
    if not compared:
        return f"Your number {'was' if is_past else 'is'} {score.total}."
    return change_to_participant(asked, compared[0].change, compared[0].before.for_day, today, is_past=is_past)


def change_to_participant(
    asked: Instrument, change: ScoreChange, day: date, today: date, *, is_past: bool = False
) -> str:
    """A change since `day`, said by no more than its source found. It never calls a number good."""
    since, on = words.inside(words.relative_day(day, today)), words.on_day(day, today)
    is_, has = ("was", "had") if is_past else ("is", "has")
    if change.verdict == "none":
        return f"It {is_} the same number as {on}."
    if asked.change and change.verdict == "better":
        return f"It {has} changed for the better since {since}, {BY[asked.change.kind]}."
    if asked.change and change.verdict == "worse":
        worth = "" if is_past else " This is worth talking about."
        return f"It {has} become harder since {since}, {BY[asked.change.kind]}.{worth}"
    points = change.points or 0
    step = f"{words.counted(abs(points), 'point')} {'higher' if points > 0 else 'lower'}"
    return f"It {is_} {step} than {on}. {TOO_SMALL[asked.change.kind] if asked.change else NO_RULE}"


def about_the_number(
    asked: Instrument, score: Score, compared: Sequence[Comparison], today: date, *, is_past: bool = False
) -> tuple[str, ...]:
    """The sentences under the heading of a result: what the number counts, its ends, and the change since the first."""
    if asked.scoring.rule == "subscales":
        return (ONE_BY_ONE,)
    if score.total is None:
        return (SOME_LEFT_OUT,)
    lowest, highest = asked.scoring.lowest, asked.scoring.highest
    before = compared[0].before.total if compared else None
    went = (
        f"Your number {'was' if is_past else 'is'} {score.total}."
        if before == score.total
        else f"Your number went from {before} to {score.total}."
    )
    since_first = tuple(
        change_to_participant(asked, one.change, one.before.for_day, today, is_past=is_past) for one in compared[1:]
    )
    return (
        *((went,) if compared else ()),
        *((ESTIMATE,) if score.prorated else ()),
        f"It counts {asked.about}.",
        "A higher number means more of it.",
        f"{lowest} is the lowest number and {highest} the highest.",
        *since_first,
    )


def working(
    entry: MeasureVersion, score: Score, compared: Sequence[Comparison], today: date, *, is_past: bool = False
) -> tuple[str, ...]:
    """The way from the answers to the number and from two numbers to the sentence, step by step; () without a total."""
    asked = entry.instrument
    if asked is None or score.total is None:
        return ()
    return (
        _adding_up(asked, entry, score),
        *((score.band.plain,) if score.band else ()),
        *(_step(one, score.total, entry.for_day if is_past else None, today) for one in compared if one.change.points),
        *((change_rule(asked),) if compared else ()),
    )


def _adding_up(asked: Instrument, entry: MeasureVersion, score: Score) -> str:
    """The sum as it was made: the points of each answer that counts, and what was done with those left out."""
    scored = [answer for answer in entry.item_answers if answer.item.scored and answer.state != "not asked"]
    points = [answer.value for answer in scored if answer.value is not None]
    ends = sorted({value for item in asked.scored for value in item.values})
    rule = f"Each answer counts {ends[0]} to {ends[-1]}."
    raw, times = sum(points), RULES[asked.scoring.rule]
    added = (
        f"answers that count add up: {' + '.join(map(str, points))} = {raw}"
        if len(points) > 1
        else (f"answer that counts is {raw}")
    )
    said = f"{rule} Your {words.number(len(points))} {added}."
    if score.prorated:
        mean = f"{raw} divided by {len(points)}, times {len(scored)}"
        return f"{said} Those left out are counted as the mean of the others: {mean}, is {score.total} when rounded."
    return f"{said} {times} times {raw} is {score.total}." if times > 1 else said


def _step(one: Comparison, total: int, past: date | None, today: date) -> str:
    """Two numbers, their days, and what lies between them; the `past` day is that of a number that is not the last."""
    before, on = one.before.total or 0, words.on_day(one.before.for_day, today)
    high, low = max(before, total), min(before, total)
    now = f"was {total} {words.on_day(past, today)}" if past else f"is {total} now"
    return f"It was {before} {on} and {now}. {high} less {low} is {high - low}."


def change_rule(asked: Instrument) -> str:
    """The rule by which a change is worded, and who says so, for everybody."""
    if asked.change is None:
        return NO_RULE
    return f"{RULE[asked.change.kind].format(asked.change.points)} ({asked.change.cited})."


def sources_of(asked: Instrument) -> tuple[str, ...]:
    """The sources of the rules of an instrument: of its sum, its ranges, its change and what is explained."""
    found = {
        "Adding up": asked.scoring.source,
        "Answers left out": asked.scoring.missing_source,
        "Ranges": asked.bands_source,
        "Change": asked.change.source if asked.change else "",
        "Explained": asked.explained_source,
    }
    return tuple(f"{what}: {source}" for what, source in found.items() if source)


def talk_about_it(therapist: str | None, one_to_one: datetime | None, zone: str, today: date) -> str:
    """The note on who can see the answers and when there is time to talk about them; "" where neither is known."""
    seen = f"{therapist} can see this too." if therapist else ""
    if one_to_one is None:
        return seen
    when = words.when(one_to_one, zone, today)
    return f"{seen} Your next one-to-one is {when}, a good time to talk about it.".strip()


def to_therapist(instrument: Instrument, score: Score) -> str:
    """One line for the therapist: total and band, or why there is none, and whether it is prorated."""
    if score.total is None:
        return f"{instrument.short_title}: no total. {score.why_none}"
    band = f": {score.band.name}" if score.band else ""
    prorated = f" (prorated: {score.answered} of {score.of} answered)" if score.prorated else ""
    return f"{instrument.short_title} {score.total}{band}{prorated}"


def change_to_therapist(instrument: Instrument, found: ScoreChange) -> str:
    """One line for the therapist: the verdict, in the words of what the source found, and the points."""
    if found.points is None:
        return "No comparison: one of the two has no total"
    if found.verdict == "none":
        return "No change"
    points = words.counted(abs(found.points), "point")
    signed = f"+{points}" if found.points > 0 else f"\N{MINUS SIGN}{points}"
    if instrument.change is None:
        return f"{signed}; we read no source that says how much change counts"
    large, small, _ = FOR_STAFF[instrument.change.kind]
    if found.verdict == "too small":
        return f"{small}: {signed}"
    return f"{large} {'improvement' if found.verdict == 'better' else 'worsening'}: {signed}"


def change_rule_to_therapist(instrument: Instrument) -> str:
    """The points from which a change is one, what kind of finding that is, and whose; "" without a source."""
    if instrument.change is None:
        return ""
    change = instrument.change
    return f"{FOR_STAFF[change.kind][2]}: {change.points} points or more ({change.cited})."
