"""The page after a check-in: what was answered, the step since the one before, and the skill that was named most."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from portal import checkins, words
from portal.checkins import usual_range
from portal.checkins.check_in_days import CheckInDay, each_day, latest, series_of
from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.phrases import NOTHING_YET
from portal.checkins.sets import SHORTER
from portal.checkins.suggestions import NAMED, NamedSkill
from portal.checkins.table import Column, columns_of
from portal.checkins.usual_range import UsualRange
from portal.people import Person

CHART_DAYS = 14
LOOKED_AT = 10  # check-ins that answered what helped
EXERCISES = {"paced_breathing": "slow-breath"}  # skills that are an exercise here
# Not offered by themselves: cold water is not for everybody, and an urge is ridden out by another rule.
NOT_OFFERED = (NOTHING_YET, "cold_water", "rode_it_out")


@dataclass(frozen=True, slots=True)
class Feedback:
    """A check-in and the six weeks up to `today`: `days` all of them, `shown` those of the chart.

    `raised` says that a version of it raised a flag, `reviewed` that somebody of the care team read it.
    """

    entry: CheckInVersion
    today: date
    days: list[CheckInDay]
    raised: bool
    reviewed: bool

    @property
    def brings_help(self) -> bool:
        """Whether people to reach come first on the page, and nothing else stands beside them."""
        return self.raised or self.entry.brings_help

    @property
    def shown(self) -> list[CheckInDay]:
        return self.days[-CHART_DAYS:]

    @property
    def usual(self) -> dict[str, UsualRange | None]:
        return usual_range.before(series_of(self.days), latest(self.days))

    def columns(self, asks_safety: bool) -> list[Column]:
        return columns_of((entry for day in self.shown for entry in day.entries), asks_safety)

    @property
    def skill(self) -> NamedSkill | None:
        """The skill named most, in the words of its set, in the latest check-ins that asked, or None."""
        every = [(e, e.asked_by.by_id.get("skills")) for day in self.days for e in day.entries if e.at <= self.entry.at]
        asked = [(e.skills, question) for e, question in every if question and e.skills is not None]
        if not asked:
            return None
        question = asked[-1][1]
        alike = [skills for skills, other in asked if other.text == question.text][-LOOKED_AT:]
        choices = {code: name for code, name in (question.choices or {}).items() if code not in NOT_OFFERED}
        named = Counter(code for skills in alike for code in skills if code in choices)
        for code, times in named.most_common(1):
            if times >= NAMED:
                return NamedSkill(choices[code], times, len(alike), question.text, EXERCISES.get(code, ""))
        return None

    def in_short(self, asks_safety: bool) -> str:
        """The answers in one sentence, and whether any were left out: "Mood 6. The rest left out."."""
        asked = [one for one in self.entry.questions if one.id != "mood" and (asks_safety or not one.is_about_safety)]
        given = [one for one in asked if self.entry.given(one.id) is not None]
        left_out = [one for one in asked if one not in given and one.kind != "text"]
        said = f"Mood {self.entry.mood}"
        if [one.kind for one in given] == ["safety"]:
            said += " and the safety question"
        elif given:
            said += f" and {words.number(len(given))} more answer{'' if len(given) == 1 else 's'}"
        return f"{said}. The rest left out." if left_out or self.entry.question_set == SHORTER else f"{said}."

    @property
    def sentence(self) -> str:
        """The mood in numbers, with the step since the check-in before; of another day than today the number alone.

        It never judges and never reassures.
        """
        entry, today = self.entry, self.today
        if entry.for_day != today:
            return f"Your mood {words.on_day(entry.for_day, today)} was {entry.mood}"
        shown = (one for day in self.shown for one in day.entries)
        before = [one for one in shown if (one.for_day, one.entered_at) < (entry.for_day, entry.entered_at)]
        if not before:
            return f"{entry.mood} today, your first check-in in these {CHART_DAYS} days"
        last = before[-1]
        when = "earlier today" if last.for_day == today else words.on_day(last.for_day, today)
        step = entry.mood - last.mood
        if not step:
            return f"{entry.mood} today, the same as {when}"
        return f"{entry.mood} today, {words.number(abs(step))} {'more' if step > 0 else 'less'} than {when}"


def feedback_on(participant: Person, key: str, today: date) -> Feedback:
    """The page after the check-in called `key`, in one read; raises NotFound."""
    first = today - timedelta(days=CHART_DAYS + usual_range.DAYS - 1)
    found = checkins.around(participant, key, first, today)
    return Feedback(found.entry, today, each_day(found.entries, first, today), found.raised, found.reviewed)
