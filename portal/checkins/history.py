"""A participant's own history: some days of check-ins as chart, table and journal, with who read them."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile

from portal import checkins, words
from portal.checkins import question_plans, usual_range
from portal.checkins.check_in_days import CheckInDay, each_day, journal, latest, series_of
from portal.checkins.check_in_versions import CheckInReview
from portal.checkins.curves import Curve, compared_curves
from portal.checkins.table import Column, columns_of
from portal.people import Person
from portal.program import ProgramFacts

WINDOWS = {"28": "A month", "90": "90 days"}
USUAL = "28"
MOST = 14  # check-ins in the journal below the charts, two a day for a week; the table has them all
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class History:
    """The days from `first` to `last`, of which `journal` shows the latest in full.

    `curves` draw the items that have a usual range, which is from before the last check-in.
    """

    today: date
    first: date
    last: date
    length: str
    days: list[CheckInDay]
    journal: list[list[CheckInDay]]
    curves: list[Curve]
    columns: list[Column]
    reviews: dict[str, list[CheckInReview]]

    @property
    def earlier(self) -> date:
        """The last of the days before."""
        return self.first - timedelta(days=1)

    @property
    def journal_ends(self) -> date | None:
        """The last day of the page with the check-ins that the journal leaves out; None if it has all of them."""
        shown = min((day.day for part in self.journal for day in part), default=self.first)
        return shown - timedelta(days=1) if shown > self.first else None

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    @property
    def gone(self) -> list[bool]:
        """Whether each day was missed; today is not over yet."""
        return [day.missed and day.day != self.today for day in self.days]

    @property
    def sentence(self) -> str:
        """The days in one sentence: "You checked in on 24 of 28 days, and your mood was between 3 and 8."."""
        moods = [entry.mood for day in self.days for entry in day.entries]
        low, high = min(moods), max(moods)
        mood = f"was {low}" if low == high else f"was between {low} and {high}"
        length = len(self.days) - (self.days[-1].missed and self.last == self.today)
        checked_in = sum(not day.missed for day in self.days)
        return f"You checked in on {checked_in} of {words.counted(length, 'day')}, and your mood {mood}."

    @property
    def is_empty(self) -> bool:
        return all(day.missed for day in self.days)


def history_of(participant: Person, program: ProgramFacts, today: date, until: date | None, length: str) -> History:
    """`length` days that end on `until`, or today if they cannot, in three reads; 28 if it is not one of WINDOWS.

    Days before the stay are left out, unless they have a check-in: nobody was asked then.
    """
    length = length if length in WINDOWS else USUAL
    last = until if until and EARLIEST <= until <= today else today
    first = last - timedelta(days=int(length) - 1)
    entries = checkins.between([participant.id], first - timedelta(days=usual_range.DAYS), last)
    every = each_day(entries, first - timedelta(days=usual_range.DAYS), last)
    began = question_plans.question_plan_of(participant, program).began
    begins = min(began, last) if began else first
    days = list(dropwhile(lambda day: day.missed and day.day < begins, every[usual_range.DAYS :]))
    listed = _latest(journal(days))
    keys = [entry.key for part in listed for day in part for entry in day.entries]
    reviews: dict[str, list[CheckInReview]] = {}
    for review in checkins.reviews_of(participant, keys):
        reviews.setdefault(review.check_in_key, []).append(review)
    shown = [entry for day in days for entry in day.entries]
    curves = compared_curves(days, usual_range.before(series_of(every), latest(every)))
    columns = columns_of(shown, program.asks_safety, but=())
    return History(today, days[0].day, last, length, days, listed, curves, columns, reviews)


def _latest(parts: list[list[CheckInDay]]) -> list[list[CheckInDay]]:
    """The newest parts of a journal that hold at most MOST check-ins, or one day's; a day is never parted."""
    listed: list[list[CheckInDay]] = []
    count = 0
    for part in parts:
        count += sum(len(day.entries) for day in part)
        if listed and count > MOST:
            break
        listed.append(part)
    return listed
