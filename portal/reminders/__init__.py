"""Reminders: emails for those who asked for them, about what they asked for. Nobody else is written to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time

from flask import current_app
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal import audit, mail, tokens
from portal.db import add_once, db, reader
from portal.mail import Mail
from portal.people import Person, contacts
from portal.people.models import Account
from portal.reminders.models import ReminderChoice
from portal.reminders.quiet import QuietHours

ONCE = "reminder:"  # what `once` of every reminder begins with
TOKEN_LENGTH = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True, slots=True)
class ReminderWishes:
    """The reminders that somebody asked for, and their quiet hours; as ReminderChoice has it."""

    before: Sequence[int] = ()
    changes: bool = False
    unseen: bool = False
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    check_in_at: time | None = None
    measures: bool = False

    @property
    def anything(self) -> bool:
        """Whether they asked for any reminder at all."""
        return bool(self.before) or self.changes or self.unseen or self.check_in_at is not None or self.measures


CHOSEN = [ReminderChoice.__table__.c[name].label(f"chosen.{name}") for name in ReminderWishes.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account that asked to be reminded `since` then, of what it has `chosen`."""

    id: int
    key: str
    role: str
    contact: bytes
    since: datetime
    zone: str
    chosen: ReminderWishes

    @property
    def quiet(self) -> QuietHours:
        """The hours in which they want no email, on their own clock."""
        return QuietHours(self.chosen.quiet_from, self.chosen.quiet_until, self.zone)


RECIPIENTS = select(
    *(Account.id, Account.key, Account.role, Account.contact, Account.zone),
    ReminderChoice.chosen_at.label("since"),
    *CHOSEN,
).join(ReminderChoice, ReminderChoice.account_id == Account.id)
recipient_in = reader(Recipient, RECIPIENTS)


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """One account's way to be written to, and its choice.

    `has_address` is False for who signs in with a name; `mail_ok` says that nobody else reads what is sent there.
    """

    has_address: bool
    mail_ok: bool
    chosen: ReminderWishes

    @property
    def reached(self) -> bool:
        """Whether an email reaches them and nobody else."""
        return self.has_address and self.mail_ok


_SETTINGS = select(Account.contact, Account.mail_ok, ReminderChoice.chosen_at, *CHOSEN).outerjoin(
    ReminderChoice, ReminderChoice.account_id == Account.id
)
_wishes = reader(ReminderWishes, _SETTINGS, within="chosen.")


def settings_of(person: Person) -> ReminderSettings:
    """The way to write to `person`, and what they chose; nothing before they did."""
    row = db.session.execute(_SETTINGS.where(Account.id == person.id)).one()
    chosen = ReminderWishes() if row.chosen_at is None else _wishes(row)
    return ReminderSettings(contacts.is_address(contacts.contact_of(person.key, row.contact)), row.mail_ok, chosen)


def choose(person: Person, chosen: ReminderWishes, now: datetime) -> None:
    """Remind `person` of this from now on, and of nothing else."""
    values = asdict(chosen) | {"before": sorted(chosen.before)}
    row = db.session.get(ReminderChoice, person.id)
    if row is None:
        row = ReminderChoice(account_id=person.id, stop_hash=hash_of(token_of(person.key)), chosen_at=now, **values)
        if not add_once(row):  # the same form, sent twice at once
            row = db.session.get_one(ReminderChoice, person.id)
    if not (row.before or row.changes or row.unseen or row.check_in_at or row.measures):
        row.chosen_at = now
    for name, value in values.items():
        setattr(row, name, value)
    audit.record(person, "reminder.choose", person.as_participant)


def token_of(account_key: str) -> str:
    """The token in the link that stops the reminders of this account; the database has only its hash."""
    return tokens.hash_of("stop", account_key)[:TOKEN_LENGTH]


def hash_of(token: str) -> str:
    """The keyed hash by which the account whose link holds `token` is found."""
    return tokens.hash_of("stopped-by", token)


def stop_url(token: str) -> str:
    """The whole address of the link."""
    return f"{current_app.config['URL'].rstrip('/')}/stop/{token}"


def recipient_of(token: str) -> Recipient:
    """The one whose reminders the link with `token` stops; raises NotFound for a token that is none."""
    row = db.session.execute(RECIPIENTS.where(ReminderChoice.stop_hash == hash_of(token))).first()
    if row is None:
        raise NotFound
    return recipient_in(row)


def stop(token: str, now: datetime) -> None:
    """End all reminders of the person whose link holds `token`, those that wait too. Raises NotFound; again is once."""
    person = recipient_of(token)
    choice = db.session.get_one(ReminderChoice, person.id)
    choice.before, choice.changes, choice.unseen = [], False, False
    choice.check_in_at, choice.measures = None, False
    waited = mail.withdraw(now, "stopped", Mail.account_id == person.id, Mail.once.startswith(ONCE))
    if person.chosen.anything or waited:
        audit.record(person, "reminder.stop", person if person.role == "participant" else None)
