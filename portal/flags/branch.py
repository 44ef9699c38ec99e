"""The safety branch: the questions and the help after an answer that raised a flag, true for the hour it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal import audit, clock, words
from portal.flags import phrases
from portal.flags.raising import raise_flag
from portal.flags.safety_answers import SafetyAnswers, safety_answers_in
from portal.people import Person
from portal.program import ProgramFacts
from portal.program.hours import can_call_today, next_opening

SAFE_NOW = tuple(f"safe_now_{answer}" for answer in phrases.SAFE_NOW)
CRISIS_LINE = "988 answers right away, at every hour."


@dataclass(frozen=True, slots=True)
class SafetyBranch:
    """The help after one answer: `said` is the last code of SAFE_NOW, None before; `outlook` says what comes now.

    `taken_back` says that the answer is another by now, which takes nothing of this away.
    """

    said: str | None
    wants_call: bool
    seen: bool
    taken_back: bool
    outlook: str


class Answer(Protocol):
    """A check-in, or a set of answers, as it is now."""

    @property
    def key(self) -> str: ...

    @property
    def entered_at(self) -> datetime: ...

    @property
    def positive(self) -> bool: ...


def branch_after(
    participant: Person, has_therapist: bool, program: ProgramFacts, told: SafetyAnswers, entry: Answer, now: datetime
) -> SafetyBranch:
    """The branch of an answer that raised a flag, as it is at `now`."""
    since = _since(entry, told)
    codes = told.codes(since)
    said = [code for code in codes if code in SAFE_NOW]
    return SafetyBranch(
        said=said[-1] if said else None,
        wants_call="call_me" in codes or told.waits_for_call,
        seen=told.seen_at is not None,
        taken_back=not entry.positive,
        outlook=_outlook(participant.zone, has_therapist, program, told, since, now),
    )


def _since(entry: Answer, told: SafetyAnswers) -> datetime:
    """The moment of the answer that raised the flag: now, or before it was changed to another."""
    return entry.entered_at if entry.positive or not told.reasons else told.reasons[0][1]


def _outlook(
    zone: str, has_therapist: bool, program: ProgramFacts, told: SafetyAnswers, since: datetime, now: datetime
) -> str:
    """A sentence on what happens with the answer. A call is promised only while that day's hours can keep it."""
    today = clock.day_of(now, zone)
    if told.seen_at and told.act == "tried":
        tried = words.when(told.seen_at, zone, today)
        return f"{told.seen_by} tried to reach you and could not, {tried}. Call us when you can. {CRISIS_LINE}"
    if told.seen_at:
        return f"{told.seen_by} has seen your answer, {words.when(told.seen_at, zone, today)}."
    if clock.day_of(since, zone) != today:
        return "Nobody has signed that they have seen this answer yet. If you still need someone, call us."
    opens = next_opening(program, now)
    clinic_today = clock.day_of(now, program.zone)
    in_today = opens is not None and clock.day_of(opens, program.zone) == clinic_today
    same_day = clock.day_of(since, program.zone) == clinic_today
    if opens and in_today and same_day and has_therapist and can_call_today(program, since, told.tier):
        if opens <= now:
            return "Your team has this answer. We will call you today."
        if clock.day_of(opens, zone) == today:
            return f"Your team is in from {words.hour(clock.local(opens, program.zone))}. We will call you today."
    if opens and opens <= now:
        return f"We cannot promise that someone calls you today. You can call us: someone is in now. {CRISIS_LINE}"
    if opens:
        wall = clock.local(opens, program.zone)
        seen = f"Your team sees this answer when someone is next in: {words.weekday(wall.date())}, {words.hour(wall)}."
        return f"Nobody can call you today. {seen} {CRISIS_LINE}"
    return f"Nobody can call you today. {CRISIS_LINE}"


def answer(participant: Person, said: str, entry: Answer, now: datetime, **of_what: str) -> None:
    """The second question, "Are you safe right now?", with a key of phrases.SAFE_NOW; the same again adds nothing.

    `of_what` is the `check_in_key` or the `measure_key` of the `entry` that raised the flag.
    """
    code, told = f"safe_now_{said}", safety_answers_in(participant, **of_what)
    if [each for each in told.codes(_since(entry, told)) if each in SAFE_NOW][-1:] != [code]:
        raise_flag(participant, code, of_what.get("check_in_key"), now, measure_key=of_what.get("measure_key"))
        audit.record(participant, "safety.answer", participant, entry.key)


def ask_for_call(participant: Person, entry: Answer, now: datetime, **of_what: str) -> None:
    """The participant asks the team to call; once is enough. `of_what` as for `answer`."""
    told = safety_answers_in(participant, **of_what)
    if not (told.waits_for_call or "call_me" in told.codes(_since(entry, told))):
        raise_flag(participant, "call_me", of_what.get("check_in_key"), now, measure_key=of_what.get("measure_key"))
        audit.record(participant, "safety.call_me", participant, entry.key)
