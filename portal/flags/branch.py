"""The safety branch: the help and the questions that come first after an answer about safety, true for the hour."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal import audit, clock, people, words
from portal.flags import phrases
from portal.flags.raising import raise_flag
from portal.flags.safety_answers import SafetyAnswers, safety_answers_in
from portal.people import Person
from portal.people.care.reach import Reach, reach_of
from portal.program import ProgramFacts
from portal.program.hours import after_working_minutes, can_call_today, hours_as_now, next_opening

SAFE_NOW = tuple(f"safe_now_{answer}" for answer in phrases.SAFE_NOW)
ASKS_FOR_CALL = ("call_me", "yes_talk")
CRISIS_LINE = "988 is open at every hour."


@dataclass(frozen=True, slots=True)
class SafetyBranch:
    """The help after one answer: `said` is the last code of SAFE_NOW, None before; `outlook` says what comes now.

    `taken_back` says that the answer is another by now, which takes nothing of this away; `stays_open`, that the flag
    behind it is open. `hours` are the clinic's as they are now. The questions are asked where `asks`; the team is asked
    to call at `phone`.
    """

    said: str | None
    wants_call: bool
    taken_back: bool
    stays_open: bool
    asks: bool
    hours: str
    outlook: str
    phone: str | None
    leaves_no_message: bool


class Answer(Protocol):
    """A check-in, or a set of answers, as it is now."""

    @property
    def key(self) -> str: ...

    @property
    def entered_at(self) -> datetime: ...

    @property
    def brings_help(self) -> bool: ...


def branch_after(
    participant: Person, program: ProgramFacts, entry: Answer, now: datetime, **of_what: str
) -> SafetyBranch | None:
    """The help that stands first after `entry`, as it is at `now`; None after an answer that brings none.

    `of_what` is the `check_in_key` or the `measure_key` of the `entry`. Two reads, and one where there is none.
    """
    told = safety_answers_in(participant, **of_what)
    if not (entry.brings_help or told.reasons):
        return None
    return branch_of(participant.zone, program, reach_of(participant, program, now), told, entry, now)


def asks_after(participant: Person, program: ProgramFacts, entry: Answer, **of_what: str) -> bool:
    """Whether the questions of the branch are asked after `entry`, with `of_what` as for branch_after."""
    return program.asks_safety and (entry.brings_help or bool(safety_answers_in(participant, **of_what).reasons))


def branch_of(
    zone: str, program: ProgramFacts, reach: Reach, told: SafetyAnswers, entry: Answer, now: datetime
) -> SafetyBranch:
    """The help after `entry` for somebody in `zone`, whom these people are there for and who was told of this."""
    since = _since(entry, told)
    codes = told.codes(since)
    said = [code for code in codes if code in SAFE_NOW]
    return SafetyBranch(
        said=said[-1] if said else None,
        wants_call="call_me" in codes or told.waits_for_call,
        taken_back=not entry.brings_help,
        stays_open=any(is_open for _, _, is_open in told.reasons),
        asks=program.asks_safety,
        hours=hours_as_now(program, now, zone),
        outlook=_outlook(zone, program, reach, told, since, now),
        phone=reach.phone,
        leaves_no_message=reach.may_leave_message is False,
    )


def _since(entry: Answer, told: SafetyAnswers) -> datetime:
    """The moment of the answer that brought the help: now, or before it was changed to another."""
    return entry.entered_at if entry.brings_help or not told.reasons else told.reasons[0][1]


def _outlook(
    zone: str, program: ProgramFacts, reach: Reach, told: SafetyAnswers, since: datetime, now: datetime
) -> str:
    """The sentences on what comes of the answer. They promise a call only where it was asked for and can be made."""
    today = clock.day_of(now, zone)
    if told.seen_at and told.act == "tried":
        tried = words.when(told.seen_at, zone, today)
        return f"{told.seen_by} tried to reach you and could not, {tried}. Call us when you can. {CRISIS_LINE}"
    if told.seen_at:
        return f"{told.seen_by} has seen your answer, {words.when(told.seen_at, zone, today)}."
    asked = [at for code, at, is_open in told.reasons if code in ASKS_FOR_CALL and is_open and at >= since]
    latest, tier = (asked[-1], "urgent") if asked else (since, told.tier)
    if told.reasons and not _in_time(zone, program, tier, latest, now):
        return "Nobody has signed that they have seen this answer yet. If you still need someone, call us."
    whose = f"Your answer is with {words.listed(reach.called_first)}." if told.reasons and reach.called_first else ""
    return " ".join(filter(None, (whose, _of_call(program, reach, asked, now))))


def _in_time(zone: str, program: ProgramFacts, tier: str, since: datetime, now: datetime) -> bool:
    """Whether it is still the day of an answer, and somebody still has the time that the program gives for it."""
    due = after_working_minutes(program, since, program.minutes_of(tier))
    return clock.day_of(since, zone) == clock.day_of(now, zone) and (due is None or now < due)


def _of_call(program: ProgramFacts, reach: Reach, asked: list[datetime], now: datetime) -> str:
    """A sentence on whether we call today; "" where a number and hours allow it and they did not ask for it."""
    opens = next_opening(program, now)
    is_today = opens is not None and clock.day_of(opens, program.zone) == clock.day_of(now, program.zone)
    since = asked[-1] if asked else now
    if is_today and reach.called_first and reach.phone and can_call_today(program, since, "urgent"):
        return "We will call you today." if asked else ""
    if is_today and opens == now:
        return f"We cannot promise that someone calls you today. You can call us now. {CRISIS_LINE}"
    return f"We cannot promise that someone calls you today. {CRISIS_LINE}"


def answer(participant: Person, said: str, entry: Answer, now: datetime, **of_what: str) -> bool:
    """The second question, "Are you safe right now?", with a key of phrases.SAFE_NOW; the same again adds nothing.

    `of_what` is the `check_in_key` or the `measure_key` of the `entry` that brought the help. False where the answer
    is kept nowhere: a yes, after an answer that raised no flag.
    """
    people.hold(participant)
    code, told = f"safe_now_{said}", safety_answers_in(participant, **of_what)
    if [each for each in told.codes(_since(entry, told)) if each in SAFE_NOW][-1:] == [code]:
        return True
    kept = raise_flag(participant, code, of_what.get("check_in_key"), now, measure_key=of_what.get("measure_key"))
    if kept:
        audit.record(participant, "safety.answer", participant, entry.key)
    return kept is not None


def ask_for_call(participant: Person, entry: Answer, now: datetime, **of_what: str) -> None:
    """The participant asks the team to call; once is enough. `of_what` as for `answer`."""
    people.hold(participant)
    told = safety_answers_in(participant, **of_what)
    if not (told.waits_for_call or "call_me" in told.codes(_since(entry, told))):
        raise_flag(participant, "call_me", of_what.get("check_in_key"), now, measure_key=of_what.get("measure_key"))
        audit.record(participant, "safety.call_me", participant, entry.key)
