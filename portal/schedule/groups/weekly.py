"""A rule for repeating as a coordinator says it: on which days, every how many weeks, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import clock, words
from portal.schedule.phrases import weekdays

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these `days` (Monday is 0), `every` so many weeks, up to and with `last_day` or so many `times`, or on."""

    days: tuple[int, ...]
    every: int = 1
    last_day: date | None = None
    times: int | None = None

    @property
    def rule(self) -> str:
        """The same as an RRULE."""
        parts = ["FREQ=WEEKLY"]
        parts += [f"INTERVAL={self.every}"] if self.every > 1 else []
        parts += ["BYDAY=" + ",".join(CODES[day] for day in sorted(self.days))]
        parts += [f"UNTIL={self.last_day:%Y%m%d}"] if self.last_day else []
        parts += [f"COUNT={self.times}"] if self.times and not self.last_day else []
        return ";".join(parts)


def read(rule: str, first_at: datetime, zone: str) -> Weekly | None:
    """`rule` as days of the week; None for one that says more than that, or something else."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    days, every = parts.pop("BYDAY", CODES[first_at.weekday()]), parts.pop("INTERVAL", "1")
    times, until, frequency = (parts.pop(name, "") for name in ("COUNT", "UNTIL", "FREQ"))
    on = tuple(CODES.index(day) for day in days.split(",") if day in CODES)
    plain = frequency == "WEEKLY" and len(on) == len(days.split(",")) and parts.pop("WKST", "MO") == "MO" and not parts
    if not plain or not every.isdecimal() or not 1 <= int(every) <= MOST_WEEKS or not (times or "1").isdecimal():
        return None
    try:
        last_day = _last_day(until, first_at, zone) if until else None
    except ValueError:
        return None
    return Weekly(tuple(sorted(set(on))), int(every), last_day, int(times) if times else None)


def _last_day(until: str, first_at: datetime, zone: str) -> date:
    """The last day on which a session can begin by UNTIL, in any of its three forms."""
    if len(until) == 8:
        return date.fromisoformat(until)
    moment = datetime.fromisoformat(until)
    wall = clock.local(moment, zone).replace(tzinfo=None) if until.endswith("Z") else moment
    return wall.date() if wall.time() >= first_at.time() else wall.date() - timedelta(days=1)


def in_words(rule: str, first_at: datetime, minutes: int, zone: str) -> str:
    """ "Mondays and Fridays, 6:00 to 9:00 pm, until June 1, 2026"; "Every 2 weeks on Mondays, 6:00 to 9:00 pm"."""
    known, at = read(rule, first_at, zone), words.span(first_at, first_at + timedelta(minutes=minutes))
    if known is None:
        return f"By a rule of its own ({rule}), {at}"
    often = f"Every {known.every} weeks on " if known.every > 1 else ""
    said = f"{often}{weekdays(known.days)}, {at}"
    if known.last_day:
        said += f", until {words.full_date(known.last_day)}"
    if known.times:
        said += f", {words.counted(known.times, 'time')}"
    return said
