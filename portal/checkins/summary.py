"""Some days of check-ins as plain sentences with the numbers in them. No score, and no advice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean

from portal import words
from portal.checkins import usual_range
from portal.checkins.check_in_days import CheckInDay, series_of
from portal.checkins.check_in_versions import ACTED, POSITIVE, CheckInVersion
from portal.checkins.phrases import MEDICATION, SAFETY, SKILLS
from portal.checkins.usual_range import ITEMS, UsualRange

MOST_SKILLS = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `stands_out` when a safety answer, a return to use or an unusual number is behind it."""

    text: str
    stands_out: bool = False


def summarize(days: Sequence[CheckInDay], start: date, today: date, came: str = "") -> list[Sentence]:
    """The days from `start` to today in sentences; `days` follow each other and end today.

    What is usual comes from the 28 days before `start`. Today counts only once there is a check-in. `came` is a
    sentence on the sessions of these days, "" for none.
    """
    index = (start - days[0].day).days
    period = [day for day in days[index:] if not (day.missed and day.day == today)]
    sessions = [Sentence(came)] if came else []
    if all(day.missed for day in period):
        return [Sentence("No check-in since then."), *sessions]
    usual = usual_range.before(series_of(days), index)
    return [
        *_safety(period, today),
        *_outside(period, usual, today),
        *_sleep(period, usual["sleep_hours"]),
        *_use(period, today),
        *_mood(period, days[max(0, index - 7) : index]),
        *_medicine(period),
        Sentence(f"Checked in on {sum(not day.missed for day in period)} of {words.counted(len(period), 'day')}."),
        *sessions,
        *_skills(period),
    ]


def _safety(period: Sequence[CheckInDay], today: date) -> Iterator[Sentence]:
    for day in period:
        on_day = words.on_day(day.day, today)
        yield from (Sentence(f"{said} {on_day}.", True) for said in dict.fromkeys(_told_of_safety(day.entries)))


def _told_of_safety(entries: Sequence[CheckInVersion]) -> Iterator[str]:
    """The answers that bring help first, each as the beginning of a sentence."""
    for entry in entries:
        if entry.safety in POSITIVE:
            said = SAFETY[str(entry.safety)]
            yield f"Said “{said[0].lower()}{said[1:]}” to the safety question"
        if entry.given(ACTED) == "yes":
            yield "Told us about hurting themselves on purpose"
        yield from (f"{name}: {number}" for name, number in entry.urges_to_self_harm)


def _outside(period: Sequence[CheckInDay], usual: dict[str, UsualRange | None], today: date) -> Iterator[Sentence]:
    """Mood that fell or rose out of the usual range; anxiety and urges that rose."""
    for item in ("mood", "anxiety", "urges"):
        known = [(value, day.day) for day in period if (value := day.values[item]) is not None]
        range_ = usual[item]
        if not known or range_ is None:
            continue
        lowest, highest = min(known), max(known)
        if highest[0] > range_.high:
            yield _turn(item, "reached", highest, known[-1], range_, today)
        if lowest[0] < range_.low and ITEMS[item].low_counts:
            yield _turn(item, "fell to", lowest, known[-1], range_, today)


def _turn(
    item: str, verb: str, far: tuple[float, date], latest: tuple[float, date], range_: UsualRange, today: date
) -> Sentence:
    """ "Urges reached 8 on Sunday and are 7 today. Usual is 2 to 4." """
    said = f"{ITEMS[item].name} {verb} {far[0]:g} {words.on_day(far[1], today)}"
    if latest != far:
        now, then = ("are", "were") if item == "urges" else ("is", "was")
        said += f" and {now if latest[1] == today else then} {latest[0]:g} {words.on_day(latest[1], today)}"
    return Sentence(f"{said}. Usual is {range_.words}.", True)


def _sleep(period: Sequence[CheckInDay], range_: UsualRange | None) -> Iterator[Sentence]:
    known = [value for day in period if (value := day.values["sleep_hours"]) is not None]
    if not range_:
        return
    for verb, count in (
        ("under", sum(value < range_.low for value in known)),
        ("over", sum(value > range_.high for value in known)),
    ):
        if count:
            often = f"{count} of {words.counted(len(known), 'night')}"
            yield Sentence(f"Sleep was {verb} the usual {range_.words} h on {often}.", True)


def _use(period: Sequence[CheckInDay], today: date) -> Iterator[Sentence]:
    for item, what in (("substance_use", "drinking or using"), ("acted", "acting on an urge")):
        told = [day.day for day in period if any(entry.given(item) == "yes" for entry in day.entries)]
        if told:
            yield Sentence(f"Told us about {what} {words.listed([words.on_day(one, today) for one in told])}.", True)


def _mood(period: Sequence[CheckInDay], week_before: Sequence[CheckInDay]) -> Iterator[Sentence]:
    now, then = ([day.last.mood for day in part if day.last] for part in (period, week_before))
    if len(now) > 1:
        said = f"Mood averaged {mean(now):.1f}."
        yield Sentence(f"{said} In the 7 days before, it averaged {mean(then):.1f}." if len(then) > 1 else said)


def _medicine(period: Sequence[CheckInDay]) -> Iterator[Sentence]:
    taken = [_medicine_on(day) for day in period]
    not_all = Counter(MEDICATION[answer].lower() for answer in taken if answer in ("some", "no"))
    if not_all:
        often = words.listed([f"“{answer}” on {words.counted(count, 'day')}" for answer, count in not_all.items()])
        yield Sentence(f"Medicine as planned: {often}.")


def _medicine_on(day: CheckInDay) -> str | None:
    return usual_range.answer_of_day([entry.medication for entry in day.entries])


def medicine_fact(days: Sequence[CheckInDay]) -> tuple[str, str]:
    """(name, words) of how often the medicine was taken as planned; no words where nobody said so."""
    answers = list(filter(None, map(_medicine_on, days)))
    taken = [answer for answer in answers if answer != "none"]
    if answers and not taken:
        return "Medicine", "None to take"
    return "Medicine", f"As planned on {taken.count('yes')} of {words.counted(len(taken), 'day')}" if taken else ""


def _skills(period: Sequence[CheckInDay]) -> Iterator[Sentence]:
    used = Counter(
        skill
        for day in period
        for entry in day.entries
        for skill in entry.skills or ()
        if skill in SKILLS and skill != "nothing_yet"
    )
    if used:
        most = [f"{SKILLS[skill].lower()} {words.times(count)}" for skill, count in used.most_common(MOST_SKILLS)]
        yield Sentence(f"What helped: {words.listed(most)}.")
