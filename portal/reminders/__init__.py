"""Reminders: what to remind whom of, and when. Nobody who has not asked is written to."""

from dataclasses import dataclass
from datetime import datetime, time

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit, mail, seal
from portal.db import db
from portal.mail import Mail
from portal.people import PERSON, Person, contacts, person_in
from portal.people.models import Account
from portal.reminders.models import ReminderChoice
from portal.reminders.quiet import QuietHours

ONCE = "reminder:"  # what `once` of every reminder begins with
TOKEN_LENGTH = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody asked to be mailed about, and their quiet hours; as ReminderChoice has it."""

    before: tuple[int, ...] = ()
    changes: bool = False
    unseen: bool = False
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    check_in_at: time | None = None
    measures: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.before) or self.changes or self.unseen or self.check_in_at is not None or self.measures


@dataclass(frozen=True, slots=True)
class Asked:
    """An account that asked to be reminded, and of what."""

    id: int
    key: str
    role: str
    contact: bytes
    since: datetime
    chosen: Chosen
    quiet: QuietHours


@dataclass(frozen=True, slots=True)
class Own:
    """How somebody can be written to, and what they chose.

    `has_address` is False for who signs in with a name; `mail_ok` says that nobody else reads what is sent there.
    """

    has_address: bool
    mail_ok: bool
    chosen: Chosen

    @property
    def reached(self) -> bool:
        return self.has_address and self.mail_ok


@dataclass(frozen=True, slots=True)
class Stopping:
    """Whose reminders a link stops, and whether there are any."""

    person: Person
    anything: bool


def own(person: Person) -> Own:
    """What the page of reminders shows of `person`."""
    row = db.session.execute(
        select(Account.contact, Account.mail_ok, *CHOSEN)
        .outerjoin(ReminderChoice, ReminderChoice.account_id == Account.id)
        .where(Account.id == person.id)
    ).one()
    chosen = Chosen() if row.before is None else chosen_in(row[2:])
    return Own(contacts.is_address(contacts.contact_of(person.key, row.contact)), row.mail_ok, chosen)


CHOSEN = (
    ReminderChoice.before,
    ReminderChoice.changes,
    ReminderChoice.unseen,
    ReminderChoice.quiet_from,
    ReminderChoice.quiet_until,
    ReminderChoice.check_in_at,
    ReminderChoice.measures,
)


def chosen_in(values: tuple) -> Chosen:
    """What was chosen, from the values of the columns CHOSEN."""
    return Chosen(tuple(values[0]), *values[1:])


def choose(person: Person, chosen: Chosen, now: datetime) -> None:
    """Remind `person` of this from now on, and of nothing else."""
    values = {
        "before": sorted(chosen.before),
        "changes": chosen.changes,
        "unseen": chosen.unseen,
        "quiet_from": chosen.quiet_from,
        "quiet_until": chosen.quiet_until,
        "check_in_at": chosen.check_in_at,
        "measures": chosen.measures,
    }
    row = db.session.get(ReminderChoice, person.id)
    if row is None:
        row = ReminderChoice(account_id=person.id, stop_hash=hash_of(token_of(person.key)), chosen_at=now, **values)
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:  # the same form, sent twice at once
            row = db.session.get_one(ReminderChoice, person.id)
    if not (row.before or row.changes or row.unseen or row.check_in_at or row.measures):
        row.chosen_at = now
    for name, value in values.items():
        setattr(row, name, value)
    audit.record(person, "reminder.choose", person if person.role == "participant" else None)


def token_of(account_key: str) -> str:
    """What the link that stops the reminders of this account holds; the database has only its hash."""
    return seal.index(f"stop:{account_key}")[:TOKEN_LENGTH]


def hash_of(token: str) -> str:
    """What the account whose link holds `token` is found by."""
    return seal.index(f"stopped-by:{token}")


def stop_url(token: str) -> str:
    """The whole address of the link."""
    return f"{current_app.config['URL'].rstrip('/')}/stop/{token}"


def stopping(token: str) -> Stopping:
    """Whose reminders the link with `token` stops; raises NotFound for a token that is none."""
    row = db.session.execute(
        select(*PERSON, *CHOSEN)
        .join(ReminderChoice, ReminderChoice.account_id == Account.id)
        .where(ReminderChoice.stop_hash == hash_of(token))
    ).first()
    if row is None:
        raise NotFound
    return Stopping(person_in(row), chosen_in(row[len(PERSON) :]).anything)


def stop(token: str, now: datetime) -> None:
    """End all reminders of whom the link with `token` is for, those that wait too. Raises NotFound; again is once."""
    found = stopping(token)
    person = found.person
    choice = db.session.get_one(ReminderChoice, person.id)
    choice.before, choice.changes, choice.unseen = [], False, False
    choice.check_in_at, choice.measures = None, False
    waited = mail.withdraw(now, "stopped", Mail.account_id == person.id, Mail.once.startswith(ONCE))
    if found.anything or waited:
        audit.record(person, "reminder.stop", person if person.role == "participant" else None)
