"""The clinic's program: its name, hours and settings, read once a request."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

from flask import current_app, g
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from portal import audit, clock, words
from portal.db import db
from portal.program.models import Program


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """The program's row, as plain values."""

    name: str
    phone: str
    address: str
    zone: str
    opens: time
    closes: time
    open_days: tuple[int, ...]
    holidays: frozenset[str]
    flag_minutes: int
    asks_safety: bool
    counted_kinds: frozenset[str]
    exit_site: str
    is_demo: bool
    shown_as: str
    needs_second_factor: bool
    idle_minutes: int
    directions: str
    question_set: str
    turned_on: frozenset[str]
    measures: dict[str, str]

    def open_on(self, day: date) -> bool:
        """Whether anyone is in on `day`."""
        return day.weekday() in self.open_days and day.isoformat() not in self.holidays

    @property
    def days_in_words(self) -> str:
        """ "weekdays" for Monday to Friday, else the days by name."""
        if self.open_days == (0, 1, 2, 3, 4):
            return "weekdays"
        return words.listed([f"{words.WEEKDAYS[day]}s" for day in self.open_days]) or "no days"

    @property
    def hours_in_words(self) -> str:
        """ "weekdays, 8 am to 5 pm"."""
        return f"{self.days_in_words}, {words.opening_hour(self.opens)} to {words.opening_hour(self.closes)}"

    def hours_as_of(self, now: datetime) -> str:
        """The same, and that today is left out where it is a holiday: "weekdays, 8 am to 5 pm, but not today"."""
        today = clock.day_of(now, self.zone)
        is_off = today.weekday() in self.open_days and not self.open_on(today)
        return f"{self.hours_in_words}, but not today" if is_off else self.hours_in_words

    @property
    def dial(self) -> str:
        """The phone number as a tel: link takes it."""
        digits = "".join(c for c in self.phone if c.isdigit())
        return f"+1{digits}" if len(digits) == 10 else f"+{digits}"


def change(actor: audit.HasId, shown_as: str, needs_second_factor: bool, idle_minutes: int) -> None:
    """Set what the portal is called, whether participants need a second factor, and their quiet minutes."""
    values = {"shown_as": shown_as, "needs_second_factor": needs_second_factor, "idle_minutes": idle_minutes}
    db.session.execute(update(Program).values(values))
    audit.record(actor, "program.change")


def close_on(actor: audit.HasId, days: Collection[date]) -> None:
    """Set the days on which nobody is in."""
    db.session.execute(update(Program).values(holidays=sorted(day.isoformat() for day in days)))
    audit.record(actor, "program.change")


def direct(actor: audit.HasId, directions: str) -> None:
    """Set how to find the door."""
    db.session.execute(update(Program).values(directions=directions))
    audit.record(actor, "program.change")


def ask(actor: audit.HasId, turned_on: Collection[str], measures: dict[str, str]) -> None:
    """Set which measures' terms are accepted, and how often each is asked of everyone."""
    db.session.execute(update(Program).values(turned_on=sorted(turned_on), measures=measures))
    audit.record(actor, "program.change")


COLUMNS = [column for column in Program.__table__.c if column.name != "id"]


def facts(values: tuple) -> ProgramFacts:
    """The program from the values of COLUMNS, in their order; remembered in case the database goes away."""
    named = dict(zip((column.name for column in COLUMNS), values, strict=True))
    known = ProgramFacts(
        **named
        | {
            "open_days": tuple(sorted(named["open_days"])),
            "holidays": frozenset(named["holidays"]),
            "counted_kinds": frozenset(named["counted_kinds"]),
            "turned_on": frozenset(named["turned_on"]),
        }
    )
    current_app.extensions["last_known_program"] = known
    return known


def current() -> ProgramFacts:
    """The program; raises LookupError where the database holds none yet."""
    if "program" not in g:
        row = db.session.execute(select(*COLUMNS)).first()
        if row is None:
            raise LookupError("There is no program yet. Make one with: flask --app wsgi init")
        g.program = facts(tuple(row))
    return g.program


def remembered() -> ProgramFacts | None:
    """The program as this process last read it; asks the database nothing."""
    return g.get("program") or current_app.extensions.get("last_known_program")


def if_known() -> ProgramFacts | None:
    """The program for a page that must come up whatever happens: None before there is one."""
    if g.get("database_gone"):
        return remembered()
    try:
        return current()
    except LookupError:
        return None
    except DBAPIError:
        db.session.rollback()
        g.database_gone = True
        return remembered()


def exit_site() -> str:
    """The address that Quick exit goes to, as this process last read it; "" before there is a program."""
    facts = remembered()
    return facts.exit_site if facts else ""
