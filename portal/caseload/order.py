"""The published order of a caseload, in seven steps. A rule, and not a score.

Open safety flags, then safety closed lately, then return to use and the floors that nobody has marked as seen, then a
change for the worse, silence, a missed group, and the rest. Within each, the sooner the next session; of open flags,
urgent ones before the others.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from portal import clock
from portal.checkins import floors, usual_range
from portal.checkins.floors import FloorAnswer
from portal.checkins.on_caseload import LatestCheckIn
from portal.checkins.usual_range import ComparedItem, UnusualAnswer, UsualRange
from portal.flags import RaisedFlag
from portal.measures.on_caseload import MeasureReason
from portal.schedule.on_caseload import GroupOfPerson

OPEN_FLAG, CLOSED_FLAG, FLOOR, CHANGE, QUIET, MISSED, STEADY = range(7)
SILENT_AFTER = 3  # days
SPARK_DAYS = 14  # of the small charts
READ_DAYS = usual_range.DAYS + SPARK_DAYS  # how far back the list looks
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CaseloadFacts:
    """The facts that the rule looks at, at `now` on the person's day `today`, for `reader_id` on the clock of `zone`.

    `flag` is the reader's to see to, or was closed lately; `flag_with_others` says that there is one that somebody
    else of the care team sees to. `floors` are those of check-ins that nobody has seen, and of the latest day.
    `outside` is what was not usual on the day of the `latest` check-in, and `usual` the items of it that were compared.
    `moods` are those of the days before it that had a check-in.
    `worse`, `better` and `high` say which totals of measures got worse, got better, or reach a floor; `left_out` which
    safety questions in them have no answer. `missed` is their latest group if they missed it.
    """

    now: datetime
    today: date
    zone: str
    reader_id: int = 0
    asks_safety: bool = True
    enrolled: date | None = None
    flag: RaisedFlag | None = None
    flag_with_others: bool = False
    latest: LatestCheckIn | None = None
    floors: tuple[FloorAnswer, ...] = ()
    outside: tuple[UnusualAnswer, ...] = ()
    usual: tuple[tuple[ComparedItem, UsualRange], ...] = ()
    moods: tuple[float, ...] = ()
    high: tuple[MeasureReason, ...] = ()
    worse: tuple[MeasureReason, ...] = ()
    better: tuple[MeasureReason, ...] = ()
    left_out: tuple[str, ...] = ()
    missed: GroupOfPerson | None = None
    next_at: datetime | None = None

    @property
    def read_on(self) -> date:
        """The reader's day."""
        return clock.day_of(self.now, self.zone)

    @property
    def unseen(self) -> list[FloorAnswer]:
        """The floors that nobody has marked as seen, the latest first."""
        return [one for one in self.floors if not one.is_seen]

    @property
    def tells_of_safety(self) -> bool:
        """Whether an answer about hurting oneself that nobody has seen, that is worse than usual, or that was left out,
        is among the facts."""
        told = {one.rule for one in self.unseen} | {one.item.id for one in self.harder}
        return bool(self.left_out) or not told.isdisjoint(floors.ABOUT_SAFETY)

    @property
    def has_range(self) -> bool:
        """Whether there are enough days to know what is usual."""
        return len(self.moods) >= usual_range.NEEDED

    @property
    def harder(self) -> list[UnusualAnswer]:
        """The answers that changed for the worse."""
        return [one for one in self.outside if one.is_worse]

    @property
    def silent_days(self) -> int | None:
        """Days since the one the latest check-in is for, or since they were enrolled again; None without either."""
        since = max([day for day in (self.latest and self.latest.for_day, self.enrolled) if day], default=None)
        return (self.today - since).days if since else None

    @property
    def is_silent(self) -> bool:
        return self.silent_days is None or self.silent_days >= SILENT_AFTER


def rank(facts: CaseloadFacts) -> int:
    """The first of the seven steps that applies."""
    steps = {
        OPEN_FLAG: facts.flag and not facts.flag.closed_at,
        CLOSED_FLAG: facts.flag,
        FLOOR: facts.unseen or facts.high,
        CHANGE: facts.harder or facts.worse,
        QUIET: facts.is_silent,
        MISSED: facts.missed,
    }
    return next((step for step, applies in steps.items() if applies), STEADY)


def place(facts: CaseloadFacts) -> tuple[int, bool, datetime]:
    """The place of someone in the list: sort by it."""
    step = rank(facts)
    return step, step == OPEN_FLAG and not (facts.flag and facts.flag.urgent), facts.next_at or FAR
