"""The phrases of scores and changes: the field's words for therapists, plain and kind ones for participants."""

from portal.measures.instrument import Instrument
from portal.measures.scoring import Score, ScoreChange

NOT_YOU = "A number is one look at a stretch of time. It is not you, and it does not say what you can do."
ASK_US = "Your team looks at your answers, not only at the number. If things are hard, tell us, whatever the number is."
ESTIMATE = "Not every question has an answer, so the number is an estimate from those that have one."
NO_NUMBER = "There is no number this time, because some questions have no answer. That is fine."
PARTS_ONLY = "Your answers do not make one number. You and your team can look at them one by one."
CRITICAL = {
    "": "",
    "same_day": "Critical item: look today",
    "urgent": "Critical item: urgent",
    "not answered": "Critical item: not answered",
}
ASKS = {  # days that the questions are about: what they ask, where others may look on
    7: "How the last 7 days were",
    14: "How the last two weeks were",
    30: "How the last month was",
}
SOME_QUESTIONS = "Some questions about you"
A_MINUTE = 5  # items
CHANGE = {  # in the words that the participant reads
    "reliable improvement": "It has changed for the better since then, by more than chance alone.",
    "reliable worsening": "It has become harder since then, by more than chance alone. This is worth talking about.",
    "no reliable change": "It is about the same as then.",
    "cannot be said": "It cannot be compared with then.",
}


def asks(instrument: Instrument) -> str:
    """The days that it asks about, in words that name no illness: "How the last two weeks were"."""
    return ASKS.get(instrument.recall_days, SOME_QUESTIONS)


def minutes(instrument: Instrument) -> str:
    """The time it takes: "about a minute", "about 2 minutes"."""
    count = round(len(instrument.items) / A_MINUTE)
    return "about a minute" if count < 2 else f"about {count} minutes"


def to_participant(instrument: Instrument, score: Score) -> tuple[str, ...]:
    """The participant's own score, sentence by sentence. It never names an illness and never calls a number good."""
    if instrument.scoring.rule == "subscales":
        return PARTS_ONLY, ASK_US
    if score.total is None or score.band is None:
        return NO_NUMBER, ASK_US
    of = f"Your number is {score.total}, on a scale from {instrument.scoring.lowest} to {instrument.scoring.highest}."
    counts = f"It counts {instrument.about}."
    end = "A lower number means more of a struggle." if instrument.low_is_worse else "A higher number means more of it."
    estimate = (ESTIMATE,) if score.prorated else ()
    return of, *estimate, counts, end, score.band.plain, NOT_YOU, ASK_US


def to_therapist(instrument: Instrument, score: Score) -> str:
    """One line for the therapist: total and band, or why there is none, and whether it is prorated."""
    if score.total is None:
        return f"{instrument.short_title}: no total. {score.why_none}"
    band = f": {score.band.name}" if score.band else ""
    prorated = f" (prorated: {score.answered} of {score.of} answered)" if score.prorated else ""
    return f"{instrument.short_title} {score.total}{band}{prorated}"


def change_to_therapist(instrument: Instrument, found: ScoreChange) -> str:
    """One line for the therapist: the verdict and the points; whose thresholds they are is instrument.change.source."""
    if found.points is None or instrument.change is None:
        return f"{found.verdict.capitalize()}. {found.why}"
    number = f"{found.points:+d}".replace("-", "\u2212") if found.points else "0"
    points = f"{number} point" if abs(found.points) == 1 else f"{number} points"
    meaning = "meaningful" if found.meaningful else "not of a meaningful size"
    return f"{found.verdict.capitalize()}: {points}, {meaning}"
