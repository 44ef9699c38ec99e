"""Quiet hours: nothing is sent in them, on the clock of whoever asked for them, but before them or after them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile

from portal import clock

LEAD = timedelta(minutes=10)  # so long before quiet hours what falls into them goes out: planning and sending take some


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Every day from `begins` to before `ends`, wall time in `zone`, over midnight too; none where they are equal."""

    begins: time
    ends: time
    zone: str

    def around(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """The quiet hours that hold `instant`: when they began and when they end; None outside of them."""
        return next(((begin, end) for begin, end in self._days(instant) if begin <= instant < end), None)

    def next_after(self, instant: datetime) -> datetime | None:
        """The begin of the next quiet hours after `instant`; None for somebody who has none."""
        return min((begin for begin, _ in self._days(instant) if begin > instant), default=None)

    def end_of(self, instant: datetime) -> datetime | None:
        """`instant` itself, or the end of the quiet hours that hold it; None where one day's lead into the next's."""
        for _ in range(2):
            held = self.around(instant)
            if held is None:
                return instant
            instant = held[1]
        return None

    def _days(self, instant: datetime) -> tuple[tuple[datetime, datetime], ...]:
        return _around_day(self, clock.day_of(instant, self.zone))


@lru_cache(maxsize=4096)
def _around_day(quiet: QuietHours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The quiet hours of the days around `day`, begin and end. Those that a clock change swallows are left out."""
    if quiet.begins == quiet.ends:
        return ()
    length = timedelta(days=1 if quiet.ends < quiet.begins else 0)
    found = []
    for each in (day + timedelta(days=distance) for distance in range(-2, 3)):
        begin = clock.at_wall(datetime.combine(each, quiet.begins), quiet.zone, strict=False)
        end = clock.at_wall(datetime.combine(each + length, quiet.ends), quiet.zone, strict=False)
        if begin < end:
            found.append((begin, end))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which a message may go out: from `opens` to before `closes`. `number` counts those of one message."""

    number: int
    opens: datetime
    closes: datetime


def windows(due: datetime, over: datetime, quiet: QuietHours, *, early: bool) -> Iterator[Window]:
    """The windows in which a message that is due at `due`, and useless from `over` on, may go out, in order.

    Quiet hours end a window. With `early`, what falls into them, or too shortly before them, goes out before they
    begin; and in either case after they end, if it has not gone by then.
    """
    number, opens = 0, quiet.end_of(due)
    begins = (quiet.around(due) or (quiet.next_after(due),))[0]
    if early and begins is not None and begins < min(over, due + LEAD):
        before = quiet.end_of(begins - LEAD)
        if before is not None and before < begins:
            yield Window(number, before, begins)
            number, opens = 1, quiet.end_of(begins)
    while opens is not None and opens < over:
        begins = quiet.next_after(opens)
        yield Window(number, opens, over if begins is None else min(over, begins))
        number, opens = number + 1, None if begins is None else quiet.end_of(begins)


def now_open(due: datetime, over: datetime, quiet: QuietHours, now: datetime, *, early: bool) -> list[Window]:
    """The windows that have opened by `now`; the last of them may be open still."""
    return list(takewhile(lambda window: window.opens <= now, windows(due, over, quiet, early=early)))
