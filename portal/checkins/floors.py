"""Floors: answers that need a look whatever is usual for the person, until somebody has seen the check-in.

They are the portal's own rule, the same for everybody, and no cutoff of a study: a return to use, having acted on an
urge, a mood of 2 or less, urges of 8 or more, anxiety of 9 or more, less than 4 hours of sleep twice in a row, and
medicine not taken twice in a row. Urges count of every kind that a set asks about, on a shorter scale from the same
share of its top; so do a person's own targets, which are asked as how strong they are at their strongest, and have
the words that they were given.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import words
from portal.checkins.sets import hours
from portal.checkins.urges import TOP, Urge, urge_of

LOW_MOOD, STRONG_URGES, STRONG_ANXIETY, SHORT_SLEEP = 2, 8, 9, 4  # urges of TOP

# The rules, the gravest first, each with its words.
STRONG = f"at {STRONG_URGES} or more of {TOP} need a look, even where that is usual"
YES = {"substance_use": "Drank or used", "acted": "Acted on an urge", "acted_self_harm": "Hurt themselves"}
RULES = {
    **{item: f"“Yes” to “{name.lower()}” needs a look" for item, name in YES.items()},
    "self_harm": f"Urges to hurt oneself {STRONG}",
    "urges": f"Urges {STRONG}",
    "target": f"Their own targets {STRONG}",
    "mood": f"A mood of {LOW_MOOD} or less needs a look, even where that is usual",
    "anxiety": f"Anxiety at {STRONG_ANXIETY} or more needs a look, even where that is usual",
    "sleep_hours": f"Less than {SHORT_SLEEP} hours of sleep twice in a row needs a look",
    "medication": "Medicine not taken twice in a row needs a look",
}

ABOUT_SAFETY = ("acted_self_harm", "self_harm")  # the rules about hurting oneself


@dataclass(frozen=True, slots=True)
class FloorAnswer:
    """One such answer: its `rule` of RULES, the question's name, what was answered on which day, and in which check-in.

    `before` is the answer of the time before, with its day, for what counts twice in a row.
    """

    rule: str
    name: str
    given: str
    for_day: date
    check_in_key: str
    is_seen: bool
    before: tuple[str, date] | None = None

    @property
    def tag(self) -> str:
        """ "Mood 2", "Drank or used", "Medicine: no"."""
        return self.name if self.given == "yes" else f"{self.name}: no" if self.given == "no" else self._said

    def sentence(self, today: date) -> str:
        """ "Mood 2 today", "Drank or used: yes, on Sunday", "Sleep 3 h today and 3.5 h yesterday"."""
        said = f"{self._said} {words.on_day(self.for_day, today)}"
        if self.before is None:
            return said
        given, day = self.before
        return f"{said} and {'' if given == 'no' else f'{given} '}{words.on_day(day, today)}"

    @property
    def _said(self) -> str:
        return f"{self.name}: {self.given}," if self.given in ("yes", "no") else f"{self.name} {self.given}"


_READ = ("for_day", "key", "substance_use", "urges", "mood", "anxiety", "sleep_hours", "medication")


def floors_in(read: Mapping[str, Sequence[Any]]) -> tuple[FloorAnswer, ...]:
    """The floors in one person's check-ins that nobody has seen, and in all those of the latest day; the latest first.

    `read` has the columns of the check-ins, by day and time of entry, and the targets that each was asked under.
    """
    days = read["for_day"]
    places = [place for place, seen in enumerate(read["is_read"]) if not seen or days[place] == days[-1]]
    return tuple(found for place in reversed(places) for found in _floors_at(read, place))


def check_ins_with_floors(entries: Sequence[Any]) -> set[str]:
    """The keys of those of one person's check-ins, by day and time of entry, that have a floor, seen or not."""
    read: dict[str, list[Any]] = {name: [getattr(one, name) for one in entries] for name in _READ}
    read |= {"is_read": [False] * len(entries), "targets": [()] * len(entries)}
    read |= {"more": [json.dumps(dict(one.answers)) for one in entries]}
    return {one.check_in_key for one in floors_in(read)} if entries else set()


def _floors_at(read: Mapping[str, Sequence[Any]], place: int) -> Iterator[FloorAnswer]:
    day, key, seen = (read[name][place] for name in ("for_day", "key", "is_read"))
    for rule, name, given in _answers_at(read, place):
        yield FloorAnswer(rule, name, given, day, key, seen)
    for rule, name, says in (("sleep_hours", "Sleep", _says_short), ("medication", "Medicine", _says_no)):
        given, earlier = says(read[rule][place]), _before(read, rule, place)
        if given and earlier is not None and (then := says(read[rule][earlier])):
            yield FloorAnswer(rule, name, given, day, key, seen, (then, read["for_day"][earlier]))


def _answers_at(read: Mapping[str, Sequence[Any]], place: int) -> Iterator[tuple[str, str, str]]:
    """The rule, the name and the answer of those that count at once."""
    more = read["more"][place]
    answers = {"substance_use": read["substance_use"][place], "urges": read["urges"][place]}
    if more and more != "{}":
        answers |= json.loads(more)
    for item, name in YES.items():
        if answers.get(item) == "yes":
            yield item, name, "yes"
    for item, given in answers.items():
        if (urge := urge_of(item, read["targets"][place])) and _is_strong(urge, given):
            yield urge.rule, urge.name, f"{given}{urge.unit}"
    mood, anxiety = read["mood"][place], read["anxiety"][place]
    if mood <= LOW_MOOD:
        yield "mood", "Mood", f"{mood}"
    if anxiety is not None and anxiety >= STRONG_ANXIETY:
        yield "anxiety", "Anxiety", f"{anxiety}"


def _is_strong(urge: Urge, given: Any) -> bool:
    """Whether an answer is as strong as STRONG_URGES of TOP."""
    return type(given) is int and given * TOP >= STRONG_URGES * urge.top


def _says_short(sleep: float | None) -> str:
    return hours(sleep) if sleep is not None and sleep < SHORT_SLEEP else ""


def _says_no(medicine: str | None) -> str:
    return "no" if medicine == "no" else ""


def _before(read: Mapping[str, Sequence[Any]], item: str, place: int) -> int | None:
    """The place of the answer to `item` before this one, on an earlier day; one that was skipped is passed over."""
    day, values = read["for_day"][place], read[item]
    return next(
        (each for each in range(place - 1, -1, -1) if values[each] is not None and read["for_day"][each] < day), None
    )
