"""How one account stands, for coordinators: joined or invited, on or off; and what they may do about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import db, write
from portal.door import factors, known, sign_in
from portal.door.joining import OneUse, end_open, letters, make
from portal.door.models import Invitation
from portal.people import PERSON, Person, contacts, person_in
from portal.people.models import Account
from portal.program import ProgramFacts

AUDITED = {"join": "account.invite", "reset": "account.reset", "restore": "account.restore"}


class Refused(ValueError):
    """What was asked cannot be done now; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One account as a coordinator sees it. Nothing of a record is in it.

    `open_until` is when the newest link or code that waits to be used runs out, and `open_for` its purpose.
    """

    person: Person
    contact: str
    mail_ok: bool
    created_at: datetime
    joined_at: datetime | None
    disabled_at: datetime | None
    open_for: str | None
    open_until: datetime | None
    has_second_factor: bool

    @property
    def participant(self) -> Person | None:
        """Whom the audit names as the one it is about: participants see what was done to their account."""
        return self.person if self.person.role == "participant" else None

    def mails(self, purpose: str) -> bool:
        """Whether a link may go out by mail: an invitation to any address, the rest where only they read it."""
        return contacts.is_address(self.contact) and (purpose == "join" or self.mail_ok)


def of(coordinator: Person, key: str, now: datetime) -> Standing:
    """The account called `key`; raises NotFound, also for whoever is no coordinator."""
    if coordinator.role != "coordinator":
        raise NotFound
    account = (Account.contact, Account.mail_ok, Account.created_at, Account.joined_at, Account.disabled_at)
    waiting = Invitation.used_at.is_(None) & (Invitation.expires_at > now) & (Invitation.account_id == Account.id)
    row = db.session.execute(
        select(*PERSON, *account, Invitation.purpose, Invitation.expires_at)
        .outerjoin(Invitation, waiting)
        .where(Account.key == key)
        .order_by(Invitation.made_at.desc(), Invitation.id.desc())
    ).first()
    if row is None:
        raise NotFound
    person = person_in(row)
    return Standing(
        person,
        contacts.contact_of(person.key, row.contact),
        row.mail_ok,
        row.created_at,
        row.joined_at,
        row.disabled_at,
        row.purpose,
        row.expires_at,
        factors.has_second_factor(person),
    )


def give(
    coordinator: Person, standing: Standing, purpose: str, printed: bool, facts: ProgramFacts, now: datetime
) -> OneUse:
    """Start a new invitation, a reset or a restore: mail its link, or give its code to be printed. Raises Refused.

    The coordinator never learns a password, and cannot use this on their own account.
    """
    if standing.person.id == coordinator.id:
        raise Refused("This is your own account: another coordinator can do this for you.")
    if standing.disabled_at:
        raise Refused("This account is switched off. Switch it on first.")
    if (purpose == "join") == bool(standing.joined_at):
        raise Refused("They have joined meanwhile." if standing.joined_at else "They have not joined yet.")
    if not printed and not standing.mails(purpose):
        raise Refused("No email may go there. Give a printed code.")
    one_use = make(standing.person, purpose, coordinator, now, printed=printed)
    if not printed:
        letters.send_link(standing.person, standing.contact, one_use, facts)
    audit.record(coordinator, AUDITED[purpose], standing.participant, standing.person.key)
    return one_use


def disable(coordinator: Person, standing: Standing, now: datetime) -> None:
    """Switch the account off: no session of it opens anything from the next request on. Raises Refused.

    Nothing is deleted. One coordinator at least stays, also when two switch each other off at the same moment.
    """
    if standing.person.id == coordinator.id:
        raise Refused("You cannot switch off your own account: another coordinator can.")
    other = aliased(Account)
    working = other.role == "coordinator", other.disabled_at.is_(None), other.joined_at.is_not(None)
    db.session.execute(select(other.id).where(*working).order_by(other.id).with_for_update())  # one after the other
    stays = exists().where(*working, other.id != standing.person.id)
    off = update(Account).where(Account.id == standing.person.id, stays).values(disabled_at=now)
    if not write(off, synchronize_session=False):
        raise Refused("This is the last coordinator: add another first.")
    sign_in.end_all(standing.person, now)
    known.forget(standing.person)
    end_open(standing.person, now)
    audit.record(coordinator, "account.disable", standing.participant, standing.person.key)


def enable(coordinator: Person, standing: Standing) -> None:
    """Switch the account on again: they sign in as before."""
    db.session.execute(update(Account).where(Account.id == standing.person.id).values(disabled_at=None))
    audit.record(coordinator, "account.enable", standing.participant, standing.person.key)
