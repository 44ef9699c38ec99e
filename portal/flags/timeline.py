"""The timeline of a flag, latest first: what is to come, what was done, who was told, and how it began."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal import clock, words
from portal.flags import Act, RaisedFlag
from portal.flags.board import FlagLine
from portal.flags.email_status import EmailStatus
from portal.flags.handover import who_tries_again
from portal.flags.letters import FlagLetter
from portal.flags.phrases import DONE, TIERS
from portal.people import Person


@dataclass(frozen=True, slots=True)
class FlagStep:
    """One step: the moment `at`, what it was in words, more about it, and somebody's own words; or what is to come."""

    at: datetime
    what: str
    about: str = ""
    by: str = ""
    own_words: str | None = None
    is_to_come: bool = False


def steps_of(
    line: FlagLine,
    letters: Mapping[str, list[FlagLetter]],
    email: EmailStatus | None,
    reader: Person,
    now: datetime,
) -> list[FlagStep]:
    """The steps of a flag at `now`, with its `letters`, for a reader on their own clock, the latest first.

    Without `email` nothing is said of a letter to come.
    """
    flag, told = line.flag, _Told(letters, reader.zone, clock.day_of(now, reader.zone))
    steps = [*_answers(flag, line.passed_on_at, told), *(_step_of(one, told) for one in flag.acts)]
    if at := line.passed_on_at:
        others = words.listed(line.owners.later_names) or "nobody else"
        about = ("Nothing was done in time", told.of(flag.tier, since=at))
        steps.append(FlagStep(at, f"went to {others} too", _sentences(about)))
    return [*_to_come(line, email, told, now), *sorted(steps, key=lambda step: step.at)[::-1]]


@dataclass(frozen=True, slots=True)
class _Told:
    """The letters in words, for a reader whose clock is of `zone` and whose day is `today`."""

    letters: Mapping[str, list[FlagLetter]]
    zone: str
    today: date

    def when(self, at: datetime) -> str:
        return words.when(at, self.zone, self.today)

    def of(self, what: str, since: datetime | None = None, before: datetime | None = None) -> str:
        """ "Emailed to Dr Cho, today, 2:21 pm"; and that an email has not been sent yet, or could not be."""
        letters = [
            one
            for one in self.letters.get(what, ())
            if (since is None or one.made_at >= since) and (before is None or one.made_at < before)
        ]
        return ". ".join(self._said(one) for one in letters)

    def _said(self, letter: FlagLetter) -> str:
        name = letter.therapist.name
        if letter.sent_at:
            return f"Emailed to {name}, {self.when(letter.sent_at)}"
        return f"The email to {name} {'could not be sent' if letter.given_up_at else 'has not been sent yet'}"


def _answers(flag: RaisedFlag, passed_on_at: datetime | None, told: _Told) -> Iterator[FlagStep]:
    """The first answer, and each further one; the first of a tier tells the owners."""
    tiers: set[str] = set()
    for index, reason in enumerate(flag.reasons):
        what = "another answer was added" if index else f"raised, {TIERS[reason.tier or flag.tier].lower()}"
        about = ""
        if reason.tier and reason.tier not in tiers and not (tiers and reason.tier == "same_day"):
            is_last = reason.tier == flag.tier
            about = told.of(reason.tier, before=passed_on_at if is_last else None)
            tiers.add(reason.tier)
        yield FlagStep(reason.at, what, about)


def _step_of(act: Act, told: _Told) -> FlagStep:
    about = ""
    if act.again_at:
        about = _sentences([f"{act.again_by} tries again, {told.when(act.again_at)}", told.of(act.key)])
    return FlagStep(act.at, DONE[act.kind], about, act.by, act.note)


def _to_come(line: FlagLine, email: EmailStatus | None, told: _Told, now: datetime) -> list[FlagStep]:
    """The next try that was named, and what happens when its time passes; or that it passed, and who was told again."""
    tried = line.flag.tried
    if tried is None or tried.again_at is None:
        return []
    again = told.of(f"{tried.key}:again")
    if not again and tried.again_at <= now:
        again = "That time has passed, and nobody has done anything since"
    elif not again and email:
        again = _next_letter(who_tries_again(tried, line.owners), email)
    about = [f"Named by {tried.by}", again]
    return [FlagStep(tried.again_at, f"{tried.again_by} tries again", _sentences(about), is_to_come=True)]


def _next_letter(who: Sequence[Person], email: EmailStatus) -> str:
    names = [one.name for one in who if email.reaches(one)]
    if not names:
        return "If nothing is done by then, nobody gets an email about it"
    return f"If nothing is done by then, {words.listed(names)} {'gets' if len(names) == 1 else 'get'} an email"


def _sentences(parts: Iterable[str]) -> str:
    return ". ".join(part for part in parts if part)
