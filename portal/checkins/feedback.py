"""The page after a check-in: one plain sentence, what has helped, one thing to try."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from portal import checkins, words
from portal.checkins import usual_range
from portal.checkins.check_in_days import CheckInDay, each_day, latest, series_of
from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.phrases import NOTHING_YET, SKILLS
from portal.checkins.table import Column, columns_of
from portal.checkins.usual_range import UsualRange
from portal.people import Person

STRONG = 7
LOW = 3
CHART_DAYS = 14
LIKE = 1  # a day is like another when their moods are at most this far apart
ENOUGH_LIKE = 3  # days
MOST_HELPED = 2


@dataclass(frozen=True, slots=True)
class Feedback:
    """A check-in and the six weeks up to `today`: `days` all of them, `shown` those of the chart."""

    entry: CheckInVersion
    today: date
    days: list[CheckInDay]

    @property
    def shown(self) -> list[CheckInDay]:
        return self.days[-CHART_DAYS:]

    @property
    def usual(self) -> dict[str, UsualRange | None]:
        return usual_range.before(series_of(self.days), latest(self.days))

    def columns(self, asks_safety: bool) -> list[Column]:
        return columns_of((entry for day in self.shown for entry in day.entries), asks_safety)

    @property
    def helped(self) -> list[str]:
        """The skills named most often on earlier days like this; none while there are fewer than three such days."""
        like = [
            day.last
            for day in self.days
            if day.last and day.day < self.entry.for_day and abs(day.last.mood - self.entry.mood) <= LIKE
        ]
        named = Counter(skill for entry in like for skill in entry.skills or () if skill != NOTHING_YET)
        if len(like) < ENOUGH_LIKE:
            return []
        return [SKILLS[skill] for skill, _ in named.most_common() if skill in SKILLS][:MOST_HELPED]


def feedback_on(participant: Person, key: str, today: date) -> Feedback:
    """The page after the check-in called `key`, in one read; raises NotFound."""
    first = today - timedelta(days=CHART_DAYS + usual_range.DAYS - 1)
    entry, entries = checkins.around(participant, key, first, today)
    return Feedback(entry, today, each_day(entries, first, today))


def sentence(entry: CheckInVersion, days: list[CheckInDay], today: date) -> str:
    """The change since the check-in before, in numbers; for another day than today the mood alone. It never judges and
    never reassures."""
    if entry.for_day != today:
        return f"Your mood {words.on_day(entry.for_day, today)} was {entry.mood}."
    before = [e for day in days for e in day.entries if (e.for_day, e.entered_at) < (entry.for_day, entry.entered_at)]
    if not before:
        return f"Your mood is {entry.mood}. It is the first check-in in these 14 days."
    last = before[-1]
    when = "earlier today" if last.for_day == today else words.on_day(last.for_day, today)
    if entry.mood == last.mood:
        return f"Your mood is {entry.mood}, the same as {when}."
    return f"Your mood is {entry.mood}. It was {last.mood} {when}."


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One exercise, by its address, and why it is offered now."""

    slug: str
    why: str


def suggestion(entry: CheckInVersion) -> Suggestion:
    """One thing to try, by a fixed rule. After a low mood it asks for no writing."""
    if entry.urges is not None and entry.urges >= STRONG:
        return Suggestion("the-wave", f"You put your urges at {entry.urges}. Watching one rise and fall can help.")
    if entry.anxiety is not None and entry.anxiety >= STRONG:
        return Suggestion("slow-breath", f"You put your anxiety at {entry.anxiety}. A longer breath out can help.")
    if entry.mood <= LOW:
        return Suggestion("slow-breath", f"You put your mood at {entry.mood}. A few slow breaths can be a start.")
    return Suggestion("notice-and-weigh", "On a steadier day, one written-down thought is good practice.")
