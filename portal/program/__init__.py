"""The clinic's program: its name, hours and settings, read once a request."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from flask import current_app, g
from sqlalchemy import event, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from portal import audit, clock, phones, words
from portal.db import db, reader
from portal.program.models import Program


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """The program as plain values; what they mean stands at the columns of Program."""

    name: str
    phone: str
    address: str
    zone: str
    opens: time
    closes: time
    open_days: list[int]
    holidays: list[str]
    urgent_minutes: int
    same_day_minutes: int
    asks_safety: bool
    counted_kinds: list[str]
    exit_site: str
    is_demo: bool
    shown_as: str
    needs_second_factor: bool
    idle_minutes: int
    directions: str
    question_set: str
    turned_on: list[str]
    measures: dict[str, str]

    def open_on(self, day: date) -> bool:
        """Whether anyone is in on `day`."""
        return day.weekday() in self.open_days and day.isoformat() not in self.holidays

    @property
    def days_in_words(self) -> str:
        """ "weekdays" for Monday to Friday, else the days by name."""
        if self.open_days == [0, 1, 2, 3, 4]:
            return "weekdays"
        return words.listed([f"{words.WEEKDAYS[day]}s" for day in self.open_days]) or "no days"

    @property
    def hours_in_words(self) -> str:
        """ "weekdays, 8 am to 5 pm"; where no day is one to be open on, that."""
        if not self.open_days:
            return "no hours are set right now"
        return f"{self.days_in_words}, {words.opening_hour(self.opens)} to {words.opening_hour(self.closes)}"

    def hours_as_of(self, now: datetime) -> str:
        """The same, and that today is left out where it is a holiday: "weekdays, 8 am to 5 pm, but not today"."""
        today = clock.day_of(now, self.zone)
        is_off = today.weekday() in self.open_days and not self.open_on(today)
        return f"{self.hours_in_words}, but not today" if is_off else self.hours_in_words

    @property
    def hours_to_keep(self) -> str:
        """The same for what is read on other days: "weekdays, 8 am to 5 pm, but not on holidays"."""
        return f"{self.hours_in_words}, but not on holidays" if self.holidays else self.hours_in_words

    def minutes_of(self, tier: str) -> int:
        """The working minutes after which a safety flag of this tier goes to somebody else too."""
        return self.urgent_minutes if tier == "urgent" else self.same_day_minutes

    @property
    def dial(self) -> str:
        """The phone number as a tel: link takes it."""
        return phones.dial(self.phone)


def change_settings(actor: audit.HasId | None, **settings: Any) -> None:
    """Give columns of Program these values; each that is another by it is a line on record, which names the column.

    They hold for the rest of the request, and no longer than its transaction: other requests see what is committed.
    """
    before = current()
    changed = {name: value for name, value in settings.items() if getattr(before, name) != value}
    if not changed:
        return
    db.session.execute(update(Program).values(changed))
    g.setdefault("program_before", before)
    g.program = replace(before, **changed)
    for name in changed:
        audit.record(actor, "program.change", subject=name)


@event.listens_for(Session, "after_soft_rollback")
def _forget_changes(_session: Session, transaction: SessionTransaction) -> None:
    """Nothing of settings that were only tried is left: a page that shows what they would do shows what stands."""
    if not transaction.nested and g and "program_before" in g:
        g.program = g.pop("program_before")


@event.listens_for(Session, "after_commit")
def _keep_changes(_session: Session) -> None:
    if g:
        g.pop("program_before", None)


def columns(within: str = "") -> list[Any]:
    """The columns that make ProgramFacts, each labeled with its name after `within`, such as "program."."""
    return [column.label(within + column.name) for column in Program.__table__.c if column.name != "id"]


_PROGRAM = select(*columns())
_read_program = reader(ProgramFacts, _PROGRAM)


def remember(facts: ProgramFacts) -> None:
    """Keep the program that was read: for this request, and for a time in which the database is gone."""
    g.program = current_app.extensions["last_known_program"] = facts


def current() -> ProgramFacts:
    """The program, read once a request; raises LookupError where the database holds none yet."""
    if "program" not in g:
        row = db.session.execute(_PROGRAM).first()
        if row is None:
            raise LookupError("There is no program yet. Make one with: flask --app wsgi init")
        remember(_read_program(row))
    facts: ProgramFacts = g.program
    return facts


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
